"""What has happened to working time. Ids only."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from salon.platform.facts import Fact


class SlotsOpened(Fact):
    """A change of working time has made slots that were not there before.

    Attributes:
        location_id: where.
        created: how many.
    """

    name: ClassVar[str] = "slots.opened"

    location_id: UUID
    created: int
