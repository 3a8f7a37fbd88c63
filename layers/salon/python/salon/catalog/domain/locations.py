"""Branches. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from uuid import UUID

from salon.catalog.domain.names import MAX_PHONE_CHARS, MAX_TEXT_CHARS, require_name, require_short
from salon.platform.errors import Invalid
from salon.platform.timeranges import zone

ISO_WEEKDAYS = range(1, 8)
MAX_TRAVEL_MIN = 600  # ten hours on the way is no colleague shared between branches

# ISO weekday (1 = Monday) to the opening and closing time on the wall; a closing time of 00:00 is midnight.
OpeningHours = Mapping[int, tuple[tuple[time, time], ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationDetails:
    """What a person says about a branch.

    Attributes:
        timezone: IANA name; has no default, because a wrong zone moves every booking.
        opening_hours: for showing and for reading «в 7» as evening; what is bookable comes from availability rules.
        travel_min: minutes that a member of staff needs to get here from another branch of the tenant, or from here
            to there; between visits at two branches lie at least as many as both of them say.
    """

    name: str
    timezone: str
    address: str = ""
    phone: str = ""
    opening_hours: OpeningHours = field(default_factory=dict)
    latitude: float | None = None
    longitude: float | None = None
    travel_min: int = 0

    def __post_init__(self) -> None:
        """Refuse a nameless branch, an unknown zone and impossible weekdays, coordinates or ways."""
        require_name(self.name)
        require_short(self.address, most=MAX_TEXT_CHARS)
        require_short(self.phone, most=MAX_PHONE_CHARS)
        zone(self.timezone)
        if any(day not in ISO_WEEKDAYS for day in self.opening_hours):
            raise Invalid("Opening hours are keyed by ISO weekday, 1 to 7.")
        if (self.latitude is None) != (self.longitude is None):
            raise Invalid("Latitude and longitude come together.")
        if self.latitude is not None and not -90 <= self.latitude <= 90:  # noqa: PLR2004 - degrees of a globe
            raise Invalid("Latitude is between -90 and 90 degrees.")
        if self.longitude is not None and not -180 <= self.longitude <= 180:  # noqa: PLR2004 - degrees of a globe
            raise Invalid("Longitude is between -180 and 180 degrees.")
        if not 0 <= self.travel_min <= MAX_TRAVEL_MIN:
            raise Invalid(f"The way to a branch takes 0 to {MAX_TRAVEL_MIN} minutes.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Location(LocationDetails):
    """A branch."""

    id: UUID
    is_active: bool
