"""http_webhooks as the gateways call it: what is kept, what is refused, what the provider is told."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from salon.identity.domain import system
from salon.identity.use_cases import begin_secret_rotation, end_secret_rotation
from salon.platform.db import Database
from salon.platform.inbox_receive import PAYLOAD_PURPOSE
from salon.platform.keys import open_bytes_for_tenant
from support.cloud import Answer, Cloud, open_cloud
from support.furnished import SECOND_SECRET, Furnished
from support.salon_world import SECRET, SalonWorld

pytestmark = pytest.mark.database
ACTOR = system("tests")
HEADER = "X-Telegram-Bot-Api-Secret-Token"


def update(update_id: int = 1, words: str = "привет", user_id: int = 5) -> bytes:
    """A genuine update."""
    person = {"id": user_id, "is_bot": False, "first_name": "Лукерья"}
    message = {
        "message_id": update_id,
        "date": 1773214200,
        "from": person,
        "chat": {"id": user_id, "type": "private", "first_name": "Лукерья"},
        "text": words,
    }
    return json.dumps({"update_id": update_id, "message": message}, ensure_ascii=False).encode()


@dataclass
class Hook:
    """The provider's side of the webhook, and a look at what was kept."""

    cloud: Cloud
    database: Database
    furnished: Furnished

    def post(
        self, body: bytes, *, secret: str | None = SECRET, world: SalonWorld | None = None, key: str = "", **headers
    ) -> Answer:
        path = key or f"probe-{(world or self.furnished.first).tenant_id.hex[-8:]}"
        sent = {"Content-Type": "application/json", **({HEADER: secret} if secret is not None else {}), **headers}
        return self.cloud.http("POST", f"/webhooks/telegram/{path}", body=body, headers=sent)

    def kept(self, world: SalonWorld | None = None) -> list:
        with self.database.read((world or self.furnished.first).tenant_id) as session:
            rows = session.execute(text("SELECT id, external_id, conversation_key, payload FROM inbox")).all()
            return [(row, open_bytes_for_tenant(session, row.payload, purpose=PAYLOAD_PURPOSE)) for row in rows]

    def change(self, sql: str, **parameters: object) -> None:
        with self.database.transaction(self.furnished.first.tenant_id) as session:
            session.execute(text(sql), parameters)


@pytest.fixture(params=["aws", "yandex"])
def hook(request, moto, furnished, furnished_url, salons):
    with open_cloud(request.param, furnished_url, moto) as cloud:
        yield Hook(cloud, salons, furnished)


@pytest.fixture
def aws(moto, furnished, furnished_url, salons):
    with open_cloud("aws", furnished_url, moto) as cloud:
        yield Hook(cloud, salons, furnished)


def assert_problem(answer: Answer, status: int, code: str) -> dict:
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    return problem


def test_an_update_is_kept_sealed_and_queued_before_it_is_acknowledged(hook):
    answer = hook.post(update(), **{"X-Request-Id": "from-telegram-0001"})

    assert (answer.status, answer.json(), answer.headers["X-Request-Id"]) == (200, {"ok": True}, "from-telegram-0001")
    [(row, body)] = hook.kept()
    assert body == update()
    assert "привет".encode() not in bytes(row.payload)
    assert (row.external_id, row.conversation_key) == ("1", f"telegram:{hook.furnished.first.account_id}:5")
    assert hook.cloud.waiting("InboundQueue") == 1


def test_a_repeat_writes_no_second_row_and_is_queued_again_only_while_the_row_is_open(aws):
    for _ in range(2):
        assert aws.post(update()).status == 200
    assert len(aws.kept()) == 1
    assert aws.cloud.waiting("InboundQueue") == 2

    aws.change("UPDATE inbox SET status = 'done'")

    assert aws.post(update()).status == 200
    assert len(aws.kept()) == 1
    assert aws.cloud.waiting("InboundQueue") == 2


def test_whoever_does_not_know_the_secret_is_refused_and_nothing_is_kept(hook):
    for secret in (None, "", "wrong", "тест", SECRET + "x", SECOND_SECRET):
        assert_problem(hook.post(update(), secret=secret), 401, "WRONG_SECRET")
    assert hook.kept() == []
    assert hook.cloud.waiting("InboundQueue") == 0


def test_an_unknown_or_disabled_account_is_not_found(hook):
    assert_problem(hook.post(update(), key="nobody"), 404, "NOT_FOUND")

    hook.change("UPDATE channel_accounts SET status = 'disabled'")

    assert_problem(hook.post(update()), 404, "NOT_FOUND")
    assert hook.kept() == []


def test_an_account_whose_token_was_rejected_still_listens(aws):
    aws.change("UPDATE channel_accounts SET status = 'rejected'")

    assert aws.post(update()).status == 200
    assert len(aws.kept()) == 1


NESTED = b"[" * 100_000
GARBAGE = {
    "not JSON": b"%PDF-1.7 what is this",
    "not UTF-8": b"\xff\xfe\x00\xd8 \x80",
    "empty": b"",
    "nested": NESTED,
    "closed nesting": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "lone surrogate": b'{"update_id":11,"message":{"text":"\\ud800","chat":{"id":5,"type":"private"}}}',
    "NUL": b'{"update_id":12,"message":{"text":"a\\u0000b","chat":{"id":"\\u0000","type":"private"},"from":{"id":5}}}',
    "raw NUL": b'{"update_id":13,"message":{"text":"a\x00b"}}',
    "huge number": b'{"update_id":' + b"9" * 5_000 + b"}",
    "infinite": b'{"update_id":1e999}',
    "an array": b"[1,2,3]",
    "wrong types": b'{"update_id":"x","message":[],"callback_query":7}',
}


def test_authentic_garbage_is_kept_and_acknowledged_so_that_nobody_repeats_it(hook):
    for content_type in ("application/json", "text/plain"):
        hook.change("DELETE FROM inbox")
        for name, body in GARBAGE.items():
            if (name, content_type) != ("not UTF-8", "application/json"):
                assert hook.post(body, **{"Content-Type": content_type}).status == 200, name
    assert {kept for _, kept in hook.kept()} == set(GARBAGE.values())

    hook.cloud.pump()

    assert hook.cloud.errors == []
    assert not hook.cloud.refused
    with hook.database.read(hook.furnished.first.tenant_id) as session:
        assert set(session.scalars(text("SELECT status FROM inbox"))) == {"done"}
        assert session.scalars(text("SELECT count(*) FROM message_log")).one() == 0


def test_what_is_not_even_text_is_acknowledged_too(aws):
    assert aws.post(GARBAGE["not UTF-8"]).status == 200


def test_more_than_a_megabyte_is_refused(hook):
    assert_problem(hook.post(b" " * 1_000_001), 413, "BODY_TOO_LARGE")
    assert hook.post(update(words="ж" * 499_000)).status == 200
    assert len(hook.kept()) == 1


def test_a_flood_is_asked_to_come_back(hook):
    hook.change(
        "INSERT INTO rate_limits (tenant_id, key, tokens, refilled_at)"
        " VALUES (:tenant, :key, 0, now() + interval '1 hour')",
        tenant=hook.furnished.first.tenant_id,
        key=f"inbound:{hook.furnished.first.account_id}",
    )

    answer = hook.post(update())

    assert_problem(answer, 429, "TOO_MANY_REQUESTS")
    assert answer.headers["Retry-After"] == "1"
    assert hook.kept() == []
    other = hook.post(update(), world=hook.furnished.second, secret=SECOND_SECRET)
    assert other.status == 200  # its own bucket


def test_a_database_that_is_down_makes_the_provider_repeat_and_shows_in_readyz(moto, furnished_url):
    down = "postgresql+pg8000://salon_app:secret-password@127.0.0.1:9/salon"
    with open_cloud("yandex", furnished_url, moto, DatabaseUrl=down) as cloud:
        answer = cloud.http("POST", "/webhooks/telegram/any", body=update(), headers={HEADER: SECRET})
        ready, healthy = cloud.http("GET", "/readyz"), cloud.http("GET", "/healthz")

    problem = assert_problem(answer, 503, "DATABASE_UNAVAILABLE")
    assert "Retry-After" in answer.headers
    assert "secret-password" not in json.dumps(problem)
    assert (ready.status, ready.json()) == (503, {"status": "failing", "failing": ["database"]})
    assert (healthy.status, healthy.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health(hook, path):
    answer = hook.cloud.http("GET", path, headers={"X-Request-Id": "probe-of-the-balancer"})

    assert (answer.status, answer.json()["status"]) == (200, "ok")
    assert answer.headers["X-Request-Id"] == "probe-of-the-balancer"
    assert hook.cloud.http("GET", path, headers={"X-Request-Id": "evil id\n"}).headers["X-Request-Id"] != "evil id\n"


def test_a_connection_that_died_while_the_instance_was_frozen_is_opened_anew(aws, owner_of):
    assert aws.post(update(1)).status == 200
    owner_of(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )

    assert aws.post(update(2)).status == 200


def test_a_statement_that_waits_too_long_makes_the_provider_repeat(moto, furnished, furnished_url, salons):
    with open_cloud("aws", furnished_url, moto) as cloud:
        hook = Hook(cloud, salons, furnished)
        cloud.more_variables["DATABASE_LOCK_TIMEOUT_MS"] = "50"
        with salons.transaction(furnished.first.tenant_id) as session:
            session.execute(text("LOCK TABLE inbox"))
            answer = hook.post(update())

        assert_problem(answer, 503, "DATABASE_BUSY")
        assert hook.post(update()).status == 200


def test_a_queue_that_is_down_is_no_reason_to_repeat_the_sweep_queues_the_row(moto, furnished, furnished_url, salons):
    with open_cloud("aws", furnished_url, moto, SweepAfterSeconds="0") as cloud:
        hook = Hook(cloud, salons, furnished)
        queue_url = cloud.values["InboundQueue"]
        cloud.values["InboundQueue"] = queue_url + "-gone"
        assert hook.post(update()).status == 200
        cloud.values["InboundQueue"] = queue_url
        assert len(hook.kept()) == 1
        assert cloud.waiting("InboundQueue") == 0

        cloud.tick("timer_sweep")

        assert cloud.waiting("InboundQueue") == 1
        cloud.pump()
        with salons.read(furnished.first.tenant_id) as session:
            assert session.scalars(text("SELECT status FROM inbox")).all() == ["done"]


def test_both_secrets_hold_while_one_replaces_the_other(aws):
    world = aws.furnished.first
    with aws.database.transaction(world.tenant_id) as session:
        begin_secret_rotation(session, world.account_id, "next-secret", actor=ACTOR, now=aws.furnished.now)

    assert aws.post(update(1)).status == 200
    assert aws.post(update(2), secret="next-secret").status == 200

    with aws.database.transaction(world.tenant_id) as session:
        end_secret_rotation(session, world.account_id, actor=ACTOR, now=aws.furnished.now)

    assert aws.post(update(3)).status == 401
    assert aws.post(update(4), secret="next-secret").status == 200


def test_two_salons_with_a_bot_each_never_mix(hook):
    first, second = hook.furnished.first, hook.furnished.second
    assert hook.post(update(1, "к первым")).status == 200
    assert hook.post(update(1, "ко вторым"), world=second, secret=SECOND_SECRET).status == 200
    assert hook.post(update(2), world=second, secret=SECRET).status == 401

    [(_, to_first)], [(_, to_second)] = hook.kept(first), hook.kept(second)
    assert ("к первым" in to_first.decode(), "ко вторым" in to_second.decode()) == (True, True)

    hook.cloud.pump()

    for world in (first, second):
        with hook.database.read(world.tenant_id) as session:
            owners = session.scalars(text("SELECT DISTINCT tenant_id FROM message_log")).all()
            assert owners == [world.tenant_id]
            assert session.scalars(text("SELECT count(*) FROM clients")).one() == 1
