"""That two clients have become one. Ids only."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from salon.platform.facts import Fact


class ClientMerged(Fact):
    """Two clients were one person: whatever was the one's is the other's now."""

    name: ClassVar[str] = "client.merged"

    client_id: UUID
    merged_client_id: UUID
