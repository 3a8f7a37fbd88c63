"""When a booking is reminded of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from salon.identity.domain import QuietHours
from salon.messaging.domain.phrases import quiet_shift
from salon.platform.timeranges import zone


class ReminderKind(StrEnum):
    """Which reminder."""

    DAY_BEFORE = "day_before"
    SOON = "soon"


class ReminderStatus(StrEnum):
    """The life of a reminder."""

    PLANNED = "planned"
    SENT = "sent"
    CANCELLED = "cancelled"  # the booking was cancelled or moved
    SKIPPED = "skipped"  # nobody to send it to, or too late


LEAD = {ReminderKind.DAY_BEFORE: timedelta(hours=24), ReminderKind.SOON: timedelta(hours=2)}
"""How long before the visit each goes out."""

USELESS_BEFORE = timedelta(minutes=15)
"""A reminder that would arrive later than this before the visit is not sent."""


@dataclass(frozen=True, slots=True)
class PlannedReminder:
    """A reminder and its instant (UTC)."""

    kind: ReminderKind
    due_at: datetime


def plan_reminders(
    starts_at: datetime, *, booked_at: datetime, timezone: str, quiet: QuietHours
) -> list[PlannedReminder]:
    """The reminders of a visit.

    One that falls into quiet hours (by the client's wall clock) moves to just before them, or, when that is past
    already, to their end if the visit is still far enough away. One that would be due before the booking was made is
    left out: the confirmation has just said the same.

    Args:
        starts_at: of the visit.
        booked_at: when it was confirmed or moved.
        timezone: the client's, IANA.
        quiet: the tenant's quiet hours.
    """
    planned = []
    for kind, lead in LEAD.items():
        due = _outside_quiet_hours(starts_at - lead, starts_at, booked_at, timezone, quiet)
        if due is not None and due > booked_at:
            planned.append(PlannedReminder(kind, due))
    return planned


def _outside_quiet_hours(
    due: datetime, starts_at: datetime, booked_at: datetime, timezone: str, quiet: QuietHours
) -> datetime | None:
    local = due.astimezone(zone(timezone))
    if not quiet.contains(local.hour * 60 + local.minute):
        return due
    before, after = quiet_shift(local, quiet_start_min=quiet.start_min, quiet_end_min=quiet.end_min)
    earlier, later = before.astimezone(UTC), after.astimezone(UTC)
    if earlier > booked_at:
        return earlier
    return later if later <= starts_at - USELESS_BEFORE else None
