"""Counting what happens, as it happens; roll-ups by day and month come on top of it."""

from __future__ import annotations

from datetime import datetime

from salon.booking.events import BookingCancelled, BookingConfirmed
from salon.platform import metrics as figures
from salon.platform.db import WriteSession
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
