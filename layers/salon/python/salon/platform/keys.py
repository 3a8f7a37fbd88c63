"""Data keys: one per client, wrapped by the tenant's, wrapped by a master key (DESIGN §5).

Dropping a client's key erases that person everywhere the key was used, append-only tables and backups included.
Keys live in `data_keys` under row-level security; their plain form lives only as long as one transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, Select, UniqueConstraint, select, text
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from salon.platform import crypto
from salon.platform.db import Base, ReadSession, TenantOwned, WriteSession, tenant_of
from salon.platform.errors import SalonError
from salon.platform.ids import new_id
from salon.platform.key_wrapping import KeySubject, aad_for, unwrap_tenant_key


class SubjectErased(SalonError):
    """The key is gone: the person was erased, and nothing of theirs can be read any more."""

    code = "SUBJECT_ERASED"


class DataKey(TenantOwned, Base):
    """A wrapped data key; `wrapped` is null once it was destroyed."""

    __tablename__ = "data_keys"
    __table_args__ = (UniqueConstraint("tenant_id", "subject_kind", "subject_id"),)

    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    destroyed_at: Mapped[datetime | None]


def create_tenant_key(session: WriteSession, now: datetime) -> None:
    """Make the tenant's key; the tenant is new."""
    tenant_id = tenant_of(session)
    wrapped = _master(session).wrap(crypto.new_data_key(), aad=aad_for(KeySubject.TENANT, tenant_id, tenant_id))
    session.add(
        DataKey(
            tenant_id=tenant_id, subject_kind=KeySubject.TENANT, subject_id=tenant_id, wrapped=wrapped, created_at=now
        )
    )
    session.flush()


def ensure_tenant_key(session: WriteSession, now: datetime) -> None:
    """Make the key of this transaction's tenant unless there is one: of nobody's tenant, whom nobody creates."""
    tenant_id = tenant_of(session)
    if session.scalars(_key_of(KeySubject.TENANT, tenant_id)).one_or_none() is not None:
        return
    wrapped = _master(session).wrap(crypto.new_data_key(), aad=aad_for(KeySubject.TENANT, tenant_id, tenant_id))
    fresh = pg_insert(DataKey).values(
        id=new_id(), tenant_id=tenant_id, subject_kind=KeySubject.TENANT, subject_id=tenant_id, wrapped=wrapped,
        created_at=now,
    )  # fmt: skip
    session.execute(fresh.on_conflict_do_nothing())  # two make it at once: the first one's stands


def create_client_key(session: WriteSession, client_id: UUID, now: datetime) -> None:
    """Make a client's key; the client is new."""
    tenant_id = tenant_of(session)
    aad = aad_for(KeySubject.CLIENT, tenant_id, client_id)
    wrapped = crypto.seal(_tenant_key(session), crypto.new_data_key(), aad=aad)
    session.add(
        DataKey(
            tenant_id=tenant_id, subject_kind=KeySubject.CLIENT, subject_id=client_id, wrapped=wrapped, created_at=now
        )
    )
    session.flush()


def destroy_client_key(session: WriteSession, client_id: UUID, now: datetime) -> None:
    """Erase: whatever was sealed for this client can never be read again."""
    row = session.scalars(_key_of(KeySubject.CLIENT, client_id)).one_or_none()
    if row is not None:
        row.wrapped = None
        row.destroyed_at = now
    session.info.pop(("key", client_id), None)


def seal_for_client(session: ReadSession, client_id: UUID, plaintext: str) -> bytes:
    """Seal text with the client's key.

    Raises:
        SubjectErased: the client's key is gone.
    """
    return crypto.seal(_client_key(session, client_id), plaintext.encode(), aad=client_id.bytes)


def open_for_client(session: ReadSession, client_id: UUID, sealed: bytes) -> str:
    """Open what `seal_for_client` sealed.

    Raises:
        SubjectErased: the client's key is gone.
        crypto.DecryptionFailed: it was sealed for someone else, or damaged.
    """
    return crypto.unseal(_client_key(session, client_id), sealed, aad=client_id.bytes).decode()


def seal_for_tenant(session: ReadSession, plaintext: str, *, purpose: str) -> bytes:
    """Seal text with the tenant's key; `purpose` must be the same when it is opened."""
    return crypto.seal(_tenant_key(session), plaintext.encode(), aad=purpose.encode())


def open_for_tenant(session: ReadSession, sealed: bytes, *, purpose: str) -> str:
    """Open what `seal_for_tenant` sealed."""
    return open_bytes_for_tenant(session, sealed, purpose=purpose).decode()


def open_bytes_for_tenant(session: ReadSession, sealed: bytes, *, purpose: str) -> bytes:
    """Open bytes that were sealed with the tenant's key, such as an inbox row's body."""
    return crypto.unseal(_tenant_key(session), sealed, aad=purpose.encode())


def blind_index(session: ReadSession, value: str, *, purpose: str) -> bytes:
    """A keyed digest by which an encrypted value is found again; differs between tenants."""
    return crypto.blind_index(_tenant_key(session), value, purpose=purpose)


def rewrap_tenant_key(session: WriteSession) -> bool:
    """Wrap the tenant's key by the current master key; whether there was anything to do."""
    tenant_id = tenant_of(session)
    row = session.scalars(_key_of(KeySubject.TENANT, tenant_id).with_for_update()).one_or_none()
    if row is None or row.wrapped is None:  # of nobody's tenant there may be none yet
        return False
    master = _master(session)
    if master.is_current(row.wrapped):
        return False
    row.wrapped = master.rewrap(row.wrapped, aad=aad_for(KeySubject.TENANT, tenant_id, tenant_id))
    return True


def list_tenants(session: ReadSession) -> list[UUID]:
    """Every tenant's id, for work that goes through them one by one; a SECURITY DEFINER function answers."""
    return list(session.scalars(text("SELECT tenant_id FROM tenant_ids()")))


def _key_of(kind: KeySubject, subject_id: UUID) -> Select[DataKey]:
    return select(DataKey).where(DataKey.subject_kind == kind, DataKey.subject_id == subject_id)


def _master(session: Session) -> crypto.MasterKeys:
    try:
        master: Callable[[], crypto.MasterKeys] = session.info["master"]
    except KeyError:
        raise SalonError("This database was opened without master keys.") from None
    return master()


def _tenant_key(session: Session) -> bytes:
    tenant_id = tenant_of(session)
    cached = session.info.get(("key", tenant_id))
    if isinstance(cached, bytes):
        return cached
    row = session.scalars(_key_of(KeySubject.TENANT, tenant_id)).one_or_none()
    if row is None or row.wrapped is None:
        raise SubjectErased(f"Tenant {tenant_id} has no key.")
    key = unwrap_tenant_key(_master(session), tenant_id, row.wrapped)
    session.info["key", tenant_id] = key
    return key


def _client_key(session: Session, client_id: UUID) -> bytes:
    cached = session.info.get(("key", client_id))
    if isinstance(cached, bytes):
        return cached
    row = session.scalars(_key_of(KeySubject.CLIENT, client_id)).one_or_none()
    if row is None or row.wrapped is None:
        raise SubjectErased(f"Client {client_id} has no key.")
    aad = aad_for(KeySubject.CLIENT, tenant_of(session), client_id)
    key = crypto.unseal(_tenant_key(session), row.wrapped, aad=aad)
    session.info["key", client_id] = key
    return key
