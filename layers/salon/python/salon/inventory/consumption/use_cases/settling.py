"""Making the ledger agree with what visits used.

Whatever calls for it, a booking's consumption is worked out from what the booking *is*, not from what a fact says:
the row of the visit is locked, the booking is read after that, and the ledger is brought to the same. Facts that come
twice, late or in the wrong order find it so already. Each completion that is posted is a generation, a round of the
ledger's source, so that the ledger refuses a second posting even if all this did not.

What a count has found since stays as it was counted (`balancing`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from salon.booking import events as booking_events
from salon.booking import use_cases as booking
from salon.booking.domain import Booking, BookingStatus
from salon.catalog import use_cases as catalog
from salon.catalog.domain import Norm
from salon.identity.domain import Actor, system
from salon.identity.use_cases import read_settings
from salon.inventory.consumption import domain, events, repository
from salon.inventory.consumption.domain import (
    SETTINGS,
    ConsumptionPolicy,
    HairLength,
    Line,
    LineState,
    VisitConsumption,
)
from salon.inventory.consumption.use_cases.balancing import Effect, balance, effect_of, undoing
from salon.inventory.ledger import use_cases as ledger
from salon.inventory.ledger.domain import Movement, MovementKind, Posted, Source
from salon.inventory.ledger.repository import posting
from salon.platform.db import ReadSession, WriteSession
from salon.platform.facts import Fact
from salon.platform.outbox import emit

SOURCE = "booking"
ACTOR = system("inventory.consumption")


def policy_of(session: ReadSession) -> ConsumptionPolicy:
    """The tenant's rules; the defaults where it says nothing."""
    return domain.policy_from(read_settings(session, SETTINGS))


def on_visit_changed(session: WriteSession, fact: Fact, now: datetime) -> None:
    """A subscriber to `events.VISIT_FACTS`."""
    if isinstance(fact, booking_events.BookingFact):
        settle_visit(session, fact.booking_id, actor=ACTOR, now=now)


def settle_visit(session: WriteSession, booking_id: UUID, *, actor: Actor, now: datetime) -> VisitConsumption:
    """Bring the ledger to what the booking is now: consumed once when it is completed, not at all when it is not.

    Raises:
        BookingNotFound: there is none.
    """
    booking.get_booking(session, booking_id)  # before a row is made for it
    visit = repository.lock_visit(session, booking_id, now)
    return settle_locked(session, visit, actor=actor, now=now)


def settle_locked(
    session: WriteSession, visit: VisitConsumption, *, actor: Actor, now: datetime, anew: bool = False
) -> VisitConsumption:
    found = booking.get_booking(session, visit.booking_id)  # only now: the row of the visit is locked
    version = _completed_version(session, found)
    undone: Sequence[Effect] = ()
    if version is None:
        if visit.is_posted:
            visit, undone = _take_back(session, visit, actor, now)
            post_lines(session, [], actor, now, undone=undone)
        return visit
    if visit.is_posted and visit.completed_version == version and not anew:
        return visit
    norms = norms_of(session, found)
    if visit.is_posted:
        if visit.completed_version == version:
            norms = _norms_then(session, visit, found)
        visit, undone = _take_back(session, visit, actor, now)
    return _consume(session, visit, found=found, version=version, norms=norms, undone=undone, actor=actor, now=now)


def _completed_version(session: ReadSession, found: Booking) -> int | None:
    """The booking's version at the completion that holds; None for a visit that is not completed."""
    if found.status is not BookingStatus.COMPLETED:
        return None
    completed = booking_events.BookingCompleted.name
    return max(change.version for change in booking.list_history(session, found.id) if change.change == completed)


def _consume(
    session: WriteSession,
    visit: VisitConsumption,
    *,
    found: Booking,
    version: int,
    norms: Sequence[Norm],
    undone: Sequence[Effect],
    actor: Actor,
    now: datetime,
) -> VisitConsumption:
    lines = work_out_now(session, norms, repository.read_actuals(session, visit.id), visit.hair_length)
    visit = replace(
        visit,
        generation=visit.generation + 1,
        is_posted=True,
        completed_version=version,
        location_id=found.location_id,
        service_id=found.service_id,
        staff_id=found.staff_id,
        posted_at=now,
    )
    posted = post_lines(session, movements_of(visit, found, dict(enumerate(lines)), now), actor, now, undone=undone)
    costs = costs_of(posted)
    repository.update_visit(session, visit)
    repository.add_lines(session, visit, lines, costs, now)
    tell(session, events.VisitConsumed, visit, found=found, posted=posted, lines=dict(enumerate(lines)), now=now)
    return visit


def _take_back(
    session: WriteSession, visit: VisitConsumption, actor: Actor, now: datetime
) -> tuple[VisitConsumption, Sequence[Effect]]:
    """Mirror what stands; what that does to the stock is to be balanced by the caller, with whatever it posts anew."""
    posting.lock_head(session)  # what stands now is what is mirrored
    undone = [undoing(entry) for entry in ledger.list_standing(session, SOURCE, visit.booking_id)]
    lines = dict(enumerate(repository.list_lines(session, visit)))
    posted = ledger.reverse(session, Source(SOURCE, visit.booking_id), actor=actor, now=now)
    visit = replace(visit, is_posted=False)
    repository.update_visit(session, visit)
    found = booking.get_booking(session, visit.booking_id)
    tell(session, events.VisitConsumptionReversed, visit, found=found, posted=posted, lines=lines, now=now)
    return visit, undone


def post_lines(
    session: WriteSession,
    movements: Sequence[Movement],
    actor: Actor,
    now: datetime,
    *,
    undone: Sequence[Effect] = (),
) -> Sequence[Posted]:
    """Post, from the batches that expire first, and leave what was counted since as it was counted.

    Args:
        session: the transaction.
        movements: of the visit.
        actor: who.
        now: when.
        undone: what was taken back just before.

    Returns:
        The visit's movements, without the corrections beside them.
    """
    if not movements and not undone:
        return ()
    posting.lock_head(session)  # nobody takes from the batches, or posts a count, between looking and posting
    own = ledger.spread_over_batches(session, movements, on=now.date())
    corrections = balance(session, [*undone, *map(effect_of, movements)])
    return ledger.post(session, [*own, *corrections], actor=actor, now=now)[: len(own)]


def costs_of(posted: Sequence[Posted]) -> dict[int, int]:
    """What each line cost; a line may come from several batches."""
    found: dict[int, int] = {}
    for one in posted:
        found[one.line] = found.get(one.line, 0) - one.value_minor
    return found


def movements_of(visit: VisitConsumption, found: Booking, lines: Mapping[int, Line], now: datetime) -> list[Movement]:
    location_id = visit.location_id if visit.location_id is not None else found.location_id
    return [
        Movement(
            item_id=line.item_id,
            location_id=location_id,
            kind=MovementKind.CONSUMPTION,
            quantity=-line.used,
            source=Source(SOURCE, visit.booking_id, visit.generation),
            line=position,
            reason="actual" if line.is_actual else "norm",
            occurred_at=min(now, found.ends_at),
        )
        for position, line in lines.items()
        if line.state is LineState.POSTED and line.item_id is not None and line.used is not None
    ]


def work_out_now(
    session: ReadSession, norms: Sequence[Norm], actuals: Mapping[UUID, Decimal], hair_length: HairLength | None
) -> list[Line]:
    linked = domain.link_by_name(norms, repository.find_items(session, norms))
    return domain.work_out(norms, items=linked, actuals=actuals, hair_length=hair_length, policy=policy_of(session))


def norms_of(session: ReadSession, found: Booking) -> list[Norm]:
    """The norms that hold for a booking today."""
    norms = catalog.list_norms(session, service_id=found.service_id)
    if not norms:
        return []
    linked = domain.link_by_name(norms, repository.find_items(session, norms))
    return domain.choose_norms(
        norms,
        option_ids={option.option_id for option in booking.list_booked_options(session, found.id)},
        staff_id=found.staff_id,
        items={norm_id: item.id for norm_id, item in linked.items()},
    )


def _norms_then(session: ReadSession, visit: VisitConsumption, found: Booking) -> list[Norm]:
    """The norms that held when the visit was completed, as its lines have kept them."""
    return [
        Norm(
            id=line.norm_id,
            service_id=found.service_id,
            item=line.item_text,
            quantity=line.norm_quantity,
            unit=line.norm_unit,
            item_id=line.item_id,
            by_length=line.by_length,
        )
        for line in repository.list_lines(session, visit)
        if line.norm_id is not None and line.norm_quantity is not None and line.norm_unit is not None
    ]


def tell(
    session: WriteSession,
    kind: type[events.ConsumptionFact],
    visit: VisitConsumption,
    *,
    found: Booking,
    posted: Sequence[Posted],
    lines: Mapping[int, Line],
    now: datetime,
) -> None:
    if not posted:
        return
    used = tuple(
        events.UsedItem(
            item_id=one.item_id,
            quantity=abs(one.quantity),
            norm_quantity=lines[one.line].norm_base if one.line in lines else None,
            cost_minor=abs(one.value_minor),
            is_actual=one.line in lines and lines[one.line].is_actual,
        )
        for one in posted
    )
    about: dict[str, Any] = {
        "occurred_at": now,
        "booking_id": visit.booking_id,
        "generation": visit.generation,
        "location_id": visit.location_id or found.location_id,
        "service_id": visit.service_id or found.service_id,
        "staff_id": visit.staff_id,
        "items": used,
    }
    emit(session, kind.model_validate(about))
