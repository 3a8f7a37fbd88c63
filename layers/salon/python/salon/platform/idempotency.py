"""Answers kept for repeated requests: a mutation with the same `Idempotency-Key` is carried out once.

The key's row is written first, in the transaction that does the work, and the answer into the same row at its end: they
are there together or not at all. Of two requests with one key at the same moment the second waits at the unique
constraint until the first has committed, and then reads its answer; had the first rolled back, the second does the
work. A key is free again after 24 hours (requirements/3).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, SmallInteger, String, UniqueConstraint, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from salon.platform.db import Base, TenantOwned, WriteSession, tenant_of
from salon.platform.errors import DatabaseBusy
from salon.platform.http_request import IdempotencyKeyReused
from salon.platform.ids import new_id
from salon.platform.keys import open_for_tenant, seal_for_tenant

KEPT_FOR = timedelta(hours=24)
PURPOSE = "idempotency.answer"
PURGED_AT_ONCE = 20


class IdempotencyKeyRow(TenantOwned, Base):
    """A request that was carried out, and the answer it got; sealed, because answers name people."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        UniqueConstraint("tenant_id", "actor", "key", name="uq_idempotency_keys_key"),
        Index("ix_idempotency_keys_expires_at", "tenant_id", "expires_at"),
    )

    actor: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(255))
    payload_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None] = mapped_column(SmallInteger)
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Kept:
    """The answer to an earlier request.

    Attributes:
        status: the HTTP status it had.
        content: what the edge stored; not to be logged.
    """

    status: int
    content: Any


def claim_key(session: WriteSession, *, actor: str, key: str, payload_hash: str, now: datetime) -> UUID | Kept:
    """Claim a key for the work that this transaction is about to do.

    Args:
        session: the transaction of the work.
        actor: whose key it is: two actors may use the same one.
        key: as the caller sent it.
        payload_hash: of all that is asked for.
        now: the current instant.

    Returns:
        The claim, to be passed to `keep_answer`; or the answer that is there already: then nothing is to be done.

    Raises:
        IdempotencyKeyReused: the key belongs to another request.
        DatabaseBusy: the request with this key has been at work for longer than a lock is waited for.
    """
    claim = new_id()
    fresh = {
        "id": claim, "payload_hash": payload_hash, "status": None, "answer": None,
        "created_at": now, "expires_at": now + KEPT_FOR,
    }  # fmt: skip
    statement = insert(IdempotencyKeyRow).values(tenant_id=tenant_of(session), actor=actor, key=key, **fresh)
    mine = session.execute(
        statement.on_conflict_do_update(
            constraint="uq_idempotency_keys_key", set_=fresh, where=IdempotencyKeyRow.expires_at <= now
        ).returning(IdempotencyKeyRow.id)
    ).scalar_one_or_none()
    if mine is not None:
        return claim
    found = session.execute(
        select(IdempotencyKeyRow.payload_hash, IdempotencyKeyRow.status, IdempotencyKeyRow.answer).where(
            IdempotencyKeyRow.actor == actor, IdempotencyKeyRow.key == key
        )
    ).one_or_none()
    if found is None or found.status is None or found.answer is None:
        raise DatabaseBusy("The answer under this key went away while it was read.")  # purged that moment
    if found.payload_hash != payload_hash:
        raise IdempotencyKeyReused
    return Kept(found.status, json.loads(open_for_tenant(session, found.answer, purpose=PURPOSE)))


def keep_answer(session: WriteSession, claim: UUID, *, status: int, content: object) -> None:
    """Keep what the work came to, sealed, beside the key that was claimed for it.

    Args:
        session: the transaction of the claim.
        claim: what `claim_key` gave.
        status: the HTTP status.
        content: plain JSON values.
    """
    sealed = seal_for_tenant(session, json.dumps(content, ensure_ascii=False), purpose=PURPOSE)
    session.execute(update(IdempotencyKeyRow).where(IdempotencyKeyRow.id == claim).values(status=status, answer=sealed))


def purge_expired(session: WriteSession, *, now: datetime, limit: int = PURGED_AT_ONCE) -> int:
    """Delete some keys of this tenant whose day is over; how many. Rows that others are at are left to them.

    Every mutation clears away a few, so that the table needs no timer.
    """
    old = (  # apart, because in a condition it could be asked again for every row, and lock others each time
        select(IdempotencyKeyRow.id)
        .where(IdempotencyKeyRow.tenant_id == tenant_of(session), IdempotencyKeyRow.expires_at <= now)
        .order_by(IdempotencyKeyRow.expires_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("old")
    )
    gone = session.execute(
        delete(IdempotencyKeyRow)
        .where(IdempotencyKeyRow.id.in_(select(old.c.id)))
        .returning(IdempotencyKeyRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())
