"""Somebody wants their data erased, or takes back that we may keep it: no more news, and a person sees to the rest.

Erasing is not for the bot: bookings ahead, payments and the salon's duties to keep records are to be weighed, and
152-FZ gives the salon time for that, but no leave to ignore it.
"""

from __future__ import annotations

from salon.messaging.domain.remarks import asks_to_erase, withdraws_agreement
from salon.messaging.people.domain import HandoverReason
from salon.messaging.people.use_cases.handing import hand_over
from salon.messaging.people.use_cases.handovers import open_handover
from salon.messaging.use_cases import marketing_talk
from salon.messaging.use_cases.talk import Talk


def take_erasure_wish(talk: Talk, text: str) -> bool:
    """Whether the message asks for that; it is passed on, then, and news are stopped."""
    if not _note(talk, text):
        return False
    talk.say("erasure-noted")
    hand_over(talk, HandoverReason.ERASURE)
    return True


def note_erasure_wish(talk: Talk, text: str) -> bool:
    """The same, where a human has the conversation and answers."""
    if not _note(talk, text):
        return False
    open_handover(talk.session, talk.conversation, HandoverReason.ERASURE, talk.now)
    return True


def _note(talk: Talk, text: str) -> bool:
    if not asks_to_erase(text):
        return False
    marketing_talk.withdraw_news(talk)
    if withdraws_agreement(text):
        marketing_talk.withdraw_personal_data(talk)
    return True
