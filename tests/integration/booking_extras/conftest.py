from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from salon.booking import use_cases as booking
from salon.booking.bulk import events as _bulk_events  # noqa: F401 - told facts must be readable
from salon.booking.domain import CancelReason
from salon.booking.series import events as _series_events  # noqa: F401 - as above
from salon.booking.shifts import events as _shift_events  # noqa: F401 - as above
from salon.booking.waitlist import use_cases as waitlist
from salon.booking.waitlist.events import CAPACITY_FACTS
from salon.platform.clock import FrozenClock
from salon.platform.metrics import MemoryMetrics
from salon.platform.settings import RetrySettings
from salon.platform.subscribers import DeliverFact, Subscription
from support.consistency import find_contradictions
from support.factories import ACTOR, Salon, make_salon

OPEN_FACTS = "SELECT id FROM outbox WHERE queue = 'events' AND status = 'open' ORDER BY sequence"
UNSOUND = """
    SELECT entry.id FROM waitlist_entries entry WHERE (entry.status = 'offered') <> EXISTS (
        SELECT 1 FROM bookings WHERE id = entry.offered_booking_id AND status = 'held')
    UNION ALL SELECT offered_booking_id FROM waitlist_entries WHERE status = 'offered'
    GROUP BY offered_booking_id HAVING count(*) > 1
    UNION ALL SELECT id FROM bookings offer WHERE status = 'held' AND channel = 'waitlist' AND NOT EXISTS (
        SELECT 1 FROM waitlist_entries WHERE offered_booking_id = offer.id AND status = 'offered')"""


@pytest.fixture
def salon(database, tenant_id, clock):
    """Анна, three afternoons of six one-hour slots (12:00 to 18:00 in Moscow); now is 10:30 on the first day."""
    return make_salon(database, tenant_id, now=clock.now())


@dataclass
class Stage:
    """A salon, a clock, and what the tests of this folder do again and again."""

    salon: Salon
    clock: FrozenClock
    owner_engine: Engine

    def act(self, use_case, *arguments, **keywords):
        """Call a use case in a transaction of its own."""
        with self.salon.database.transaction(self.salon.tenant_id) as session:
            return use_case(session, *arguments, **keywords)

    def join(self, client_id=None, **changes):
        """Put a client on the waiting list for what is left of the first day, unless told otherwise."""
        now = self.clock.now()
        wish = {"service_id": self.salon.service.id, "from_at": now, "to_at": now + timedelta(hours=10), **changes}
        client_id = client_id or self.salon.client()
        return self.act(waitlist.join_waitlist, client_id=client_id, channel="waitlist", actor=ACTOR, now=now, **wish)

    def entry(self, one):
        """An entry as it is now."""
        return self.act(waitlist.get_entry, getattr(one, "id", one))

    def fill_day(self):
        """Book every slot of the first day; the bookings by time."""
        today = [slot for slot in self.salon.slots() if slot.starts_at < self.salon.now + timedelta(hours=12)]
        return [self.salon.book(slot.id, self.salon.client()) for slot in today]

    def cancel(self, visit):
        """Cancel, as the front desk does for a client."""
        self.act(booking.cancel_booking, visit.id, reason=CancelReason.CLIENT, actor=ACTOR, now=self.clock.now())

    def open_facts(self):
        """Outbox rows that nobody was told of."""
        return self.act(lambda session: list(session.scalars(text(OPEN_FACTS))))

    def tell(self, seed=0):
        """Tell all facts to the waiting list: in any order, each twice, until none is left."""
        subscription = Subscription("booking.waitlist", CAPACITY_FACTS, waitlist.on_capacity_freed)
        deliver = DeliverFact(
            self.salon.database,
            self.clock,
            RetrySettings(),
            MemoryMetrics(),
            subscriptions=[subscription],
            jitter=lambda: 0.0,
        )
        while rows := self.open_facts():
            random.Random(seed).shuffle(rows)
            for outbox_id in rows:
                deliver(self.salon.tenant_id, outbox_id)
                deliver(self.salon.tenant_id, outbox_id)

    def facts(self, name):
        """The payloads of all facts of a name, the oldest first."""
        query = text("SELECT payload FROM outbox WHERE kind = :name ORDER BY sequence")
        return self.act(lambda session: list(session.scalars(query, {"name": name})))

    def sound(self):
        """Nothing contradicts anything: bookings and seats agree, an open offer is exactly one hold."""
        assert find_contradictions(self.owner_engine) == {}
        with self.owner_engine.connect() as owner:
            assert list(owner.scalars(text(UNSOUND))) == []


@pytest.fixture
def stage(salon, clock, owner_engine):
    return Stage(salon, clock, owner_engine)
