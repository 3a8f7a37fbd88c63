"""What the salon does with the bookings of somebody who will be absent.

Closing the time itself is availability's `add_time_off`; it leaves booked slots alone, and these are what is left.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from salon.availability import use_cases as availability
from salon.availability.domain import Slot
from salon.booking import use_cases as booking
from salon.booking.bulk import domain
from salon.booking.bulk.domain import AbsenceMode, AbsenceReport, AffectedBooking, Outcome
from salon.booking.bulk.events import BookingNeedsReschedule
from salon.booking.domain import Booking, BookingStatus
from salon.catalog import use_cases as catalog
from salon.identity.domain import Actor
from salon.platform.db import ReadSession, WriteSession
from salon.platform.errors import Refusal
from salon.platform.outbox import OutboxQueue, enqueue
from salon.platform.timeranges import TimeRange

LOOK_AHEAD = timedelta(days=7)
LONGEST = timedelta(days=1)  # a visit that began so long before the absence is over
MANY = 10_000
SLOTS_LOOKED_AT = 2000


def plan_absence(
    session: ReadSession, staff_id: UUID, from_at: datetime, to_at: datetime, *, now: datetime
) -> list[AffectedBooking]:
    """The agreed visits that an absence makes impossible, by time, and what could be offered instead.

    Offered is the same service at the same location, at the same time with somebody else before all, then at the
    nearest times of the week after, the absent person's own included once they are back. No time of anybody is offered
    to two clients. Nothing is changed or held.

    Args:
        session: reading is enough.
        staff_id: who will be absent.
        from_at: from this instant, UTC.
        to_at: until this instant.
        now: the current instant; visits that have begun are left alone.

    Raises:
        StaffNotFound: there is no such person.
        Invalid: the absence ends before it begins.
    """
    catalog.get_staff(session, staff_id)
    absence = TimeRange(from_at, to_at)
    affected = [
        visit
        for visit in booking.list_bookings(
            session,
            staff_id=staff_id,
            from_at=max(from_at - LONGEST, now),
            to_at=to_at,
            statuses=[BookingStatus.CONFIRMED],
            limit=MANY,
        )
        if domain.is_affected(visit, absence)
    ]
    wishes = {visit.id: domain.order_alternatives(visit, _free_for(session, visit, now), absence) for visit in affected}
    return domain.share_out(wishes, affected)


def carry_out_absence(
    session: WriteSession,
    staff_id: UUID,
    from_at: datetime,
    to_at: datetime,
    *,
    mode: AbsenceMode = AbsenceMode.PROPOSE,
    actor: Actor,
    now: datetime,
) -> AbsenceReport:
    """Move whoever can keep their time with somebody else (mode `move`), and have the others asked.

    Each client who is to be asked is told as a fact, `booking.needs_reschedule`, once for each visit: running it again
    moves what has become possible and tells nobody twice. Visits that belong to a row of services are asked about,
    never moved by themselves.

    Raises:
        StaffNotFound: there is no such person.
        Invalid: the absence ends before it begins.
    """
    plan = plan_absence(session, staff_id, from_at, to_at, now=now)
    movable = [one for one in plan if mode is AbsenceMode.MOVE and _may_move(one)]
    availability.lock_slots(
        session, [slot_id for one in movable for slot_id in (one.booking.active_slot_id, one.alternatives[0].id)]
    )
    report: list[AffectedBooking] = []
    moved = told = 0
    for one in plan:
        after = _move(session, one, actor, now) if one in movable else None
        if after is not None:
            moved += 1
            report.append(after)
        else:
            told += _tell(session, one, staff_id, now)
            report.append(one)
    return AbsenceReport(tuple(report), moved, told)


def _free_for(session: ReadSession, visit: Booking, now: datetime) -> list[Slot]:
    return availability.list_free_slots(
        session,
        service_id=visit.service_id,
        location_id=visit.location_id,
        from_at=max(now, visit.starts_at - timedelta(days=1)),
        to_at=visit.starts_at + LOOK_AHEAD,
        now=now,
        extra_min=visit.extra_min,
        limit=SLOTS_LOOKED_AT,
    )


def _may_move(one: AffectedBooking) -> bool:
    return one.reason is Outcome.SAME_TIME and one.booking.visit_id is None


def _move(session: WriteSession, one: AffectedBooking, actor: Actor, now: datetime) -> AffectedBooking | None:
    try:
        after = booking.reschedule_booking(
            session, one.booking.id, slot_id=one.alternatives[0].id, actor=actor, now=now
        )
    except Refusal:  # somebody was quicker; the client is asked instead
        return None
    return domain.moved(one, after)


def _tell(session: WriteSession, one: AffectedBooking, staff_id: UUID, now: datetime) -> int:
    fact = BookingNeedsReschedule(
        occurred_at=now,
        booking_id=one.booking.id,
        client_id=one.booking.client_id,
        location_id=one.booking.location_id,
        service_id=one.booking.service_id,
        staff_id=staff_id,
        starts_at=one.booking.starts_at,
        alternative_slot_ids=tuple(slot.id for slot in one.alternatives),
    )
    written = enqueue(
        session,
        queue=OutboxQueue.EVENTS,
        kind=fact.name,
        payload=fact.model_dump(mode="json"),
        now=now,
        dedupe_key=domain.dedupe_key(one.booking, one.booking.starts_at),
    )
    return int(written is not None)
