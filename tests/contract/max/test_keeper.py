"""Looking after a bot at MAX, spoken through real HTTP to the fake."""

from __future__ import annotations

from dataclasses import replace

import pytest

from salon.integrations.fakes import FaultKind, Webhook
from salon.integrations.max.keeper import UPDATE_TYPES
from salon.messaging.domain import ChannelCredentials
from salon.messaging.errors import AccountRejected, RequestRejected, RetryLater
from salon.messaging.ports import ProblemKind, Registered
from support.benches.max import CREDENTIALS, SECRET, TOKEN, max_bench


@pytest.fixture
def bench():
    with max_bench() as made:
        yield made


def hooks(bench):
    return [(hook.url, hook.secret) for hook in bench.fake.the_bot().webhooks]


def found(bench, credentials=CREDENTIALS):
    report = bench.keeper.check(bench.url, credentials)
    return {problem.kind: problem.is_fatal for problem in report.problems}


def test_registering_ends_what_was_before(bench):
    for url in ("https://old.example/max", "https://older.example/max"):
        bench.fake.add_webhook(bench.fake.the_bot(), Webhook(url, "old-secret"))
    rotated = replace(CREDENTIALS, webhook_secrets=("next-secret", SECRET))
    for _ in range(2):
        assert bench.keeper.register(bench.url, rotated) == Registered()
        assert hooks(bench) == [(bench.url, "next-secret")]
    assert bench.fake.the_bot().webhooks[0].kinds == list(UPDATE_TYPES)
    assert bench.keeper.prepare_handshake(CREDENTIALS) == Registered()
    assert bench.keeper.refresh(CREDENTIALS) is None


@pytest.mark.parametrize("secrets", [(), ("",), ("1234",), ("с кириллицей",), ("a b c d e",), ("x" * 257,)])
def test_a_secret_that_max_would_not_take(bench, secrets):
    with pytest.raises(RequestRejected):
        bench.keeper.register("https://salon.example/max", replace(CREDENTIALS, webhook_secrets=secrets))
    assert hooks(bench) == [(bench.url, SECRET)]
    assert ProblemKind.SECRET_MISSING in found(bench, replace(CREDENTIALS, webhook_secrets=secrets))


def test_a_refused_address_leaves_what_was_before(bench):
    with pytest.raises(RequestRejected):
        bench.keeper.register("http://salon.example/max", CREDENTIALS)
    assert hooks(bench) == [(bench.url, SECRET)]


def test_unregistering_is_harmless_when_repeated(bench):
    bench.fake.add_webhook(bench.fake.the_bot(), Webhook("https://old.example/max", "old-secret"))
    for _ in range(2):
        bench.keeper.unregister(bench.url, CREDENTIALS)
    assert hooks(bench) == [("https://old.example/max", "old-secret")]


def test_all_is_well(bench):
    report = bench.keeper.check(bench.url, CREDENTIALS)
    assert (report.external_id, report.name, report.problems) == (CREDENTIALS.external_id, "Салон «Верба»", ())
    assert report.webhook_url == bench.url


def test_what_is_wrong_is_found(bench):
    account = bench.fake.the_bot()
    account.webhooks[0].kinds = ["message_created", "message_callback", "bot_started"]
    assert found(bench) == {ProblemKind.EVENTS_MISSING: False}
    account.webhooks[0].kinds = ["message_created"]
    assert found(bench) == {ProblemKind.EVENTS_MISSING: True}
    account.webhooks[0].kinds = []  # all of them
    assert found(bench) == {}
    bench.fake.add_webhook(account, Webhook("https://old.example/max"))
    assert found(bench) == {ProblemKind.OTHER_WEBHOOK: False}
    bench.fake.remove_webhook(account, bench.url)
    assert found(bench) == {ProblemKind.NO_WEBHOOK: True, ProblemKind.OTHER_WEBHOOK: False}
    assert bench.keeper.check(bench.url, CREDENTIALS).webhook_url == "https://old.example/max"
    assert found(bench, replace(CREDENTIALS, external_id="5")) == {ProblemKind.WRONG_ACCOUNT: True}
    for token in ("nobody", ""):
        assert found(bench, replace(CREDENTIALS, token=token)) == {ProblemKind.TOKEN_REJECTED: True}


def test_nothing_is_known_when_max_does_not_answer(bench):
    bench.fake.fail_next(FaultKind.SERVER_ERROR, methods=None)
    assert found(bench) == {ProblemKind.UNREACHABLE: False}
    bench.fake.stop_server()
    report = bench.keeper.check("https://salon.example/max", CREDENTIALS)
    assert [problem.kind for problem in report.problems] == [ProblemKind.UNREACHABLE]
    assert TOKEN not in repr(report)
    with pytest.raises(RetryLater):
        bench.keeper.register("https://salon.example/max", CREDENTIALS)


def test_a_keeper_repeats_without_fear(bench):
    bench.fake.fail_next(FaultKind.DROP_AFTER, methods=frozenset({"POST /subscriptions"}))
    with pytest.raises(RetryLater) as later:
        bench.keeper.register(bench.url, CREDENTIALS)
    assert not later.value.maybe_sent
    with pytest.raises(AccountRejected):
        bench.keeper.register(bench.url, ChannelCredentials("nobody", (SECRET,)))
