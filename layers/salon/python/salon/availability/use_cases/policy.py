"""The tenant's wishes about how far ahead and how soon is booked: its settings' section `booking`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from salon.identity.use_cases import read_settings
from salon.platform.db import ReadSession

SECTION = "booking"
DEFAULT_MIN_NOTICE = timedelta(minutes=30)
DEFAULT_HORIZON_DAYS = 60  # requirements/3
MAX_HORIZON_DAYS = 400
MAX_NOTICE_MIN = 60 * 24 * 60


def usual_notice(session: ReadSession) -> timedelta:
    """How long before it starts a slot is offered, unless its service says otherwise: `min_notice_min`, else 30 min."""
    minutes = _whole_number(read_settings(session, SECTION).get("min_notice_min"), 0, MAX_NOTICE_MIN)
    return timedelta(minutes=minutes) if minutes is not None else DEFAULT_MIN_NOTICE


def booking_horizon(session: ReadSession, default_days: int = DEFAULT_HORIZON_DAYS) -> timedelta:
    """How far ahead slots are made: `horizon_days`, else `default_days`."""
    days = _whole_number(read_settings(session, SECTION).get("horizon_days"), 1, MAX_HORIZON_DAYS)
    return timedelta(days=days if days is not None else default_days)


def _whole_number(value: Any, least: int, most: int) -> int | None:
    """A settings value that makes sense; what does not is as good as unset."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and least <= value <= most else None
