"""Forgetting a person: what messaging knows besides what the client's key sealed, and what they sent us as files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from salon.clients.events import ClientErased
from salon.messaging import repository
from salon.messaging.people.use_cases import forget_client
from salon.messaging.repository import media
from salon.messaging.use_cases.receive_media import STORED
from salon.platform import inbox, outbox_turns
from salon.platform.db import WriteSession, tenant_of
from salon.platform.facts import Fact
from salon.platform.logs import logger
from salon.platform.storage import ObjectStorage
from salon.platform.subscribers import UNFINISHED, React
from salon.understanding.speech.use_cases import forget_words

log = logger(__name__)
REASON = "CLIENT_ERASED"
IN_THE_BUCKET = timedelta(days=31)
"""How long a file can have lain there: the bucket's own rule in `template.yaml` removes it after 30 days."""

AT_ONCE = 200
"""Files that one delivery removes: its transaction waits for the bucket."""


def on_client_erased(session: WriteSession, fact: Fact, now: datetime) -> None:
    """A subscriber: blank the chats of an erased client, drop what waits for them, and what they said unanswered.

    That is what could not be handled, and what had come before they were erased and is held: a voice message that is
    being listened to. What they write afterwards is a stranger's.

    Their voice and pictures are removed by another subscriber, `forget_files`, which has a hand in the bucket.
    """
    if not isinstance(fact, ClientErased):
        return
    unhandled = _unhandled_of(session, fact)
    blanked = repository.blank_conversations(session, fact.client_id)  # in the order in which a worker locks them
    inbox.forget(session, unhandled, now)
    forget_words(session, unhandled, now)
    for conversation_id in blanked:
        outbox_turns.cancel_conversation(session, conversation_id, now=now, reason=REASON)
        repository.cancel_queued(session, conversation_id)
    forget_client(session, fact.client_id, now)  # what the chats remembered is blank by now


def forget_files(storage: Callable[[], ObjectStorage], *, at_once: int = AT_ONCE) -> React:
    """A subscriber, told before `on_client_erased`: remove what an erased client sent us as files, and said by voice.

    A file may be removed twice, when the transaction behind it fails, and its row is blanked only after it is gone:
    a bucket that cannot be reached makes the fact come back, and so do more than `at_once` files. After a bucket that
    was down, the files of messages that were never handled are not found any more, their chats being blank, and the
    bucket's own rule removes them. Papers that were handed in for the salon stay.

    Args:
        storage: the media bucket.
        at_once: files that one delivery removes.
    """

    def forget(session: WriteSession, fact: Fact, now: datetime) -> str | None:
        if not isinstance(fact, ClientErased):
            return None
        sent = media.list_sent_files(session, fact.client_id, since=now - IN_THE_BUCKET)
        unhandled = _unhandled_of(session, fact)
        removed = sent[:at_once]
        for key in (*(file.media_key for file in removed), *_keys_of(tenant_of(session), unhandled)):
            storage().delete(key)
        forget_words(session, [file.inbox_id for file in removed if file.inbox_id is not None], now)
        media.blank_media_keys(session, [file.message_id for file in removed])
        log.info("files.forgotten", files=len(removed), left=len(sent) - len(removed), unhandled=len(unhandled))
        return UNFINISHED if len(sent) > len(removed) else None

    return forget


def _unhandled_of(session: WriteSession, fact: ClientErased) -> list[UUID]:
    keys = repository.list_keys_of(session, fact.client_id)
    return inbox.list_unhandled_of(session, keys, until=fact.occurred_at)


def _keys_of(tenant_id: UUID, inbox_ids: Iterable[UUID]) -> Iterator[str]:
    """Wherever the files of messages may lie; removing what is not there does no harm."""
    for inbox_id in inbox_ids:
        for prefix in sorted(set(STORED.values())):
            yield f"{prefix}/{tenant_id}/{inbox_id}"
