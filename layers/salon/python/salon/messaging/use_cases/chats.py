"""Opening the chat that a message came in, and noticing that it has become somebody else's."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from salon.clients import use_cases as clients
from salon.clients.linking.use_cases import current_id
from salon.identity.domain import system
from salon.messaging import repository
from salon.messaging.domain import Channel
from salon.messaging.people import repository as people
from salon.messaging.people.domain import HandoverOutcome
from salon.messaging.people.use_cases import handovers
from salon.messaging.repository import Conversation
from salon.platform import outbox_turns
from salon.platform.db import WriteSession

ACTOR = system("chats")
REASON = "PERSON_CHANGED"


def open_conversation(
    session: WriteSession, *, channel: Channel, account_id: UUID, chat_id: str, client_id: UUID, now: datetime
) -> Conversation:
    """The conversation of a chat, locked; when another person writes in it now, nothing of the former one is left.

    Operators give numbers that were given up to somebody else: in WhatsApp such a chat keeps its id, and only the
    person's own id is another one (facts/channels.md §4.3, BSUID). An erased client who comes back is another one, too.
    """
    known = repository.lock_chat(session, account_id=account_id, chat_id=chat_id)
    if known is not None:
        client_id = current_id(session, client_id)  # two clients may have become one while we waited for the lock
        conversation_id, former_id = known
        if former_id != client_id:
            _leave(session, conversation_id, now)
            _block_contacts(session, former_id, account_id, chat_id, now)
    return repository.open_conversation(
        session, channel=channel, account_id=account_id, chat_id=chat_id, client_id=client_id, now=now
    )


def _leave(session: WriteSession, conversation_id: UUID, now: datetime) -> None:
    """End what the former person had here: staff rights, a human's answers, messages on their way."""
    repository.forget_former(session, conversation_id, now=now, reason=REASON)
    outbox_turns.cancel_conversation(session, conversation_id, now=now, reason=REASON)
    repository.cancel_queued(session, conversation_id)
    people.end_contact_of(session, conversation_id, now)
    live = people.find_live(session, conversation_id)
    if live is not None:  # whoever answered would be answering a stranger
        handovers.close(session, live, HandoverOutcome.RETURNED, ACTOR, now)


def _block_contacts(session: WriteSession, former_id: UUID, account_id: UUID, chat_id: str, now: datetime) -> None:
    """The former person cannot be reached here any more, until they write from this chat again."""
    for contact in clients.list_contacts(session, former_id):
        if contact.account_id == account_id and contact.chat_id == chat_id:
            clients.mark_blocked(session, contact.id, actor=ACTOR, now=now)
