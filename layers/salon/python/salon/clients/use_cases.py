"""What a person does with the client register."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from salon.catalog.domain.words import plain, retyped
from salon.catalog.repository.words import keyboard_layout
from salon.clients import repository
from salon.clients.consents import use_cases as consents
from salon.clients.domain import Client, ClientSecrets, Contact, check_birth_day, normalise_phone
from salon.clients.errors import PhoneInvalid
from salon.clients.events import ClientErased, ClientUpserted
from salon.clients.linking.repository import list_merged
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

set_consent = consents.set_consent
has_consent = consents.has_consent
find_consent = consents.find_consent
list_consents = consents.list_consents
list_same_person = consents.list_same_person


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

    Two first messages at once make one client. A chat that moved is followed, and so is somebody whom the provider
    calls by another id from now on, in the same chat (facts/channels.md §4.3, BSUID).
    """
    found = repository.find_contact(session, channel=channel, account_id=account_id, external_user_id=external_user_id)
    if found is None:
        found = _under_another_id(session, channel, account_id, external_user_id, chat_id)
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
            _tell(session, "client.created", made.client_id, actor, now, channel=channel)
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
    _tell(session, "client.created", client.id, actor, now)
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
    _tell(session, "client.changed", client_id, actor, now)


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


def find_contact(
    session: ReadSession, *, channel: str, account_id: UUID, external_user_id: str, chat_id: str
) -> Contact | None:
    """The contact of a person or, where the person's id says nothing, of the chat."""
    found = repository.find_contact(session, channel=channel, account_id=account_id, external_user_id=external_user_id)
    return found or repository.find_contact_by_chat(session, channel=channel, account_id=account_id, chat_id=chat_id)


def renumber_contact(
    session: WriteSession, contact_id: UUID, *, external_user_id: str, chat_id: str, actor: Actor, now: datetime
) -> bool:
    """The provider calls a person otherwise from now on; False when somebody else has that name already.

    Raises:
        ContactNotFound: there is none.
    """
    if not repository.update_contact_ids(session, contact_id, external_user_id=external_user_id, chat_id=chat_id):
        return False
    _audit_contact(session, "channel_contact.renumbered", contact_id, actor, now)
    return True


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


def set_phone(
    session: WriteSession, client_id: UUID, phone: str, *, actor: Actor, now: datetime, is_verified: bool = False
) -> None:
    """Store a client's phone, sealed; it is found again by its blind index or its last four digits.

    Args:
        session: the transaction.
        client_id: whose.
        phone: as it was written.
        actor: who says so.
        now: the current instant.
        is_verified: a messenger vouches that it is this person's own. A number that was vouched for once stays so.

    Raises:
        PhoneInvalid: it cannot be a phone number.
        ClientNotFound: there is no such client.
        ClientErased: the client was erased.
    """
    number = normalise_phone(phone)
    index = blind_index(session, number, purpose=PHONE_PURPOSE)
    repository.update_secrets(session, client_id, ClientSecrets(phone=number), index, is_phone_verified=is_verified)
    _tell(session, "client.phone_set", client_id, actor, now)


def set_email(session: WriteSession, client_id: UUID, email: str, *, actor: Actor, now: datetime) -> None:
    """Store a client's e-mail address, sealed.

    Raises:
        ClientNotFound: there is no such client.
        ClientErased: the client was erased.
    """
    repository.update_secrets(session, client_id, ClientSecrets(email=email.strip()), None)
    _tell(session, "client.email_set", client_id, actor, now)


def set_notes(session: WriteSession, client_id: UUID, notes: str, *, actor: Actor, now: datetime) -> None:
    """Store the salon's notes about a client, sealed.

    Raises:
        ClientNotFound: there is no such client.
        ClientErased: the client was erased.
    """
    repository.update_secrets(session, client_id, ClientSecrets(notes=notes), None)
    _tell(session, "client.notes_set", client_id, actor, now)


def set_birth_day(
    session: WriteSession, client_id: UUID, birth_day: str | None, *, actor: Actor, now: datetime
) -> None:
    """Store a client's birthday as `MM-DD`, or forget it.

    Raises:
        BirthDayInvalid: there is no such day.
        ClientNotFound: there is no such client.
        ClientErased: the client was erased.
    """
    repository.update_birth_day(session, client_id, check_birth_day(birth_day) if birth_day is not None else None)
    _tell(session, "client.birth_day_set", client_id, actor, now)


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
        for merged_id in list_merged(session, client_id):  # the same person, under an earlier key
            erase_client(session, merged_id, actor=actor, now=now)


def _tell(session: WriteSession, action: str, client_id: UUID, actor: Actor, now: datetime, **data: object) -> None:
    """Audit a change, and tell whoever mirrors our clients; of several changes in one transaction once is enough."""
    _audit(session, action, client_id, actor, now, **data)
    fact = ClientUpserted(occurred_at=now, client_id=client_id)
    emit(session, fact, dedupe_key=f"{fact.name}:{client_id}:{now:%Y%m%dT%H%M%S.%f}")


def _audit(session: WriteSession, action: str, client_id: UUID, actor: Actor, now: datetime, **data: object) -> None:
    record_audit(
        session, action=action, subject="client", subject_id=client_id, actor=actor, now=now, data=data or None
    )


def _audit_contact(session: WriteSession, action: str, contact_id: UUID, actor: Actor, now: datetime) -> None:
    record_audit(session, action=action, subject="channel_contact", subject_id=contact_id, actor=actor, now=now)


def _under_another_id(
    session: WriteSession, channel: str, account_id: UUID, external_user_id: str, chat_id: str
) -> Contact | None:
    """The contact of a chat whose person was known by the chat's own id so far, or is named by it now.

    Of two ids that are both a person's own, each is a person: a number may have been given to somebody else.
    """
    known = repository.find_contact_by_chat(session, channel=channel, account_id=account_id, chat_id=chat_id)
    if known is None or chat_id not in {known.external_user_id, external_user_id}:
        return None
    if known.external_user_id == chat_id and not repository.update_contact_ids(
        session, known.id, external_user_id=external_user_id, chat_id=chat_id
    ):
        return None
    return repository.get_contact(session, known.id)
