"""A small salon with a conversation, for tests of the dialogue and of delivery: real database, fake edges."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from salon.availability.domain import RuleDetails, RuleKind
from salon.availability.use_cases import create_rule, generate_slots
from salon.catalog.domain import LocationDetails, PriceItem, PriceListDetails, ServiceDetails, Skill, StaffDetails
from salon.catalog.use_cases import (
    assign_skills,
    create_location,
    create_service,
    create_staff,
    gather_changes,
    offer_services,
    publish_price_list,
)
from salon.identity.domain import system
from salon.identity.use_cases import add_channel_account
from salon.integrations.telegram.adapter import TelegramAdapter
from salon.messaging.domain import Channel, conversation_key
from salon.messaging.use_cases.deliver import Deliver
from salon.messaging.use_cases.receive import Receive
from salon.messaging.use_cases.reminders import on_booking_changed
from salon.platform.clock import FrozenClock
from salon.platform.db import Database
from salon.platform.ids import new_id
from salon.platform.inbox import InboxDrain
from salon.platform.inbox_receive import PAYLOAD_PURPOSE
from salon.platform.keys import seal_for_tenant
from salon.platform.metrics import MemoryMetrics
from salon.platform.money import Money
from salon.platform.settings import BookingSettings, RetrySettings
from salon.platform.storage import MemoryStorage
from salon.platform.subscribers import DeliverFact, Subscription

ACTOR = system("tests")
TOKEN = "100:test-token"
SECRET = "test-secret"


@dataclass
class SalonWorld:
    """Ids of a small salon: Анна and Мария cut hair, Ольга does nails."""

    tenant_id: UUID
    account_id: UUID
    location_id: UUID
    services: dict[str, UUID] = field(default_factory=dict)
    staff: dict[str, UUID] = field(default_factory=dict)


def make_salon(database: Database, tenant_id: UUID, clock: FrozenClock, *, days: int = 21) -> SalonWorld:
    """Furnish a tenant: one location in Moscow, three people, four services, slots for three weeks."""
    now = clock.now()
    with database.transaction(tenant_id) as session, gather_changes(session, now=now) as moved:
        hours = {day: ((time(9), time(21)),) for day in range(1, 8)}
        location = create_location(
            session,
            LocationDetails(
                name="Салон на Пробной",
                timezone="Europe/Moscow",
                address="ул. Пробная, 1",
                phone="+7 900 000-00-01",
                opening_hours=hours,
            ),
            actor=ACTOR,
            now=now,
        )
        account_id = add_channel_account(
            session,
            channel="telegram",
            account_key=f"probe-{tenant_id.hex[-8:]}",
            credentials={"token": TOKEN, "webhook_secrets": [SECRET]},
            actor=ACTOR,
            now=now,
        )
        world = SalonWorld(tenant_id, account_id, location.id)
        for name, minutes in (("Стрижка", 60), ("Окрашивание", 180), ("Маникюр", 90), ("Стрижка чёлки", 20)):
            service = create_service(session, ServiceDetails(name=name, duration_min=minutes), actor=ACTOR, now=now)
            world.services[name] = service.id
        for name in ("Анна", "Мария", "Ольга"):
            person = create_staff(session, StaffDetails(location_id=location.id, name=name), actor=ACTOR, now=now)
            world.staff[name] = person.id
        hair = [world.services[name] for name in ("Стрижка", "Окрашивание", "Стрижка чёлки")]
        skills = {"Анна": hair, "Мария": hair, "Ольга": [world.services["Маникюр"]]}
        for name, known in skills.items():
            assign_skills(session, world.staff[name], [Skill(service_id=one) for one in known], actor=ACTOR, now=now)
        offer_services(session, location.id, list(world.services.values()), actor=ACTOR, now=now)
        items = tuple(
            PriceItem(service_id=one, price=Money(250_000 + 50_000 * number))
            for number, one in enumerate(world.services.values())
        )
        publish_price_list(
            session,
            PriceListDetails(name="Основной", valid_from=date(2026, 1, 1), items=items),
            actor=ACTOR,
            now=now,
        )
        create_rule(
            session,
            RuleDetails(
                location_id=location.id,
                kind=RuleKind.WEEKLY,
                days_of_week=frozenset(range(1, 8)),
                start_time=time(9),
                end_time=time(21),
                slot_granularity_min=30,
            ),
            actor=ACTOR,
            now=now,
            refresh=False,
        )
        today = now.date()
        generate_slots(session, location_id=location.id, from_on=today, to_on=today + timedelta(days=days), now=now)
        moved.clear()  # the slots are there: nobody needs to be told
    return world


class Chat:
    """One person writing to the salon; every message goes through inbox, dialogue, outbox and a Telegram fake."""

    def __init__(
        self, database: Database, world: SalonWorld, clock: FrozenClock, telegram_base: str, user_id: int = 5
    ) -> None:
        self.database = database
        self.world = world
        self.clock = clock
        self.metrics = MemoryMetrics()
        self.storage = MemoryStorage()
        adapters = {Channel.TELEGRAM: TelegramAdapter(telegram_base)}
        retry = RetrySettings(sweep_after_seconds=0)
        receive = Receive(
            database,
            clock,
            self.metrics,
            adapters=adapters,
            storage=lambda: self.storage,
            media_max_bytes=1_000_000,
            booking=BookingSettings(slot_horizon_days=20),
        )
        self.drain = InboxDrain(
            database,
            clock,
            retry,
            self.metrics,
            prepare=receive.prepare,
            handle=receive.handle,
            give_up=receive.give_up,
            jitter=lambda: 0.0,
            requeue=lambda *_: None,
        )
        self.deliver = Deliver(database, clock, retry, self.metrics, adapters=adapters, jitter=lambda: 0.0)
        self.facts = DeliverFact(
            database,
            clock,
            retry,
            self.metrics,
            subscriptions=[
                Subscription(
                    "messaging.reminders",
                    frozenset({"booking.confirmed", "booking.rescheduled", "booking.cancelled", "booking.restored"}),
                    on_booking_changed,
                )
            ],
            jitter=lambda: 0.0,
        )
        self.user_id = user_id
        self._update_id = 1000 * user_id

    def update(self, **content: Any) -> dict[str, Any]:
        """A genuine update around `content`."""
        self._update_id += 1
        return {"update_id": self._update_id, **content}

    def message(self, **content: Any) -> dict[str, Any]:
        """A genuine message update."""
        person = {"id": self.user_id, "is_bot": False, "first_name": "Проба"}
        return self.update(
            message={
                "message_id": self._update_id,
                "from": person,
                "chat": {"id": self.user_id, "type": "private"},
                "date": int(self.clock.now().timestamp()),
                **content,
            }
        )

    def tap(self, payload: str, message_id: int = 1) -> dict[str, Any]:
        """A genuine tap on a button."""
        person = {"id": self.user_id, "is_bot": False, "first_name": "Проба"}
        chat = {"id": self.user_id, "type": "private"}
        return self.update(
            callback_query={
                "id": f"cb{self._update_id}",
                "from": person,
                "message": {"message_id": message_id, "date": 1, "chat": chat, "text": "x"},
                "chat_instance": "1",
                "data": payload,
            }
        )

    def keep(self, update: dict[str, Any]) -> UUID:
        """Put an update into the inbox, as the webhook does; returns the row."""
        inbox_id = new_id()
        body = json.dumps(update)
        key = conversation_key(Channel.TELEGRAM, self.world.account_id, str(self.user_id))
        with self.database.transaction(self.world.tenant_id) as session:
            session.execute(
                text(
                    "INSERT INTO inbox (id, tenant_id, source, account_id, external_id, conversation_key, payload,"
                    " status, attempts, next_attempt_at, received_at) VALUES (:id, :tenant, 'telegram', :account,"
                    " :external, :key, :payload, 'open', 0, :now, :now)"
                ),
                {
                    "id": inbox_id,
                    "tenant": self.world.tenant_id,
                    "account": self.world.account_id,
                    "external": str(update["update_id"]),
                    "key": key,
                    "payload": seal_for_tenant(session, body, purpose=PAYLOAD_PURPOSE),
                    "now": self.clock.now(),
                },
            )
        return inbox_id

    def send(self, update: dict[str, Any]) -> list[dict[str, Any]]:
        """Send an update and return what the bot wants to say, oldest first."""
        inbox_id = self.keep(update)
        before = self.said()
        self.drain.drain(self.world.tenant_id, inbox_id)
        return self.said()[len(before) :]

    def say(self, words: str) -> list[dict[str, Any]]:
        """Write something; what the bot answers."""
        return self.send(self.message(text=words))

    def said(self) -> list[dict[str, Any]]:
        """Everything that the bot wanted to say so far."""
        from salon.messaging.repository import find_conversation, list_messages

        with self.database.read(self.world.tenant_id) as session:
            conversation = find_conversation(session, account_id=self.world.account_id, chat_id=str(self.user_id))
            if conversation is None:
                return []
            return [body for way, _, body in list_messages(session, conversation.id) if way == "out"]

    def buttons(self, messages: list[dict[str, Any]]) -> list[dict[str, str]]:
        """The buttons under the last message that has any."""
        for message in reversed(messages):
            if message["buttons"]:
                return [button for row in message["buttons"] for button in row]
        return []

    def bookings(self) -> list[Any]:
        """(status, local start, service, staff) of all bookings, by time."""
        with self.database.read(self.world.tenant_id) as session:
            return list(
                session.execute(
                    text(
                        "SELECT b.status, s.name AS service, t.name AS staff,"
                        " to_char(b.starts_at AT TIME ZONE 'Europe/Moscow', 'YYYY-MM-DD HH24:MI') AS at"
                        " FROM bookings b JOIN services s ON s.id = b.service_id"
                        " LEFT JOIN staff t ON t.id = b.staff_id ORDER BY b.starts_at"
                    )
                )
            )
