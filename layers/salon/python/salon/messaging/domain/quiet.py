"""Whether somebody may be written to unasked just now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from salon.identity.domain import QuietHours
from salon.messaging.domain.phrases import quiet_shift
from salon.platform.timeranges import zone

URGENT = timedelta(hours=12)
"""About a visit that is nearer than this, a client is written to at night as well."""


def waits_until(now: datetime, *, timezone: str, quiet: QuietHours, visit_at: datetime | None) -> datetime | None:
    """When a message that nobody asked for may go out; None for now.

    Args:
        now: the current instant.
        timezone: the client's, IANA.
        quiet: the tenant's quiet hours, by the client's wall clock.
        visit_at: the visit that it is about; None when it is about none.
    """
    local = now.astimezone(zone(timezone))
    if not quiet.contains(local.hour * 60 + local.minute):
        return None
    if visit_at is not None and visit_at - now < URGENT:
        return None
    _, after = quiet_shift(local, quiet_start_min=quiet.start_min, quiet_end_min=quiet.end_min)
    return after.astimezone(UTC)
