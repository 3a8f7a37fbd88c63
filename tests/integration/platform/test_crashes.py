"""A process dies at each step of a message's path: nothing is lost, nothing happens twice (DESIGN law 2).

Each step is wrapped so that it can end the process (SystemExit, which no handler of ours catches). Afterwards the
clock moves past every lease, the sweep runs and the queues are worked off.
"""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from salon.integrations.telegram.adapter import TelegramAdapter
from salon.integrations.telegram.fake import FakeTelegram
from salon.messaging.domain import Channel
from salon.messaging.use_cases.deliver import Deliver
from salon.messaging.use_cases.receive import Receive
from salon.messaging.use_cases.reminders import on_booking_changed
from salon.messaging.use_cases.webhook import AcceptWebhook, WebhookCall
from salon.platform.crypto import MasterKeys
from salon.platform.db import Database
from salon.platform.inbox import InboxDrain
from salon.platform.metrics import MemoryMetrics
from salon.platform.outbox import OutboxQueue, OutboxRelay
from salon.platform.pg import PgDatabase
from salon.platform.queues import MemoryQueue
from salon.platform.settings import BookingSettings, RetrySettings
from salon.platform.storage import MemoryStorage
from salon.platform.subscribers import DeliverFact, Subscription
from salon.platform.sweep import Sweep
from salon.understanding.speech.use_cases import TranscriptBusy
from support.fixtures import MASTER_KEYS
from support.listener import Listener
from support.salon_world import SECRET, TOKEN

pytestmark = pytest.mark.database
RETRY = RetrySettings()
FACTS = frozenset({"booking.confirmed", "booking.rescheduled", "booking.cancelled"})


@dataclass
class Fuse:
    """Ends the process at one step, once."""

    step: str | None = None
    blown: list[str] = field(default_factory=list)

    def at(self, step: str) -> None:
        if step == self.step:
            self.step = None
            self.blown.append(step)
            raise SystemExit(137)


class Wired:
    """The whole path in one process, each part behind a fuse."""

    def __init__(self, fuse, salons, fake, base_url, *, world, clock):
        self.fuse, self.clock, self.world, self.fake = fuse, clock, world, fake
        self.queues = {queue: MemoryQueue() for queue in OutboxQueue}
        self.inbound, self.metrics = MemoryQueue(), MemoryMetrics()
        relay, keys = OutboxRelay(self.queues), MasterKeys.parse(MASTER_KEYS)

        def after_commit(session):
            if session.info.get("outbox"):
                fuse.at("after handling commit, before relay")
            relay(session)

        settings = salons._settings
        database = Database(settings, engine=salons.engine, master=lambda: keys, after_commit=after_commit)
        self.database = database
        adapter = FusedAdapter(fuse, base_url)
        adapters = {Channel.TELEGRAM: adapter}
        self.adapter, self.pg = adapter, FusedPg(fuse, settings)
        self.accept = AcceptWebhook(
            self.pg, clock, self.metrics, master=lambda: keys, adapters=adapters, inbound=FusedQueue(fuse, self.inbound)
        )
        self.storage = FusedStorage(fuse)
        self.listener = Listener(database, world.tenant_id, clock, self.storage)
        self.listener.ear.while_listening = lambda: fuse.at("while listening")
        self.listener.transcribe._nudge = self.nudge
        receive = Receive(
            database,
            clock,
            self.metrics,
            adapters=adapters,
            storage=lambda: self.storage,
            media_max_bytes=1_000_000,
            booking=BookingSettings(slot_horizon_days=4),
        )

        def prepare(item):
            fuse.at("after claim")
            return receive.prepare(item)

        def handle(session, item, prepared):
            hold = receive.handle(session, item, prepared)
            session.flush()
            fuse.at("inside handling" if hold is None else "before holding")
            return hold

        def react(session, fact, now):
            on_booking_changed(session, fact, now)
            fuse.at("inside a subscriber")

        common = (database, clock, RETRY, self.metrics)
        self.drain = InboxDrain(
            *common,
            prepare=prepare,
            handle=handle,
            give_up=receive.give_up,
            jitter=lambda: 0.0,
            requeue=lambda *_: None,
        )
        self.deliver = Deliver(*common, adapters=adapters, jitter=lambda: 0.0)
        subscriptions = [Subscription("messaging.reminders", FACTS, react)]
        self.tell = DeliverFact(*common, subscriptions=subscriptions, jitter=lambda: 0.0)
        self.sweep = Sweep(*common, inbound=self.inbound, depths={})

    def nudge(self, tenant_id, inbox_id, _delay_s) -> None:
        """Queue a row whose words are there."""
        self.fuse.at("after the words, before queue send")
        self.inbound.send({"tenant_id": str(tenant_id), "inbox_id": str(inbox_id)})

    def listen(self) -> None:
        """Tell what has arrived in the bucket; an event whose worker dies is told once more, as AWS does later."""
        arrived, self.storage.arrived = self.storage.arrived, []
        for key in arrived:
            try:
                self.listener.arrive(UUID(key.rpartition("/")[2]))
            except SystemExit:
                self.storage.arrived.append(key)
            except TranscriptBusy:
                continue

    def webhook(self, body: bytes) -> bool:
        """Deliver an update; whether it was acknowledged."""
        key = f"probe-{self.world.tenant_id.hex[-8:]}"
        try:
            headers = {"x-telegram-bot-api-secret-token": SECRET}
            self.accept(Channel.TELEGRAM, key, WebhookCall("POST", {}, headers, body))
        except SystemExit:
            return False
        return True

    def work(self) -> None:
        """Work off all queues; a process that dies leaves its message to the queue's time-out, here for ever."""
        works = [
            (self.inbound, self.drain.drain, "inbox_id"),
            (self.queues[OutboxQueue.EVENTS], self.tell, "outbox_id"),
        ]
        works += [(self.queues[name], self.deliver, "outbox_id") for name in (OutboxQueue.TX, OutboxQueue.REMINDER)]
        self.listen()
        while any(queue.depth().visible for queue, _, _ in works):
            for queue, run, ref in works:
                for message in queue.receive():
                    body = json.loads(message.text)
                    queue.delete(message)
                    try:
                        run(self.world.tenant_id, UUID(body[ref]))
                    except SystemExit:
                        continue
            self.listen()

    def recover(self) -> None:
        """Time passes and the sweep runs, three times over."""
        for _ in range(3):
            self.clock.advance(timedelta(minutes=2))
            self.sweep()
            self.work()

    def rows(self, sql: str) -> list[tuple]:
        with self.database.read(self.world.tenant_id) as session:
            return [tuple(row) for row in session.execute(text(sql))]


class FusedPg(PgDatabase):
    def __init__(self, fuse, settings):
        super().__init__(settings)
        self._fuse = fuse

    @contextmanager
    def transaction(self):
        with super().transaction() as found:
            yield found
            self._fuse.at("before inbox commit")


class FusedQueue(MemoryQueue):
    def __init__(self, fuse, real):
        super().__init__()
        self._fuse, self._real = fuse, real

    def send(self, body, *, delay_s=0):
        self._fuse.at("after inbox commit, before queue send")
        self._real.send(body, delay_s=delay_s)


class FusedStorage(MemoryStorage):
    def __init__(self, fuse):
        super().__init__()
        self._fuse, self.arrived = fuse, []

    def put(self, key, data, **more):
        self._fuse.at("after fetch, before the bucket")
        super().put(key, data, **more)
        self.arrived.append(key)
        self._fuse.at("after the bucket")


class FusedAdapter(TelegramAdapter):
    def __init__(self, fuse, base_url):
        super().__init__(base_url)
        self._fuse = fuse

    def fetch(self, attachment, credentials, *, max_bytes):
        self._fuse.at("during media fetch")
        return super().fetch(attachment, credentials, max_bytes=max_bytes)

    def send(self, message, credentials, **more):
        if message.kind != "message":
            return super().send(message, credentials, **more)
        self._fuse.at("before provider call")
        sent = super().send(message, credentials, **more)
        self._fuse.at("after provider call, before commit")
        return sent


@pytest.fixture
def wired(then_salons, furnished_then, clock):
    fake = FakeTelegram()
    fake.add_bot(TOKEN)
    with ExitStack() as stack:
        base_url = stack.enter_context(fake.running())
        found = Wired(Fuse(), then_salons, fake, base_url, world=furnished_then.first, clock=clock)
        stack.callback(found.adapter.close)
        stack.callback(found.pg.close)
        yield found


def take_update(fake, person) -> bytes:
    """The update that the person's last act made; no webhook is set, so it waits with the fake."""
    [pending] = fake.state.undelivered.pop((TOKEN, person.user_id, ""))
    return pending.event.encode()


ALWAYS = (
    "before inbox commit",
    "after inbox commit, before queue send",
    "after claim",
    "inside handling",
    "after handling commit, before relay",
    "before provider call",
    "after provider call, before commit",
)
STEPS = [("tap", step) for step in (*ALWAYS, "inside a subscriber")] + [
    ("voice", step)
    for step in (
        "during media fetch",
        "after fetch, before the bucket",
        "after the bucket",
        "before holding",
        "while listening",
        "after the words, before queue send",
    )
]


@pytest.mark.parametrize(("act", "step"), STEPS, ids=[f"{act}: {step}" for act, step in STEPS])
def test_a_process_that_dies_at_this_step_loses_and_doubles_nothing(wired, act, step):
    fake = wired.fake
    person = fake.add_person("Лукерья")
    fake.say(person, "Хочу на стрижку к Анне завтра вечером")
    assert wired.webhook(take_update(fake, person))
    wired.work()
    [offer] = fake.sent_to(person)
    if act == "tap":
        fake.tap(person, offer.message_id, offer.buttons[0][0]["callback_data"])
    else:
        fake.send_voice(person, "что у вас есть?".encode())
    body = take_update(fake, person)
    before = len(fake.sent_to(person))

    wired.fuse.step = step
    acknowledged = wired.webhook(body)
    wired.work()
    if not acknowledged and step == "before inbox commit":
        assert wired.webhook(body)  # the provider repeats what was not acknowledged; a later death needs no repeat
    wired.recover()

    assert wired.fuse.blown == [step]
    assert wired.rows("SELECT status FROM inbox") == [("done",)] * 2
    assert {status for (status,) in wired.rows("SELECT status FROM outbox")} == {"done"}
    assert {row[0] for row in wired.rows("SELECT status FROM message_log WHERE direction = 'out'")} == {"sent"}
    answers = [message.text for message in fake.sent_to(person)[before:]]
    allowed = 2 if step == "after provider call, before commit" else 1  # no messenger takes an idempotency key
    if act == "tap":
        assert sum("Записала вас" in answer for answer in answers) == allowed
        assert len(answers) == allowed
        assert wired.rows("SELECT status FROM bookings") == [("confirmed",)]
        assert wired.rows("SELECT kind, status FROM reminders ORDER BY kind") == [
            ("day_before", "planned"),
            ("soon", "planned"),
        ]
        assert wired.rows("SELECT count(*) FROM busy_intervals")[0][0] == 1
    else:
        assert len(answers) == 1
        assert "Маникюр" in answers[0]
        assert wired.rows("SELECT count(*) FROM transcripts WHERE body <> ''") == [(0,)]
        assert wired.rows("SELECT count(*) FROM message_log WHERE media_key IS NOT NULL") == [(1,)]


def test_a_repeat_after_recovery_changes_nothing(wired):
    person = wired.fake.add_person("Лукерья")
    wired.fake.say(person, "что у вас есть?")
    body = take_update(wired.fake, person)
    wired.fuse.step = "inside handling"
    assert wired.webhook(body)
    wired.work()
    assert wired.webhook(body)  # queued again, because the row is open; the dead worker's lease holds
    wired.work()
    assert wired.rows("SELECT status, attempts FROM inbox") == [("open", 1)]
    wired.recover()
    assert wired.webhook(body)
    wired.work()

    assert wired.rows("SELECT status, attempts FROM inbox") == [("done", 2)]
    assert len(wired.fake.sent_to(person)) == 1
