"""Every query of the client register."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, bindparam, column, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from salon.clients.domain import Client, ClientSecrets, Contact
from salon.clients.errors import ClientErased, ClientNotFound, ContactNotFound
from salon.clients.models import ChannelContactRow, ClientRow
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.ids import new_id
from salon.platform.keys import create_client_key, destroy_client_key, open_for_client, seal_for_client

LAST_DIGITS = 4
# The function looks for the nearest names with the owner's rights, in this tenant only, and says who in which order.
_MATCHES = (
    text("SELECT id, place FROM client_matches(:words, :limit) WITH ORDINALITY AS matched (tenant_id, id, place)")
    .columns(column("id", ClientRow.id.type), column("place", BigInteger))
    .subquery("matched")
)


def _client(row: ClientRow) -> Client:
    return Client(
        id=row.id,
        display_name=row.display_name,
        language=row.language,
        timezone=row.timezone,
        phone_last4=row.phone_last4,
        is_erased=row.erased_at is not None,
        birth_day=row.birth_day,
    )


def _contact(row: ChannelContactRow) -> Contact:
    return Contact(
        id=row.id,
        client_id=row.client_id,
        channel=row.channel,
        account_id=row.account_id,
        external_user_id=row.external_user_id,
        chat_id=row.chat_id,
        is_blocked=row.is_blocked,
    )


def _get_row(session: ReadSession, client_id: UUID) -> ClientRow:
    row = session.get(ClientRow, client_id)
    if row is None:
        raise ClientNotFound(client_id)
    return row


def _get_contact_row(session: ReadSession, contact_id: UUID) -> ChannelContactRow:
    row = session.get(ChannelContactRow, contact_id)
    if row is None:
        raise ContactNotFound(contact_id)
    return row


def add_client(
    session: WriteSession, *, display_name: str, language: str, timezone: str | None, now: datetime
) -> Client:
    """Store a new client and make the key that everything about that person is sealed with."""
    row = ClientRow(
        id=new_id(),
        tenant_id=tenant_of(session),
        display_name=display_name,
        language=language,
        timezone=timezone,
        created_at=now,
    )
    session.add(row)
    session.flush()
    create_client_key(session, row.id, now)
    return _client(row)


def get_client(session: ReadSession, client_id: UUID) -> Client:
    """A client.

    Raises:
        ClientNotFound: there is none.
    """
    return _client(_get_row(session, client_id))


def get_secrets(session: ReadSession, client_id: UUID) -> ClientSecrets:
    """What is encrypted about a client, opened.

    Raises:
        ClientNotFound: there is none.
        ClientErased: the client was erased.
    """
    row = _get_row(session, client_id)
    if row.erased_at is not None:
        raise ClientErased(client_id)
    sealed = {"phone": row.phone, "email": row.email, "notes": row.notes}
    return ClientSecrets(
        **{name: open_for_client(session, client_id, value) for name, value in sealed.items() if value is not None}
    )


def update_secrets(
    session: WriteSession,
    client_id: UUID,
    secrets: ClientSecrets,
    phone_index: bytes | None,
    *,
    is_phone_verified: bool = False,
) -> None:
    """Seal and store the fields of `secrets` that are not None; a number that was vouched for once stays so.

    Raises:
        ClientNotFound: there is none.
        ClientErased: the client was erased.
    """
    row = _get_row(session, client_id)
    if row.erased_at is not None:
        raise ClientErased(client_id)
    if secrets.phone is not None:
        was_verified = row.is_phone_verified and row.phone_index == phone_index
        row.is_phone_verified = is_phone_verified or was_verified
        row.phone = seal_for_client(session, client_id, secrets.phone)
        row.phone_index = phone_index
        row.phone_last4 = secrets.phone[-LAST_DIGITS:]
    if secrets.email is not None:
        row.email = seal_for_client(session, client_id, secrets.email)
    if secrets.notes is not None:
        row.notes = seal_for_client(session, client_id, secrets.notes)
    session.flush()


def update_client(
    session: WriteSession, client_id: UUID, *, display_name: str, language: str, timezone: str | None
) -> None:
    """Store what is plain about a client.

    Raises:
        ClientNotFound: there is none.
        ClientErased: the client was erased.
    """
    row = _get_row(session, client_id)
    if row.erased_at is not None:
        raise ClientErased(client_id)
    row.display_name, row.language, row.timezone = display_name, language, timezone
    session.flush()


def update_birth_day(session: WriteSession, client_id: UUID, birth_day: str | None) -> None:
    """Store a birthday, or that none is known.

    Raises:
        ClientNotFound: there is none.
        ClientErased: the client was erased.
    """
    row = _get_row(session, client_id)
    if row.erased_at is not None:
        raise ClientErased(client_id)
    row.birth_day = birth_day
    session.flush()


def list_by_phone_index(session: ReadSession, phone_index: bytes) -> list[Client]:
    """Clients with a phone, the oldest first."""
    query = select(ClientRow).where(ClientRow.phone_index == phone_index).order_by(ClientRow.id)
    return [_client(row) for row in session.scalars(query)]


def list_by_phone_last4(session: ReadSession, last4: str, limit: int) -> list[Client]:
    """Clients whose phone ends so, the oldest first."""
    query = select(ClientRow).where(ClientRow.phone_last4 == last4).order_by(ClientRow.id).limit(limit)
    return [_client(row) for row in session.scalars(query)]


def search_by_name(session: ReadSession, words: str, limit: int) -> tuple[float, list[Client]]:
    """Clients whose name is like `words` (as `catalog.domain.words.plain` makes them), the likest first.

    Returns:
        How like the likest is, 0 to 1, and the clients.
    """
    name = func.replace(func.lower(ClientRow.display_name), "ё", "е")
    query = (
        select(ClientRow, func.word_similarity(bindparam("words"), name).label("likeness"))
        .join(_MATCHES, _MATCHES.c.id == ClientRow.id)
        .order_by(_MATCHES.c.place)
    )
    rows = session.execute(query, {"words": words, "limit": limit}).all()
    return max((row.likeness for row in rows), default=0.0), [_client(row.ClientRow) for row in rows]


def list_clients(session: ReadSession, *, before: UUID | None, limit: int) -> list[Client]:
    """Clients who are not erased, the newest first; ids grow with time."""
    query = select(ClientRow).where(ClientRow.erased_at.is_(None)).order_by(ClientRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(ClientRow.id < before)
    return [_client(row) for row in session.scalars(query)]


def find_contact(session: ReadSession, *, channel: str, account_id: UUID, external_user_id: str) -> Contact | None:
    """The contact of a person at an account."""
    query = select(ChannelContactRow).where(
        ChannelContactRow.channel == channel,
        ChannelContactRow.account_id == account_id,
        ChannelContactRow.external_user_id == external_user_id,
    )
    row = session.scalars(query).one_or_none()
    return _contact(row) if row else None


def get_contact(session: ReadSession, contact_id: UUID) -> Contact:
    """A contact.

    Raises:
        ContactNotFound: there is none.
    """
    return _contact(_get_contact_row(session, contact_id))


def list_contacts(session: ReadSession, client_id: UUID) -> list[Contact]:
    """Where a client can be reached, the oldest first."""
    query = select(ChannelContactRow).where(ChannelContactRow.client_id == client_id).order_by(ChannelContactRow.id)
    return [_contact(row) for row in session.scalars(query)]


def add_client_with_contact(
    session: WriteSession,
    *,
    channel: str,
    account_id: UUID,
    external_user_id: str,
    chat_id: str,
    display_name: str,
    language: str,
    now: datetime,
) -> Contact | None:
    """Store a new client reached here; None when another transaction has just stored the same contact."""
    with session.begin_nested() as savepoint:
        client = add_client(session, display_name=display_name, language=language, timezone=None, now=now)
        statement = (
            insert(ChannelContactRow)
            .values(
                id=new_id(),
                tenant_id=tenant_of(session),
                client_id=client.id,
                channel=channel,
                account_id=account_id,
                external_user_id=external_user_id,
                chat_id=chat_id,
                is_blocked=False,
                created_at=now,
            )
            .on_conflict_do_nothing(constraint="uq_channel_contacts_external_user")
            .returning(ChannelContactRow)
        )
        row = session.scalars(statement).one_or_none()
        if row is None:
            savepoint.rollback()  # takes our half-made client back out
            return None
        return _contact(row)


def find_contact_by_chat(session: ReadSession, *, channel: str, account_id: UUID, chat_id: str) -> Contact | None:
    """Whom a chat is with; the latest where two people were reached by it one after the other."""
    row = session.scalars(
        select(ChannelContactRow)
        .where(
            ChannelContactRow.channel == channel,
            ChannelContactRow.account_id == account_id,
            ChannelContactRow.chat_id == chat_id,
        )
        .order_by(ChannelContactRow.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else _contact(row)


def update_contact_ids(session: WriteSession, contact_id: UUID, *, external_user_id: str, chat_id: str) -> bool:
    """Store how a person is called at the provider now; False when somebody else is called so."""
    row = _get_contact_row(session, contact_id)
    known = find_contact(session, channel=row.channel, account_id=row.account_id, external_user_id=external_user_id)
    if known is not None and known.id != contact_id:
        return False
    row.external_user_id, row.chat_id = external_user_id, chat_id
    session.flush()
    return True


def update_chat_id(session: WriteSession, contact_id: UUID, chat_id: str) -> None:
    """Store where an answer goes now."""
    session.execute(update(ChannelContactRow).where(ChannelContactRow.id == contact_id).values(chat_id=chat_id))


def update_blocked(session: WriteSession, contact_id: UUID, *, is_blocked: bool, now: datetime) -> bool:
    """Store whether the person has stopped the bot; whether that is news.

    Raises:
        ContactNotFound: there is none.
    """
    row = _get_contact_row(session, contact_id)
    if row.is_blocked == is_blocked:
        return False
    row.is_blocked = is_blocked
    row.blocked_at = now if is_blocked else None
    session.flush()
    return True


def erase_client(session: WriteSession, client_id: UUID, now: datetime) -> bool:
    """Blank everything that tells who a client is and destroy the key; whether there was anything to do.

    Raises:
        ClientNotFound: there is none.
    """
    row = _get_row(session, client_id)
    if row.erased_at is not None:
        return False
    row.display_name = ""
    row.phone = row.phone_index = row.email = row.notes = row.phone_last4 = row.timezone = row.birth_day = None
    row.erased_at = now
    for contact in session.scalars(select(ChannelContactRow).where(ChannelContactRow.client_id == client_id)):
        contact.external_user_id = f"erased:{contact.id}"  # unique, and no longer anybody
        contact.chat_id = ""
        contact.is_blocked = True
        contact.blocked_at = now
    destroy_client_key(session, client_id, now)
    session.flush()
    return True
