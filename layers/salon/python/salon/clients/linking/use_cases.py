"""One person in several messengers.

A phone that somebody has typed proves nothing: whoever knows a number could read its owner's bookings. So the question
is always put where a messenger vouches for the phone, and that person's yes is the consent.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from salon.clients.linking import repository
from salon.clients.linking.domain import (
    ASKED_AGAIN_AFTER,
    ASKED_AT_MOST,
    ASKED_WITHIN,
    OPEN_FOR,
    Link,
    LinkStatus,
    survivor,
)
from salon.clients.linking.errors import ClientsNotMergeable, LinkOver
from salon.clients.linking.events import ClientMerged
from salon.identity.domain import Actor
from salon.identity.use_cases import record_audit
from salon.platform.db import ReadSession, WriteSession
from salon.platform.outbox import emit


def propose_link(session: WriteSession, client_id: UUID, *, now: datetime) -> Link | None:
    """A question whether this client is also another one with the same phone; None when there is nobody to ask.

    Nobody is asked about the same two while a question is open, nor for three months after a no; nor is anybody asked
    about a third one while a question is open, or more than twice in thirty days: a stranger may type any number.
    """
    mine = repository.is_phone_verified(session, client_id)
    for other_id, is_verified in repository.list_same_phone(session, client_id):
        if not mine and not (is_verified and repository.has_contact(session, other_id)):
            continue
        if repository.find_links(session, client_id, other_id, since=now - ASKED_AGAIN_AFTER):
            continue
        asked, other = (client_id, other_id) if mine else (other_id, client_id)
        if _was_asked_enough(session, asked, now):
            continue
        return repository.add_link(session, asked, other, now=now, expires_at=now + OPEN_FOR)
    return None


def _was_asked_enough(session: ReadSession, client_id: UUID, now: datetime) -> bool:
    asked = repository.list_asked(session, client_id, since=now - ASKED_WITHIN)
    is_open = any(one.status is LinkStatus.OPEN and one.expires_at > now for one in asked)
    return is_open or len(asked) >= ASKED_AT_MOST


def take_link(session: WriteSession, link_id: UUID, *, client_id: UUID, accepts: bool, now: datetime) -> Link:
    """Note the answer to a question; merging is the caller's next step.

    Raises:
        LinkNotFound: there is no such question.
        LinkOver: it was answered, is too old, or was put to somebody else.
    """
    row = repository.lock_link(session, link_id)
    if row.client_id != client_id or row.status != LinkStatus.OPEN or row.expires_at <= now:
        raise LinkOver
    row.status, row.done_at = LinkStatus.ACCEPTED if accepts else LinkStatus.DECLINED, now
    return Link(
        id=row.id,
        client_id=row.client_id,
        other_client_id=row.other_client_id,
        status=LinkStatus(row.status),
        expires_at=row.expires_at,
    )


def merge_clients(session: WriteSession, one: UUID, other: UUID, *, actor: Actor, now: datetime) -> tuple[UUID, UUID]:
    """Make one client of two: contacts move, gaps are filled; who stays, and who is gone.

    What other modules know of the one who is gone they move themselves, in the same transaction; what was sealed with
    that one's key stays so, and is erased together with the one who stays.

    Raises:
        ClientsNotMergeable: they are the same, or one was erased or merged before.
    """
    kept_id, gone_id = survivor(one, other)
    rows = repository.lock_clients(session, kept_id, gone_id)
    if kept_id == gone_id or len(rows) != len({kept_id, gone_id}):
        raise ClientsNotMergeable("two different ones are needed")
    if any(row.erased_at is not None for row in rows.values()):
        raise ClientsNotMergeable("one was erased")
    if any(row.merged_into_id is not None for row in rows.values()):
        raise ClientsNotMergeable("one was merged before")
    repository.move_contacts(session, gone_id, kept_id)
    repository.fill_from(session, rows[kept_id], rows[gone_id])
    record_audit(
        session,
        action="client.merged",
        subject="client",
        subject_id=kept_id,
        actor=actor,
        now=now,
        data={"merged_client_id": str(gone_id)},
    )
    emit(session, ClientMerged(occurred_at=now, client_id=kept_id, merged_client_id=gone_id))
    return kept_id, gone_id


def current_id(session: ReadSession, client_id: UUID) -> UUID:
    """The client that this one is now; itself, unless it was merged."""
    return repository.current_id(session, client_id)
