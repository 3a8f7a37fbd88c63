"""What has happened to a message. Ids and instants only."""

from __future__ import annotations

from typing import ClassVar

from salon.booking.bulk.events import BookingNeedsReschedule
from salon.booking.shifts.events import ShiftProposed
from salon.booking.waitlist.events import WaitlistExpired, WaitlistLapsed
from salon.platform.facts import Fact


class MessagePostponed(Fact):
    """A client is to be told one of these, and it was night: they are told when the quiet hours are over."""

    name: ClassVar[str] = "message.postponed"

    lapsed: WaitlistLapsed | None = None
    expired: WaitlistExpired | None = None
    shift: ShiftProposed | None = None
    needs_reschedule: BookingNeedsReschedule | None = None

    @property
    def told(self) -> Fact | None:
        """What is to be told."""
        return self.lapsed or self.expired or self.shift or self.needs_reschedule
