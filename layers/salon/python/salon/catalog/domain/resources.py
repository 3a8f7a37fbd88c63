"""Chairs, rooms and devices of limited number. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from salon.catalog.domain.names import require_name


class PoolKind(StrEnum):
    """What the units of a pool are."""

    CHAIR = "chair"
    ROOM = "room"
    DEVICE = "device"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourcePoolDetails:
    """What a person says about units that stand in for each other: «парикмахерские кресла», «климазоны»."""

    kind: PoolKind
    name: str

    def __post_init__(self) -> None:
        """Refuse a nameless pool."""
        require_name(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourcePool(ResourcePoolDetails):
    """Interchangeable chairs, rooms or devices; a service needs one unit of each pool it names."""

    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceDetails:
    """What a person says about one chair, room or device.

    Attributes:
        location_id: where it stands.
        pool_id: what it is one of.
        name: unique at the location.
    """

    location_id: UUID
    pool_id: UUID
    name: str

    def __post_init__(self) -> None:
        """Refuse a nameless one."""
        require_name(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource(ResourceDetails):
    """One chair, room or device."""

    id: UUID
    is_active: bool
