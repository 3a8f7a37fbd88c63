"""One person in several messengers: asking, and bringing together what they have in each of them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from salon.booking.errors import AlreadyBooked
from salon.booking.use_cases.merging import move_client as move_bookings
from salon.clients import use_cases as clients
from salon.clients.domain import ConsentPurpose
from salon.clients.linking import use_cases as linking
from salon.clients.linking.domain import Link
from salon.clients.linking.errors import ClientsNotMergeable, LinkNotFound, LinkOver
from salon.identity.domain import Actor
from salon.messaging import repository
from salon.messaging.domain.taps import Tap, TapPayload
from salon.messaging.use_cases.marketing_talk import cancel_marketing
from salon.messaging.use_cases.talk import Talk
from salon.platform.db import WriteSession

WORDING = "link-ask/2"
"""The question that a yes agrees to; a new wording gets a new number."""

NAME_CHARS = 40
"""Of a name that a stranger has chosen: enough to know somebody by, too little to tell a story."""


def merge(session: WriteSession, one: UUID, other: UUID, *, actor: Actor, now: datetime) -> UUID:
    """Make one client of two, in every module; the one who stays.

    What one of them did not want, the person does not want: marketing that waits for the other one is cancelled.

    Raises:
        ClientsNotMergeable: see `clients.linking`, and when both have booked the same time.
    """
    from salon.identity.use_cases.sessions import move_client as move_sessions  # here: it loads what signs tokens

    try:
        with session.begin_nested():
            kept, gone = linking.merge_clients(session, one, other, actor=actor, now=now)
            move_bookings(session, gone, kept)
            move_sessions(session, gone, kept)
            repository.move_conversations(session, gone, kept)
    except (AlreadyBooked, IntegrityError):
        raise ClientsNotMergeable("both have booked the same time") from None
    if not clients.has_consent(session, kept, ConsentPurpose.MARKETING):
        cancel_marketing(session, kept, now)
    return kept


def ask_whether_known(talk: Talk) -> None:
    """The client's phone is known now: if somebody else has the same one, ask whether that is the same person.

    The question goes to the chat whose messenger vouches for the phone, which may be another chat than this one. Where
    that one cannot be reached nothing was asked, and it may be asked another time.
    """
    from salon.messaging.campaigns.repository import reaching  # here: few conversations learn a phone

    with talk.session.begin_nested() as attempt:
        link = linking.propose_link(talk.session, talk.conversation.client_id, now=talk.now)
        if link is None:
            return
        if link.client_id == talk.conversation.client_id:
            _ask(talk, link)
            return
        same = clients.list_same_person(talk.session, link.client_id)
        conversation = reaching.lock_reachable(talk.session, same)
        if conversation is None:
            attempt.rollback()
            return
        _ask(Talk(talk.session, conversation, now=talk.now, metrics=talk.metrics), link)


def agree(talk: Talk, link_id: UUID) -> str | None:
    """«Да, это я»: one client from now on."""
    try:
        link = linking.take_link(
            talk.session, link_id, client_id=talk.conversation.client_id, accepts=True, now=talk.now
        )
        clients.set_consent(
            talk.session,
            link.client_id,
            ConsentPurpose.LINKING,
            is_given=True,
            channel=talk.conversation.channel,
            wording_version=WORDING,
            actor=talk.actor,
            now=talk.now,
        )
        merge(talk.session, link.client_id, link.other_client_id, actor=talk.actor, now=talk.now)
    except (LinkNotFound, LinkOver):
        talk.say("link-over")
        return None
    except ClientsNotMergeable:
        talk.say("link-impossible", phone=talk.phone)
        return None
    talk.follow_client()
    talk.say("link-done", buttons=talk.menu())
    return talk.texts.say("link-yes")


def decline(talk: Talk, link_id: UUID) -> str | None:
    """«Нет»: they stay apart."""
    try:
        linking.take_link(talk.session, link_id, client_id=talk.conversation.client_id, accepts=False, now=talk.now)
    except (LinkNotFound, LinkOver):
        talk.say("link-over")
        return None
    talk.say("link-declined")
    return talk.texts.say("link-no")


def _ask(talk: Talk, link: Link) -> None:
    channels = sorted({contact.channel for contact in clients.list_contacts(talk.session, link.other_client_id)})
    where = ", ".join(talk.texts.say(f"channel-{channel}") for channel in channels)
    yes, no = TapPayload(Tap.LINK_YES, link.id), TapPayload(Tap.LINK_NO, link.id)
    buttons = ((talk.button("link-yes", yes), talk.button("link-no", no)),)
    name = " ".join(clients.get_client(talk.session, link.other_client_id).display_name.split())[:NAME_CHARS]
    if where and name:
        talk.say("link-ask-named", where=where, name=name, buttons=buttons)
    elif where:
        talk.say("link-ask", where=where, buttons=buttons)
    else:
        talk.say("link-ask-desk", buttons=buttons)
