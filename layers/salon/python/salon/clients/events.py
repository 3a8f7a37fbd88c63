"""What has happened to a client. Ids only."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from salon.clients.domain import ConsentPurpose
from salon.platform.facts import Fact


class ClientErased(Fact):
    """A person was forgotten; every module blanks what it still knows."""

    name: ClassVar[str] = "client.erased"

    client_id: UUID


class ClientUpserted(Fact):
    """A client is new, or something about them has changed; a CRM reads the rest itself."""

    name: ClassVar[str] = "client.upserted"

    client_id: UUID


class ConsentChanged(Fact):
    """A person has agreed to something, or has taken it back."""

    name: ClassVar[str] = "consent.changed"

    client_id: UUID
    purpose: ConsentPurpose
    is_given: bool
