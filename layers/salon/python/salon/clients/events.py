"""What has happened to a client. Ids only."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from salon.platform.facts import Fact


class ClientErased(Fact):
    """A person was forgotten; every module blanks what it still knows."""

    name: ClassVar[str] = "client.erased"

    client_id: UUID
