"""When a booking is reminded of, and when somebody is asked how it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from salon.identity.domain import QuietHours
from salon.messaging.domain.phrases import quiet_shift
from salon.messaging.domain.quiet import waits_until
from salon.platform.timeranges import zone


class ReminderKind(StrEnum):
    """What is said of itself about one booking."""

    DAY_BEFORE = "day_before"
    SOON = "soon"
    FEEDBACK = "feedback"  # after the visit: how was it?


class ReminderStatus(StrEnum):
    """The life of a reminder."""

    PLANNED = "planned"
    SENT = "sent"
    CANCELLED = "cancelled"  # the booking was cancelled or moved
    SKIPPED = "skipped"  # nobody to send it to, or too late


class ReminderAnswer(StrEnum):
    """What a client said to a reminder."""

    COMING = "coming"
    MOVING = "moving"
    NOT_COMING = "not_coming"


@dataclass(frozen=True, slots=True)
class Lead:
    """A reminder, and how long before the visit it goes out."""

    kind: ReminderKind
    before: timedelta


DEFAULT_LEADS = (
    Lead(ReminderKind.DAY_BEFORE, timedelta(hours=24)),
    Lead(ReminderKind.SOON, timedelta(hours=2)),
)

USELESS_BEFORE = timedelta(minutes=15)
"""A reminder that would arrive later than this before the visit is not sent."""

FRESH = timedelta(hours=1)
"""What was agreed less than this ago needs no reminder: the confirmation is still on the screen."""

STALE_FEEDBACK = timedelta(days=3)
"""Nobody is asked about a visit that is longer ago: it was closed late, and the client has moved on."""


@dataclass(frozen=True, slots=True)
class PlannedReminder:
    """A reminder and its instant (UTC)."""

    kind: ReminderKind
    due_at: datetime


def plan_reminders(
    starts_at: datetime,
    *,
    booked_at: datetime,
    timezone: str,
    quiet: QuietHours,
    leads: Sequence[Lead] = DEFAULT_LEADS,
) -> list[PlannedReminder]:
    """The reminders of a visit.

    One that falls into quiet hours (by the client's wall clock) moves to just before them, or, when that is past
    already, to their end if the visit is still far enough away. One that would be due before the booking was made, or
    within the hour after, is left out: the confirmation has just said the same.

    Args:
        starts_at: of the visit.
        booked_at: when it was confirmed or moved.
        timezone: the client's, IANA.
        quiet: the tenant's quiet hours.
        leads: which, and how long before.
    """
    planned = []
    for lead in leads:
        due = _outside_quiet_hours(starts_at - lead.before, starts_at, booked_at, timezone, quiet)
        if due is not None and due - booked_at >= FRESH:
            planned.append(PlannedReminder(lead.kind, due))
    return planned


def plan_feedback(
    ends_at: datetime, *, now: datetime, delay: timedelta, timezone: str, quiet: QuietHours
) -> datetime | None:
    """When to ask how a visit was that ended at `ends_at`; None when it is too long ago.

    Args:
        ends_at: of the visit.
        now: when it was said to have taken place.
        delay: after its end.
        timezone: the client's, IANA.
        quiet: the tenant's quiet hours; the question waits until they are over.
    """
    due = max(ends_at + delay, now)
    if due - ends_at > max(STALE_FEEDBACK, delay):
        return None
    return waits_until(due, timezone=timezone, quiet=quiet, visit_at=None) or due


def _outside_quiet_hours(
    due: datetime, starts_at: datetime, booked_at: datetime, timezone: str, quiet: QuietHours
) -> datetime | None:
    local = due.astimezone(zone(timezone))
    if not quiet.contains(local.hour * 60 + local.minute):
        return due
    before, after = quiet_shift(local, quiet_start_min=quiet.start_min, quiet_end_min=quiet.end_min)
    earlier, later = before.astimezone(UTC), after.astimezone(UTC)
    if earlier - booked_at >= FRESH:
        return earlier
    return later if later <= starts_at - USELESS_BEFORE else None
