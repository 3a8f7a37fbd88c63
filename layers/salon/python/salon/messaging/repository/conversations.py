"""Every query of conversations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from salon.messaging.domain import Channel, conversation_key
from salon.messaging.domain.dialogue import DialogueState
from salon.messaging.models import ConversationRow
from salon.platform import keys
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.errors import NotFound
from salon.platform.ids import new_id
from salon.platform.logs import logger
from salon.platform.outbox import OutboxRow, OutboxStatus

log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A chat and where its dialogue stands.

    Attributes:
        last_inbound_at: when its person last wrote; providers' windows are counted from it.
        external_user_id: whom the chat is with, in the provider's words; "" until it is known.
        is_group: more people than one read it.
        uses_text_keys: the person's app shows no keys under messages.
    """

    id: UUID
    channel: Channel
    account_id: UUID
    chat_id: str
    client_id: UUID
    state: DialogueState
    last_inbound_at: datetime | None = None
    external_user_id: str = ""
    is_group: bool = False
    uses_text_keys: bool = False


@lru_cache(maxsize=1)
def _state_adapter() -> TypeAdapter[DialogueState]:
    return TypeAdapter(DialogueState)


def open_conversation(
    session: WriteSession, *, channel: Channel, account_id: UUID, chat_id: str, client_id: UUID, now: datetime
) -> Conversation:
    """The conversation of a chat, made if it is new, with its row locked until the end of the transaction."""
    tenant_id = tenant_of(session)
    session.execute(
        pg_insert(ConversationRow)
        .values(
            id=new_id(),
            tenant_id=tenant_id,
            channel=channel,
            account_id=account_id,
            chat_id=chat_id,
            client_id=client_id,
            created_at=now,
            updated_at=now,
        )
        .on_conflict_do_nothing(constraint="uq_conversations_chat")
    )
    row = session.scalars(
        select(ConversationRow)
        .where(ConversationRow.account_id == account_id, ConversationRow.chat_id == chat_id)
        .with_for_update(key_share=True)
    ).one()
    if row.client_id != client_id:  # the chat has a new person, and `forget_former` was called for the former one
        row.client_id, row.state = client_id, None
    return _conversation(session, row)


def lock_chat(session: WriteSession, *, account_id: UUID, chat_id: str) -> tuple[UUID, UUID] | None:
    """(conversation, client) of a chat, locked until the end of the transaction; None when nobody wrote in it yet."""
    row = session.scalars(
        select(ConversationRow)
        .where(ConversationRow.account_id == account_id, ConversationRow.chat_id == chat_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    return (row.id, row.client_id) if row else None


def forget_former(session: WriteSession, conversation_id: UUID, *, now: datetime, reason: str) -> None:
    """Forget what the dialogue knew, when the person wrote, and what a `make redrive` would still send to them."""
    row = session.get_one(ConversationRow, conversation_id)
    row.state = row.last_inbound_at = row.external_user_id = None
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.conversation_id == conversation_id, OutboxRow.status == OutboxStatus.PARKED)
        .values(status=OutboxStatus.CANCELLED, done_at=now, last_error=reason)
    )
    session.flush()


def find_conversation(session: ReadSession, *, account_id: UUID, chat_id: str) -> Conversation | None:
    """The conversation of a chat."""
    row = session.scalars(
        select(ConversationRow).where(ConversationRow.account_id == account_id, ConversationRow.chat_id == chat_id)
    ).one_or_none()
    return _conversation(session, row) if row else None


def get_conversation(session: ReadSession, conversation_id: UUID) -> Conversation:
    """A conversation.

    Raises:
        NotFound: there is none.
    """
    row = session.get(ConversationRow, conversation_id)
    if row is None:
        raise NotFound("conversation", conversation_id)
    return _conversation(session, row)


def lock_latest_conversation(session: WriteSession, client_id: UUID) -> Conversation | None:
    """Where the client wrote last, locked: what is said unasked may change what «да» means."""
    latest = find_latest_conversation(session, client_id)
    if latest is None:
        return None
    query = select(ConversationRow).where(ConversationRow.id == latest.id)
    row = session.scalars(query.with_for_update(key_share=True).execution_options(populate_existing=True)).one()
    return _conversation(session, row)


def was_told(session: ReadSession, dedupe_key: str) -> bool:
    """Whether something was told, once, under this key."""
    return session.scalar(select(OutboxRow.id).where(OutboxRow.dedupe_key == dedupe_key)) is not None


def find_latest_conversation(session: ReadSession, client_id: UUID) -> Conversation | None:
    """Where the client wrote last."""
    row = session.scalars(
        select(ConversationRow)
        .where(ConversationRow.client_id == client_id)
        .order_by(ConversationRow.updated_at.desc())
        .limit(1)
    ).one_or_none()
    return _conversation(session, row) if row else None


def list_keys_of(session: ReadSession, client_id: UUID) -> list[str]:
    """What the inbox calls a client's conversations."""
    rows = session.scalars(select(ConversationRow).where(ConversationRow.client_id == client_id))
    return [conversation_key(Channel(row.channel), row.account_id, row.chat_id) for row in rows]


def blank_conversations(session: WriteSession, client_id: UUID) -> list[UUID]:
    """Forget whose chats a client's conversations were; their ids."""
    rows = session.scalars(select(ConversationRow).where(ConversationRow.client_id == client_id)).all()
    for row in rows:
        row.chat_id, row.state = f"erased:{row.id}", None  # unique, and no longer anybody's
        row.external_user_id = None  # a person's id at the messenger is the person
    return [row.id for row in rows]


def move_conversations(session: WriteSession, from_client_id: UUID, to_client_id: UUID) -> None:
    """Give one client's conversations to another, sealed anew; both are the same person."""
    query = select(ConversationRow).where(ConversationRow.client_id == from_client_id).with_for_update()
    for row in session.scalars(query.execution_options(populate_existing=True)):
        if row.state is not None:
            plain = keys.open_for_client(session, from_client_id, row.state)
            row.state = keys.seal_for_client(session, to_client_id, plain)
        row.client_id = to_client_id


def save_state(session: WriteSession, conversation: Conversation, state: DialogueState, now: datetime) -> None:
    """Remember where the dialogue stands, and the numbers that this transaction has given to options."""
    row = session.get_one(ConversationRow, conversation.id)
    numbered = session.info.get(_numbered_key(conversation.id))
    if numbered is not None:
        state = replace(state, numbered=numbered)
    plain = _state_adapter().dump_json(state).decode()
    row.state = keys.seal_for_client(session, conversation.client_id, plain)
    row.updated_at = now


def note_numbered(
    session: WriteSession, conversation: Conversation, numbered: tuple[str, ...], now: datetime, *, forgets: bool
) -> None:
    """Remember what 1, 2, 3… mean, as this transaction has said it; of several messages the last that has numbers.

    Args:
        session: the transaction.
        conversation: as it was read by this transaction.
        numbered: the payloads in order; empty when the message has none.
        now: the current instant.
        forgets: whether the message answers the person: then what an earlier transaction numbered is over, because a
            «2» that answers a newer question must not choose from an older list.
    """
    key = _numbered_key(conversation.id)
    is_over = forgets and key not in session.info and bool(conversation.state.numbered)
    if not numbered and not is_over:
        return
    session.info[key] = numbered
    query = select(ConversationRow).where(ConversationRow.id == conversation.id).with_for_update(key_share=True)
    row = session.scalars(query).one()
    save_state(session, conversation, _state_of(session, row), now)


def forget_inbound(session: WriteSession, conversation_id: UUID) -> None:
    """The provider says that its window is closed: what we knew of the person's last message was wrong."""
    session.get_one(ConversationRow, conversation_id).last_inbound_at = None


def _numbered_key(conversation_id: UUID) -> tuple[str, UUID]:
    return "numbered", conversation_id


def _read_state(plain: str) -> DialogueState:
    """The dialogue's memory; a fresh one when another release wrote what this one cannot read."""
    try:
        return _state_adapter().validate_json(plain)
    except ValidationError as error:
        log.warning("dialogue.state_unreadable", error=error)
        return DialogueState()


def _state_of(session: ReadSession, row: ConversationRow) -> DialogueState:
    if row.state is None:
        return DialogueState()
    return _read_state(keys.open_for_client(session, row.client_id, row.state))


def _conversation(session: ReadSession, row: ConversationRow) -> Conversation:
    return Conversation(
        id=row.id,
        channel=Channel(row.channel),
        account_id=row.account_id,
        chat_id=row.chat_id,
        client_id=row.client_id,
        state=_state_of(session, row),
        last_inbound_at=row.last_inbound_at,
        external_user_id=row.external_user_id or "",
        is_group=row.is_group,
        uses_text_keys=row.uses_text_keys,
    )
