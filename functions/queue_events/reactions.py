"""What each subscriber does; its module is loaded with the first fact for it.

Most facts are about bookings: an instance that never hears of an erased client or of a document does not load what
these need. The facts themselves must all be known from the start (`bootstrap`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from salon.platform.db import WriteSession
from salon.platform.facts import Fact
from salon.platform.metrics import Metrics
from salon.platform.storage import ObjectStorage
from salon.platform.subscribers import React


def make_slots(session: WriteSession, fact: Fact, now: datetime) -> None:
    """`availability.slots`."""
    from salon.availability.use_cases import on_catalog_changed

    on_catalog_changed(session, fact, now)


def plan_reminders(session: WriteSession, fact: Fact, now: datetime) -> None:
    """`messaging.reminders`."""
    from salon.messaging.use_cases.reminders import on_booking_changed

    on_booking_changed(session, fact, now)


def fill_from_waitlist(session: WriteSession, fact: Fact, now: datetime) -> None:
    """`booking.waitlist`."""
    from salon.booking.waitlist.use_cases import on_capacity_freed

    on_capacity_freed(session, fact, now)


def write_first(metrics: Metrics) -> React:
    """`messaging.unasked`."""

    def react(session: WriteSession, fact: Fact, now: datetime) -> object:
        from salon.messaging.use_cases.unasked import tell_clients

        return tell_clients(metrics)(session, fact, now)

    return react


def plan_feedback(session: WriteSession, fact: Fact, now: datetime) -> None:
    """`messaging.feedback`."""
    from salon.messaging.use_cases.feedback_talk import on_visit_closed

    on_visit_closed(session, fact, now)


def follow_consents(session: WriteSession, fact: Fact, now: datetime) -> None:
    """`messaging.consents`."""
    from salon.messaging.use_cases.marketing_talk import on_consent_changed

    on_consent_changed(session, fact, now)


def tell_salon(session: WriteSession, fact: Fact, now: datetime) -> None:
    """`messaging.salon`."""
    from salon.messaging.people.use_cases import on_salon_fact

    on_salon_fact(session, fact, now)


def consume_stock(session: WriteSession, fact: Fact, now: datetime) -> None:
    """`inventory.consumption`."""
    from salon.inventory.consumption.use_cases import on_visit_changed

    on_visit_changed(session, fact, now)


def tell_of_stock(session: WriteSession, fact: Fact, now: datetime) -> None:
    """`messaging.stock`."""
    from salon.messaging.people.use_cases.stock import on_stock_fact

    on_stock_fact(session, fact, now)


def tell_of_documents(public_url: str | None) -> React:
    """`messaging.documents`."""

    def react(session: WriteSession, fact: Fact, now: datetime) -> object:
        from salon.messaging.people.use_cases.documents import tell_of_documents

        return tell_of_documents(public_url)(session, fact, now)

    return react


def forget_files(storage: Callable[[], ObjectStorage]) -> React:
    """`messaging.files`."""

    def react(session: WriteSession, fact: Fact, now: datetime) -> object:
        from salon.messaging.use_cases.erasure import forget_files

        return forget_files(storage)(session, fact, now)

    return react


def forget_client(session: WriteSession, fact: Fact, now: datetime) -> None:
    """`messaging.erasure`."""
    from salon.messaging.use_cases.erasure import on_client_erased

    on_client_erased(session, fact, now)


def count_bookings(metrics: Metrics) -> React:
    """`insights.bookings`."""

    def react(session: WriteSession, fact: Fact, now: datetime) -> object:
        from salon.insights.use_cases import count_bookings

        return count_bookings(metrics)(session, fact, now)

    return react
