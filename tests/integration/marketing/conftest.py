"""A salon, people with a chat, and the timers that write to them of themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from salon.booking import use_cases as booking
from salon.clients import use_cases as clients
from salon.clients.domain import ConsentPurpose
from salon.identity.use_cases import write_settings
from salon.messaging import repository
from salon.messaging.campaigns.timers import PlanAndSendCampaigns
from salon.messaging.domain import Channel
from salon.messaging.domain.taps import read_tap
from salon.messaging.events import FEEDBACK_FACTS
from salon.messaging.timers import SendDueReminders
from salon.messaging.use_cases import feedback_talk, marketing_talk, reminders
from salon.messaging.use_cases.talk import Talk
from salon.platform.metrics import MemoryMetrics
from salon.platform.settings import RetrySettings
from salon.platform.subscribers import DeliverFact, Subscription
from support.factories import free_slots, make_contact
from support.salon_world import ACTOR, make_salon

REMINDED = frozenset({"booking.confirmed", "booking.rescheduled", "booking.cancelled", "booking.restored"})


def moscow(moment: str) -> datetime:
    """`2026-03-12 14:00` on a clock in Moscow."""
    return datetime.fromisoformat(f"{moment}+03:00").astimezone(UTC)


class Town:
    """The salon, and its people by their names."""

    def __init__(self, database, world, clock) -> None:
        self.database, self.world, self.clock = database, world, clock
        self.remind = SendDueReminders(database, clock)
        self.campaigns = PlanAndSendCampaigns(database, clock)
        self._tell = DeliverFact(
            database,
            clock,
            RetrySettings(sweep_after_seconds=0),
            MemoryMetrics(),
            subscriptions=[
                Subscription("messaging.reminders", REMINDED, reminders.on_booking_changed),
                Subscription("messaging.feedback", FEEDBACK_FACTS, feedback_talk.on_visit_closed),
                Subscription("messaging.consents", frozenset({"consent.changed"}), marketing_talk.on_consent_changed),
            ],
            jitter=lambda: 0.0,
        )

    def do(self, use_case: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """Run a use case in a transaction of its own."""
        with self.database.transaction(self.world.tenant_id) as session:
            return use_case(session, *args, **named)

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """What a query finds in the tenant."""
        with self.database.read(self.world.tenant_id) as session:
            return [tuple(row) for row in session.execute(text(sql), values)]

    def moment(self, written: str) -> datetime:
        """A Moscow wall time as an instant."""
        return moscow(written)

    def settings(self, **values: Any) -> None:
        """Write the section `messaging`."""
        self.do(write_settings, "messaging", values, actor=ACTOR, now=self.clock.now())

    def at(self, moment: str) -> None:
        """Set the clock to a Moscow wall time."""
        self.clock.instant = moscow(moment)

    def tell(self) -> None:
        """Work off the events queue."""
        for (outbox_id,) in self.rows(
            "SELECT id FROM outbox WHERE queue = 'events' AND status = 'open' ORDER BY sequence"
        ):
            self._tell(self.world.tenant_id, outbox_id)

    def facts(self, name: str) -> list[dict[str, Any]]:
        """The facts of a name that were told."""
        return [
            row[0] for row in self.rows("SELECT payload FROM outbox WHERE kind = :name ORDER BY sequence", name=name)
        ]

    def person(self, number: int = 1, *, name: str = "Мария", consents: bool = False, has_chat: bool = True) -> Person:
        """Somebody who has written before, or who only ever came in."""
        return Person(self, number, name, consents=consents, has_chat=has_chat)


class Person:
    """A client, with one chat or none."""

    def __init__(self, town: Town, number: int, name: str, *, consents: bool, has_chat: bool) -> None:
        self.town, now = town, town.clock.now()
        if not has_chat:
            self.id = town.do(clients.create_client, display_name=name, actor=ACTOR, now=now).id
            return
        with town.database.transaction(town.world.tenant_id) as session:
            contact = make_contact(
                session, now=now, account_id=town.world.account_id, external_user_id=str(number), name=name
            )
            self.contact_id, self.id = contact.id, contact.client_id
            chat = repository.open_conversation(
                session,
                channel=Channel.TELEGRAM,
                account_id=town.world.account_id,
                chat_id=str(number),
                client_id=self.id,
                now=now,
            )
            self.conversation_id = chat.id
        if consents:
            self.consent(is_given=True)

    def consent(self, *, is_given: bool, purpose: ConsentPurpose = ConsentPurpose.MARKETING) -> None:
        """Agree, or take it back, at the desk."""
        self.town.do(
            clients.set_consent,
            self.id,
            purpose,
            is_given=is_given,
            channel="desk",
            wording_version="test-1",
            actor=ACTOR,
            now=self.town.clock.now(),
        )

    def book(self, moment: str, *, service: str = "Стрижка", staff: str = "Анна") -> Any:
        """Agree on a visit, at a Moscow wall time."""
        town, world = self.town, self.town.world
        with town.database.transaction(world.tenant_id) as session:
            found = free_slots(session, service_id=world.services[service], now=town.clock.now(), days=20)
            slot = next(one for one in found if one.starts_at == moscow(moment) and one.staff_id == world.staff[staff])
            held = booking.hold_slot(
                session, slot_id=slot.id, client_id=self.id, channel="telegram", actor=ACTOR, now=town.clock.now()
            )
            return booking.confirm_booking(session, held.id, actor=ACTOR, now=town.clock.now())

    def came(self, moment: str, **more: Any) -> Any:
        """Book a visit, let it pass, and have it closed half an hour after its end."""
        made = self.book(moment, **more)
        self.town.clock.instant = made.ends_at + timedelta(minutes=30)
        self.town.do(booking.complete_booking, made.id, actor=ACTOR, now=self.town.clock.now())
        self.town.tell()
        return made

    def turn(self, do: Callable[[Talk], Any]) -> Any:
        """One turn of the conversation."""
        with self.town.database.transaction(self.town.world.tenant_id) as session:
            chat = repository.lock_latest_conversation(session, self.id)
            return do(Talk(session, chat, now=self.town.clock.now(), metrics=MemoryMetrics()))

    @property
    def state(self) -> Any:
        """What the dialogue remembers."""
        return self.turn(lambda talk: talk.state)

    def said(self) -> list[dict[str, Any]]:
        """What was said to them, oldest first."""
        with self.town.database.read(self.town.world.tenant_id) as session:
            return [body for way, _, body in repository.list_messages(session, self.conversation_id) if way == "out"]

    def texts(self) -> list[str]:
        """The words of it."""
        return [message["text"] for message in self.said()]

    def taps(self) -> list[tuple[str, Any]]:
        """(label, what it means) of the buttons under the last message that has any."""
        for message in reversed(self.said()):
            if message["buttons"]:
                return [(one["text"], read_tap(one["payload"])) for row in message["buttons"] for one in row]
        return []


@pytest.fixture
def town(database, tenant_id, clock) -> Town:
    """Анна and Мария cut hair, Ольга does nails; it is Wednesday, 11 March 2026, half past ten in Moscow."""
    return Town(database, make_salon(database, tenant_id, clock), clock)


@pytest.fixture
def anna(town) -> Person:
    """Somebody with a chat."""
    return town.person(1)
