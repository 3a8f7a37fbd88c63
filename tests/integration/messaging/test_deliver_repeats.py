"""How often a message may arrive when a provider does not say whether it did (infra/decisions/0013-sending.md)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from salon.messaging.domain import Channel
from salon.messaging.errors import RetryLater
from salon.platform import metrics as figures
from salon.platform.outbox import OutboxQueue
from support.recording_channel import Counter

pytestmark = pytest.mark.database
HOUR = timedelta(hours=1)


@pytest.fixture
def counter(database, tenant_id, clock):
    return Counter(database, tenant_id, clock)


def chat(counter, channel):
    return counter.chat(channel, counter.account(channel), wrote=counter.clock.now())


def calls_without_an_answer(counter, channel, conversation, queue):
    """The provider never answers; how many calls it had by the end."""
    counter.say(conversation, "раз", queue=queue)
    failures = counter.channels[channel].failures = [RetryLater("no answer", maybe_sent=True) for _ in range(10)]
    for _ in range(10):
        counter.send()
        counter.clock.advance(timedelta(minutes=2))
    return 10 - len(failures)


@pytest.mark.parametrize(
    ("channel", "queue", "calls", "status"),
    [
        (Channel.TELEGRAM, OutboxQueue.TX, 2, "unconfirmed"),
        (Channel.MAX, OutboxQueue.REMINDER, 1, "unconfirmed"),
        (Channel.WHATSAPP, OutboxQueue.MK, 1, "unconfirmed"),
        (Channel.VK, OutboxQueue.TX, 6, "failed"),  # VK knows them for copies of each other
        (Channel.VK, OutboxQueue.REMINDER, 6, "failed"),
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
    counter.clock.advance(timedelta(seconds=2))
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
