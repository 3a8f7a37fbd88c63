"""How data keys are wrapped: shared by `keys` (SQLAlchemy) and the webhook, which cannot afford it."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from salon.platform.crypto import MasterKeys


class KeySubject(StrEnum):
    """Whose key it is."""

    TENANT = "tenant"
    CLIENT = "client"


def aad_for(kind: KeySubject, tenant_id: UUID, subject_id: UUID) -> bytes:
    """What binds a wrapped key to its owner, so that a row copied elsewhere does not open."""
    return f"data_key:{kind}:{tenant_id}:{subject_id}".encode()


def unwrap_tenant_key(master: MasterKeys, tenant_id: UUID, wrapped: bytes) -> bytes:
    """The tenant's plain key."""
    return master.unwrap(wrapped, aad=aad_for(KeySubject.TENANT, tenant_id, tenant_id))
