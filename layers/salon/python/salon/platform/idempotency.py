"""Answers kept for repeated requests: a mutation with the same `Idempotency-Key` is carried out once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from salon.platform.db import Base, TenantOwned


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
