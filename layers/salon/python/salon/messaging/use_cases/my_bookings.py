"""Which of the client's bookings a message or a button is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from salon.booking import use_cases as booking
from salon.booking.bulk.domain import dedupe_key
from salon.booking.domain import Booking, BookingStatus, DepositStatus
from salon.messaging import repository
from salon.messaging.domain import Button
from salon.messaging.domain.dialogue import DialogueState, Topic
from salon.messaging.domain.taps import Tap, TapPayload
from salon.messaging.use_cases.talk import Rows, Talk
from salon.platform.errors import NotFound
from salon.platform.money import Money
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
    """Bookings of the client that are agreed, or wait for their deposit, and have not begun, by time."""
    upcoming = booking.list_upcoming_for_client(talk.session, talk.conversation.client_id, now=talk.now)
    return [known for known in upcoming if is_changeable(talk, known)]


def is_changeable(talk: Talk, known: Booking) -> bool:
    """Whether the client may still move or cancel it here; once it has begun, only the salon can."""
    waits_for_deposit = known.status is BookingStatus.HELD and known.deposit_status is DepositStatus.REQUIRED
    is_running = known.hold_expires_at is not None and known.hold_expires_at > talk.now
    is_open = known.status is BookingStatus.CONFIRMED or (waits_for_deposit and is_running)
    return is_open and known.starts_at > talk.now


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
        people = {understood.staff.id, *understood.staff.alternatives}
        left = [one for one in left if str(one.staff_id) in people]
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


def units(bookings: list[Booking]) -> list[list[Booking]]:
    """Bookings as they are cancelled: each by itself, those of one visit together."""
    groups: dict[UUID, list[Booking]] = {}
    for one in bookings:
        groups.setdefault(one.visit_id or one.id, []).append(one)
    return list(groups.values())


def unit_choice(talk: Talk, groups: list[list[Booking]]) -> Rows:
    """A button for each booking, or visit, that may be cancelled."""
    rows = []
    for unit in groups:
        first = unit[0]
        if len(unit) == 1 or first.visit_id is None:
            rows.append((Button(talk.booking_line(first), TapPayload(Tap.CANCEL, first.id).encode()),))
            continue
        facts = talk.booking_facts(first)
        names = talk.phrases.listed([talk.service_name(one.service_id) for one in unit])
        text = talk.texts.say("visit-short", services=names, day=facts["day"], time=facts["time"])
        rows.append((Button(text, TapPayload(Tap.CANCEL_VISIT, first.visit_id).encode()),))
    return tuple(rows)


def ask_which(talk: Talk, text_id: str, rows: Rows) -> None:
    """Ask which booking is meant; the answer may be a tap, a number, «вторую», «стрижку», and «нет» is none of them."""
    listed = tuple(button.payload for row in rows for button in row)
    talk.remember(replace(talk.state, listed=listed, rating_for=None, no=TapPayload(Tap.KEEP).encode()))
    talk.say(text_id, buttons=rows)


def costs_to_cancel(talk: Talk, bookings: list[Booking]) -> bool:
    """Whether cancelling now costs anything, a fee or a deposit."""
    terms = [booking.cancel_terms(talk.session, one, now=talk.now, policy=talk.policy) for one in bookings]
    has_fee = fee_of([one.fee for one in terms]) is not None
    keeps = [one.deposit for one, term in zip(bookings, terms, strict=True) if term.keeps_deposit]
    return has_fee or fee_of(keeps) is not None


def others_of_visit(talk: Talk, known: Booking) -> list[Booking]:
    """What else is still ahead of the visit that a booking belongs to."""
    if known.visit_id is None:
        return []
    return [one for one in changeable(talk) if one.visit_id == known.visit_id and one.id != known.id]


def cost_of_cancelling(talk: Talk, bookings: list[Booking], sure: TapPayload) -> bool:
    """Say what cancelling now would cost, and ask; False when it costs nothing.

    Args:
        talk: the turn.
        bookings: what would be cancelled.
        sure: the button that cancels all the same.
    """
    terms = [booking.cancel_terms(talk.session, one, now=talk.now, policy=talk.policy) for one in bookings]
    fee = fee_of([one.fee for one in terms])
    kept = fee_of([one.deposit for one, term in zip(bookings, terms, strict=True) if term.keeps_deposit])
    if fee is None and kept is None:
        return False
    no = TapPayload(Tap.KEEP)
    talk.remember(replace(talk.state, yes=sure.encode(), no=no.encode()))
    buttons = ((talk.button("cancel-yes", sure), talk.button("button-no", no)),)
    line = "; ".join(talk.booking_line(one) for one in bookings)
    if fee is not None and kept is not None:
        talk.say("cancel-costs-both", booking=line, fee=talk.price(fee), kept=talk.price(kept), buttons=buttons)
    elif fee is not None:
        talk.say("cancel-costs-fee", booking=line, fee=talk.price(fee), buttons=buttons)
    else:
        talk.say("cancel-costs-deposit", booking=line, kept=talk.price(kept), buttons=buttons)
    return True


def fee_of(sums: Iterable[Money | None]) -> Money | None:
    """What several sums come to; None for nothing."""
    due = [one for one in sums if one is not None and one.minor > 0]
    return sum(due[1:], start=due[0]) if due else None


def was_asked_to_move(talk: Talk, known: Booking) -> bool:
    """Whether the salon cannot keep this visit as it stands, and has asked the client to move it."""
    return repository.was_told(talk.session, dedupe_key(known, known.starts_at))


def say_nothing_booked(talk: Talk) -> None:
    """There is nothing to change; «да» to «Записать вас?» goes on."""
    talk.remember(DialogueState(topic=Topic.BOOK))
    talk.say("no-bookings", buttons=talk.menu()[:1])


def say_not_active(talk: Talk, known: Booking | None) -> None:
    """The booking cannot be changed here any more; a topic about it is closed."""
    if talk.state.topic is Topic.RESCHEDULE:
        talk.remember(DialogueState())
    if known is not None and known.status in {BookingStatus.CONFIRMED, BookingStatus.COMPLETED}:
        talk.say("visit-begun", phone=talk.phone)
    else:
        talk.say("booking-not-active", buttons=talk.menu())
