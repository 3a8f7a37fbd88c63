"""Looking for a booking whose small move lets another service in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from salon.availability import use_cases as availability
from salon.booking import use_cases as booking
from salon.booking.shifts import domain, repository
from salon.booking.shifts.domain import ShiftIdea, ShiftPolicy
from salon.booking.shifts.errors import ShiftNotAllowed
from salon.booking.shifts.use_cases.policy import shift_policy
from salon.identity.domain import system
from salon.platform.db import ReadSession, WriteSession
from salon.platform.errors import Refusal

IDEAS = 5
TRIES = 20  # moves tried for real: bounds the time of a search
AROUND = timedelta(hours=24)  # of a day's shape that a visit may be moved within
ASKED_WITHIN = timedelta(days=30)
ACTOR = system("shifts")


def find_shifts(
    session: WriteSession,
    *,
    service_id: UUID,
    from_at: datetime,
    to_at: datetime,
    now: datetime,
    extra_min: int = 0,
    location_id: UUID | None = None,
    staff_id: UUID | None = None,
    max_shift_min: int = 60,
    limit: int = IDEAS,
) -> list[ShiftIdea]:
    """Single bookings whose small move, with the same person, would let this service in; the smallest moves first.

    Nothing when the service has a free slot in the window anyway, or the tenant asks nobody. Asked may be who is
    agreed for later than the notice, was neither moved nor asked about this booking, and was not asked too often.
    Each answer was tried: it holds when nothing changes until the client answers.

    Args:
        session: a transaction that may write; everything tried is taken back.
        service_id: what is to fit in.
        from_at: its start at this instant or later, UTC.
        to_at: its start before this instant.
        now: the current instant.
        extra_min: minutes that its options add.
        location_id: at this branch only.
        staff_id: with this person only.
        max_shift_min: how far a booking may move; the tenant's own limit goes before a larger one.
        limit: at most so many answers.

    Raises:
        ShiftWindowSenseless: it ends before it begins, or lies in no sensible year.
    """
    domain.check_window(from_at, to_at)
    policy = shift_policy(session)
    wanted = availability.list_free_slots(
        session,
        service_id=service_id,
        staff_id=staff_id,
        location_id=location_id,
        from_at=from_at,
        to_at=to_at,
        now=now,
        extra_min=extra_min,
        limit=1,
    )
    if not policy.enabled or wanted:
        return []
    found: list[ShiftIdea] = []
    seen: set[tuple[UUID, UUID]] = set()
    max_shift = timedelta(minutes=min(max_shift_min, policy.max_shift_min))
    ideas = _ideas(
        session,
        service_id=service_id,
        extra_min=extra_min,
        location_id=location_id,
        staff_id=staff_id,
        window=(max(from_at, now), to_at),
        now=now,
        max_shift=max_shift,
    )
    for tried, idea in enumerate(ideas):
        if len(found) == limit or tried == TRIES:
            break
        if (idea.booking.id, idea.new_slot_id) in seen or not _may_ask(session, idea, now, policy):
            continue
        if _works(session, idea, service_id, extra_min, now):
            found.append(idea)
            seen.add((idea.booking.id, idea.new_slot_id))
    return found


def may_ask_client(session: ReadSession, client_id: UUID, now: datetime, policy: ShiftPolicy, *, asking: int) -> bool:
    """Whether a client was not asked too often, and has not declined lately; `asking` proposals are this very one."""
    asked, has_declined = repository.count_asked(session, client_id, now - ASKED_WITHIN)
    return not has_declined and asked - asking < policy.per_client_month


@contextmanager
def trial(session: WriteSession) -> Iterator[None]:
    """Take back whatever the block does, what it would have told included."""
    told = list(session.info.get("outbox", []))
    savepoint = session.begin_nested()
    try:
        yield
    finally:
        savepoint.rollback()
        session.info["outbox"] = told


def _ideas(
    session: ReadSession,
    *,
    service_id: UUID,
    extra_min: int,
    location_id: UUID | None,
    staff_id: UUID | None,
    window: tuple[datetime, datetime],
    now: datetime,
    max_shift: timedelta,
) -> list[ShiftIdea]:
    """Moves that look possible by the days' shapes alone."""
    from_at, to_at = window
    starts = repository.list_starts(
        session,
        service_ids=[service_id],
        staff_ids=[staff_id] if staff_id is not None else None,
        location_id=location_id,
        from_at=from_at,
        to_at=to_at,
    )
    wanted = [replace(start, busy=domain.longer(start.busy, extra_min)) for start in starts]
    staff_ids = {start.staff_id for start in wanted}
    if not staff_ids:
        return []
    around = (from_at - AROUND, to_at + AROUND)
    claims = repository.list_claims(session, staff_ids=staff_ids, from_at=around[0], to_at=around[1], now=now)
    slot_ids = {claim.slot_id for claim in claims if claim.slot_id is not None}
    movable = [
        booking.get_booking(session, booking_id)
        for booking_id in repository.list_movable_ids(session, slot_ids, not_before=now)
    ]
    targets = repository.list_starts(
        session,
        service_ids={visit.service_id for visit in movable},
        staff_ids=staff_ids,
        location_id=location_id,
        from_at=max(around[0], now),
        to_at=around[1],
    )
    return domain.find_ideas(wanted, claims, {visit.active_slot_id: visit for visit in movable}, targets, max_shift)


def _may_ask(session: ReadSession, idea: ShiftIdea, now: datetime, policy: ShiftPolicy) -> bool:
    try:
        domain.check_may_ask(idea.booking, idea.new_starts_at, now, policy)
    except ShiftNotAllowed:
        return False
    return may_ask_client(session, idea.booking.client_id, now, policy, asking=0)


def _works(session: WriteSession, idea: ShiftIdea, service_id: UUID, extra_min: int, now: datetime) -> bool:
    """Move the booking, look whether the wanted slot is free, and take it all back."""
    with trial(session):
        try:
            moved = booking.reschedule_booking(session, idea.booking.id, slot_id=idea.new_slot_id, actor=ACTOR, now=now)
        except Refusal:
            return False
        free = availability.list_free_slots(
            session,
            service_id=service_id,
            staff_id=moved.staff_id,
            location_id=moved.location_id,
            from_at=idea.wanted_starts_at,
            to_at=idea.wanted_starts_at + timedelta(seconds=1),
            now=now,
            extra_min=extra_min,
        )
        return idea.wanted_slot_id in {slot.id for slot in free}
