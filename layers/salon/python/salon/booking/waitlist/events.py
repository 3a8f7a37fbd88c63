"""What has happened on the waiting list. Ids and instants only."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from salon.availability.events import SlotsOpened
from salon.booking.events import (
    BookingCancelled,
    BookingConfirmed,
    BookingExpired,
    BookingNoShow,
    BookingRescheduled,
)
from salon.catalog.events import CatalogChanged
from salon.clients.events import ClientErased
from salon.platform.facts import Fact


class WaitlistFact(Fact):
    """What every fact about an entry says; `version` puts facts that arrive out of order into order."""

    entry_id: UUID
    version: int
    client_id: UUID
    service_id: UUID
    location_id: UUID | None
    staff_id: UUID | None
    from_at: datetime
    to_at: datetime


class WaitlistJoined(WaitlistFact):
    """Somebody waits."""

    name: ClassVar[str] = "waitlist.joined"


class WaitlistChanged(WaitlistFact):
    """Whoever waits wants something else now."""

    name: ClassVar[str] = "waitlist.changed"


class WaitlistOffered(WaitlistFact):
    """A slot is held for the client until `expires_at`; place and person are the offer's."""

    name: ClassVar[str] = "waitlist.offered"

    booking_id: UUID
    slot_id: UUID
    starts_at: datetime
    ends_at: datetime
    expires_at: datetime


class WaitlistBooked(WaitlistFact):
    """The client has what they waited for."""

    name: ClassVar[str] = "waitlist.booked"

    booking_id: UUID


class WaitlistDeclined(WaitlistFact):
    """The client did not want the offer, and waits on."""

    name: ClassVar[str] = "waitlist.declined"

    slot_id: UUID | None


class WaitlistLapsed(WaitlistFact):
    """The offer ended unanswered; the client waits on."""

    name: ClassVar[str] = "waitlist.lapsed"

    slot_id: UUID | None


class WaitlistWithdrawn(WaitlistFact):
    """The client waits no longer, of their own or the salon's will."""

    name: ClassVar[str] = "waitlist.withdrawn"


class WaitlistExpired(WaitlistFact):
    """Nobody waits any more: the window is over, or too many offers stayed without an answer."""

    name: ClassVar[str] = "waitlist.expired"

    is_unanswered: bool


CAPACITY_FACTS = frozenset(
    {
        BookingConfirmed.name,
        BookingCancelled.name,
        BookingExpired.name,
        BookingRescheduled.name,
        BookingNoShow.name,
        WaitlistJoined.name,
        WaitlistChanged.name,
        WaitlistOffered.name,
        ClientErased.name,
        SlotsOpened.name,
        CatalogChanged.name,  # its other subscriber, told before this one, has made the slots anew
    }
)
"""What `on_capacity_freed` reacts to: it may let somebody in, or says how an offer ended."""
