"""Taking a cancellation back in words: «верни», «ой, не надо», «нет, не отменяй»."""

from __future__ import annotations

from datetime import timedelta

from salon.booking import use_cases as booking
from salon.booking.domain import Booking, BookingFilters, BookingStatus, CancelReason
from salon.messaging.domain.cancelling import names_what_to_bring_back, wants_as_it_was, wants_back
from salon.messaging.domain.taps import Tap, read_tap
from salon.messaging.use_cases import booking_talk, cancel_talk, change_talk
from salon.messaging.use_cases.my_bookings import changeable, say_nothing_booked
from salon.messaging.use_cases.talk import Talk

REMEMBERED_FOR = timedelta(days=1)
"""«Верните запись» means what the client cancelled within this time."""


def is_way_back(payload: str | None) -> bool:
    """Whether the button undoes a cancellation, or a move; a mere «нет» does not mean that, «нет, спасибо» least."""
    tapped = read_tap(payload)
    return tapped is not None and tapped.tap in {Tap.RESTORE, Tap.RESTORE_VISIT, Tap.MOVE}


def take_back(talk: Talk, text: str, offered: str | None) -> bool:
    """Whether the message takes a cancellation, or a move, back; it is done, then, or said why it cannot be.

    Args:
        talk: the turn.
        text: the message.
        offered: what «нет» meant to this message: the way back, right after a cancellation.
    """
    tapped = read_tap(offered) if is_way_back(offered) else None
    if tapped is not None and tapped.tap is Tap.MOVE:
        if tapped.subject is None or tapped.other is None or not wants_as_it_was(text):
            return False
        change_talk.move_by_button(talk, tapped.subject, booking_talk.known_slot(talk, tapped.other))
        return True
    if tapped is not None and tapped.subject is not None and wants_back(text):
        again = cancel_talk.restore_visit_this if tapped.tap is Tap.RESTORE_VISIT else cancel_talk.restore_this
        again(talk, tapped.subject)
        return True
    if not names_what_to_bring_back(text):
        return False
    last = _last_cancelled(talk)
    if last is None:
        (cancel_talk.list_mine if changeable(talk) else say_nothing_booked)(talk)
    elif last.visit_id is not None:
        cancel_talk.restore_visit_this(talk, last.visit_id)
    else:
        cancel_talk.restore_this(talk, last.id)
    return True


def _last_cancelled(talk: Talk) -> Booking | None:
    """What the client cancelled last, while it is still ahead."""
    wanted = BookingFilters(
        statuses=(BookingStatus.CANCELLED,), client_id=talk.conversation.client_id, from_at=talk.now
    )
    found = [
        (one.cancelled_at, one)
        for one in booking.search_bookings(talk.session, wanted).bookings
        if one.cancelled_at is not None
        and one.cancel_reason == CancelReason.CLIENT
        and talk.now - one.cancelled_at < REMEMBERED_FOR
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else None
