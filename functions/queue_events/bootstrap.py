"""Real adapters for queue_events, and the one list of who subscribes to what."""

from __future__ import annotations

from salon.booking import events as booking_events
from salon.clients import events as client_events
from salon.insights.use_cases import count_bookings
from salon.messaging.use_cases.erasure import on_client_erased
from salon.messaging.use_cases.reminders import on_booking_changed
from salon.platform.clock import SystemClock
from salon.platform.metrics import LogMetrics, Metrics
from salon.platform.settings import RetrySettings
from salon.platform.subscribers import DeliverFact, Subscription
from salon.platform.wiring import jitter, open_database


def subscriptions(metrics: Metrics) -> tuple[Subscription, ...]:
    """Who wants to know what."""
    return (
        Subscription(
            "messaging.reminders",
            frozenset(
                {
                    booking_events.BookingConfirmed.name,
                    booking_events.BookingRescheduled.name,
                    booking_events.BookingCancelled.name,
                    booking_events.BookingRestored.name,
                }
            ),
            on_booking_changed,
        ),
        Subscription("messaging.erasure", frozenset({client_events.ClientErased.name}), on_client_erased),
        Subscription(
            "insights.bookings",
            frozenset({booking_events.BookingConfirmed.name, booking_events.BookingCancelled.name}),
            count_bookings(metrics),
        ),
    )


def wire() -> DeliverFact:
    """What works off the events queue.

    Raises:
        SettingsInvalid: naming what the environment lacks.
    """
    metrics = LogMetrics()
    return DeliverFact(
        open_database(),
        SystemClock(),
        RetrySettings.load(),
        metrics,
        subscriptions=subscriptions(metrics),
        jitter=jitter,
    )
