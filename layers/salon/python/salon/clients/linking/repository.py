"""Every query of linking."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select, update

from salon.clients.linking.domain import Link, LinkStatus
from salon.clients.linking.errors import LinkNotFound
from salon.clients.models import ChannelContactRow, ClientLinkRow, ClientRow
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.ids import new_id
from salon.platform.keys import open_for_client, seal_for_client


def list_same_phone(session: ReadSession, client_id: UUID) -> list[tuple[UUID, bool]]:
    """(id, whether a messenger vouches for the phone) of other clients with this client's phone, the oldest first."""
    mine = select(ClientRow.phone_index).where(ClientRow.id == client_id).scalar_subquery()
    rows = session.execute(
        select(ClientRow.id, ClientRow.is_phone_verified)
        .where(
            ClientRow.phone_index == mine,
            ClientRow.id != client_id,
            ClientRow.merged_into_id.is_(None),
            ClientRow.erased_at.is_(None),
        )
        .order_by(ClientRow.id)
    )
    return [(row.id, row.is_phone_verified) for row in rows]


def is_phone_verified(session: ReadSession, client_id: UUID) -> bool:
    """Whether a messenger vouches for the client's phone."""
    return bool(session.scalar(select(ClientRow.is_phone_verified).where(ClientRow.id == client_id)))


def has_contact(session: ReadSession, client_id: UUID) -> bool:
    """Whether the client can be written to."""
    found = select(ChannelContactRow.id).where(
        ChannelContactRow.client_id == client_id, ChannelContactRow.is_blocked.is_(False)
    )
    return session.scalar(found.limit(1)) is not None


def current_id(session: ReadSession, client_id: UUID) -> UUID:
    """The client that this one is now; itself, unless it was merged."""
    seen = client_id
    while (into := session.scalar(select(ClientRow.merged_into_id).where(ClientRow.id == seen))) is not None:
        seen = into
    return seen


def list_merged(session: ReadSession, client_id: UUID) -> list[UUID]:
    """The clients that have become this one, at first hand."""
    return list(session.scalars(select(ClientRow.id).where(ClientRow.merged_into_id == client_id)))


def find_links(session: ReadSession, client_id: UUID, other_client_id: UUID, *, since: datetime) -> list[LinkStatus]:
    """What became of the questions about these two since an instant; an open one counts however old."""
    pair = or_(
        (ClientLinkRow.client_id == client_id) & (ClientLinkRow.other_client_id == other_client_id),
        (ClientLinkRow.client_id == other_client_id) & (ClientLinkRow.other_client_id == client_id),
    )
    query = select(ClientLinkRow.status).where(pair, ClientLinkRow.created_at >= since)
    return [LinkStatus(status) for status in session.scalars(query)]


def list_asked(session: ReadSession, client_id: UUID, *, since: datetime) -> list[Link]:
    """The questions that were put to a client since an instant, whoever they were about."""
    query = select(ClientLinkRow).where(ClientLinkRow.client_id == client_id, ClientLinkRow.created_at >= since)
    return [_link(row) for row in session.scalars(query)]


def add_link(
    session: WriteSession, client_id: UUID, other_client_id: UUID, *, now: datetime, expires_at: datetime
) -> Link:
    """A new question; an older one to the same client is over."""
    session.execute(
        update(ClientLinkRow)
        .where(ClientLinkRow.client_id == client_id, ClientLinkRow.status == LinkStatus.OPEN)
        .values(status=LinkStatus.EXPIRED, done_at=now)
    )
    row = ClientLinkRow(
        id=new_id(),
        tenant_id=tenant_of(session),
        client_id=client_id,
        other_client_id=other_client_id,
        status=LinkStatus.OPEN,
        created_at=now,
        expires_at=expires_at,
    )
    session.add(row)
    session.flush()
    return _link(row)


def lock_link(session: WriteSession, link_id: UUID) -> ClientLinkRow:
    """A question, to be answered.

    Raises:
        LinkNotFound: there is none.
    """
    row = session.get(ClientLinkRow, link_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise LinkNotFound(link_id)
    return row


def lock_clients(session: WriteSession, *client_ids: UUID) -> dict[UUID, ClientRow]:
    """Clients by id, locked in the order of their ids."""
    rows = session.scalars(
        select(ClientRow)
        .where(ClientRow.id.in_(client_ids))
        .order_by(ClientRow.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}


def move_contacts(session: WriteSession, from_id: UUID, into_id: UUID) -> None:
    """The chats of one client are the other's."""
    session.execute(update(ChannelContactRow).where(ChannelContactRow.client_id == from_id).values(client_id=into_id))


def fill_from(session: WriteSession, kept: ClientRow, gone: ClientRow) -> None:
    """Take over what the client who stays lacks, and leave of the other nothing that anybody is found by."""
    for name in ("phone", "email", "notes"):
        sealed = getattr(gone, name)
        if sealed is not None and getattr(kept, name) is None:
            setattr(kept, name, seal_for_client(session, kept.id, open_for_client(session, gone.id, sealed)))
            if name == "phone":
                kept.phone_index, kept.phone_last4 = gone.phone_index, gone.phone_last4
                kept.is_phone_verified = gone.is_phone_verified
        setattr(gone, name, None)
    kept.is_phone_verified = kept.is_phone_verified or (gone.is_phone_verified and kept.phone_index == gone.phone_index)
    kept.display_name = kept.display_name or gone.display_name
    kept.birth_day = kept.birth_day or gone.birth_day
    kept.timezone = kept.timezone or gone.timezone
    gone.phone_index = gone.phone_last4 = gone.birth_day = None
    gone.display_name, gone.is_phone_verified = "", False
    gone.merged_into_id = kept.id
    session.flush()


def _link(row: ClientLinkRow) -> Link:
    return Link(
        id=row.id,
        client_id=row.client_id,
        other_client_id=row.other_client_id,
        status=LinkStatus(row.status),
        expires_at=row.expires_at,
    )
