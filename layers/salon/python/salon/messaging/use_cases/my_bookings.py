"""Which of the client's bookings a message or a button is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from salon.booking import use_cases as booking
from salon.booking.domain import Booking, BookingStatus
from salon.messaging.domain import Button
from salon.messaging.domain.dialogue import DialogueState, Topic
from salon.messaging.domain.taps import Tap, TapPayload
from salon.messaging.use_cases.talk import Rows, Talk
from salon.platform.errors import NotFound
from salon.understanding.domain import Understood


@dataclass(frozen=True, slots=True)
class Meant:
    """The bookings that a message can mean.

    Attributes:
        bookings: those; all that can still be changed when the message names none.
        contradicts: the message names something that none of them is: nothing may be changed on a guess.
    """

    bookings: list[Booking]
    contradicts: bool = False


def changeable(talk: Talk) -> list[Booking]:
    """Confirmed bookings of the client that have not begun, by time."""
    upcoming = booking.list_upcoming_for_client(talk.session, talk.conversation.client_id, now=talk.now)
    return [known for known in upcoming if is_changeable(talk, known)]


def is_changeable(talk: Talk, known: Booking) -> bool:
    """Whether the client may still move or cancel it here; once it has begun, only the salon can."""
    return known.status is BookingStatus.CONFIRMED and known.starts_at > talk.now


def mine(talk: Talk, booking_id: UUID | None) -> Booking | None:
    """A booking of this client; a forged button cannot reach another's."""
    if booking_id is None:
        return None
    try:
        known = booking.get_booking(talk.session, booking_id)
    except NotFound:
        return None
    return known if known.client_id == talk.conversation.client_id else None


def meant(talk: Talk, understood: Understood, *, staff_matters: bool = True, day: date | None = None) -> Meant:
    """The bookings that the message means, by what it names of them.

    Args:
        talk: the turn.
        understood: the message.
        staff_matters: whether a person who is named tells which booking; moving may name whom to move it to.
        day: the booking's day, when the message names that rather than a wish.
    """
    left = known = changeable(talk)
    if understood.service is not None:
        named = {understood.service.id, *understood.service.alternatives}
        left = [one for one in left if str(one.service_id) in named]
    if understood.staff is not None and staff_matters:
        left = [one for one in left if str(one.staff_id) == understood.staff.id]
    if understood.unknown_staff and staff_matters:
        left = []
    if day is not None:
        left = [one for one in left if talk.local_of(one).date() == day]
    if known and not left:
        return Meant(known, contradicts=True)
    return Meant(left)


def choice(talk: Talk, bookings: list[Booking], tap: Tap) -> Rows:
    """A button for each booking."""
    return tuple((Button(talk.booking_line(known), TapPayload(tap, known.id).encode()),) for known in bookings)


def say_nothing_booked(talk: Talk) -> None:
    """There is nothing to change; «да» to «Записать вас?» goes on."""
    talk.remember(DialogueState(topic=Topic.BOOK))
    talk.say("no-bookings", buttons=talk.menu()[:1])


def say_not_active(talk: Talk, known: Booking | None) -> None:
    """The booking cannot be changed here any more; a topic about it is closed."""
    if talk.state.topic is Topic.RESCHEDULE:
        talk.remember(DialogueState())
    if known is not None and known.status is BookingStatus.CONFIRMED:
        talk.say("visit-begun", phone=talk.phone)
    else:
        talk.say("booking-not-active", buttons=talk.menu())
