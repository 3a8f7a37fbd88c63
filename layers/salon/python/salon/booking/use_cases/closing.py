"""What became of a visit, its deposit and what was noted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from salon.availability import use_cases as availability
from salon.availability.errors import SlotNotFound
from salon.booking import domain, events
from salon.booking.domain import Booking, BookingStatus, DepositStatus, require_staff
from salon.booking.repository import bookings
from salon.booking.use_cases.drafting import seal_note
from salon.booking.use_cases.holding import take_seat
from salon.booking.use_cases.locking import lock_booking, lock_for_claim, locked_slot, relock_booking
from salon.booking.use_cases.telling import change
from salon.identity.domain import Actor
from salon.identity.use_cases import record_audit
from salon.platform.db import ReadSession, WriteSession
from salon.platform.keys import open_for_client


def complete_booking(session: WriteSession, booking_id: UUID, *, actor: Actor, now: datetime) -> Booking:
    """The client was served.

    Raises:
        BookingNotFound: there is none.
        StaffOnly: a client says so.
        VisitNotBegun: it lies ahead.
        BookingAlreadyCancelled, BookingNotOpen: it is not confirmed.
    """
    require_staff(actor)
    booking = lock_booking(session, booking_id)
    domain.check_visit_over(booking, now)
    return change(session, replace(booking, status=BookingStatus.COMPLETED), events.BookingCompleted, actor, now)


def mark_no_show(session: WriteSession, booking_id: UUID, *, actor: Actor, now: datetime) -> Booking:
    """The client did not come; the member of staff is free for somebody else at once. A paid deposit is kept.

    Raises:
        BookingNotFound: there is none.
        StaffOnly: a client says so.
        VisitNotBegun: it lies ahead.
        BookingAlreadyCancelled, BookingNotOpen: it is not confirmed.
    """
    require_staff(actor)
    booking = lock_booking(session, booking_id)
    domain.check_visit_over(booking, now)
    slot = locked_slot(session, booking)
    if slot is not None and slot.capacity == 1:
        availability.free_staff(session, slot.id)
    is_paid = booking.deposit_status is DepositStatus.PAID
    missed = replace(
        booking,
        status=BookingStatus.NO_SHOW,
        deposit_status=DepositStatus.KEPT if is_paid else booking.deposit_status,
    )
    return change(session, missed, events.BookingNoShow, actor, now)


def reopen_booking(session: WriteSession, booking_id: UUID, *, actor: Actor, now: datetime) -> Booking:
    """Undo that a visit was completed or missed, which was said by mistake: it is confirmed again.

    Raises:
        BookingNotFound: there is none.
        StaffOnly: a client says so.
        BookingAlreadyCancelled, BookingNotOpen: it is neither completed nor missed.
        SlotNotFound: its slot is gone.
        SlotAlreadyTaken, SlotNotOffered: the time of a client who was thought missing was given to somebody else.
        AlreadyBooked: the client has another booking of that slot by now.
    """
    require_staff(actor)
    seen = bookings.get_booking(session, booking_id)
    domain.check_can_reopen(seen)
    if seen.slot_id is None:
        raise SlotNotFound(None)
    slot = lock_for_claim(session, [seen.slot_id], seen.client_id, now).slots[seen.slot_id]
    booking = relock_booking(session, seen)
    domain.check_can_reopen(booking)
    is_kept = booking.status is BookingStatus.NO_SHOW and booking.deposit_status is DepositStatus.KEPT
    reopened = replace(
        booking,
        status=BookingStatus.CONFIRMED,
        deposit_status=DepositStatus.PAID if is_kept else booking.deposit_status,
    )
    with session.begin_nested():  # a refusal takes back the freeing of the seat
        if booking.status is BookingStatus.NO_SHOW and slot.capacity == 1:
            availability.free_seat(session, slot, was_held=False)
            empty = availability.lock_slots(session, [slot.id])[slot.id]
            take_seat(session, empty, reopened)
            availability.settle_seat(session, slot.id)
        return change(session, reopened, events.BookingReopened, actor, now)


def record_deposit(
    session: WriteSession, booking_id: UUID, *, outcome: DepositStatus, actor: Actor, now: datetime
) -> Booking:
    """Say what became of a deposit: paid or waived, later kept or refunded. Saying it again changes nothing.

    Money that comes when the hold is over is recorded as well, so that it can be given back.

    Raises:
        BookingNotFound: there is none.
        StaffOnly: a client says so.
        DepositNotDue: none is asked for, or this does not follow from where it stands.
    """
    require_staff(actor)
    booking = lock_booking(session, booking_id)
    if booking.deposit_status is outcome:
        return booking
    domain.check_deposit(booking, outcome)
    settled = replace(booking, deposit_status=outcome)
    return change(session, settled, events.BookingDepositRecorded, actor, now, deposit_status=outcome)


def write_note(session: WriteSession, booking_id: UUID, note: str | None, *, actor: Actor, now: datetime) -> None:
    """Seal a note with the client's key in place of the present one; None takes it away.

    Raises:
        BookingNotFound: there is none.
        NoteTooLong: it is.
        ClientErased: the client was erased.
    """
    client_id, _ = bookings.get_note(session, booking_id)
    bookings.set_note(session, booking_id, seal_note(session, client_id, note))
    record_audit(session, action="booking.note_written", subject="booking", subject_id=booking_id, actor=actor, now=now)


def read_note(session: ReadSession, booking_id: UUID) -> str | None:
    """What was noted, in the clear; None when nothing was.

    Raises:
        BookingNotFound: there is none.
        ClientErased: the client was erased.
    """
    client_id, sealed = bookings.get_note(session, booking_id)
    return open_for_client(session, client_id, sealed) if sealed is not None else None
