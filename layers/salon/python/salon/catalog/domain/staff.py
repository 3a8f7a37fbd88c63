"""Whoever serves, and what each can do. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from salon.catalog.domain.names import require_grade, require_name, require_short
from salon.catalog.domain.services import require_duration


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffDetails:
    """What a person says about whoever serves.

    Attributes:
        location_id: the home branch; other branches come by availability rules of the person there.
        title: what clients are shown, «топ-стилист».
        speciality: trade, «парикмахер», «колорист».
        grade: key of the price differences between colleagues; None takes the general price.
    """

    location_id: UUID
    name: str
    title: str = ""
    speciality: str = ""
    grade: str | None = None

    def __post_init__(self) -> None:
        """Refuse a nameless person and endless words."""
        require_name(self.name)
        require_short(self.title, self.speciality)
        require_grade(self.grade)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff(StaffDetails):
    """Whoever serves."""

    id: UUID
    is_active: bool


@dataclass(frozen=True, slots=True)
class Skill:
    """A member of staff can do a service, in their own time if `duration_min` says so."""

    service_id: UUID
    duration_min: int | None = None

    def __post_init__(self) -> None:
        """Refuse impossible minutes."""
        if self.duration_min is not None:
            require_duration(self.duration_min)
