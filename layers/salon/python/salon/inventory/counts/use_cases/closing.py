"""Closing a count: what it found against the ledger at each item's moment, with what it may come from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from salon.identity.domain import Actor
from salon.identity.use_cases import record_audit
from salon.inventory.counts import domain
from salon.inventory.counts.domain import (
    OPEN_FOR,
    Compared,
    CountStatus,
    Place,
    Settled,
    Snapshot,
    StockCount,
)
from salon.inventory.counts.errors import CountEmpty, CountStillOpen, CountUnsettled
from salon.inventory.counts.repository import counts, evidence
from salon.inventory.counts.use_cases.explaining import explain_all
from salon.inventory.counts.use_cases.settling import Standing, standing_of
from salon.inventory.ledger import use_cases as ledger
from salon.inventory.ledger.domain import MAX_UNIT_COST_MINOR, MAX_WORTH_MINOR
from salon.inventory.ledger.errors import StockBeyondBelief
from salon.inventory.ledger.repository import posting
from salon.platform.db import ReadSession, WriteSession

MAX_UNIT_COST = Decimal(MAX_UNIT_COST_MINOR)
UNIT_COST_STEP = Decimal("0.00000001")


@dataclass(frozen=True, slots=True)
class ReportLine:
    """What was found of one item."""

    place: Place
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class CountReport:
    """What a closed count found.

    Attributes:
        lines: the dearest differences first.
        not_counted: what was to be counted and was not, or was left out unsettled: it stays as the ledger says.
    """

    count: StockCount
    lines: tuple[ReportLine, ...]
    not_counted: tuple[UUID, ...]

    @property
    def shortage_minor(self) -> int:
        """What is missing, kopecks, nothing or more."""
        return -sum(min(line.snapshot.variance_minor or 0, 0) for line in self.lines)

    @property
    def surplus_minor(self) -> int:
        """What is over, kopecks, nothing or more."""
        return sum(max(line.snapshot.variance_minor or 0, 0) for line in self.lines)


def close_count(
    session: WriteSession, count_id: UUID, *, leave_out_unsettled: bool = False, actor: Actor, now: datetime
) -> CountReport:
    """End the counting, compare it with the ledger, and freeze what was found.

    Waits for what is being posted: an invoice that is confirmed meanwhile sees the count, or is seen by it.

    Raises:
        CountNotFound: there is none.
        CountExpired, CountNotOpen: it is not open.
        CountEmpty: nothing was counted, or nothing of it is settled.
        CountUnsettled: two people differ, or one of them has not counted something; unless that is to be left out.
        StockBeyondBelief: a difference is worth more than any salon.
    """
    count = counts.lock_count(session, count_id)
    domain.check_open(count, now)
    posting.lock_head(session)
    standing = standing_of(session, count)
    unsettled = standing.unsettled()
    if unsettled and not leave_out_unsettled:
        raise CountUnsettled(unsettled)
    compared = _compare(session, count, standing)
    if not compared:
        raise CountEmpty(count_id)
    places = {place.item_id: place for place in counts.list_places(session, count.location_id, compared.keys())}
    causes = explain_all(session, count.location_id, list(compared.values()), places, now=now)
    count = replace(
        count, status=CountStatus.CLOSED, closings=count.closings + 1, closed_at=now, version=count.version + 1
    )
    counts.update_count(session, count)
    counts.add_snapshots(
        session,
        [
            Snapshot(
                **{name: getattr(one, name) for name in Compared.__dataclass_fields__},
                count_id=count.id,
                closing=count.closings,
                location_id=count.location_id,
                causes=causes.get(item_id, ()),
                taken_at=now,
            )
            for item_id, one in compared.items()
        ],
    )
    about = {"items": len(compared), "left_out": len(unsettled), "closing": count.closings}
    record_audit(session, action="count.closed", subject="count", subject_id=count.id, actor=actor, now=now, data=about)
    return get_report(session, count_id)


def reopen_count(session: WriteSession, count_id: UUID, *, actor: Actor, now: datetime) -> StockCount:
    """Go on counting what was closed and not posted yet; what was entered stays, what was frozen is kept as it was.

    Raises:
        CountNotFound: there is none.
        CountNotOpen: it is not closed, or posted already.
    """
    count = counts.lock_count(session, count_id)
    domain.check_status(count, CountStatus.CLOSED)
    count = replace(
        count, status=CountStatus.OPEN, closed_at=None, expires_at=now + OPEN_FOR, version=count.version + 1
    )
    counts.update_count(session, count)
    record_audit(session, action="count.reopened", subject="count", subject_id=count.id, actor=actor, now=now)
    return count


def get_report(session: ReadSession, count_id: UUID) -> CountReport:
    """What a count found.

    Raises:
        CountNotFound: there is none.
        CountStillOpen: it is not closed: nobody is told before, and nothing was found where it never was.
    """
    count = counts.get_count(session, count_id)
    if count.status is CountStatus.OPEN or not count.closings:
        raise CountStillOpen(count_id)
    snapshots = {one.item_id: one for one in counts.list_snapshots(session, count)}
    found = {place.item_id: place for place in counts.list_places(session, count.location_id, snapshots.keys())}
    lines = [ReportLine(found[item_id], snapshot) for item_id, snapshot in snapshots.items()]
    lines.sort(
        key=lambda line: (-abs(line.snapshot.variance_minor or 0), -abs(line.snapshot.variance), line.place.name)
    )
    left = [
        place.item_id
        for place in counts.list_places(session, count.location_id)
        if place.is_there and place.is_in(count.sections) and place.item_id not in snapshots
    ]
    return CountReport(count, tuple(lines), tuple(left))


def list_history(
    session: ReadSession,
    *,
    item_id: UUID | None = None,
    location_id: UUID | None = None,
    before: datetime | None = None,
    limit: int = 50,
) -> list[tuple[Snapshot, CountStatus]]:
    """What counts have found of an item, the newest first, and what became of each count; of none that is open."""
    return counts.list_history(session, item_id=item_id, location_id=location_id, before=before, limit=limit)


def _compare(session: ReadSession, count: StockCount, standing: Standing) -> dict[UUID, Compared]:
    settled = {item_id: one.entry for item_id, one in standing.outcome.items() if isinstance(one, Settled)}
    before = counts.last_posted(session, count.location_id, settled.keys())
    spans = {
        item_id: (before[item_id].ledger_seq if item_id in before else 0, entry.ledger_seq)
        for item_id, entry in settled.items()
    }
    used = evidence.sum_used(session, count.location_id, spans)
    costs = _unit_costs(session, count.location_id, settled.keys())
    found = {}
    for item_id, entry in settled.items():
        held = standing.held[entry.id]
        is_worth = held.quantity > 0 and held.value_minor >= 0  # what was taken back later may leave it owing
        unit_cost = Decimal(held.value_minor) / held.quantity if is_worth else costs.get(item_id)
        found[item_id] = Compared(
            item_id=item_id,
            expected=held.quantity,
            counted=entry.quantity,
            unit_cost=min(unit_cost, MAX_UNIT_COST).quantize(UNIT_COST_STEP) if unit_cost is not None else None,
            used=used.get(item_id, Decimal(0)),
            since_at=before[item_id].counted_at if item_id in before else None,
            ledger_seq=entry.ledger_seq,
            counted_at=entry.counted_at,
        )
        if abs(found[item_id].variance_minor or 0) > MAX_WORTH_MINOR:
            raise StockBeyondBelief
    return found


def _unit_costs(session: ReadSession, location_id: UUID, item_ids: Collection[UUID]) -> dict[UUID, Decimal]:
    """The averages of now, for what there was none of."""
    found = ledger.stock_on_hand(session, item_ids, location_id)
    return {one.item_id: one.unit_cost_minor for one in found if one.unit_cost_minor is not None}
