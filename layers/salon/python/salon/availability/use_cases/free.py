"""What can be had, and what days look like."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from salon.availability.domain import Slot
from salon.availability.repository import diaries, free, slots
from salon.availability.repository.free import FreeSlotsQuery
from salon.availability.use_cases.policy import usual_notice
from salon.platform.db import ReadSession

FREE_SLOTS_SHOWN = 500


def get_slot(session: ReadSession, slot_id: UUID) -> Slot:
    """A slot.

    Raises:
        SlotNotFound: there is none.
    """
    return slots.get_slot(session, slot_id)


def list_free_slots(
    session: ReadSession,
    *,
    service_id: UUID,
    from_at: datetime,
    to_at: datetime,
    now: datetime,
    staff_id: UUID | None = None,
    location_id: UUID | None = None,
    leaving_slot_id: UUID | None = None,
    min_notice: timedelta | None = None,
    extra_min: int = 0,
    limit: int = FREE_SLOTS_SHOWN,
) -> list[Slot]:
    """Slots that can be had, by time: a seat is left; staff, chair, room and device are free for the whole length.

    The length includes buffers and options; during processing time the staff member need not be free. Somebody who is
    busy at another location needs the ways between. A service whose pool has no unit at the location has no slots
    there. A group that somebody has joined is offered until it is full, but not with options.

    Args:
        session: reading is enough.
        service_id: which service.
        from_at: starts at this instant or later.
        to_at: starts before this instant.
        now: the current instant.
        staff_id: with this person only.
        location_id: at this branch only.
        leaving_slot_id: the slot of a booking that is being moved; its claims do not stand in the way.
        min_notice: starts at least so much after `now`; None takes the service's, else the tenant's, else 30 minutes.
        extra_min: minutes that the chosen options add; negative takes some off.
        limit: at most so many.
    """
    query = FreeSlotsQuery(
        service_id=service_id,
        staff_id=staff_id,
        location_id=location_id,
        from_at=from_at,
        to_at=to_at,
        now=now,
        asked_notice=min_notice,
        usual_notice=usual_notice(session) if min_notice is None else timedelta(),
        extra_min=extra_min,
        leaving_slot_id=leaving_slot_id,
    )
    return free.list_free_slots(session, query, limit)


def count_free_by_date(
    session: ReadSession,
    *,
    service_id: UUID,
    from_at: datetime,
    to_at: datetime,
    now: datetime,
    staff_id: UUID | None = None,
    location_id: UUID | None = None,
    min_notice: timedelta | None = None,
    extra_min: int = 0,
) -> dict[date, int]:
    """How many slots can be had on each local day, as `list_free_slots` finds them; days without any are left out."""
    query = FreeSlotsQuery(
        service_id=service_id,
        staff_id=staff_id,
        location_id=location_id,
        from_at=from_at,
        to_at=to_at,
        now=now,
        asked_notice=min_notice,
        usual_notice=usual_notice(session) if min_notice is None else timedelta(),
        extra_min=extra_min,
    )
    return free.count_free_by_date(session, query)


def list_day_shapes(
    session: ReadSession,
    *,
    staff_ids: Iterable[UUID],
    from_at: datetime,
    to_at: datetime,
    now: datetime,
    leaving_slot_id: UUID | None = None,
) -> dict[UUID, list[tuple[datetime, datetime]]]:
    """When people are busy: for each, merged stretches that touch the window, in order; empty for who is not.

    Buffers are part of a stretch, processing time is not. Holds that have run out do not count, nor do the claims of
    `leaving_slot_id`.
    """
    return diaries.list_busy(
        session, staff_ids=staff_ids, from_at=from_at, to_at=to_at, now=now, leaving_slot_id=leaving_slot_id
    )


def list_open_stretches(
    session: ReadSession,
    *,
    staff_ids: Iterable[UUID],
    from_at: datetime,
    to_at: datetime,
    service_id: UUID | None = None,
) -> dict[UUID, list[tuple[datetime, datetime]]]:
    """When people work: for each, stretches of working time with breaks cut out, in order; empty for a day off.

    Taken from the generated slots that start in the window, so a stretch shorter than every service is not seen.

    Args:
        session: reading is enough.
        staff_ids: whose.
        from_at: slots that start at this instant or later.
        to_at: slots that start before this instant.
        service_id: by the hours of this service; quicker, and different only where a service has hours of its own.
    """
    return diaries.list_open(session, staff_ids=staff_ids, from_at=from_at, to_at=to_at, service_id=service_id)
