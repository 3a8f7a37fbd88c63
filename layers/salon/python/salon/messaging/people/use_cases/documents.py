"""Documents that the salon's people hand in by a messenger: their jobs, and what is told of them in the same chat."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from salon.identity.domain import Actor, ActorKind
from salon.intake.domain import NewUpload, Reason, UploadSource
from salon.intake.events import JobDone, JobFailed
from salon.intake.use_cases.uploads import announce_upload
from salon.intake.use_cases.wording import reason_in_words
from salon.messaging.domain import Attachment, Purpose
from salon.messaging.people import repository
from salon.messaging.people.use_cases.binding import find_staff
from salon.messaging.use_cases.say import Reply, say
from salon.messaging.use_cases.words import salon_texts
from salon.platform.db import WriteSession
from salon.platform.facts import Fact
from salon.platform.inbox import InboxItem
from salon.platform.subscribers import React
from salon.platform.texts import Texts

LASTS = timedelta(hours=1)
"""The file is in our hands already: only a crash lies between this and the bucket, and the inbox comes back for it."""


def expect_document(
    session: WriteSession, item: InboxItem, conversation_id: UUID, attachment: Attachment, kind: str, *, now: datetime
) -> None:
    """Queue the job of a document before it is stored under its inbox row's id; again, it changes nothing.

    Args:
        session: the transaction.
        item: the message that it came with.
        conversation_id: the chat that is to hear what came of it.
        attachment: as the messenger describes it.
        kind: the type that it is stored as.
        now: the current instant.
    """
    sender = find_staff(session, conversation_id)
    if sender is None:  # unbound a moment ago
        return
    new = NewUpload(
        file_name=attachment.name or "",
        content_type=kind[:100],
        source=UploadSource.MESSENGER,
        conversation_id=conversation_id,
        upload_id=item.inbox_id,
    )
    announce_upload(session, new, actor=Actor(ActorKind.USER, str(sender.user_id)), now=now, lasts=LASTS)


def tell_of_documents(public_url: str | None) -> React:
    """A subscriber to `job.done` and `job.failed`: whoever sent a document by a messenger hears there what came of it.

    Args:
        public_url: where the console is, whose page of the job leads to the draft; without it no link is sent.
    """
    console = f"{public_url.rstrip('/')}/console" if public_url else None

    def on_job_settled(session: WriteSession, fact: Fact, now: datetime) -> None:
        if not isinstance(fact, JobDone | JobFailed) or fact.conversation_id is None:
            return
        if isinstance(fact, JobFailed) and fact.reason_code == Reason.UPLOAD_EXPIRED:
            return  # it was never stored, and the chat has heard that the message could not be handled
        if find_staff(session, fact.conversation_id) is None:  # not theirs any more: a client may have the chat now
            return
        conversation = repository.get_conversation(session, fact.conversation_id)
        said = _words_for(fact, salon_texts(session))
        if console is not None and isinstance(fact, JobDone):
            said = f"{said}\n{console}/jobs/{fact.same_as or fact.job_id}"
        say(session, conversation, Reply(said), now, purpose=Purpose.NOTICE)

    return on_job_settled


def _words_for(fact: JobDone | JobFailed, words: Texts) -> str:
    if isinstance(fact, JobFailed):
        return words.say("intake-job-failed", reason=reason_in_words(fact.reason_code, words))
    if fact.same_as is not None:
        return words.say("intake-job-same")
    return words.say("intake-job-done", lines=fact.lines)
