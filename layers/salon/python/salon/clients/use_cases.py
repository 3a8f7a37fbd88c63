"""What a person does with the client register."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from salon.catalog.domain.words import plain, retyped
from salon.catalog.repository.words import keyboard_layout
from salon.clients import repository
from salon.clients.domain import Client, ClientSecrets, Contact, normalise_phone
from salon.clients.errors import PhoneInvalid
from salon.clients.events import ClientErased
from salon.identity.domain import Actor
from salon.identity.use_cases import record_audit
from salon.platform.db import ReadSession, WriteSession
from salon.platform.errors import SalonError
from salon.platform.keys import blind_index
from salon.platform.outbox import emit
from salon.platform.timeranges import zone

PHONE_PURPOSE = "client.phone"
MATCHES_SHOWN = 50
FEWEST_DIGITS = 4  # of a phone, that anybody can be found by


def find_or_create_by_contact(
    session: WriteSession,
    *,
    channel: str,
    account_id: UUID,
    external_user_id: str,
    chat_id: str,
    actor: Actor,
    now: datetime,
    display_name: str = "",
    language: str = "ru",
) -> Contact:
    """The contact of whoever writes to us at an account; the first message makes a client.

    Two first messages at once make one client. A chat that moved is followed.
    """
    found = repository.find_contact(session, channel=channel, account_id=account_id, external_user_id=external_user_id)
    if found is None:
        made = repository.add_client_with_contact(
            session,
            channel=channel,
            account_id=account_id,
            external_user_id=external_user_id,
            chat_id=chat_id,
            display_name=display_name,
            language=language,
            now=now,
        )
        if made is not None:
            _audit(session, "client.created", made.client_id, actor, now, channel=channel)
            return made
        found = repository.find_contact(
            session, channel=channel, account_id=account_id, external_user_id=external_user_id
        )
        if found is None:
            raise SalonError("A contact was there and then was not.")
    if found.chat_id != chat_id:
        repository.update_chat_id(session, found.id, chat_id)
        return repository.get_contact(session, found.id)
    return found


def create_client(
    session: WriteSession,
    *,
    display_name: str,
    actor: Actor,
    now: datetime,
    language: str = "ru",
    timezone: str | None = None,
) -> Client:
    """Register a client who came without a messenger: by telephone or in person."""
    if timezone is not None:
        zone(timezone)
    client = repository.add_client(session, display_name=display_name, language=language, timezone=timezone, now=now)
    _audit(session, "client.created", client.id, actor, now)
    return client


def change_client(
    session: WriteSession,
    client_id: UUID,
    *,
    display_name: str,
    language: str,
    timezone: str | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Replace what is plain about a client.

    Raises:
        ClientNotFound: there is none.
        ClientErased: the client was erased.
    """
    if timezone is not None:
        zone(timezone)
    repository.update_client(session, client_id, display_name=display_name, language=language, timezone=timezone)
    _audit(session, "client.changed", client_id, actor, now)


def get_client(session: ReadSession, client_id: UUID) -> Client:
    """A client.

    Raises:
        ClientNotFound: there is none.
    """
    return repository.get_client(session, client_id)


def get_contact(session: ReadSession, contact_id: UUID) -> Contact:
    """A channel contact.

    Raises:
        ContactNotFound: there is none.
    """
    return repository.get_contact(session, contact_id)


def list_contacts(session: ReadSession, client_id: UUID) -> list[Contact]:
    """Where a client can be reached, the oldest first."""
    return repository.list_contacts(session, client_id)


def mark_blocked(session: WriteSession, contact_id: UUID, *, actor: Actor, now: datetime) -> None:
    """The person has stopped the bot: nothing can be sent there until they come back.

    Raises:
        ContactNotFound: there is none.
    """
    if repository.update_blocked(session, contact_id, is_blocked=True, now=now):
        _audit_contact(session, "channel_contact.blocked", contact_id, actor, now)


def mark_unblocked(session: WriteSession, contact_id: UUID, *, actor: Actor, now: datetime) -> None:
    """The person has come back.

    Raises:
        ContactNotFound: there is none.
    """
    if repository.update_blocked(session, contact_id, is_blocked=False, now=now):
        _audit_contact(session, "channel_contact.unblocked", contact_id, actor, now)


def set_phone(session: WriteSession, client_id: UUID, phone: str, *, actor: Actor, now: datetime) -> None:
    """Store a client's phone, sealed; it is found again by its blind index or its last four digits.

    Raises:
        PhoneInvalid: it cannot be a phone number.
        ClientNotFound: there is no such client.
        ClientErased: the client was erased.
    """
    number = normalise_phone(phone)
    index = blind_index(session, number, purpose=PHONE_PURPOSE)
    repository.update_secrets(session, client_id, ClientSecrets(phone=number), index)
    _audit(session, "client.phone_set", client_id, actor, now)


def set_email(session: WriteSession, client_id: UUID, email: str, *, actor: Actor, now: datetime) -> None:
    """Store a client's e-mail address, sealed.

    Raises:
        ClientNotFound: there is no such client.
        ClientErased: the client was erased.
    """
    repository.update_secrets(session, client_id, ClientSecrets(email=email.strip()), None)
    _audit(session, "client.email_set", client_id, actor, now)


def set_notes(session: WriteSession, client_id: UUID, notes: str, *, actor: Actor, now: datetime) -> None:
    """Store the salon's notes about a client, sealed.

    Raises:
        ClientNotFound: there is no such client.
        ClientErased: the client was erased.
    """
    repository.update_secrets(session, client_id, ClientSecrets(notes=notes), None)
    _audit(session, "client.notes_set", client_id, actor, now)


def read_secrets(session: ReadSession, client_id: UUID) -> ClientSecrets:
    """Phone, e-mail and notes in the clear, for a person who may see them.

    Raises:
        ClientNotFound: there is no such client.
        ClientErased: the client was erased.
    """
    return repository.get_secrets(session, client_id)


def find_clients_by_phone(session: ReadSession, phone: str) -> list[Client]:
    """Clients with this very number, the oldest first.

    Raises:
        PhoneInvalid: it cannot be a phone number.
    """
    index = blind_index(session, normalise_phone(phone), purpose=PHONE_PURPOSE)
    return repository.list_by_phone_index(session, index)


def find_clients_by_last_digits(session: ReadSession, last4: str) -> list[Client]:
    """At most 50 clients whose phone ends with these four digits, the oldest first."""
    return repository.list_by_phone_last4(session, last4, MATCHES_SHOWN)


def search_clients(session: ReadSession, text: str, limit: int = MATCHES_SHOWN) -> list[Client]:
    """Clients by what somebody at the desk types: a name, a phone, or its last digits. The erased are not found.

    Names are found with typos, in any order of their words, in any letter case, with «е» for «ё» and typed on the
    other keyboard layout; the likest come first. A whole number is found by its blind index, four digits and more by
    the last four of them. Nothing looks like nothing.
    """
    digits = "".join(letter for letter in text if letter.isdecimal())
    if len(digits) >= FEWEST_DIGITS:
        try:
            found = find_clients_by_phone(session, text)
        except PhoneInvalid:
            found = []
        return (found or repository.list_by_phone_last4(session, digits[-FEWEST_DIGITS:], limit))[:limit]
    words = plain(text)
    if not words:
        return []
    likeness, found = repository.search_by_name(session, words, limit)
    other = retyped(words, keyboard_layout())
    if other:  # «fyyf»: the likeliest reading is the one that a name is likest to
        other_likeness, others = repository.search_by_name(session, other, limit)
        found = others if other_likeness > likeness else found
    return found


def list_clients(session: ReadSession, *, before: UUID | None = None, limit: int = MATCHES_SHOWN) -> list[Client]:
    """A page of the clients who are not erased, the newest first.

    Args:
        session: reading is enough.
        before: the last client of the page before this one; None for the first page.
        limit: at most so many; fewer means that there are no more.
    """
    return repository.list_clients(session, before=before, limit=limit)


def erase_client(session: WriteSession, client_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Forget a person: the key is destroyed, plain fields are blanked; bookings stay, as figures about nobody.

    Erasing twice changes nothing. Somebody who writes again afterwards is a new client.

    Raises:
        ClientNotFound: there is no such client.
    """
    if repository.erase_client(session, client_id, now):
        _audit(session, "client.erased", client_id, actor, now)
        emit(session, ClientErased(occurred_at=now, client_id=client_id))


def _audit(session: WriteSession, action: str, client_id: UUID, actor: Actor, now: datetime, **data: object) -> None:
    record_audit(
        session, action=action, subject="client", subject_id=client_id, actor=actor, now=now, data=data or None
    )


def _audit_contact(session: WriteSession, action: str, contact_id: UUID, actor: Actor, now: datetime) -> None:
    record_audit(session, action=action, subject="channel_contact", subject_id=contact_id, actor=actor, now=now)
