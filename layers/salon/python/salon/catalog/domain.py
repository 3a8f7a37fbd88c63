"""What a salon sells, where and by whom. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from uuid import UUID

from salon.platform.errors import Invalid
from salon.platform.money import Money
from salon.platform.timeranges import zone

MAX_DURATION_MIN = 24 * 60
ISO_WEEKDAYS = range(1, 8)

# ISO weekday (1 = Monday) to the opening and closing time on the wall; a closing time of 00:00 is midnight.
OpeningHours = Mapping[int, tuple[tuple[time, time], ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationDetails:
    """What a person says about a branch.

    Attributes:
        timezone: IANA name; has no default, because a wrong zone moves every booking.
        opening_hours: for showing and for reading «в 7» as evening; what is bookable comes from availability rules.
    """

    name: str
    timezone: str
    address: str = ""
    phone: str = ""
    opening_hours: OpeningHours = field(default_factory=dict)
    latitude: float | None = None
    longitude: float | None = None

    def __post_init__(self) -> None:
        """Refuse a nameless branch, an unknown zone and impossible weekdays or coordinates."""
        _require_name(self.name)
        zone(self.timezone)
        if any(day not in ISO_WEEKDAYS for day in self.opening_hours):
            raise Invalid("Opening hours are keyed by ISO weekday, 1 to 7.")
        if (self.latitude is None) != (self.longitude is None):
            raise Invalid("Latitude and longitude come together.")
        if self.latitude is not None and not -90 <= self.latitude <= 90:  # noqa: PLR2004 - degrees of a globe
            raise Invalid("Latitude is between -90 and 90 degrees.")
        if self.longitude is not None and not -180 <= self.longitude <= 180:  # noqa: PLR2004 - degrees of a globe
            raise Invalid("Longitude is between -180 and 180 degrees.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Location(LocationDetails):
    """A branch."""

    id: UUID
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffDetails:
    """What a person says about whoever serves.

    Attributes:
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
        """Refuse a nameless person."""
        _require_name(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff(StaffDetails):
    """Whoever serves."""

    id: UUID
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDetails:
    """What a person says about a service of the tenant.

    Attributes:
        synonyms: other words clients use for it; understanding matches them as well as the name.
        duration_min: minutes the client sits; a member of staff may have a time of their own.
        buffer_before_min: minutes of preparation before; the staff member is busy, the client does not see them.
        buffer_after_min: minutes of cleaning after.
        requires_staff: False for what needs no person, such as a solarium.
    """

    name: str
    duration_min: int
    category: str = ""
    synonyms: tuple[str, ...] = ()
    buffer_before_min: int = 0
    buffer_after_min: int = 0
    requires_staff: bool = True

    def __post_init__(self) -> None:
        """Refuse a nameless service and impossible minutes."""
        _require_name(self.name)
        require_duration(self.duration_min)
        if self.buffer_before_min < 0 or self.buffer_after_min < 0:
            raise Invalid("A buffer cannot be negative.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(ServiceDetails):
    """What is sold as work."""

    id: UUID
    is_active: bool

    @property
    def buffer_before(self) -> timedelta:
        """Preparation before the client sits down."""
        return timedelta(minutes=self.buffer_before_min)

    @property
    def buffer_after(self) -> timedelta:
        """Cleaning after the client has left."""
        return timedelta(minutes=self.buffer_after_min)


@dataclass(frozen=True, slots=True)
class Skill:
    """A member of staff can do a service, in their own time if `duration_min` says so."""

    service_id: UUID
    duration_min: int | None = None

    def __post_init__(self) -> None:
        """Refuse impossible minutes."""
        if self.duration_min is not None:
            require_duration(self.duration_min)


@dataclass(frozen=True, slots=True)
class PriceItem:
    """The price of a service, for one grade of staff or, without one, for all."""

    service_id: UUID
    price: Money
    staff_grade: str | None = None

    def __post_init__(self) -> None:
        """Refuse a negative price."""
        if self.price.minor < 0:
            raise Invalid("A price cannot be negative.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceListDetails:
    """One version of the prices.

    Attributes:
        valid_from: first day, at the location.
        valid_to: last day, included; None until a newer list replaces it.
        location_id: None for the whole tenant; a location's own list goes before it.
    """

    name: str
    valid_from: date
    valid_to: date | None = None
    location_id: UUID | None = None
    items: tuple[PriceItem, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a list that ends before it starts."""
        _require_name(self.name)
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise Invalid("A price list cannot end before it starts.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList(PriceListDetails):
    """A stored version of the prices."""

    id: UUID


@dataclass(frozen=True, slots=True)
class NamedThing:
    """A service or a person by all the words for it: what understanding is given to recognise."""

    id: UUID
    name: str
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Names of everything active that a client may mention."""

    services: tuple[NamedThing, ...]
    staff: tuple[NamedThing, ...]
    locations: tuple[NamedThing, ...]


def require_duration(minutes: int) -> None:
    """Refuse a duration that is not between a minute and a day.

    Raises:
        Invalid: it is not.
    """
    if not 1 <= minutes <= MAX_DURATION_MIN:
        raise Invalid(f"A duration is between 1 and {MAX_DURATION_MIN} minutes, not {minutes}.")


def _require_name(name: str) -> None:
    if not name.strip():
        raise Invalid("A name is needed.")
