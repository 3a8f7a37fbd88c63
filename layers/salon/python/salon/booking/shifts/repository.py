"""Every query about shifts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, Table, exists, func, insert, select, text, update

from salon.availability.domain import ResourceKind, SlotStatus
from salon.availability.models import BusyIntervalRow, SlotInstanceRow
from salon.booking.domain import BookingStatus
from salon.booking.events import BookingRescheduled
from salon.booking.models import BookingHistoryRow, BookingRow, ShiftProposalRow
from salon.booking.shifts.domain import Claim, ShiftProposal, ShiftStatus, Start
from salon.booking.shifts.errors import ShiftAlreadyProposed, ShiftNotFound
from salon.catalog.models import ServiceRow
from salon.platform.db import ReadSession, WriteSession, on_constraint, tenant_of
from salon.platform.timeranges import TimeRange

on_constraint("uq_shift_proposals_open", ShiftAlreadyProposed)

_proposals = cast("Table", ShiftProposalRow.__table__)
_bookings = cast("Table", BookingRow.__table__)
_history = cast("Table", BookingHistoryRow.__table__)
_slots = cast("Table", SlotInstanceRow.__table__)
_busy = cast("Table", BusyIntervalRow.__table__)
_services = cast("Table", ServiceRow.__table__)

ASKED = (ShiftStatus.PROPOSED, ShiftStatus.ACCEPTED, ShiftStatus.DECLINED)


def _proposal(row: Row[Any]) -> ShiftProposal:
    return ShiftProposal(
        id=row.id,
        booking_id=row.booking_id,
        old_slot_id=row.old_slot_id,
        new_slot_id=row.new_slot_id,
        waitlist_entry_id=row.waitlist_entry_id,
        incentive_minor=row.incentive_minor,
        status=ShiftStatus(row.status),
        created_at=row.created_at,
        expires_at=row.expires_at,
        decided_at=row.decided_at,
    )


def add_proposal(session: WriteSession, proposal: ShiftProposal) -> None:
    """Store a new proposal; a refusal leaves the transaction usable.

    Raises:
        ShiftAlreadyProposed: one is open for this booking.
    """
    with session.begin_nested():
        session.execute(
            insert(_proposals).values(
                id=proposal.id,
                tenant_id=tenant_of(session),
                booking_id=proposal.booking_id,
                old_slot_id=proposal.old_slot_id,
                new_slot_id=proposal.new_slot_id,
                waitlist_entry_id=proposal.waitlist_entry_id,
                incentive_minor=proposal.incentive_minor,
                status=proposal.status,
                created_at=proposal.created_at,
                expires_at=proposal.expires_at,
                decided_at=proposal.decided_at,
            )
        )


def decide(session: WriteSession, proposal: ShiftProposal) -> None:
    """Store what became of a locked proposal."""
    session.execute(
        update(_proposals)
        .where(_proposals.c.id == proposal.id)
        .values(status=proposal.status, decided_at=proposal.decided_at)
    )


def get_proposal(session: ReadSession, proposal_id: UUID) -> ShiftProposal:
    """A proposal.

    Raises:
        ShiftNotFound: there is none.
    """
    row = session.execute(select(_proposals).where(_proposals.c.id == proposal_id)).one_or_none()
    if row is None:
        raise ShiftNotFound(proposal_id)
    return _proposal(row)


def lock_proposal(session: WriteSession, proposal_id: UUID) -> ShiftProposal:
    """A proposal, locked. Proposals are locked before slots.

    Raises:
        ShiftNotFound: there is none.
    """
    row = session.execute(select(_proposals).where(_proposals.c.id == proposal_id).with_for_update()).one_or_none()
    if row is None:
        raise ShiftNotFound(proposal_id)
    return _proposal(row)


def list_proposals(
    session: ReadSession,
    *,
    booking_id: UUID | None,
    statuses: Collection[ShiftStatus],
    after: UUID | None,
    limit: int,
) -> list[ShiftProposal]:
    """Proposals, the oldest first, after the one called `after`."""
    query = select(_proposals)
    if booking_id is not None:
        query = query.where(_proposals.c.booking_id == booking_id)
    if statuses:
        query = query.where(_proposals.c.status.in_(sorted(statuses)))
    if after is not None:
        query = query.where(_proposals.c.id > after)
    return [_proposal(row) for row in session.execute(query.order_by(_proposals.c.id).limit(limit))]


def list_expired_ids(session: ReadSession, now: datetime, limit: int) -> list[UUID]:
    """Open proposals of this tenant that nobody answered in time."""
    query = select(_proposals.c.id).where(_proposals.c.status == ShiftStatus.PROPOSED, _proposals.c.expires_at <= now)
    return list(session.scalars(query.order_by(_proposals.c.id).limit(limit)))


def list_due(session: ReadSession, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant, proposal) of all tenants that nobody answered in time: for the timer."""
    rows = session.execute(
        text("SELECT tenant_id, id FROM due_shift_proposals(:now, :limit)"), {"now": now, "limit": limit}
    )
    return [(row.tenant_id, row.id) for row in rows]


def was_moved(session: ReadSession, booking_id: UUID) -> bool:
    """Whether a booking has had another slot before."""
    query = select(exists().where(_history.c.booking_id == booking_id, _history.c.change == BookingRescheduled.name))
    return bool(session.scalar(query))


def count_asked(session: ReadSession, client_id: UUID, since: datetime) -> tuple[int, bool]:
    """How often a client was asked since an instant, and whether they declined then."""
    query = (
        select(func.count(), func.coalesce(func.bool_or(_proposals.c.status == ShiftStatus.DECLINED), False))
        .select_from(_proposals.join(_bookings, _bookings.c.id == _proposals.c.booking_id))
        .where(
            _bookings.c.client_id == client_id,
            _proposals.c.created_at >= since,
            _proposals.c.status.in_(sorted(ASKED)),
        )
    )
    asked, has_declined = session.execute(query).one()
    return asked, has_declined


def list_starts(
    session: ReadSession,
    *,
    service_ids: Collection[UUID],
    staff_ids: Collection[UUID] | None,
    location_id: UUID | None,
    from_at: datetime,
    to_at: datetime,
) -> list[Start]:
    """Slots that staff could serve in a stretch of time, whoever is busy then, by time; no blocked ones."""
    query = (
        select(
            _slots.c.id,
            _slots.c.service_id,
            _slots.c.staff_id,
            _slots.c.starts_at,
            _slots.c.ends_at,
            _services.c.buffer_before_min,
            _services.c.buffer_after_min,
        )
        .join(_services, _services.c.id == _slots.c.service_id)
        .where(
            _slots.c.service_id.in_(service_ids),
            _slots.c.staff_id.is_not(None),
            _slots.c.starts_at >= from_at,
            _slots.c.starts_at < to_at,
            _slots.c.status != SlotStatus.BLOCKED,
        )
        .order_by(_slots.c.starts_at, _slots.c.staff_id)
    )
    if staff_ids is not None:
        query = query.where(_slots.c.staff_id.in_(staff_ids))
    if location_id is not None:
        query = query.where(_slots.c.location_id == location_id)
    return [
        Start(
            slot_id=row.id,
            service_id=row.service_id,
            staff_id=row.staff_id,
            starts_at=row.starts_at,
            busy=TimeRange(
                row.starts_at - timedelta(minutes=row.buffer_before_min),
                row.ends_at + timedelta(minutes=row.buffer_after_min),
            ),
        )
        for row in session.execute(query)
    ]


def list_claims(
    session: ReadSession, *, staff_ids: Collection[UUID], from_at: datetime, to_at: datetime, now: datetime
) -> list[Claim]:
    """What people are busy with in a stretch of time, holds that have run out left aside."""
    query = select(_busy.c.resource_id, _busy.c.slot_id, _busy.c.starts_at, _busy.c.ends_at).where(
        _busy.c.resource_kind == ResourceKind.STAFF,
        _busy.c.resource_id.in_(staff_ids),
        _busy.c.ends_at > from_at,
        _busy.c.starts_at < to_at,
        _busy.c.expires_at.is_(None) | (_busy.c.expires_at > now),
    )
    return [
        Claim(row.resource_id, row.slot_id, TimeRange(row.starts_at, row.ends_at)) for row in session.execute(query)
    ]


def list_movable_ids(session: ReadSession, slot_ids: Collection[UUID], *, not_before: datetime) -> list[UUID]:
    """Agreed visits that fill one of these slots alone, are part of no row, and were neither moved nor asked about."""
    was_moved_before = exists().where(
        _history.c.booking_id == _bookings.c.id, _history.c.change == BookingRescheduled.name
    )
    was_asked = exists().where(_proposals.c.booking_id == _bookings.c.id, _proposals.c.status.in_(sorted(ASKED)))
    query = (
        select(_bookings.c.id)
        .join(_slots, _slots.c.id == _bookings.c.slot_id)
        .where(
            _bookings.c.slot_id.in_(slot_ids),
            _bookings.c.status == BookingStatus.CONFIRMED,
            _bookings.c.visit_id.is_(None),
            _bookings.c.starts_at >= not_before,
            _slots.c.capacity == 1,
            ~was_moved_before,
            ~was_asked,
        )
    )
    return list(session.scalars(query.order_by(_bookings.c.starts_at, _bookings.c.id)))
