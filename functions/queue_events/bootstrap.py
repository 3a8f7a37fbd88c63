"""Real adapters for queue_events, and the one list of who subscribes to what."""

from __future__ import annotations

from collections.abc import Callable

from salon.availability.use_cases import on_catalog_changed
from salon.booking import events as booking_events
from salon.booking.bulk import events as _bulk_events  # noqa: F401 - what nobody subscribes to must be readable too
from salon.booking.series import events as _series_events  # noqa: F401 - as above
from salon.booking.shifts import events as _shift_events  # noqa: F401 - as above
from salon.booking.waitlist.use_cases import CAPACITY_FACTS, on_capacity_freed
from salon.catalog import events as catalog_events
from salon.clients import events as client_events
from salon.insights.use_cases import count_bookings
from salon.inventory.consumption import events as _consumption_events  # noqa: F401 - as above
from salon.inventory.consumption.use_cases import VISIT_FACTS, on_visit_changed
from salon.inventory.counts import events as _count_events  # noqa: F401 - as above
from salon.inventory.drafts import events as _invoice_events  # noqa: F401 - as above
from salon.messaging.people.use_cases import SALON_FACTS, on_salon_fact
from salon.messaging.people.use_cases.documents import DOCUMENT_FACTS, tell_of_documents
from salon.messaging.people.use_cases.stock import STOCK_FACTS, on_stock_fact
from salon.messaging.use_cases.erasure import forget_files, on_client_erased
from salon.messaging.use_cases.feedback_talk import FEEDBACK_FACTS, on_visit_closed
from salon.messaging.use_cases.marketing_talk import on_consent_changed
from salon.messaging.use_cases.reminders import on_booking_changed
from salon.messaging.use_cases.unasked import TOLD_FACTS, tell_clients
from salon.platform.clock import SystemClock
from salon.platform.metrics import LogMetrics, Metrics
from salon.platform.settings import CloudSettings, MediaSettings, PublicSettings, RetrySettings
from salon.platform.storage import ObjectStorage, S3Storage, s3_client
from salon.platform.subscribers import DeliverFact, Subscription
from salon.platform.wiring import jitter, open_database


def subscriptions(metrics: Metrics, storage: Callable[[], ObjectStorage]) -> tuple[Subscription, ...]:
    """Who wants to know what."""
    return (
        Subscription("availability.slots", frozenset({catalog_events.CatalogChanged.name}), on_catalog_changed),
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
        Subscription("booking.waitlist", CAPACITY_FACTS, on_capacity_freed),
        Subscription("messaging.unasked", TOLD_FACTS, tell_clients(metrics)),
        Subscription("messaging.feedback", FEEDBACK_FACTS, on_visit_closed),
        Subscription("messaging.consents", frozenset({client_events.ConsentChanged.name}), on_consent_changed),
        Subscription("messaging.salon", SALON_FACTS, on_salon_fact),
        Subscription("inventory.consumption", VISIT_FACTS, on_visit_changed),
        Subscription("messaging.stock", STOCK_FACTS, on_stock_fact),
        Subscription("messaging.documents", DOCUMENT_FACTS, tell_of_documents(PublicSettings.load().public_url)),
        Subscription("messaging.files", frozenset({client_events.ClientErased.name}), forget_files(storage)),
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
    metrics, cloud, media = LogMetrics(), CloudSettings.load(), MediaSettings.load()
    return DeliverFact(
        open_database(),
        SystemClock(),
        RetrySettings.load(),
        metrics,
        subscriptions=subscriptions(metrics, lambda: S3Storage(s3_client(cloud), media.media_bucket)),
        jitter=jitter,
    )
