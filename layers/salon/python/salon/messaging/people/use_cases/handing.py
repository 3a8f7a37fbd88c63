"""A client wants a person: who will answer and when, and the telephone for whoever cannot wait."""

from __future__ import annotations

from salon.messaging.domain import phrases
from salon.messaging.people import repository
from salon.messaging.people.domain import Handover, HandoverReason
from salon.messaging.people.use_cases.handovers import open_handover
from salon.messaging.people.use_cases.reopening import RECENT, is_somebody_told
from salon.messaging.people.use_cases.stale import opening
from salon.messaging.use_cases.talk import Talk


def hand_over(talk: Talk, reason: HandoverReason) -> Handover:
    """Have a human answer, and tell the client that and when; asked again, that they wait already."""
    known = repository.find_live(talk.session, talk.conversation.id)
    handover = open_handover(talk.session, talk.conversation, reason, talk.now)
    if known is not None and known.reason is handover.reason:
        _say_again(talk, handover, reason)
    elif is_somebody_told(talk.session, talk.conversation.id):
        _say_when(talk, reason)
    else:
        talk.say("people-client-nobody", reason=reason, phone=talk.phone)
    return handover


def _say_again(talk: Talk, handover: Handover, reason: HandoverReason) -> None:
    """The question is there already; what is merely not understood hears so once, and is asked about as ever then."""
    told = "yes" if is_somebody_told(talk.session, talk.conversation.id) else "no"
    words = talk.texts.say("people-client-again", told=told, phone=talk.phone)
    if reason is HandoverReason.NOT_UNDERSTOOD and _was_said(talk, handover, words):
        talk.say("didnt-understand", buttons=talk.menu())
    else:
        talk.reply(words, talk.menu())


def _was_said(talk: Talk, handover: Handover, words: str) -> bool:
    recent = repository.list_said(talk.session, talk.conversation.id, limit=RECENT)
    return any(one.direction == "out" and words in one.text and one.at >= handover.opened_at for one in recent)


def _say_when(talk: Talk, reason: HandoverReason) -> None:
    opens = opening(talk.session, talk.now)
    if opens is None:
        talk.say("people-client-soon", reason=reason, phone=talk.phone)
    elif opens <= talk.now:
        talk.say("people-client-now", reason=reason, phone=talk.phone)
    else:
        local = talk.local(opens)
        when = talk.phrases.on_day(local.date(), talk.today)
        talk.say("people-client-later", reason=reason, when=when, time=phrases.clock(local), phone=talk.phone)
