"""A client wants a person: who will answer and when, and the telephone for whoever cannot wait."""

from __future__ import annotations

from salon.messaging.domain import phrases
from salon.messaging.people import repository
from salon.messaging.people.domain import Handover, HandoverReason
from salon.messaging.people.use_cases.handovers import open_handover
from salon.messaging.people.use_cases.stale import opening
from salon.messaging.use_cases.talk import Talk


def hand_over(talk: Talk, reason: HandoverReason) -> Handover:
    """Have a human answer, and tell the client that and when; asked again, that they wait already."""
    is_known = repository.find_live(talk.session, talk.conversation.id) is not None
    handover = open_handover(talk.session, talk.conversation, reason, talk.now)
    opens = opening(talk.session, talk.now)
    if is_known:
        talk.say("people-client-again", phone=talk.phone)
    elif opens is None:
        talk.say("people-client-soon", reason=reason, phone=talk.phone)
    elif opens <= talk.now:
        talk.say("people-client-now", reason=reason, phone=talk.phone)
    else:
        local = talk.local(opens)
        when = talk.phrases.on_day(local.date(), talk.today)
        talk.say("people-client-later", reason=reason, when=when, time=phrases.clock(local), phone=talk.phone)
    return handover
