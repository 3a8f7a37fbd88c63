"""What has happened to a proposal. Ids and instants only."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from salon.platform.facts import Fact


class ShiftFact(Fact):
    """What every fact about a proposal says."""

    proposal_id: UUID
    booking_id: UUID
    client_id: UUID
    new_slot_id: UUID
    waitlist_entry_id: UUID | None


class ShiftProposed(ShiftFact):
    """A client is asked to come at another time, for so much less."""

    name: ClassVar[str] = "shift.proposed"

    starts_at: datetime
    new_starts_at: datetime
    incentive_minor: int
    expires_at: datetime


class ShiftAccepted(ShiftFact):
    """The client comes at the new time."""

    name: ClassVar[str] = "shift.accepted"


class ShiftDeclined(ShiftFact):
    """The client comes as agreed."""

    name: ClassVar[str] = "shift.declined"


class ShiftWithdrawn(ShiftFact):
    """The salon asks no more."""

    name: ClassVar[str] = "shift.withdrawn"


class ShiftExpired(ShiftFact):
    """The client did not answer in time, and comes as agreed."""

    name: ClassVar[str] = "shift.expired"
