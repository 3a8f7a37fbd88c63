"""What has happened to a message. Ids and instants only."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Literal
from uuid import UUID

from salon.booking.bulk.events import BookingNeedsReschedule
from salon.booking.events import BookingCompleted, BookingReopened
from salon.booking.shifts.events import ShiftProposed
from salon.booking.waitlist.events import WaitlistExpired, WaitlistLapsed, WaitlistOffered
from salon.messaging.domain import Channel, Purpose
from salon.platform.facts import Fact


class LoggedStatus(StrEnum):
    """How far a message had come when it was told of."""

    RECEIVED = "received"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    UNCONFIRMED = "unconfirmed"


class UndeliverableReason(StrEnum):
    """Why a message does not arrive."""

    WINDOW_CLOSED = "WINDOW_CLOSED"
    RECIPIENT_GONE = "RECIPIENT_GONE"
    REQUEST_REJECTED = "REQUEST_REJECTED"
    RETRY_LATER = "RETRY_LATER"
    NEVER_FINISHED = "NEVER_FINISHED"
    OTHER = "OTHER"

    @classmethod
    def _missing_(cls, _value: object) -> UndeliverableReason:
        return cls.OTHER  # an adapter's new word must not keep the salon from being told


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


class MessageLogged(Fact):
    """A message came in, or one of ours went out; for whoever keeps a history of contacts."""

    name: ClassVar[str] = "message.logged"

    message_id: UUID
    conversation_id: UUID
    client_id: UUID
    channel: Channel
    direction: Literal["in", "out"]
    purpose: Purpose | None = None  # of ours: why it was sent
    status: LoggedStatus


class MessageUndeliverable(Fact):
    """A message of ours does not reach its person now, or ever; told once for each message, never of notices."""

    name: ClassVar[str] = "message.undeliverable"

    message_id: UUID
    conversation_id: UUID
    client_id: UUID
    channel: Channel
    purpose: Purpose
    reason: UndeliverableReason


class AttendanceConfirmed(Fact):
    """A client answered a reminder: they are coming."""

    name: ClassVar[str] = "booking.attendance_confirmed"

    booking_id: UUID
    client_id: UUID
    starts_at: datetime


TOLD_FACTS = frozenset(
    {
        WaitlistOffered.name,
        WaitlistLapsed.name,
        WaitlistExpired.name,
        ShiftProposed.name,
        BookingNeedsReschedule.name,
        MessagePostponed.name,
    }
)
"""What clients are written to about first."""

FEEDBACK_FACTS = frozenset({BookingCompleted.name, BookingReopened.name})
"""A visit took place, or did not after all: what it is asked about depends on it."""
