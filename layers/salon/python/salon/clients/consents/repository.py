"""Every query about consents."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text, update

from salon.clients.domain import Consent, ConsentPurpose
from salon.clients.models import ClientRow, ConsentRow
from salon.identity.domain import Actor
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.ids import new_id

# Up to the row that all were merged into, then down to all that were.
_SAME_PERSON = text("""
WITH RECURSIVE up AS (
    SELECT id, merged_into_id FROM clients WHERE id = :id
    UNION SELECT above.id, above.merged_into_id FROM clients above JOIN up ON above.id = up.merged_into_id
), whole AS (
    SELECT id, merged_into_id FROM up
    UNION SELECT below.id, below.merged_into_id FROM clients below JOIN whole ON below.merged_into_id = whole.id
)
SELECT id FROM whole ORDER BY merged_into_id IS NOT NULL, id
""")


def list_same_person(session: ReadSession, client_id: UUID) -> list[UUID]:
    """The rows that are one person, the one that has the contacts first; empty when there is no such client."""
    return list(session.scalars(_SAME_PERSON, {"id": client_id}))


def add_consent(
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
    """Append what was said."""
    row = ConsentRow(
        id=new_id(),
        tenant_id=tenant_of(session),
        client_id=client_id,
        purpose=purpose,
        is_given=is_given,
        channel=channel,
        wording_version=wording_version,
        actor_kind=actor.kind,
        actor_id=actor.id,
        at=now,
    )
    session.add(row)
    session.flush()
    return _consent(row)


def list_consents(session: ReadSession, client_ids: Collection[UUID], limit: int) -> list[Consent]:
    """What was said under these ids, the latest first."""
    query = select(ConsentRow).where(ConsentRow.client_id.in_(client_ids))
    return [
        _consent(row)
        for row in session.scalars(query.order_by(ConsentRow.at.desc(), ConsentRow.id.desc()).limit(limit))
    ]


def find_latest(session: ReadSession, client_ids: Collection[UUID], purpose: ConsentPurpose) -> Consent | None:
    """What was said last for a purpose."""
    query = (
        select(ConsentRow)
        .where(ConsentRow.client_id.in_(client_ids), ConsentRow.purpose == purpose)
        .order_by(ConsentRow.at.desc(), ConsentRow.id.desc())
        .limit(1)
    )
    row = session.scalars(query).one_or_none()
    return _consent(row) if row is not None else None


def find_marketing_asked_at(session: ReadSession, client_ids: Collection[UUID]) -> datetime | None:
    """When the person was last asked whether they want news."""
    query = select(ClientRow.marketing_asked_at).where(
        ClientRow.id.in_(client_ids), ClientRow.marketing_asked_at.is_not(None)
    )
    return session.scalars(query.order_by(ClientRow.marketing_asked_at.desc()).limit(1)).one_or_none()


def set_marketing_asked(session: WriteSession, client_id: UUID, now: datetime) -> None:
    """Note that they were asked."""
    session.execute(update(ClientRow).where(ClientRow.id == client_id).values(marketing_asked_at=now))


def _consent(row: ConsentRow) -> Consent:
    return Consent(
        id=row.id,
        client_id=row.client_id,
        purpose=ConsentPurpose(row.purpose),
        is_given=row.is_given,
        channel=row.channel,
        wording_version=row.wording_version,
        actor_kind=row.actor_kind,
        at=row.at,
    )
