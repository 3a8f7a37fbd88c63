"""Never faster than a provider allows, with many senders at once; nobody starves, nothing is lost, order is kept."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from salon.messaging.domain import Channel
from salon.messaging.domain.limits import LIMITS, Rate
from salon.messaging.use_cases.say import answer_tap
from salon.platform import metrics as figures
from salon.platform.db import Database
from salon.platform.outbox import OutboxQueue, OutboxRelay
from salon.platform.pacing import stand_in_line, take_together
from salon.platform.queues import MemoryQueue
from salon.platform.rate_buckets import Bucket
from salon.platform.rate_limits import Limit
from support.recording_channel import Counter

pytestmark = pytest.mark.database
MAX, TELEGRAM = Channel.MAX, Channel.TELEGRAM
STEP = timedelta(milliseconds=200)


@pytest.fixture
def counter(database, tenant_id, clock):
    return Counter(database, tenant_id, clock)


def excess(sent, rate: Rate) -> int:
    """By how many messages the worst stretch of time went above what the rate allows for it; 0 when none did."""
    worst = 0
    for first in range(len(sent)):
        for last in range(first, len(sent)):
            allowed = rate.capacity + rate.per_second * (sent[last].at - sent[first].at).total_seconds()
            worst = max(worst, last - first + 1 - int(allowed + 1e-6))
    return worst


def work_off(counter, channel, *, senders=2, seconds=30):
    """Two instances nudge every open row at the same moment, then time goes on."""
    deliverers = [counter.sender() for _ in range(senders)]
    with ThreadPoolExecutor(senders) as pool:
        for _ in range(int(seconds / STEP.total_seconds())):
            rows = counter.open_rows()
            if not rows:
                break
            orders = [rows, rows[::-1]]
            runs = [
                pool.submit(lambda one=one, order=order: [one(counter.tenant_id, row) for row in order])
                for one, order in zip(deliverers, orders, strict=True)
            ]
            for run in runs:
                run.result()
            counter.clock.advance(STEP)
    return counter.channels[channel].sent


@pytest.mark.concurrency
def test_two_senders_and_a_burst_of_a_hundred_keep_to_the_rates(counter):
    account = counter.account(MAX)
    chats = [counter.chat(MAX, account, str(user)) for user in range(15)]
    for number in range(105):
        counter.say(chats[number % 15], str(number))

    sent = work_off(counter, MAX)

    assert sorted(int(one.message.text) for one in sent) == list(range(105))  # none lost, none doubled
    assert excess(sent, LIMITS[MAX].account) == 0
    by_chat = defaultdict(list)
    for one in sent:
        by_chat[one.message.chat_id].append(one)
    for heard in by_chat.values():
        assert excess(heard, LIMITS[MAX].chat) == 0
        numbers = [int(one.message.text) for one in heard]
        assert numbers == sorted(numbers)
    assert {row[0] for row in counter.rows("SELECT attempts FROM outbox WHERE kind = 'message.send'")} == {1}
    assert counter.metrics.total(figures.SEND_THROTTLED, channel="max") > 0


@pytest.mark.concurrency
def test_control_an_account_that_allows_more_goes_above_those_rates(counter):
    generous = {"capacity": 500, "per_second": 500.0}
    account = counter.account(MAX, account_rate=generous, chat_rate=generous)
    chats = [counter.chat(MAX, account, str(user)) for user in range(15)]
    for number in range(105):
        counter.say(chats[number % 15], str(number))
    sent = work_off(counter, MAX)
    assert excess(sent, LIMITS[MAX].account) > 0
    assert excess([one for one in sent if one.message.chat_id == "3"], LIMITS[MAX].chat) > 0


def test_a_chat_that_is_slow_takes_nothing_from_the_others(counter):
    account = counter.account(MAX, account_rate={"capacity": 6, "per_second": 1.0})
    slow, other = counter.chat(MAX, account, "1"), counter.chat(MAX, account, "2")
    for number in range(10):
        counter.say(slow, str(number))
    counter.say(other, "другой")
    assert counter.send() == 5  # four of the slow one, whose fifth takes no token of the account
    assert counter.channels[MAX].words == ["0", "1", "2", "3", "другой"]


def test_marketing_leaves_half_of_the_account_to_confirmations(counter):
    account = counter.account(MAX, account_rate={"capacity": 10, "per_second": 10.0})
    for user in range(20):
        counter.say(counter.chat(MAX, account, f"9{user}"), "реклама", queue=OutboxQueue.MK)
    for user in range(5):
        counter.say(counter.chat(MAX, account, f"1{user}"), "запись")
    counter.send()
    assert counter.channels[MAX].words == ["реклама"] * 5 + ["запись"] * 5


def test_those_who_are_held_back_return_at_the_rate_and_not_all_at_once(counter):
    account = counter.account(MAX, account_rate={"capacity": 1, "per_second": 2.0})
    for user in range(5):
        counter.say(counter.chat(MAX, account, str(user)), "раз")
    assert counter.send() == 1
    now = counter.clock.now()
    due = counter.rows("SELECT next_attempt_at FROM outbox WHERE status = 'open' AND queue = 'tx' ORDER BY sequence")
    assert [(row[0] - now).total_seconds() for row in due] == [0.5, 1.0, 1.5, 2.0]


def test_stopping_a_spinner_is_no_message_of_the_chat(counter):
    account = counter.account(TELEGRAM)
    chat = counter.chat(TELEGRAM, account)
    for number in range(LIMITS[TELEGRAM].chat.capacity):
        counter.say(chat, str(number))
    counter.do(lambda session: answer_tap(session, chat, "cb", counter.clock.now()))
    counter.say(chat, "ещё")
    assert counter.send() == LIMITS[TELEGRAM].chat.capacity + 1
    assert [one.message.callback_id for one in counter.channels[TELEGRAM].sent][-1] == "cb"


def test_a_nudge_never_comes_before_the_row_is_due(database_settings, engine, master_keys, tenant_id, clock):
    queue = MemoryQueue()
    relay = OutboxRelay(dict.fromkeys(OutboxQueue, queue))
    relayed = Database(database_settings, engine=engine, master=lambda: master_keys, after_commit=relay)
    counter = Counter(relayed, tenant_id, clock)
    account = counter.account(MAX, account_rate={"capacity": 1, "per_second": 0.4})
    for user in range(2):
        counter.say(counter.chat(MAX, account, str(user)), "раз")
    counter.send()
    [(due,)] = counter.rows("SELECT next_attempt_at FROM outbox WHERE status = 'open' AND queue = 'tx'")
    wait = (due - clock.now()).total_seconds()
    assert wait == 2.5
    assert wait <= max(entry.delay_s for entry in queue.waiting) <= wait + 1


def test_all_the_tokens_or_none(database, tenant_id, clock):
    full, empty = Bucket("full", Limit(3, 1.0)), Bucket("empty", Limit(1, 0.5))
    with database.transaction(tenant_id) as session:
        assert take_together(session, [full, empty], now=clock.now()) is None
        for _ in range(5):
            held = take_together(session, [full, empty], now=clock.now())
            assert (held.bucket, held.seconds) == (empty, 2.0)
        assert take_together(session, [full], now=clock.now()) is None
        assert take_together(session, [full], now=clock.now()) is None
        assert take_together(session, [full], now=clock.now()).bucket == full
        assert [stand_in_line(session, empty, now=clock.now()) for _ in range(3)] == [2.0, 4.0, 6.0]
        assert stand_in_line(session, empty, now=clock.now() + timedelta(seconds=60)) == 2.0
