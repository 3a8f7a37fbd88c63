"""Agreeing and taking it back. What counts is what a person said last, under whichever of their merged rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from salon.clients import repository as register
from salon.clients.consents import repository
from salon.clients.domain import Consent, ConsentPurpose
from salon.clients.errors import ClientErased, ClientNotFound
from salon.clients.events import ConsentChanged
from salon.identity.domain import Actor
from salon.identity.use_cases import record_audit
from salon.platform.db import ReadSession, WriteSession
from salon.platform.outbox import emit

CONSENTS_SHOWN = 200
ASK_AGAIN_AFTER = timedelta(days=180)
"""Whoever was asked about news, and did not say yes, is left in peace so long."""


def set_consent(
    session: WriteSession,
    client_id: UUID,
    purpose: ConsentPurpose,
    *,
    is_given: bool,
    channel: str,
    wording_version: str,
    actor: Actor,
    now: datetime,
) -> Consent:
    """Note that a client agrees to something, or takes it back. Agreeing to the same words again changes nothing.

    Args:
        session: the transaction.
        client_id: who; a merged row stands for the person that it was merged into.
        purpose: to what.
        is_given: whether they agree.
        channel: where it was said: a messenger, `site`, `desk`.
        wording_version: of the text that was agreed to (`domain.wording_version`).
        actor: who wrote it down: the client, or the user whom the client told.
        now: when.

    Raises:
        ClientNotFound: there is none.
        ClientErased: the client was erased.
    """
    same = repository.list_same_person(session, client_id)
    if not same:
        raise ClientNotFound(client_id)
    if register.get_client(session, client_id).is_erased:
        raise ClientErased(client_id)
    latest = repository.find_latest(session, same, purpose)
    if latest is not None and is_given and latest.is_given and latest.wording_version == wording_version:
        return latest
    said = repository.add_consent(
        session,
        same[0],
        purpose,
        is_given=is_given,
        channel=channel,
        wording_version=wording_version,
        actor=actor,
        now=now,
    )
    record_audit(
        session,
        action="client.consent_given" if is_given else "client.consent_withdrawn",
        subject="client",
        subject_id=same[0],
        actor=actor,
        now=now,
        data={"purpose": purpose, "channel": channel, "wording_version": wording_version},
    )
    if latest is None or latest.is_given is not is_given:
        emit(session, ConsentChanged(occurred_at=now, client_id=same[0], purpose=purpose, is_given=is_given))
    return said


def has_consent(session: ReadSession, client_id: UUID, purpose: ConsentPurpose) -> bool:
    """Whether a person agrees to this now."""
    latest = find_consent(session, client_id, purpose)
    return latest is not None and latest.is_given


def find_consent(session: ReadSession, client_id: UUID, purpose: ConsentPurpose) -> Consent | None:
    """What a person said last for a purpose; None when they were never asked or never answered."""
    return repository.find_latest(session, repository.list_same_person(session, client_id), purpose)


def list_consents(session: ReadSession, client_id: UUID) -> list[Consent]:
    """Everything that a person agreed to and took back, the latest first; for the desk and for the person's export.

    Raises:
        ClientNotFound: there is none.
    """
    same = repository.list_same_person(session, client_id)
    if not same:
        raise ClientNotFound(client_id)
    return repository.list_consents(session, same, CONSENTS_SHOWN)


def list_same_person(session: ReadSession, client_id: UUID) -> list[UUID]:
    """The rows that are one person: the one that has the contacts first. Empty when there is no such client."""
    return repository.list_same_person(session, client_id)


def may_ask_for_marketing(session: ReadSession, client_id: UUID, *, now: datetime) -> bool:
    """Whether a person may be asked if they want news: neither agreed, nor asked or refused in the last half year."""
    same = repository.list_same_person(session, client_id)
    latest = repository.find_latest(session, same, ConsentPurpose.MARKETING)
    if latest is not None and (latest.is_given or now - latest.at < ASK_AGAIN_AFTER):
        return False
    asked_at = repository.find_marketing_asked_at(session, same)
    return asked_at is None or now - asked_at >= ASK_AGAIN_AFTER


def note_marketing_asked(session: WriteSession, client_id: UUID, *, now: datetime) -> None:
    """They were asked; whatever comes of it, not again soon."""
    repository.set_marketing_asked(session, client_id, now)
