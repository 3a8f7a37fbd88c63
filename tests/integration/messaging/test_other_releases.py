"""What another release, or a bug, has written must not stop this one."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from salon.messaging.timers import SendDueReminders
from salon.platform import keys
from salon.platform import metrics as figures
from support.fixtures import make_tenant
from support.salon_world import Chat, make_salon

pytestmark = pytest.mark.database


@pytest.fixture
def chat(database, tenant_id, clock):
    return Chat(database, make_salon(database, tenant_id, clock), clock, "http://127.0.0.1:9")


def book(chat):
    offers = chat.say("стрижка к Анне послезавтра в 12")
    payload = next(button["payload"] for button in chat.buttons(offers) if "12:00" in button["text"])
    chat.send(chat.tap(payload))
    with chat.database.read(chat.world.tenant_id) as session:
        for row_id in session.scalars(text("SELECT id FROM outbox WHERE queue = 'events' AND status = 'open'")).all():
            chat.facts(chat.world.tenant_id, row_id)


def damage_memory(chat):
    with chat.database.transaction(chat.world.tenant_id) as session:
        client_id = session.scalar(text("SELECT client_id FROM conversations"))
        sealed = keys.seal_for_client(session, client_id, json.dumps({"topic": "of another release"}))
        session.execute(text("UPDATE conversations SET state = :state"), {"state": sealed})


def test_a_memory_that_cannot_be_read_is_begun_anew(chat):
    chat.say("хочу на стрижку")
    damage_memory(chat)

    answer = chat.say("стрижка к Анне завтра вечером")

    assert "Стрижка: вот что свободно" in answer[-1]["text"]


def test_a_reminder_that_breaks_keeps_nobody_else_waiting_and_comes_back(chat, database, clock):
    other_tenant = make_tenant(database, clock.now(), "Салон «Второй»")
    other = Chat(database, make_salon(database, other_tenant, clock), clock, "http://127.0.0.1:9", user_id=8)
    book(chat)
    book(other)
    with database.transaction(chat.world.tenant_id) as session:  # a bug: the conversation's body cannot be opened
        session.execute(text("UPDATE conversations SET state = '\\x00'"))
    clock.advance(timedelta(hours=26))
    run = SendDueReminders(database, clock)

    assert run() == 1
    with database.transaction(chat.world.tenant_id) as session:
        assert session.scalars(text("SELECT status FROM reminders WHERE kind = 'day_before'")).all() == ["planned"]
        session.execute(text("UPDATE conversations SET state = NULL"))
    assert run() == 0  # it stands back for a while
    clock.advance(timedelta(minutes=6))
    assert run() == 1


def test_a_refused_booking_is_counted(chat):
    offers = chat.say("стрижка к Анне завтра вечером")
    rival = Chat(chat.database, chat.world, chat.clock, "http://127.0.0.1:9", user_id=6)
    rival.say("стрижка к Анне завтра вечером")
    payload = chat.buttons(offers)[0]["payload"]
    rival.send(rival.tap(payload))

    chat.send(chat.tap(payload))

    assert chat.metrics.total(figures.BOOKING_REFUSED, outcome="slot_full") == 1
    assert rival.metrics.total(figures.BOOKING_REFUSED) == 0


def test_a_day_beyond_the_horizon_is_said(chat):
    answer = chat.say("стрижка 20 мая")

    assert re.search(r"Так далеко запись ещё не открыта\. Можно записаться до \w+[аыя], \d", answer[-1]["text"])
