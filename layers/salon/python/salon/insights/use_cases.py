"""Counting what happens, as it happens, and reading it back; roll-ups by day and month come on top of it."""

from __future__ import annotations

from datetime import datetime

from salon.booking.events import BookingCancelled, BookingConfirmed
from salon.insights import repository
from salon.insights.domain import VariantFunnel
from salon.platform import metrics as figures
from salon.platform.db import ReadSession, WriteSession
from salon.platform.facts import Fact
from salon.platform.metrics import Metrics
from salon.platform.subscribers import React


def count_bookings(metrics: Metrics) -> React:
    """A subscriber that counts bookings made and given up; the refused ones are counted where they are refused."""

    def react(session: WriteSession, fact: Fact, now: datetime) -> None:
        del session, now
        match fact:
            case BookingConfirmed():
                metrics.count(figures.BOOKING_SUCCESS)
            case BookingCancelled(was_confirmed=True):
                metrics.count(figures.BOOKING_CANCELLED, outcome=fact.reason)
            case _:
                return

    return react


def exposure_funnel(session: ReadSession, *, from_at: datetime, to_at: datetime) -> list[VariantFunnel]:
    """How many looked at offers, held and confirmed, for each variant of exposure that somebody was shown.

    Args:
        session: reading is enough.
        from_at: sets shown at this instant or later, UTC.
        to_at: and before this one.
    """
    return repository.count_funnel(session, from_at, to_at)
