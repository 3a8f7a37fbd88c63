"""Messages that say nothing worth saying any more by the time they could go out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from salon.identity.use_cases import change_credentials
from salon.messaging.domain import Channel, Purpose
from salon.messaging.errors import AccountRejected, RequestRejected
from salon.messaging.use_cases.dead_letters import redrive_all
from salon.platform.db import Database
from salon.platform.ids import new_id
from salon.platform.outbox import OutboxQueue
from support.recording_channel import ACTOR, Counter

pytestmark = pytest.mark.database
HOUR = timedelta(hours=1)
NIGHT = datetime(2026, 7, 2, 0, 30, tzinfo=UTC)  # half past three in Moscow
QUEUE_OF = {
    Purpose.MARKETING: OutboxQueue.MK,
    Purpose.FEEDBACK: OutboxQueue.REMINDER,
    Purpose.REMINDER: OutboxQueue.REMINDER,
    Purpose.REPLY: OutboxQueue.TX,
}


@pytest.fixture
def counter(database, tenant_id, clock):
    return Counter(database, tenant_id, clock)


@pytest.fixture
def chat(counter):
    return counter.chat(Channel.TELEGRAM, counter.account(Channel.TELEGRAM))


def test_after_an_outage_only_what_still_matters_is_said(counter, chat):
    best_before = counter.clock.now() + HOUR
    counter.say(chat, "Ждём вас через час", queue=OutboxQueue.REMINDER, not_after=best_before)
    counter.say(chat, "Ждём вас завтра", queue=OutboxQueue.REMINDER, not_after=best_before + HOUR)
    counter.channels[Channel.TELEGRAM].failures.append(AccountRejected("401"))
    assert counter.send() == 0
    counter.clock.advance(HOUR)
    own = {"token": "new", "webhook_secrets": ["s"]}
    now = counter.clock.now()
    counter.do(lambda session: change_credentials(session, chat.account_id, own, actor=ACTOR, now=now))

    assert counter.send() == 1
    assert counter.channels[Channel.TELEGRAM].words == ["Ждём вас завтра"]
    assert counter.messages() == [("cancelled", "TOO_LATE"), ("sent", None)]
    assert counter.facts("message.undeliverable") == []
    assert counter.open_rows() == []


def test_what_is_given_another_round_too_late_is_not_said(counter, chat):
    counter.say(chat, "Ждём вас", queue=OutboxQueue.REMINDER, not_after=counter.clock.now() + HOUR)
    counter.channels[Channel.TELEGRAM].failures.append(RequestRejected("400"))
    assert counter.send() == 0
    assert counter.messages() == [("failed", "REQUEST_REJECTED")]
    counter.clock.advance(HOUR)
    assert len(counter.do(lambda session: redrive_all(session, "reminder", counter.clock.now()))) == 1
    assert counter.send() == 0
    assert counter.messages() == [("cancelled", "TOO_LATE")]


def test_what_waits_for_its_time_keeps_its_end(counter, chat):
    start = counter.clock.now() + HOUR
    counter.say(chat, "Утром", not_before=start, not_after=start + HOUR)
    counter.clock.advance(HOUR)
    assert counter.send() == 0
    counter.clock.advance(HOUR)
    assert counter.send() == 0
    assert counter.messages() == [("cancelled", "TOO_LATE")]


def test_a_call_that_ends_soon_leaves_the_rest_to_another(database_settings, engine, master_keys, tenant_id, clock):
    nudged = []

    def relay(session):
        nudged.extend(ref.outbox_id for ref in session.info.pop("outbox", []))

    database = Database(database_settings, engine=engine, master=lambda: master_keys, after_commit=relay)
    counter = Counter(database, tenant_id, clock)
    chat = counter.chat(Channel.TELEGRAM, counter.account(Channel.TELEGRAM))
    counter.say(chat, "раз")
    counter.say(chat, "два")
    first, _ = counter.open_rows()
    nudged.clear()
    short = counter.sender(has_time=lambda: False)

    assert short(tenant_id, first) == 1  # what it was called for is done in any case
    assert first in nudged  # done, and yet it leads to what is left of its conversation
    assert short(tenant_id, first) == 1
    assert short(tenant_id, first) == 0
    assert counter.channels[Channel.TELEGRAM].words == ["раз", "два"]


@pytest.mark.parametrize("purpose", [Purpose.MARKETING, Purpose.FEEDBACK, Purpose.REMINDER, Purpose.REPLY])
def test_what_was_kept_until_the_night_waits_for_the_morning(counter, chat, purpose):
    counter.clock.instant = NIGHT
    visit = NIGHT + timedelta(days=2)
    counter.say(chat, "Скучаем по вам", queue=QUEUE_OF[purpose], purpose=purpose, not_after=visit)
    asked_for = purpose is Purpose.REPLY
    assert counter.send() == asked_for
    counter.clock.advance(9 * HOUR)
    assert counter.send() == (not asked_for)


def test_shortly_before_a_visit_the_night_is_no_obstacle(counter, chat):
    counter.clock.instant = NIGHT
    counter.say(chat, "Ждём вас", queue=OutboxQueue.REMINDER, purpose=Purpose.REMINDER, not_after=NIGHT + 6 * HOUR)
    assert counter.send() == 1


def test_a_reminder_of_visits_none_of_which_stands_is_called_off(counter, chat):
    gone = {str(new_id()): counter.clock.now().isoformat()}
    counter.say(chat, "Ждём вас завтра", queue=OutboxQueue.REMINDER, purpose=Purpose.REMINDER, visits=gone)
    assert counter.send() == 0
    assert counter.messages() == [("cancelled", "OUTDATED")]
