"""What people say that a visit used, and what they are shown of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from salon.booking import use_cases as booking
from salon.booking.domain import Booking
from salon.identity.domain import Actor
from salon.identity.use_cases import record_audit
from salon.inventory.consumption import repository
from salon.inventory.consumption.domain import MAX_QUANTITY, STEP, HairLength, Line, VisitConsumption
from salon.inventory.consumption.errors import ActualSenseless, ConsumptionCounted
from salon.inventory.consumption.use_cases.settling import norms_of, settle_locked, work_out_now
from salon.inventory.counts.repository import evidence
from salon.inventory.items import repository as items
from salon.inventory.ledger.repository import posting
from salon.platform.db import ReadSession, WriteSession

MAX_ACTUALS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumptionView:
    """What a booking used, or would use if it were completed now.

    Attributes:
        lines: of the ledger where it is posted, else worked out from the norms of today.
        costs: what each line cost, kopecks; None where the ledger does not know of it.
    """

    booking: Booking
    hair_length: HairLength | None
    is_posted: bool
    generation: int
    actuals: Mapping[UUID, Decimal]
    lines: tuple[Line, ...]
    costs: tuple[int | None, ...]


def get_consumption(session: ReadSession, booking_id: UUID) -> ConsumptionView:
    """What a booking used, or would use.

    Raises:
        BookingNotFound: there is none.
    """
    found = booking.get_booking(session, booking_id)
    visit = repository.find_visit(session, booking_id)
    actuals = repository.read_actuals(session, visit.id) if visit is not None else {}
    if visit is not None and visit.is_posted:
        lines, costs = repository.list_lines(session, visit), repository.list_costs(session, visit)
    else:
        hair_length = visit.hair_length if visit is not None else None
        lines = work_out_now(session, norms_of(session, found), actuals, hair_length)
        costs = [None] * len(lines)
    return ConsumptionView(
        booking=found,
        hair_length=visit.hair_length if visit is not None else None,
        is_posted=visit is not None and visit.is_posted,
        generation=visit.generation if visit is not None else 0,
        actuals=actuals,
        lines=tuple(lines),
        costs=tuple(costs),
    )


def say_consumption(
    session: WriteSession,
    booking_id: UUID,
    *,
    actuals: Mapping[UUID, Decimal],
    hair_length: HairLength | None,
    actor: Actor,
    now: datetime,
) -> ConsumptionView:
    """Say what a visit really used, and how long the hair is, instead of what was said before.

    What is said before the visit is completed is used when it is. Afterwards what was posted is taken back and posted
    anew, by the norms of the completion: norms that changed since change nothing here. What was counted meanwhile stays
    as it was said: the count has found out what was there, and whoever took more cannot explain it away afterwards.

    Args:
        session: the transaction.
        booking_id: of the visit.
        actuals: base units by item, 0 for none of it; what is not named goes by the norm.
        hair_length: None leaves the norms as they are.
        actor: who.
        now: when.

    Raises:
        BookingNotFound: there is none.
        ItemNotFound: of one of the items.
        ActualSenseless: a quantity is less than nothing, beyond belief or too fine; or there are too many.
        ConsumptionCounted: something of it was counted after the visit, and the count was posted.
    """
    _check_actuals(actuals)
    found = booking.get_booking(session, booking_id)
    items.require_items(session, actuals.keys())
    visit = repository.lock_visit(session, booking_id, now)
    before = repository.read_actuals(session, visit.id)
    if hair_length is not visit.hair_length or dict(actuals) != before:
        changed = {item_id for item_id, _ in actuals.items() ^ before.items()}
        if hair_length is not visit.hair_length:
            lines = repository.list_lines(session, visit)
            changed |= {line.item_id for line in lines if line.by_length and line.item_id is not None}
        _check_not_counted(session, visit, found, changed)
        visit = replace(visit, hair_length=hair_length)
        repository.update_visit(session, visit)
        repository.replace_actuals(session, visit.id, actuals, actor.id, now)
        record_audit(
            session,
            action="consumption.actuals_said",
            subject="booking",
            subject_id=booking_id,
            actor=actor,
            now=now,
            data={"items": len(actuals), "hair_length": hair_length},
        )
        settle_locked(session, visit, actor=actor, now=now, anew=True)
    return get_consumption(session, booking_id)


def _check_not_counted(
    session: WriteSession, visit: VisitConsumption, found: Booking, changed: Collection[UUID]
) -> None:
    if not visit.is_posted or visit.posted_at is None or not changed:
        return
    posting.lock_head(session)  # no count is posted between looking and posting
    location_id = visit.location_id if visit.location_id is not None else found.location_id
    since = min(visit.posted_at, found.ends_at)
    settlements = evidence.list_settlements(session, {(item_id, location_id) for item_id in changed})
    counted = [place[0] for place, counts in sorted(settlements.items()) if counts[-1].counted_at >= since]
    if counted:
        raise ConsumptionCounted(counted)


def _check_actuals(actuals: Mapping[UUID, Decimal]) -> None:
    for number, (item_id, quantity) in enumerate(actuals.items()):
        if number >= MAX_ACTUALS:
            raise ActualSenseless(item_id, f"is one thing too many: at most {MAX_ACTUALS}")
        if not quantity.is_finite() or not 0 <= quantity <= MAX_QUANTITY:
            raise ActualSenseless(item_id, "is nothing or more, and not beyond belief")
        if quantity != quantity.quantize(STEP):
            raise ActualSenseless(item_id, "is given to a ten-thousandth at most")
