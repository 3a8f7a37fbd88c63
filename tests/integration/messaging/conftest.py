"""Salons that stand ready, and a person in front of one, for tests of messaging."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text

from salon.booking import use_cases as booking
from salon.booking.bulk import events as _bulk_events  # noqa: F401 - facts that nobody here subscribes to are read too
from salon.booking.series import events as _series_events  # noqa: F401 - as above
from salon.booking.shifts import events as _shift_events  # noqa: F401 - as above
from salon.booking.waitlist.events import CAPACITY_FACTS
from salon.booking.waitlist.use_cases import on_capacity_freed
from salon.messaging.events import TOLD_FACTS
from salon.messaging.use_cases.reminders import on_booking_changed
from salon.messaging.use_cases.unasked import tell_clients
from salon.platform.metrics import MemoryMetrics
from salon.platform.settings import RetrySettings
from salon.platform.subscribers import DeliverFact, Subscription
from support.furnished import furnished_then, then_salons
from support.salon_world import ACTOR, Chat, SalonWorld, make_salon

__all__ = ["furnished_then", "then_salons"]
REMINDED = frozenset({"booking.confirmed", "booking.rescheduled", "booking.cancelled", "booking.restored"})
NOWHERE = "http://127.0.0.1:9"  # the discard port: nothing listens there


class Salon:
    """A salon, people who write to it, and the events queue worked off when a test says so."""

    def __init__(self, database, world: SalonWorld, clock) -> None:
        self.database, self.world, self.clock = database, world, clock
        self.tell = DeliverFact(
            database,
            clock,
            RetrySettings(sweep_after_seconds=0),
            MemoryMetrics(),
            subscriptions=[
                Subscription("messaging.reminders", REMINDED, on_booking_changed),
                Subscription("booking.waitlist", CAPACITY_FACTS, on_capacity_freed),
                Subscription("messaging.unasked", TOLD_FACTS, tell_clients(MemoryMetrics())),
            ],
            jitter=lambda: 0.0,
        )

    def person(self, user_id: int = 5) -> Person:
        """Somebody who writes."""
        return Person(self, user_id)

    def pump(self, *, again: bool = False) -> None:
        """Tell every fact that is due, and those that this brings about; `again`: what was told before as well."""
        if again:
            with self.database.transaction(self.world.tenant_id) as session:
                session.execute(text("UPDATE outbox SET status = 'open' WHERE queue = 'events' AND status = 'done'"))
        for _ in range(20):
            with self.database.read(self.world.tenant_id) as session:
                due = session.scalars(
                    text(
                        "SELECT id FROM outbox WHERE queue = 'events' AND status = 'open' AND next_attempt_at <= :now"
                        " ORDER BY sequence"
                    ),
                    {"now": self.clock.now()},
                ).all()
            if not due:
                return
            for outbox_id in due:
                self.tell(self.world.tenant_id, outbox_id)
        raise AssertionError("facts bring about facts without end")

    def do(self, use_case: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """Run a use case in a transaction of its own."""
        with self.database.transaction(self.world.tenant_id) as session:
            return use_case(session, *args, **named)

    def expire_holds(self) -> None:
        """What the timer does every minute."""
        self.do(booking.expire_holds, now=self.clock.now())

    def block(self, *, staff: str | None = None, on: str | None = None) -> None:
        """Take slots out of the offer: of one person, of one Moscow day, or all."""
        with self.database.transaction(self.world.tenant_id) as session:
            session.execute(
                text(
                    "UPDATE slot_instances SET is_blocked = TRUE"
                    " WHERE (CAST(:staff AS uuid) IS NULL OR staff_id = :staff)"
                    " AND (CAST(:day AS date) IS NULL OR (starts_at AT TIME ZONE 'Europe/Moscow')::date = :day)"
                ),
                {"staff": self.world.staff[staff] if staff else None, "day": on},
            )

    def settings(self, change: Callable[..., Any], **values: Any) -> None:
        """Change the tenant's rules."""
        self.do(change, values, actor=ACTOR, now=self.clock.now())

    def at(self, moment: str) -> None:
        """Let the clock run on until a Moscow wall time, `2026-03-12 14:00`."""
        local = datetime.fromisoformat(f"{moment}+03:00")
        self.clock.advance(local - self.clock.now())


class Person(Chat):
    """A chat that remembers what was said last, and finds buttons by their words."""

    def __init__(self, salon: Salon, user_id: int) -> None:
        super().__init__(salon.database, salon.world, salon.clock, NOWHERE, user_id=user_id)
        self.salon = salon
        self.heard: list[dict[str, Any]] = []

    def send(self, update: dict[str, Any]) -> list[dict[str, Any]]:
        """Send an update; every call is another transaction, as after a restart."""
        self.heard = super().send(update)
        return self.heard

    def hear(self) -> str:
        """What was said since the last turn, unasked; told facts are worked off first."""
        before = len(self.said())
        self.salon.pump()
        self.heard = self.said()[before:]
        return self.text

    @property
    def text(self) -> str:
        """The words of the last turn."""
        return "\n".join(message["text"] for message in self.heard if message["kind"] == "message")

    @property
    def labels(self) -> list[str]:
        """The buttons of the last turn."""
        return [button["text"] for button in self.buttons(self.heard)]

    def payload(self, label: str) -> str:
        """What the first button with these words carries."""
        return next(button["payload"] for button in self.buttons(self.heard) if label in button["text"])

    def write(self, words: str) -> str:
        """Write something; the words of the answer."""
        self.say(words)
        return self.text

    def press(self, label: str) -> str:
        """Tap the first button with these words in it; the words of the answer."""
        return self.press_payload(self.payload(label))

    def press_payload(self, payload: str) -> str:
        """Tap a button that may be gone from the screen."""
        assert len(payload.encode()) <= 64
        self.send(self.tap(payload))
        return self.text

    def rows(self) -> list[tuple[str, str, str, str]]:
        """(status, service, staff, local start) of everybody's bookings."""
        return [(row.status, row.service, row.staff, row.at) for row in self.bookings()]


@pytest.fixture
def salon(database, tenant_id, clock) -> Salon:
    """Анна and Мария cut hair, Ольга does nails; it is Wednesday, 11 March 2026, in the morning."""
    return Salon(database, make_salon(database, tenant_id, clock), clock)


@pytest.fixture
def anna(salon) -> Person:
    """Somebody who writes."""
    return salon.person(5)


@pytest.fixture
def rival(salon) -> Person:
    """Somebody else who writes."""
    return salon.person(6)
