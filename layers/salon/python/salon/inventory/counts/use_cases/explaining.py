"""Gathering what is known around the differences that a count has found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from salon.booking import use_cases as booking
from salon.booking.domain import BookingStatus
from salon.catalog import use_cases as catalog
from salon.catalog.domain import Norm, NormUnit
from salon.inventory.consumption import domain as consumption_domain
from salon.inventory.consumption import repository as consumption_repository
from salon.inventory.consumption import use_cases as consumption
from salon.inventory.counts import domain
from salon.inventory.counts.domain import Cause, Compared, Evidence, Hint, OpenVisits, Place, Sibling
from salon.inventory.counts.repository import counts, evidence
from salon.inventory.items.domain import Item
from salon.platform.db import ReadSession

LOOKED_BACK = timedelta(days=30)
"""For visits that nobody closed, where the item was never counted before."""
BOOKINGS_AT_MOST = 300
LINES_AT_MOST = 2_000
_Key = tuple[Hint, UUID | None, UUID]


def explain_all(
    session: ReadSession,
    location_id: UUID,
    compared: Sequence[Compared],
    places: Mapping[UUID, Place],
    *,
    now: datetime,
) -> dict[UUID, tuple[Cause, ...]]:
    """What each difference may come from, by item; items without one are left out."""
    off = [one for one in compared if one.variance != 0]
    if not off:
        return {}
    before = counts.last_posted(session, location_id, [one.item_id for one in off])
    since_seq = {one.item_id: before[one.item_id].ledger_seq if one.item_id in before else 0 for one in off}
    floor = datetime(1970, 1, 1, tzinfo=UTC)
    uses = evidence.list_uses(session, location_id, {one.item_id: one.since_at or floor for one in off})
    receipts = evidence.list_receipts(session, location_id, since_seq)
    norms = _norms(session)
    visits = _visits(session, location_id, off, norms, now)
    found = {}
    for one in off:
        place = places[one.item_id]
        known = Evidence(
            pack_quantity=place.pack_quantity,
            uses=tuple(uses.get(one.item_id, ())),
            open_visits=tuple(visits.get(one.item_id, ())),
            receipts=tuple(receipts.get(one.item_id, ())),
            siblings=tuple(
                Sibling(item_id=other.item_id, variance=other.variance)
                for other in off
                if other.variance * one.variance < 0 and _are_alike(place, places[other.item_id])
            ),
            norms=norms.by_service(one.item_id),
        )
        found[one.item_id] = domain.explain(one.variance, known)
    return found


def _are_alike(one: Place, other: Place) -> bool:
    """Whether one is easily taken for the other: the same kind of thing, in the same packs."""
    same_kind = one.category == other.category or (bool(one.shelf) and one.shelf == other.shelf)
    return same_kind and (one.base_unit, one.pack_quantity) == (other.base_unit, other.pack_quantity)


class _Norms:
    """All norms with their items, read once."""

    def __init__(
        self, norms: Sequence[Norm], linked: Mapping[UUID, Item], policy: consumption_domain.ConsumptionPolicy
    ) -> None:
        self.linked = linked
        self.policy = policy
        self.of_service: dict[UUID, list[Norm]] = defaultdict(list)
        for norm in norms:
            self.of_service[norm.service_id].append(norm)

    def base(self, norm_id: UUID, quantity: Decimal, unit: NormUnit) -> Decimal | None:
        """A norm's quantity in its item's units."""
        item = self.linked.get(norm_id)
        return consumption_domain.in_base_units(quantity, unit, item, self.policy) if item is not None else None

    def by_service(self, item_id: UUID) -> dict[UUID, Decimal]:
        """What one visit of each service takes of an item, by the general norm."""
        found: dict[UUID, Decimal] = {}
        for service_id, norms in self.of_service.items():
            for norm in norms:
                item = self.linked.get(norm.id)
                if item is not None and item.id == item_id and norm.option_id is None and norm.staff_id is None:
                    base = self.base(norm.id, norm.quantity, norm.unit)
                    if base:
                        found[service_id] = base
        return found

    def taken(self, service_id: UUID, option_ids: set[UUID], staff_id: UUID | None) -> list[tuple[UUID, Decimal]]:
        """(item, base units) of what a visit takes."""
        chosen = consumption_domain.choose_norms(
            self.of_service.get(service_id, ()),
            option_ids=option_ids,
            staff_id=staff_id,
            items={norm_id: item.id for norm_id, item in self.linked.items()},
        )
        bases = [(norm.id, self.base(norm.id, norm.quantity, norm.unit)) for norm in chosen]
        return [(self.linked[norm_id].id, base) for norm_id, base in bases if base]


def _norms(session: ReadSession) -> _Norms:
    norms = catalog.list_norms(session)
    linked = consumption_domain.link_by_name(norms, consumption_repository.find_items(session, norms))
    return _Norms(norms, linked, consumption.policy_of(session))


def _visits(
    session: ReadSession, location_id: UUID, off: Sequence[Compared], norms: _Norms, now: datetime
) -> dict[UUID, list[OpenVisits]]:
    """Visits whose use the ledger did not hold when the item was counted, by item."""
    taken: dict[UUID, dict[_Key, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    by_item = {one.item_id: one for one in off}
    first = min(one.since_at or now - LOOKED_BACK for one in off)
    open_bookings = booking.list_bookings(
        session,
        from_at=max(first, now - LOOKED_BACK),
        to_at=max(one.counted_at for one in off),
        location_id=location_id,
        statuses=[BookingStatus.CONFIRMED],
        limit=BOOKINGS_AT_MOST,
    )
    for one in open_bookings:
        options = {option.option_id for option in booking.list_booked_options(session, one.id)}
        for item_id, quantity in norms.taken(one.service_id, options, one.staff_id):
            seen = by_item.get(item_id)
            if seen is None or one.starts_at >= seen.counted_at or one.starts_at < (seen.since_at or first):
                continue
            hint = Hint.VISITS_NOT_CLOSED if one.ends_at <= seen.counted_at else Hint.VISITS_UNDER_WAY
            taken[item_id][hint, one.staff_id, one.service_id].append(quantity)
    late = evidence.list_late(
        session,
        location_id,
        by_item,
        after_seq=min(one.ledger_seq for one in off),
        begun_before=max(one.counted_at for one in off),
    )
    for use in late:  # what had ended by then is part of what was expected
        seen = by_item[use.item_id]
        if use.starts_at < seen.counted_at <= use.ends_at:
            taken[use.item_id][Hint.VISITS_UNDER_WAY, use.staff_id, use.service_id].append(use.used)
    for line in evidence.list_lost(session, location_id, first, LINES_AT_MOST):
        item = norms.linked.get(line.norm_id)
        base = norms.base(line.norm_id, line.quantity, line.unit)
        seen = by_item.get(item.id) if item is not None else None
        if base and seen is not None and (seen.since_at or first) < line.posted_at <= seen.counted_at:
            taken[seen.item_id][Hint.NORM_NOT_LINKED, line.staff_id, line.service_id].append(base)
    return {
        item_id: [
            OpenVisits(
                hint=hint,
                staff_id=staff_id,
                service_id=service_id,
                visits=len(quantities),
                quantity=sum(quantities, Decimal(0)),
            )
            for (hint, staff_id, service_id), quantities in groups.items()
        ]
        for item_id, groups in taken.items()
    }
