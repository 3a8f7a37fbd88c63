"""«Можно перенести вас на 13:30?»: the client's answer."""

from __future__ import annotations

from uuid import UUID

from salon.booking.shifts import use_cases as shifts
from salon.booking.shifts.domain import ShiftProposal, ShiftStatus
from salon.booking.shifts.errors import ShiftNotFound
from salon.messaging.use_cases.my_bookings import mine
from salon.messaging.use_cases.refusals import TAKEN, say_refusal
from salon.messaging.use_cases.talk import Talk
from salon.platform.errors import Refusal


def accept(talk: Talk, proposal_id: UUID) -> str | None:
    """Come at the new time."""
    proposal = _own(talk, proposal_id)
    if proposal is None:
        talk.say("button-stale", buttons=talk.menu())
        return None
    if proposal.status is ShiftStatus.ACCEPTED:
        talk.say("shift-already", buttons=talk.menu()[1:])
        return None
    try:
        with talk.session.begin_nested():
            moved = shifts.accept_shift(talk.session, proposal_id, actor=talk.actor, now=talk.now)
    except TAKEN:
        known = mine(talk, proposal.booking_id)
        talk.say("shift-taken", booking=talk.booking_line(known) if known else "")
        return None
    except Refusal as refusal:
        say_refusal(talk, refusal)
        return None
    talk.reply(talk.texts.say("shift-moved", **talk.booking_facts(moved)))
    return talk.booking_line(moved)


def decline(talk: Talk, proposal_id: UUID) -> str | None:
    """Come as agreed."""
    proposal = _own(talk, proposal_id)
    known = mine(talk, proposal.booking_id) if proposal else None
    if proposal is None or known is None:
        talk.say("button-stale", buttons=talk.menu())
        return None
    try:
        with talk.session.begin_nested():
            shifts.decline_shift(talk.session, proposal_id, actor=talk.actor, now=talk.now)
    except Refusal as refusal:
        say_refusal(talk, refusal)
        return None
    talk.say("shift-kept", booking=talk.booking_line(known))
    return talk.texts.say("shift-no")


def _own(talk: Talk, proposal_id: UUID) -> ShiftProposal | None:
    """A proposal to this client; a forged button cannot reach another's."""
    try:
        proposal = shifts.get_shift(talk.session, proposal_id)
    except ShiftNotFound:
        return None
    return proposal if mine(talk, proposal.booking_id) is not None else None
