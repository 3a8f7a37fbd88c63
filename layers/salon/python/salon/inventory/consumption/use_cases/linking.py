"""Which item of the stock a norm means."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from salon.booking import use_cases as booking
from salon.catalog import use_cases as catalog
from salon.catalog.domain import Norm
from salon.identity.domain import Actor
from salon.inventory.consumption import domain, events, repository
from salon.inventory.consumption.domain import LOST, ConsumptionPolicy, Line, LineState, Linked
from salon.inventory.consumption.errors import ItemUnitUnfit
from salon.inventory.consumption.use_cases.settling import (
    costs_of,
    movements_of,
    policy_of,
    post_lines,
    tell,
)
from salon.inventory.items import repository as items
from salon.inventory.items.domain import Item
from salon.platform.db import ReadSession, WriteSession

CAUGHT_UP_AT_ONCE = 200
PROPOSED = 3


def list_unlinked(session: ReadSession) -> list[Linked]:
    """Norms that the stock cannot follow: no item of that name, or one in a unit that the norm's does not turn into."""
    norms = catalog.list_norms(session)
    policy = policy_of(session)
    linked = domain.link_by_name(norms, repository.find_items(session, norms))
    lost = repository.count_lost(session)
    found = [_linked(norm, linked.get(norm.id), policy, lost.get(norm.id, 0)) for norm in norms]
    return [
        replace(one, proposals=tuple(repository.propose_items(session, one.norm.item, PROPOSED)))
        for one in found
        if one.item_id is None or not one.fits_unit
    ]


@dataclass(frozen=True, slots=True)
class LinkOutcome:
    """What linking a norm came to.

    Attributes:
        visits: past visits whose use was caught up with.
        is_more: more of them are left; link again to go on.
    """

    linked: Linked
    visits: int
    is_more: bool


def link_norm(
    session: WriteSession,
    norm_id: UUID,
    *,
    item_id: UUID | None,
    by_length: bool | None,
    actor: Actor,
    now: datetime,
    limit: int = CAUGHT_UP_AT_ONCE,
) -> LinkOutcome:
    """Say which item a norm means, None to leave it to the name; visits that it was lost of are caught up with.

    Visits from before the item was last counted are not: the count has found out what was missing then.

    Raises:
        NormNotFound, ItemNotFound: there is none.
        ItemUnitUnfit: the norm's unit says nothing about that item.
    """
    norm = catalog.get_norm(session, norm_id)
    policy = policy_of(session)
    if item_id is not None:
        item = items.get_item(session, item_id)
        if domain.in_base_units(norm.quantity, norm.unit, item, policy) is None:
            raise ItemUnitUnfit(norm.unit, item.base_unit)
    catalog.link_norm(session, norm_id, item_id=item_id, by_length=by_length, actor=actor, now=now)
    norm = catalog.get_norm(session, norm_id)
    found = domain.link_by_name([norm], repository.find_items(session, [norm])).get(norm_id)
    linked = _linked(norm, found, policy, 0)
    if found is None or not linked.fits_unit:
        return LinkOutcome(linked, 0, is_more=False)
    lost = repository.list_lost_bookings(session, norm_id, found.id, limit + 1)
    for booking_id in sorted(lost[:limit]):
        _catch_up(session, booking_id, norm_id=norm_id, item=found, policy=policy, actor=actor, now=now)
    return LinkOutcome(linked, len(lost[:limit]), is_more=len(lost) > limit)


def _catch_up(
    session: WriteSession,
    booking_id: UUID,
    *,
    norm_id: UUID,
    item: Item,
    policy: ConsumptionPolicy,
    actor: Actor,
    now: datetime,
) -> None:
    """Post the lines of one norm that were lost; the others of the visit stay as they are."""
    visit = repository.lock_visit(session, booking_id, now)
    if not visit.is_posted:
        return
    found = booking.get_booking(session, booking_id)
    actuals = repository.read_actuals(session, visit.id)
    mended: dict[int, Line] = {}
    for position, line in enumerate(repository.list_lines(session, visit)):
        if line.state not in LOST or line.norm_id != norm_id or line.norm_quantity is None or line.norm_unit is None:
            continue
        factor = policy.factors[visit.hair_length] if line.by_length and visit.hair_length is not None else 1
        base = domain.in_base_units(line.norm_quantity * factor, line.norm_unit, item, policy)
        if base is None:
            continue
        is_said = item.id in actuals  # and stands in a line of its own already
        mended[position] = replace(
            line,
            item_id=item.id,
            norm_base=base,
            used=Decimal(0) if is_said else base,
            is_actual=is_said,
            state=LineState.NONE if is_said or not base else LineState.POSTED,
        )
    posted = post_lines(session, movements_of(visit, found, mended, now), actor, now)
    costs = costs_of(posted)
    for position, line in mended.items():
        repository.mend_line(session, visit, position, line, costs.get(position))
    tell(session, events.VisitConsumed, visit, found=found, posted=posted, lines=mended, now=now)


def _linked(norm: Norm, item: Item | None, policy: ConsumptionPolicy, visits: int) -> Linked:
    fits = item is not None and domain.in_base_units(norm.quantity, norm.unit, item, policy) is not None
    return Linked(
        norm=norm,
        item_id=item.id if item is not None else None,
        is_by_name=item is not None and norm.item_id is None,
        fits_unit=fits,
        visits=visits,
    )
