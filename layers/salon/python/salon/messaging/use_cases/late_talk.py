"""«Опаздываю на десять минут»: the salon hears of it, so that nobody gives the chair away."""

from __future__ import annotations

from datetime import timedelta

from salon.booking import use_cases as booking
from salon.booking.domain import Booking, BookingStatus
from salon.messaging.domain.phrases import Phrases
from salon.messaging.people.domain import Notice, NoticeKind
from salon.messaging.people.use_cases import tell_salon
from salon.messaging.use_cases.talk import Talk
from salon.messaging.use_cases.words import salon_texts

NEAR = timedelta(hours=12)
"""A visit that begins later than this is not the one that somebody is late for."""

BEGUN = timedelta(hours=2)


def say_late(talk: Talk, words: str) -> None:
    """Tell the salon, and the client that it knows; without anybody to tell, the telephone.

    Args:
        talk: the turn.
        words: what the client wrote; the salon reads it as it is.
    """
    visit = _awaited(talk)
    told = 0
    if visit is not None:
        arguments = {"client": talk.client.display_name or "—", "booking": _line(talk, visit), "words": words}
        notice = Notice(
            kind=NoticeKind.HANDOVER,
            text_id="notice-late",
            arguments=arguments,
            sealed_for=talk.conversation.client_id,
            conversation_id=talk.conversation.id,
        )
        told = tell_salon(talk.session, notice, talk.now)
    if told:
        talk.say("late-told", phone=talk.phone)
    else:
        talk.say("late", phone=talk.phone)


def _line(talk: Talk, visit: Booking) -> str:
    """The visit in one line, in the salon's own language."""
    words, facts = salon_texts(talk.session), talk.booking_facts(visit)
    day = Phrases(words.say).on_day(talk.local_of(visit).date(), talk.today)
    return words.say("booking-line", service=facts["service"], day=day, time=facts["time"], staff=facts["staff"])


def _awaited(talk: Talk) -> Booking | None:
    """The visit that the client is on the way to: the next one, or one that has just begun."""
    mine = booking.list_upcoming_for_client(talk.session, talk.conversation.client_id, now=talk.now - BEGUN)
    near = [one for one in mine if one.status is BookingStatus.CONFIRMED and one.starts_at - talk.now < NEAR]
    return min(near, key=lambda one: one.starts_at, default=None)
