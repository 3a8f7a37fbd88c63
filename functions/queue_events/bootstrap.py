"""Real adapters for queue_events, and the one list of who subscribes to what."""

from __future__ import annotations

from collections.abc import Callable

import reactions

from salon.booking import events as booking_events
from salon.booking.bulk import events as _bulk_events  # noqa: F401 - what nobody subscribes to must be readable too
from salon.booking.series import events as _series_events  # noqa: F401 - as above
from salon.booking.waitlist.events import CAPACITY_FACTS
from salon.catalog import events as catalog_events
from salon.clients import events as client_events
from salon.clients.linking import events as _linking_events  # noqa: F401 - as above
from salon.intake import events as intake_events
from salon.inventory.consumption.events import VISIT_FACTS
from salon.inventory.counts import events as _count_events  # noqa: F401 - as above
from salon.inventory.drafts import events as _invoice_events  # noqa: F401 - as above
from salon.inventory.ledger import events as stock_events
from salon.messaging.events import FEEDBACK_FACTS, TOLD_FACTS
from salon.messaging.people.events import SALON_FACTS
from salon.platform.clock import SystemClock
from salon.platform.metrics import LogMetrics, Metrics
from salon.platform.settings import CloudSettings, MediaSettings, PublicSettings, RetrySettings
from salon.platform.storage import ObjectStorage, S3Storage, s3_client
from salon.platform.subscribers import DeliverFact, Subscription
from salon.platform.wiring import jitter, open_database


def subscriptions(metrics: Metrics, storage: Callable[[], ObjectStorage]) -> tuple[Subscription, ...]:
    """Who wants to know what."""
    return (
        Subscription("availability.slots", frozenset({catalog_events.CatalogChanged.name}), reactions.make_slots),
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
            reactions.plan_reminders,
        ),
        Subscription("booking.waitlist", CAPACITY_FACTS, reactions.fill_from_waitlist),
        Subscription("messaging.unasked", TOLD_FACTS, reactions.write_first(metrics)),
        Subscription("messaging.feedback", FEEDBACK_FACTS, reactions.plan_feedback),
        Subscription("messaging.consents", frozenset({client_events.ConsentChanged.name}), reactions.follow_consents),
        Subscription("messaging.salon", SALON_FACTS, reactions.tell_salon),
        Subscription("inventory.consumption", VISIT_FACTS, reactions.consume_stock),
        Subscription("messaging.stock", frozenset({stock_events.StockBelowMinimum.name}), reactions.tell_of_stock),
        Subscription(
            "messaging.documents",
            frozenset({intake_events.JobDone.name, intake_events.JobFailed.name}),
            reactions.tell_of_documents(PublicSettings.load().public_url),
        ),
        Subscription("messaging.files", frozenset({client_events.ClientErased.name}), reactions.forget_files(storage)),
        Subscription("messaging.erasure", frozenset({client_events.ClientErased.name}), reactions.forget_client),
        Subscription(
            "insights.bookings",
            frozenset({booking_events.BookingConfirmed.name, booking_events.BookingCancelled.name}),
            reactions.count_bookings(metrics),
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
