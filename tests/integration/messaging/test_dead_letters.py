"""The view of what was given up, and the way back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from salon.messaging.domain import Channel
from salon.messaging.errors import RequestRejected
from salon.messaging.use_cases.dead_letters import list_dead_letters, redrive_all, redrive_row
from salon.platform.errors import NotFound
from salon.platform.ids import new_id
from salon.platform.outbox import OutboxQueue
from support.fixtures import make_tenant
from support.recording_channel import Counter

pytestmark = pytest.mark.database
VK = Channel.VK


@pytest.fixture
def counter(database, tenant_id, clock):
    return Counter(database, tenant_id, clock)


def park(counter, chat, queue=OutboxQueue.TX):
    counter.say(chat, "раз", queue=queue)
    counter.channels[VK].failures.append(RequestRejected("100"))
    assert counter.send() == 0
    counter.clock.advance(timedelta(minutes=1))


def park_inbound(counter):
    row = new_id()
    sql = (
        "INSERT INTO inbox (id, tenant_id, source, account_id, external_id, conversation_key, payload, status,"
        " attempts, next_attempt_at, received_at, done_at, last_error) VALUES (:id, :tenant, 'vk', :id, '1', '1', 'x',"
        " 'parked', 6, :now, :now, :now, 'KeyError')"
    )
    named = {"id": row, "tenant": counter.tenant_id, "now": counter.clock.now()}
    counter.do(lambda session: session.execute(text(sql), named))
    counter.clock.advance(timedelta(minutes=1))
    return row


def letters(counter, **asked):
    return counter.do(lambda session: list_dead_letters(session, **{"limit": 10, **asked}))


def test_the_latest_come_first_page_by_page_and_only_ones_own(counter, database, clock):
    chat = counter.chat(VK, counter.account(VK))
    park(counter, chat)
    inbound = park_inbound(counter)
    park(counter, chat, OutboxQueue.MK)
    found = letters(counter)
    assert [(one.queue, one.kind, one.reason, one.attempts) for one in found] == [
        ("mk", "message.send", "REQUEST_REJECTED", 1),
        ("inbound", "vk", "KeyError", 6),
        ("tx", "message.send", "REQUEST_REJECTED", 1),
    ]
    assert found[1].id == inbound
    assert {found[0].conversation_id, found[2].conversation_id} == {chat.id}

    paged, last = [], None
    while page := letters(counter, limit=1, before=last):
        paged += page
        last = (page[-1].parked_at, page[-1].id)
    assert paged == found
    assert letters(counter, queue="mk") == found[:1]
    assert letters(counter, queue="inbound") == found[1:2]

    other = Counter(database, make_tenant(database, clock.now()), clock)
    assert letters(other) == []
    with pytest.raises(NotFound):
        other.do(lambda session: redrive_row(session, inbound, clock.now()))


def test_one_row_has_another_round_of_attempts_and_its_message_goes_out(counter):
    chat = counter.chat(VK, counter.account(VK))
    park(counter, chat)
    park(counter, chat)
    second, first = letters(counter)
    assert counter.messages() == [("failed", "REQUEST_REJECTED")] * 2
    assert counter.do(lambda session: redrive_row(session, first.id, counter.clock.now())) == "tx"
    assert counter.messages() == [("queued", None), ("failed", "REQUEST_REJECTED")]
    assert counter.send() == 1
    assert counter.messages() == [("sent", None), ("failed", "REQUEST_REJECTED")]
    assert letters(counter) == [second]
    with pytest.raises(NotFound):
        counter.do(lambda session: redrive_row(session, first.id, counter.clock.now()))
    assert len(counter.facts("message.logged")) == 1


@pytest.mark.parametrize("queue", ["tx", "mk", "inbound"])
def test_all_of_a_queue_and_no_other(counter, queue):
    chat = counter.chat(VK, counter.account(VK))
    park(counter, chat)
    park(counter, chat, OutboxQueue.MK)
    inbound = park_inbound(counter)
    parked = {one.queue: one.id for one in letters(counter)}
    opened = counter.do(lambda session: redrive_all(session, queue, counter.clock.now()))
    assert opened == [parked[queue]]
    assert {one.queue for one in letters(counter)} == {"tx", "mk", "inbound"} - {queue}
    assert counter.do(lambda session: redrive_all(session, queue, counter.clock.now())) == []
    assert inbound == parked["inbound"]
