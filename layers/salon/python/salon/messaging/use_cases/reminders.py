"""Reminding clients of their visits, 24 and 2 hours before; once each, never at night."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from salon.booking import use_cases as booking
from salon.booking.domain import BookingStatus
from salon.booking.events import BookingFact
from salon.catalog import use_cases as catalog
from salon.clients import use_cases as clients
from salon.identity.use_cases import quiet_hours
from salon.messaging import repository
from salon.messaging.domain import phrases
from salon.messaging.domain.reminders import (
    LEAD,
    USELESS_BEFORE,
    ReminderKind,
    ReminderStatus,
    plan_reminders,
)
from salon.messaging.models import ReminderRow
from salon.messaging.use_cases.say import Reply, say
from salon.platform.db import WriteSession
from salon.platform.facts import Fact
from salon.platform.outbox import OutboxQueue
from salon.platform.texts import texts
from salon.platform.timeranges import zone


def on_booking_changed(session: WriteSession, fact: Fact, now: datetime) -> None:
    """A subscriber: whatever happened to the booking, plan its reminders by how it stands now."""
    if isinstance(fact, BookingFact):
        plan_for_booking(session, fact.booking_id, now)


def plan_for_booking(session: WriteSession, booking_id: UUID, now: datetime) -> None:
    """(Re)plan the reminders of a booking after it was confirmed, moved, restored or cancelled; repeatable."""
    found = booking.get_booking(session, booking_id)
    repository.cancel_reminders(session, booking_id, now)
    if found.status is not BookingStatus.CONFIRMED:
        return
    location = catalog.get_location(session, found.location_id)
    client = clients.get_client(session, found.client_id)
    planned = plan_reminders(
        found.starts_at, booked_at=now, timezone=client.timezone or location.timezone, quiet=quiet_hours(session)
    )
    repository.add_reminders(session, booking_id, found.starts_at, planned, now)


def send_reminder(session: WriteSession, reminder_id: UUID, now: datetime) -> bool:
    """Send one reminder that is due; False when there was nothing to send (any more)."""
    reminder = repository.lock_reminder(session, reminder_id)
    if reminder is None:
        return False
    reply = _compose(session, reminder, now)
    conversation = repository.find_latest_conversation(session, reply[0]) if reply else None
    if reply is None or conversation is None:
        reminder.status, reminder.done_at = ReminderStatus.SKIPPED, now
        return False
    say(session, conversation, reply[1], now, queue=OutboxQueue.REMINDER)
    reminder.status, reminder.done_at = ReminderStatus.SENT, now
    return True


def _compose(session: WriteSession, reminder: ReminderRow, now: datetime) -> tuple[UUID, Reply] | None:
    """The client and the text; None when the visit is off, moved, or too near for a reminder to help."""
    found = booking.get_booking(session, reminder.booking_id)
    is_current = found.status is BookingStatus.CONFIRMED and found.starts_at == reminder.starts_at
    if reminder.kind == ReminderKind.DAY_BEFORE and now >= found.starts_at - LEAD[ReminderKind.SOON]:
        return None  # the timer stood still so long that the other one is due as well
    if not is_current or now > found.starts_at - USELESS_BEFORE:
        return None
    location = catalog.get_location(session, found.location_id)
    client = clients.get_client(session, found.client_id)
    local = found.starts_at.astimezone(zone(location.timezone))
    today = now.astimezone(zone(location.timezone)).date()
    text_id = "remind-soon" if reminder.kind == ReminderKind.SOON else "remind-day-before"
    if reminder.kind == ReminderKind.SOON and local.date() != today:
        text_id = "remind-day-before"
    facts = {
        "day": phrases.Phrases(texts(client.language).say).on_day(local.date(), today),
        "time": phrases.clock(local),
        "service": catalog.get_service(session, found.service_id).name,
        "staff": catalog.get_staff(session, found.staff_id).name if found.staff_id else location.name,
        "place": location.address,
    }
    return found.client_id, Reply(texts(client.language).say(text_id, **facts))
