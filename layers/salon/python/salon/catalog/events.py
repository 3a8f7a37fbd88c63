"""What has happened to the catalogue. Ids only."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from salon.platform.facts import Fact


class CatalogChanged(Fact):
    """Something was changed that moves slots: a service, who can do it, who works, what a location offers.

    Attributes:
        location_ids: whose slots may be other ones now.
    """

    name: ClassVar[str] = "catalog.changed"

    location_ids: tuple[UUID, ...]
