"""Forgetting a person: what messaging knows besides what the client's key sealed."""

from __future__ import annotations

from datetime import datetime

from salon.clients.events import ClientErased
from salon.messaging import repository
from salon.messaging.people.use_cases import forget_client
from salon.platform import outbox
from salon.platform.db import WriteSession
from salon.platform.facts import Fact

REASON = "CLIENT_ERASED"


def on_client_erased(session: WriteSession, fact: Fact, now: datetime) -> None:
    """A subscriber: blank the chats of an erased client and drop what still waits for them.

    What they sent, voice and pictures under `message_log.media_key`, lies in the bucket until it expires there: nothing
    that hears facts has a hand in the bucket. The rule in `template.yaml` removes each object 30 days after it came,
    so none outlasts the 30 days that 152-FZ, article 21, part 5, leaves after a consent is taken back.
    """
    if not isinstance(fact, ClientErased):
        return
    for conversation_id in repository.blank_conversations(session, fact.client_id):
        outbox.cancel_conversation(session, conversation_id, now=now, reason=REASON)
        repository.cancel_queued(session, conversation_id)
    forget_client(session, fact.client_id, now)  # what the chats remembered is blank by now
