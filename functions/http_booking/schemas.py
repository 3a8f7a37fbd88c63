"""The users' API on the wire. Instants are UTC; `timezone` beside them says on whose clock the local time is."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from salon.availability.domain import Slot
from salon.booking.domain import Booking
from salon.booking.waitlist.domain import WaitlistEntry
from salon.catalog.domain import Location, Staff
from salon.identity.tokens import IssuedTokens
from salon.platform.http_fields import Day, Instant, Zone
from salon.platform.money import Money
from salon.platform.timeranges import zone

Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]
OptionIds = Annotated[list[UUID], Field(max_length=20)]


class Wire(BaseModel):
    """Base of what comes in: what is not known here is a mistake, and told."""

    model_config = ConfigDict(extra="forbid")


class MoneyOut(BaseModel):
    """A sum: minor units (kopecks) and an ISO 4217 code."""

    minor: int
    currency: str

    @classmethod
    def of(cls, money: Money | None) -> Self | None:
        """A sum, None for an unknown one."""
        return cls(minor=money.minor, currency=money.currency) if money is not None else None


class SessionIn(Wire):
    """Whose salon is visited."""

    tenant_id: UUID


class ManageIn(Wire):
    """The way back to a booking, from another device or after the session's day."""

    manage_key: str = Field(min_length=1, max_length=200)


class RenewalIn(Wire):
    """The renewal token of a session."""

    renewal_token: str = Field(min_length=1, max_length=2_000)


class SessionOut(BaseModel):
    """Both tokens of a session."""

    access_token: str = Field(description="Goes with every request: Authorization: Bearer …")
    access_expires_at: datetime
    renewal_token: str = Field(description="Good for new access tokens until the session ends.")
    session_expires_at: datetime

    @classmethod
    def of(cls, issued: IssuedTokens) -> Self:
        """What was issued."""
        return cls(
            access_token=issued.access_token,
            access_expires_at=issued.access_expires_at,
            renewal_token=issued.renewal_token,
            session_expires_at=issued.session_expires_at,
        )


class DoneOut(BaseModel):
    """It is done."""

    done: bool = True


class LocationOut(BaseModel):
    """A branch."""

    id: UUID
    name: str
    address: str
    phone: str
    timezone: str
    latitude: float | None
    longitude: float | None
    opening_hours: dict[int, list[tuple[str, str]]] = Field(
        description="ISO weekday, 1 is Monday, to opening and closing times on the wall."
    )

    @classmethod
    def of(cls, place: Location) -> Self:
        """A branch as visitors see it."""
        return cls(
            id=place.id,
            name=place.name,
            address=place.address,
            phone=place.phone,
            timezone=place.timezone,
            latitude=place.latitude,
            longitude=place.longitude,
            opening_hours={
                day: [(f"{start:%H:%M}", f"{end:%H:%M}") for start, end in spans]
                for day, spans in place.opening_hours.items()
            },
        )


class OptionOut(BaseModel):
    """An option of a service: of those with one `choice` at most one is taken."""

    id: UUID
    choice: str
    name: str
    extra_min: int
    price: MoneyOut | None = Field(description="What it adds at that location; null when no list says.")


class ServiceOut(BaseModel):
    """A service at a location, at today's general price there."""

    id: UUID
    location_id: UUID
    name: str
    category: str
    duration_min: int
    requires_staff: bool
    price: MoneyOut | None
    options: list[OptionOut]


class StaffOut(BaseModel):
    """Whoever serves."""

    id: UUID
    location_id: UUID
    name: str
    title: str
    speciality: str

    @classmethod
    def of(cls, person: Staff) -> Self:
        """A member of staff as visitors see them."""
        return cls(
            id=person.id,
            location_id=person.location_id,
            name=person.name,
            title=person.title,
            speciality=person.speciality,
        )


class DateOut(BaseModel):
    """A day, by the clock of the salon, and how many slots are free on it."""

    on: date
    free: int


class DatesOut(BaseModel):
    """Days with something free."""

    dates: list[DateOut]
    timezone: str = Field(description="The clock that the days are reckoned by.")


class SlotOut(BaseModel):
    """A free start."""

    id: UUID
    location_id: UUID
    service_id: UUID
    staff_id: UUID | None
    starts_at: datetime
    ends_at: datetime = Field(description="Without options.")
    timezone: str = Field(description="Of `local_starts_at`: what was asked for, else the location's.")
    local_starts_at: datetime = Field(description="`starts_at` as that clock shows it, with its offset.")
    incentive: MoneyOut | None = Field(description="What is taken off the price for coming at this quiet hour.")

    @classmethod
    def of(cls, slot: Slot, timezone: str, incentive: Money | None) -> Self:
        """A slot on somebody's clock."""
        return cls(
            id=slot.id,
            location_id=slot.location_id,
            service_id=slot.service_id,
            staff_id=slot.staff_id,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            timezone=timezone,
            local_starts_at=slot.starts_at.astimezone(zone(timezone)),
            incentive=MoneyOut.of(incentive),
        )


class SlotsOut(BaseModel):
    """The few starts that are shown; asked again, the same ones for some minutes."""

    slots: list[SlotOut]
    total: int = Field(description="How many are free, shown or not.")
    has_more: bool = Field(description="Whether the next round would show others.")
    round: int
    exposure_id: UUID
    variant: str
    expires_at: datetime


class WhoIn(Wire):
    """Who comes. Seen by the salon only."""

    name: Name
    phone: str | None = Field(default=None, min_length=5, max_length=32, pattern=r"^[+]?[0-9 ().-]+$")
    email: str | None = Field(default=None, min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")


class HoldIn(Wire):
    """A start to be held for somebody."""

    slot_id: UUID
    client: WhoIn
    option_ids: OptionIds = Field(default_factory=list)
    note: str | None = Field(default=None, max_length=500)
    exposure_id: UUID | None = Field(default=None, description="Of the answer the slot was chosen from.")


class RescheduleIn(Wire):
    """Another start of the same service."""

    slot_id: UUID


class BookingOut(BaseModel):
    """A booking as whoever made it sees it."""

    id: UUID
    status: str
    next_step: str | None = Field(description="What a hold waits for: `pay` or `confirm`.")
    location_id: UUID
    service_id: UUID
    staff_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    timezone: str
    local_starts_at: datetime
    hold_expires_at: datetime | None
    price: MoneyOut | None
    deposit: MoneyOut | None
    deposit_status: str | None
    cancel_fee: MoneyOut | None
    visit_id: UUID | None
    version: int
    created_at: datetime
    page_path: str = Field(description="Opens the booking's page; whoever has it may look.")
    calendar_path: str = Field(description="Gives the .ics file; whoever has it may look.")
    manage_key: str = Field(description="Keep it: it opens a new session for this booking when this one has ended.")

    @classmethod
    def of(cls, booking: Booking, timezone: str, keys: tuple[str, str]) -> Self:
        """A booking on somebody's clock; the keys are to look and to manage."""
        link_key, manage_key = keys
        path = f"/v1/bookings/{booking.id}"
        return cls(
            id=booking.id,
            status=booking.status.value,
            next_step=booking.next_step.value if booking.next_step is not None else None,
            location_id=booking.location_id,
            service_id=booking.service_id,
            staff_id=booking.staff_id,
            starts_at=booking.starts_at,
            ends_at=booking.ends_at,
            timezone=timezone,
            local_starts_at=booking.starts_at.astimezone(zone(timezone)),
            hold_expires_at=booking.hold_expires_at,
            price=MoneyOut.of(booking.price),
            deposit=MoneyOut.of(booking.deposit),
            deposit_status=booking.deposit_status.value if booking.deposit_status is not None else None,
            cancel_fee=MoneyOut.of(booking.cancel_fee),
            visit_id=booking.visit_id,
            version=booking.version,
            created_at=booking.created_at,
            page_path=f"{path}/page?key={link_key}",
            calendar_path=f"{path}/calendar.ics?key={link_key}",
            manage_key=manage_key,
        )


class PageOut(BaseModel):
    """Some of this session's bookings, the latest visit first."""

    bookings: list[BookingOut]
    next_cursor: str | None = Field(description="Gives the following page; null after the last.")


class VisitWishIn(Wire):
    """One service of several in a row."""

    service_id: UUID
    staff_id: UUID | None = None
    option_ids: OptionIds = Field(default_factory=list)


class VisitSearchIn(Wire):
    """Several services in a row, on one day."""

    wishes: Annotated[list[VisitWishIn], Field(min_length=1, max_length=5)]
    on: Day
    location_id: UUID | None = None
    timezone: Zone | None = None
    any_order: Annotated[bool, Field(strict=True)] = False


class VisitPartIn(Wire):
    """One slot of several in a row."""

    slot_id: UUID
    option_ids: OptionIds = Field(default_factory=list)


class VisitIn(Wire):
    """Slots in a row to be held for somebody, all or none."""

    parts: Annotated[list[VisitPartIn], Field(min_length=1, max_length=5)]
    client: WhoIn
    note: str | None = Field(default=None, max_length=500)


class VisitOfferOut(BaseModel):
    """Slots one after another."""

    slots: list[SlotOut]
    wait_min: int = Field(description="Minutes between them that the client waits.")


class VisitOffersOut(BaseModel):
    """Chains of slots, by time."""

    offers: list[VisitOfferOut]


class VisitOut(BaseModel):
    """Bookings that belong together."""

    id: UUID
    next_step: str | None
    price: MoneyOut | None = Field(description="Of all of it; null when one price is not known.")
    bookings: list[BookingOut]


class WaitIn(Wire):
    """What somebody waits for: a visit that begins in the window, on these hours of the day."""

    client: WhoIn
    service_id: UUID
    location_id: UUID | None = None
    staff_id: UUID | None = None
    option_ids: OptionIds = Field(default_factory=list)
    from_at: Instant
    to_at: Instant
    timezone: Zone | None = None
    day_from_min: Annotated[int, Field(strict=True, ge=0, le=1440)] | None = None
    day_to_min: Annotated[int, Field(strict=True, ge=0, le=1440)] | None = None


class WaitOut(BaseModel):
    """Somebody waits."""

    id: UUID
    status: str
    service_id: UUID
    location_id: UUID | None
    staff_id: UUID | None
    option_ids: list[UUID]
    from_at: datetime
    to_at: datetime
    day_from_min: int | None
    day_to_min: int | None
    offered_booking_id: UUID | None = Field(description="A hold that waits for an answer, while status is `offered`.")
    created_at: datetime

    @classmethod
    def of(cls, entry: WaitlistEntry) -> Self:
        """An entry as whoever waits sees it."""
        fields: dict[str, Any] = {name: getattr(entry, name) for name in cls.model_fields}
        return cls.model_validate({**fields, "status": entry.status.value, "option_ids": list(entry.option_ids)})
