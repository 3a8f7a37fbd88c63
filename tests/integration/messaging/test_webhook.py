"""Accepting a webhook: many at once, in large bodies, for several tenants, or with something broken behind it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from salon.integrations.telegram.adapter import TelegramAdapter
from salon.integrations.whatsapp.adapter import WhatsappAdapter
from salon.messaging.domain import Channel, WireEvent
from salon.messaging.use_cases.webhook import MAX_NUDGES, AcceptWebhook, WebhookCall, WrongSecret
from salon.platform import correlation
from salon.platform import metrics as figures
from salon.platform.crypto import MasterKeys
from salon.platform.errors import NotFound, TooManyRequests
from salon.platform.metrics import MemoryMetrics
from salon.platform.pg import PgDatabase, PgTransaction
from salon.platform.queues import MemoryQueue, MessageTooLarge, QueueUnavailable
from salon.platform.settings import SettingsInvalid, WebhookSettings
from support.fixtures import MASTER_KEYS, make_tenant
from support.furnished import SECOND_SECRET
from support.races import inside
from support.salon_world import SECRET
from support.webhooks import HookAccounts

pytestmark = pytest.mark.database
BODY = json.dumps({"update_id": 9, "message": {"chat": {"id": 5}, "from": {"id": 5}, "text": "привет"}}).encode()


class BrokenQueue(MemoryQueue):
    def __init__(self, error):
        super().__init__()
        self.error = error

    def send(self, *_body, **_options):
        raise self.error


@pytest.fixture
def accept(then_salons, clock):
    opened = []

    def make(inbound=None, metrics=None):
        opened.append(PgDatabase(then_salons._settings))
        found = AcceptWebhook(
            opened[-1],
            clock,
            metrics or MemoryMetrics(),
            master=lambda: MasterKeys.parse(MASTER_KEYS),
            adapters={Channel.TELEGRAM: TelegramAdapter()},
            inbound=inbound if inbound is not None else MemoryQueue(),
        )

        def call(world, secret=SECRET):
            headers = {"x-telegram-bot-api-secret-token": secret}
            key = f"probe-{world.tenant_id.hex[-8:]}"
            [received] = found(Channel.TELEGRAM, key, WebhookCall("POST", {}, headers, BODY)).received
            return received

        return call

    yield make
    for one in opened:
        one.close()


def kept(database, world):
    with database.read(world.tenant_id) as session:
        return session.execute(text("SELECT id, correlation_id, status FROM inbox")).all()


@pytest.mark.concurrency
def test_one_update_delivered_by_eight_instances_at_once_is_one_row(accept, then_salons, furnished_then):
    inbound = MemoryQueue()
    instances = [accept(inbound) for _ in range(8)]
    with correlation.bind(correlation_id="correlation-1"), ThreadPoolExecutor(8) as pool:
        received = list(pool.map(lambda instance: instance(furnished_then.first), instances))

    [row] = kept(then_salons, furnished_then.first)
    assert {one.inbox_id for one in received} == {row.id}
    assert sum(one.is_new for one in received) == 1
    assert all(body["inbox_id"] == str(row.id) for body in inbound.bodies)


@pytest.mark.parametrize("error", [QueueUnavailable("down"), MessageTooLarge("cannot be")])
def test_a_queue_that_fails_does_not_fail_the_provider(accept, then_salons, furnished_then, error):
    with correlation.bind(correlation_id="correlation-1"):
        assert accept(BrokenQueue(error))(furnished_then.first).is_new
    [row] = kept(then_salons, furnished_then.first)
    assert (row.correlation_id, row.status) == ("correlation-1", "open")


def test_a_refusal_is_counted_and_the_connection_serves_the_next(accept, then_salons, furnished_then):
    metrics = MemoryMetrics()
    call = accept(metrics=metrics)
    with pytest.raises(WrongSecret):
        call(furnished_then.first, SECOND_SECRET)
    assert metrics.total(figures.WEBHOOK_REFUSED, channel="telegram") == 1
    assert call(furnished_then.second, SECOND_SECRET).is_new
    assert kept(then_salons, furnished_then.first) == []
    with then_salons.transaction(furnished_then.first.tenant_id) as session:
        session.execute(text("UPDATE data_keys SET wrapped = NULL"))
    with pytest.raises(NotFound):  # a tenant that was erased has no account any more
        call(furnished_then.first)


# --- several accounts, large bodies, races: on a database of its own


class Hooks:
    """Instances of the webhook, each on its own connection, and a look at what they kept."""

    def __init__(self, database, settings, clock, tenant_id) -> None:
        self.database, self.clock, self.tenant_id = database, clock, tenant_id
        self.accounts = HookAccounts(database, clock.now())
        self.inbound, self.metrics = MemoryQueue(), MemoryMetrics()
        self._settings, self._opened = settings, []

    def instance(self, **settings):
        self._opened.append(PgDatabase(self._settings))
        return AcceptWebhook(
            self._opened[-1],
            self.clock,
            self.metrics,
            master=lambda: MasterKeys.parse(MASTER_KEYS),
            adapters={Channel.TELEGRAM: TelegramAdapter(), Channel.WHATSAPP: WhatsappAdapter()},
            inbound=self.inbound,
            settings=WebhookSettings(**settings),
        )

    def post(self, account, body, *, secret=None, instance=None):
        """Call the URL of `account` with a body that is signed with its own secret, or with another one."""
        headers = {name.lower(): value for name, value in account.signed(body, secret=secret).items()}
        call = WebhookCall("POST", {}, headers, body)
        return (instance or self.instance())(account.channel, account.key, call)

    def kept(self, tenant_id=None):
        with self.database.read(tenant_id or self.tenant_id) as session:
            query = "SELECT account_id, external_id, conversation_key FROM inbox ORDER BY sequence"
            return session.execute(text(query)).all()

    def close(self):
        for one in self._opened:
            one.close()


@pytest.fixture
def hooks(database, database_settings, clock, tenant_id):
    found = Hooks(database, database_settings, clock, tenant_id)
    yield found
    found.close()


def deliver_at_once(hooks, owner_engine, account, body, times):
    """The same body to so many instances, all of which have verified it before the first one writes."""
    first = hooks.post(account, account.text(1, "раньше"))  # the bucket's row is there
    with ThreadPoolExecutor(times) as pool:
        with owner_engine.begin() as owner:
            owner.execute(text("SELECT key FROM rate_limits FOR UPDATE"))
            instances = [hooks.instance() for _ in range(times)]
            futures = [pool.submit(hooks.post, account, body, instance=one) for one in instances]
            while not inside(owner_engine, times)():
                assert not any(one.done() for one in futures)
        return first, [future.result() for future in futures]


@pytest.mark.concurrency
def test_one_event_on_six_instances_at_once_is_kept_once(hooks, owner_engine):
    account = hooks.accounts.add(Channel.WHATSAPP, hooks.tenant_id)
    body = account.batch([(2, "первое", "79000000042"), (3, "второе", "79000000042")])

    first, answers = deliver_at_once(hooks, owner_engine, account, body, 6)

    assert [row.external_id for row in hooks.kept()] == ["wamid.1", "wamid.2", "wamid.3"]
    received = [one for answer in answers for one in answer.received]
    assert sum(one.is_new for one in received) == 2
    assert len({one.inbox_id for one in received}) == 2
    assert first.received[0].inbox_id not in {one.inbox_id for one in received}


@pytest.mark.concurrency
def test_without_the_unique_key_the_same_race_doubles_it(hooks, owner_engine):
    """The negative control: the very same code, and a constraint that never refuses."""
    account = hooks.accounts.add(Channel.WHATSAPP, hooks.tenant_id)
    with owner_engine.begin() as owner:
        owner.execute(text("ALTER TABLE inbox DROP CONSTRAINT uq_inbox_external"))
        owner.execute(text("ALTER TABLE inbox ADD CONSTRAINT uq_inbox_external UNIQUE (id)"))

    deliver_at_once(hooks, owner_engine, account, account.text(2), 6)

    assert [row.external_id for row in hooks.kept()].count("wamid.2") == 6


def test_a_body_of_a_thousand_is_kept_in_order_with_one_statement_and_one_nudge_for_each_chat(hooks):
    account = hooks.accounts.add(Channel.WHATSAPP, hooks.tenant_id)
    statements = []
    instance = hooks.instance()
    rows = PgTransaction.rows

    class Counting(PgTransaction):
        def rows(self, sql, **parameters):
            statements.append(sql)
            return rows(self, sql, **parameters)

    instance._database = Watched(instance._database, Counting)
    texts = [(number, f"сообщение {number}", str(79000000000 + number % 50)) for number in range(1000)]

    answer = hooks.post(account, account.batch(texts), instance=instance)

    assert [row.external_id for row in hooks.kept()] == [f"wamid.{number}" for number in range(1000)]
    assert all(one.is_new for one in answer.received)
    assert len(statements) <= 8
    nudged = [UUID(body["inbox_id"]) for body in hooks.inbound.bodies]
    assert nudged == [one.inbox_id for one in answer.received[:50]]
    assert hooks.metrics.total(figures.WEBHOOK_EVENTS, channel="whatsapp") == 1000


class Watched:
    """A database whose transactions are of another class."""

    def __init__(self, database, kind):
        self._database, self._kind = database, kind
        self.enter = database.enter

    @contextmanager
    def transaction(self):
        with self._database.transaction() as found:
            yield self._kind(found._connection)


def test_chats_beyond_what_one_call_queues_are_left_to_the_sweep(hooks):
    account = hooks.accounts.add(Channel.WHATSAPP, hooks.tenant_id)
    hooks.post(account, account.batch([(number, "привет", str(79000000000 + number)) for number in range(300)]))
    assert (len(hooks.kept()), len(hooks.inbound.bodies)) == (300, MAX_NUDGES)


def test_an_event_that_stands_twice_in_a_body_is_one_row(hooks):
    account = hooks.accounts.add(Channel.WHATSAPP, hooks.tenant_id)
    body = account.batch([(1, "раз", "79000000042"), (2, "два", "79000000042"), (1, "раз", "79000000042")])

    answer = hooks.post(account, body)

    assert [row.external_id for row in hooks.kept()] == ["wamid.1", "wamid.2"]
    assert [one.is_new for one in answer.received] == [True, True, False]
    assert answer.received[0].inbox_id == answer.received[2].inbox_id


def test_a_batch_is_taken_as_a_whole_and_paid_for_afterwards(hooks, clock):
    """A limit counts events: after a body beyond it, the account waits until the debt is paid, a body at a time."""
    account = hooks.accounts.add(Channel.WHATSAPP, hooks.tenant_id)
    for wave in range(4):
        texts = [(wave * 1000 + number, "привет", "79000000042") for number in range(1000)]
        if wave < 3:
            hooks.post(account, account.batch(texts))
    with pytest.raises(TooManyRequests) as refused:
        hooks.post(account, account.text(9_999))
    assert refused.value.retry_after_s == 1
    assert len(hooks.kept()) == 3000

    clock.advance(timedelta(seconds=1))
    hooks.post(account, account.batch(texts))  # 300 tokens have come back: 700 are owed
    with pytest.raises(TooManyRequests) as refused:
        hooks.post(account, account.text(9_999))
    assert refused.value.retry_after_s == 3
    assert len(hooks.kept()) == 4000


def test_one_app_serves_several_tenants_and_each_gets_its_own(hooks, database, clock):
    neighbour = make_tenant(database, clock.now())
    shared = {"secret": "the-app-secret"}
    ours = hooks.accounts.add(Channel.WHATSAPP, hooks.tenant_id, **shared)
    second = hooks.accounts.add(Channel.WHATSAPP, hooks.tenant_id, **shared)
    theirs = hooks.accounts.add(Channel.WHATSAPP, neighbour, **shared)
    entries = [one.text(number, "привет", "79000000042") for number, one in enumerate((ours, theirs, second))]
    body = merged(*entries)

    answer = hooks.post(ours, body)

    assert len(answer.received) == 3
    assert [(row.account_id, row.external_id) for row in hooks.kept()] == [
        (ours.account_id, "wamid.0"),
        (second.account_id, "wamid.2"),
    ]
    assert [(row.account_id, row.external_id) for row in hooks.kept(neighbour)] == [(theirs.account_id, "wamid.1")]
    assert {body["tenant_id"] for body in hooks.inbound.bodies} == {str(hooks.tenant_id), str(neighbour)}
    assert hooks.metrics.total(figures.WEBHOOK_REFUSED) == 0


def merged(*bodies):
    """One body with the entries of several."""
    read = [json.loads(body) for body in bodies]
    return json.dumps({**read[0], "entry": [entry for one in read for entry in one["entry"]]}).encode()


def test_nobody_names_somebody_elses_account(hooks, database, clock):
    """The neighbour signs with its own secret, to its own URL, an event that claims to be ours."""
    neighbour = make_tenant(database, clock.now())
    ours = hooks.accounts.add(Channel.WHATSAPP, hooks.tenant_id)
    theirs = hooks.accounts.add(Channel.WHATSAPP, neighbour)
    body = merged(ours.text(1, "я не ваш"), theirs.text(2, "я свой"), replace(ours, external_id="999").text(3))

    answer = hooks.post(theirs, body)

    assert answer.body == '{"ok":true}'
    assert hooks.kept() == []
    assert [row.external_id for row in hooks.kept(neighbour)] == ["wamid.2"]
    assert hooks.metrics.total(figures.WEBHOOK_REFUSED, reason="foreign_account") == 2


def test_a_developer_may_have_every_event_count_as_the_accounts_in_the_url(hooks):
    account = hooks.accounts.add(Channel.WHATSAPP, hooks.tenant_id, external_id="", verify_token="")
    body = account.text(1)
    with pytest.raises(WrongSecret):
        hooks.post(account, body)
    loose = hooks.instance(strict_tenant_config=False)
    with pytest.raises(WrongSecret):
        hooks.post(account, body, secret="wrong", instance=loose)
    assert hooks.post(account, body, instance=loose).received[0].is_new
    unsigned = hooks.instance(strict_tenant_config=False, strict_webhook_signature=False)
    assert hooks.post(account, account.text(2), secret="wrong", instance=unsigned).received[0].is_new
    assert len(hooks.kept()) == 2
    assert hooks.metrics.total(figures.WEBHOOK_REFUSED, reason="incomplete") == 1


def test_looseness_is_for_a_developers_own_machine():
    for flag in ("STRICT_WEBHOOK_SIGNATURE", "STRICT_TENANT_CONFIG"):
        assert WebhookSettings.load({"STAGE": "local", flag: "0"}) != WebhookSettings()
        with pytest.raises(SettingsInvalid):
            WebhookSettings.load({"STAGE": "prod", flag: "0"})


class Scatterbrain(TelegramAdapter):
    """An adapter with a bug, and with ids that no database takes."""

    events = ()

    def unpack(self, _body):
        if not self.events:
            raise RuntimeError("a bug")
        return self.events


def test_what_an_adapter_cannot_take_apart_is_kept_all_the_same(hooks):
    account = hooks.accounts.add(Channel.TELEGRAM, hooks.tenant_id)
    instance = hooks.instance()
    adapter = Scatterbrain()
    instance._adapters = {Channel.TELEGRAM: adapter}

    [received] = hooks.post(account, b"\xff\x00{", instance=instance).received
    assert received.is_new
    odd = [WireEvent(name, name, b"{}") for name in ("x" * 4_000, "\x00", "\ud800", "")]
    adapter.events = [*odd, WireEvent("named oddly", "", b"{}", "\x00")]
    assert len(hooks.post(account, b"{}", instance=instance).received) == 4
    assert len({row.external_id for row in hooks.kept()}) == 5
