"""How often a message may arrive when a provider does not say whether it did (infra/decisions/0013-sending.md)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from salon.messaging.domain import Channel
from salon.messaging.errors import RetryLater
from salon.messaging.use_cases.delivery import on_inbound
from salon.platform import metrics as figures
from salon.platform.outbox import OutboxQueue
from support.recording_channel import Counter

pytestmark = pytest.mark.database
HOUR = timedelta(hours=1)
NEXT = "SELECT max(next_attempt_at) FROM outbox WHERE status = 'open' AND queue <> 'events'"


@pytest.fixture
def counter(database, tenant_id, clock):
    return Counter(database, tenant_id, clock)


def chat(counter, channel):
    return counter.chat(channel, counter.account(channel), wrote=counter.clock.now())


def calls_without_an_answer(counter, channel, conversation, queue):
    """The provider never answers; how many calls it had by the end."""
    counter.say(conversation, "раз", queue=queue)
    failures = counter.channels[channel].failures = [RetryLater("no answer", maybe_sent=True) for _ in range(10)]
    while counter.open_rows():
        [(counter.clock.instant,)] = counter.rows(NEXT)
        counter.send()
    return 10 - len(failures)


@pytest.mark.parametrize(
    ("channel", "queue", "calls", "status"),
    [
        (Channel.TELEGRAM, OutboxQueue.TX, 2, "unconfirmed"),
        (Channel.MAX, OutboxQueue.REMINDER, 1, "unconfirmed"),
        (Channel.WHATSAPP, OutboxQueue.MK, 1, "unconfirmed"),
        (Channel.VK, OutboxQueue.TX, 5, "unconfirmed"),  # VK knows them for copies of each other, for an hour
        (Channel.VK, OutboxQueue.REMINDER, 5, "unconfirmed"),
    ],
)
def test_a_call_without_an_answer_is_repeated_where_that_does_no_harm(counter, channel, queue, calls, status):
    assert calls_without_an_answer(counter, channel, chat(counter, channel), queue) == calls
    assert counter.messages("status") == [(status,)]


def test_after_an_hour_vk_would_send_it_again_and_it_is_left_at_that(counter):
    conversation = chat(counter, Channel.VK)
    counter.say(conversation, "раз", queue=OutboxQueue.REMINDER)
    counter.clock.advance(HOUR)
    counter.channels[Channel.VK].failures.append(RetryLater("no answer", maybe_sent=True))
    assert counter.send() == 0
    assert counter.messages("status") == [("unconfirmed",)]


def test_copies_carry_the_same_reference(counter):
    message_id = counter.say(chat(counter, Channel.VK), "раз")
    seen = []
    adapter = counter.channels[Channel.VK]

    class Deaf:
        def send(self, _message, _credentials, *, reference, media):
            seen.append((reference, media))
            if len(seen) < 3:
                raise RetryLater("no answer", maybe_sent=True)
            return "1"

    counter.channels[Channel.VK] = Deaf()
    for _ in range(3):
        counter.send()
        counter.clock.advance(timedelta(minutes=1))
    counter.channels[Channel.VK] = adapter
    assert seen == [(str(message_id), None)] * 3
    assert counter.messages("status") == [("sent",)]


def test_patience_without_a_figure_grows_and_holds_for_the_account(counter):
    account = counter.account(Channel.MAX)
    one, other = (counter.chat(Channel.MAX, account, user) for user in "12")
    counter.say(one, "раз")
    counter.say(other, "два")
    counter.channels[Channel.MAX].failures.append(RetryLater("too.many.requests", whole_account=True))
    assert counter.send() == 0
    assert counter.channels[Channel.MAX].sent == []
    counter.clock.advance(timedelta(seconds=5))
    assert counter.send() == 2
    assert counter.metrics.total(figures.SEND_RETRIED, channel="max") == 1


def test_a_long_patience_is_kept_and_only_its_own_chat_waits(counter):
    account = counter.account(Channel.WHATSAPP)
    now = counter.clock.now()
    one, other = (counter.chat(Channel.WHATSAPP, account, user, wrote=now) for user in "12")
    for word in ("раз", "два"):
        counter.say(one, word)
    counter.say(other, "три")
    counter.channels[Channel.WHATSAPP].failures.append(RetryLater("131056", after_s=6 * 3600))
    assert counter.send() == 1
    counter.clock.advance(timedelta(hours=6) - timedelta(seconds=1))
    assert counter.send() == 0
    counter.clock.advance(timedelta(seconds=1))
    assert counter.send() == 2
    assert counter.channels[Channel.WHATSAPP].words == ["три", "раз", "два"]


def test_who_writes_after_an_outage_is_answered_at_once_and_loses_no_attempt(counter):
    conversation, later = chat(counter, Channel.MAX), chat(counter, Channel.WHATSAPP)
    failures = counter.channels[Channel.MAX].failures
    counter.say(conversation, "раз")
    for _ in range(4):  # the next attempt is half an hour away
        failures.append(RetryLater("503"))
        [(counter.clock.instant,)] = counter.rows(NEXT)
        assert counter.send() == 0
    for _ in range(5):  # somebody who is impatient while it lasts
        failures.append(RetryLater("503"))
        counter.clock.advance(timedelta(seconds=10))
        counter.do(lambda session: on_inbound(session, conversation, counter.clock.now()))
        assert counter.send() == 0
    assert counter.rows("SELECT status, attempts FROM outbox WHERE queue = 'tx'") == [("open", 4)]
    counter.clock.advance(timedelta(seconds=10))
    counter.do(lambda session: on_inbound(session, conversation, counter.clock.now()))
    counter.say(conversation, "два")
    assert counter.send() == 2
    assert counter.channels[Channel.MAX].words == ["раз", "два"]

    counter.say(later, "три")
    counter.channels[Channel.WHATSAPP].failures.append(RetryLater("131056", after_s=3600))
    assert counter.send() == 0
    counter.do(lambda session: on_inbound(session, later, counter.clock.now()))
    assert counter.send() == 0  # what the provider has asked for is kept
