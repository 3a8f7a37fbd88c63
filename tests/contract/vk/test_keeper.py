"""The keeper before the fake: registering, and what `check` says about everything that can be wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from salon.integrations.fakes import FaultKind
from salon.integrations.vk.keeper import EVENTS, TITLE, VkKeeper
from salon.messaging.domain import ChannelCredentials
from salon.messaging.errors import AccountRejected, RequestRejected, RetryLater
from salon.messaging.ports import ProblemKind
from support.benches.vk import GROUP, TOKEN, vk_bench


@pytest.fixture
def bench():
    with vk_bench() as made:
        yield made


def problems(bench, credentials=None, url=None):
    report = bench.keeper.check(url or bench.url, credentials or bench.credentials)
    return [(problem.kind, problem.is_fatal) for problem in report.problems]


def server(bench):
    (found,) = bench.fake.the_bot().webhooks
    return found


class TestRegistering:
    def test_the_server_is_confirmed_and_sent_what_we_need(self, bench):
        hook = server(bench)
        assert (hook.url, hook.secret) == (bench.url, bench.credentials.webhook_secrets[0])
        assert hook.settings["status"] == "ok"
        assert hook.settings["api_version"] == "5.199"
        assert sorted(hook.kinds) == sorted(EVENTS)
        report = bench.keeper.check(bench.url, bench.credentials)
        assert (report.external_id, report.name, report.webhook_url) == (GROUP, "Салон «Верба»", bench.url)
        assert report.problems == ()

    def test_it_can_be_repeated_with_the_next_secret_and_at_another_address(self, bench):
        rotated = replace(bench.credentials, webhook_secrets=("next-secret", *bench.credentials.webhook_secrets))
        bench.hook.credentials = rotated
        moved = f"{bench.hook.url}/vk/moved"
        registered = bench.keeper.register(moved, rotated)
        assert registered.confirmation == bench.credentials.confirmation
        assert (server(bench).url, server(bench).secret) == (moved, "next-secret")
        assert problems(bench, rotated, moved) == []

    def test_servers_of_others_stay(self, bench):
        bench.keeper.unregister(bench.url, bench.credentials)
        account = bench.fake.the_bot()
        bench.fake.set_webhook("https://crm.example/vk", title="crm")
        bench.keeper.register(bench.url, bench.credentials)
        assert [hook.url for hook in account.webhooks] == ["https://crm.example/vk", bench.url]
        assert problems(bench) == []
        bench.keeper.unregister(bench.url, bench.credentials)
        bench.keeper.unregister(bench.url, bench.credentials)
        assert [hook.url for hook in account.webhooks] == ["https://crm.example/vk"]

    def test_there_is_room_for_ten(self, bench):
        bench.keeper.unregister(bench.url, bench.credentials)
        for number in range(10):
            url = f"{bench.hook.url}/{number}"
            bench.keeper.register(url, bench.credentials)
            server_of = next(hook for hook in bench.fake.the_bot().webhooks if hook.url == url)
            server_of.settings["title"] = "other"
        with pytest.raises(RequestRejected, match="2000"):
            bench.keeper.register(bench.url, bench.credentials)

    @pytest.mark.parametrize("secrets", [(), ("",), ("s" * 51,)])
    def test_a_secret_that_vk_would_not_take_is_refused_before_anything_is_changed(self, bench, secrets):
        before = len(bench.fake.calls)
        with pytest.raises(RequestRejected):
            bench.keeper.register(bench.url, replace(bench.credentials, webhook_secrets=secrets))
        assert len(bench.fake.calls) == before

    def test_failures_are_told_by_class(self, bench):
        with pytest.raises(RequestRejected):
            bench.keeper.prepare_handshake(ChannelCredentials(TOKEN))
        with pytest.raises(AccountRejected):
            bench.keeper.register(bench.url, replace(bench.credentials, token="revoked"))
        bench.fake.fail_next(FaultKind.SERVER_ERROR, methods=None)
        with pytest.raises(RetryLater):
            bench.keeper.unregister(bench.url, bench.credentials)
        assert bench.keeper.refresh(bench.credentials) is None


class TestChecking:
    def test_a_server_that_does_not_know_the_string(self, bench):
        bench.hook.credentials = replace(bench.credentials, confirmation="stale")
        bench.keeper.register(bench.url, bench.credentials)
        assert problems(bench) == [(ProblemKind.DELIVERY_FAILING, True)]

    def test_a_string_that_has_changed_at_vk(self, bench):
        bench.fake.the_bot().settings["confirmation"] = "changed1"
        assert problems(bench) == [(ProblemKind.SETTING_MISSING, False)]

    def test_events_that_are_not_sent(self, bench):
        server(bench).kinds.remove("message_read")
        assert problems(bench) == [(ProblemKind.EVENTS_MISSING, False)]
        server(bench).kinds.remove("message_event")
        assert problems(bench) == [(ProblemKind.EVENTS_MISSING, True)]

    def test_an_old_version_another_secret_and_no_answer_yet(self, bench):
        server(bench).settings |= {"api_version": "5.80", "status": "wait"}
        server(bench).secret = "somebody else's"
        assert problems(bench) == [
            (ProblemKind.SECRET_MISSING, True),
            (ProblemKind.DELIVERY_FAILING, False),
            (ProblemKind.SETTING_MISSING, False),
        ]

    def test_no_server(self, bench):
        assert problems(bench, url="https://elsewhere.example/vk") == [(ProblemKind.NO_WEBHOOK, True)]

    @pytest.mark.parametrize("feature", ["bots_capabilities", "messages"])
    def test_what_has_to_be_switched_on(self, bench, feature):
        bench.fake.the_bot().settings[feature] = 0
        assert problems(bench) == [(ProblemKind.FEATURE_OFF, True)]
        bench.fake.fail_next(FaultKind.REJECTED, code=15, methods=frozenset({"groups.getSettings"}))
        assert problems(bench) == []  # a token that may not ask is told nothing

    def test_what_is_missing_on_our_side(self, bench):
        assert problems(bench, replace(bench.credentials, webhook_secrets=(), confirmation="")) == [
            (ProblemKind.SECRET_MISSING, True),
            (ProblemKind.SECRET_MISSING, True),
            (ProblemKind.SETTING_MISSING, False),
        ]
        assert problems(bench, replace(bench.credentials, external_id=""))[0] == (ProblemKind.SETTING_MISSING, True)

    def test_the_token(self, bench):
        report = bench.keeper.check(bench.url, replace(bench.credentials, external_id="7002"))
        assert [problem.kind for problem in report.problems] == [ProblemKind.WRONG_ACCOUNT]
        assert (report.external_id, report.webhook_url) == (GROUP, "")
        for token in ("revoked", ""):
            told = problems(bench, replace(bench.credentials, token=token))
            assert told == [(ProblemKind.TOKEN_REJECTED, True)]
        assert TOKEN not in str(report)

    def test_nobody_there(self, bench):
        keeper = VkKeeper("http://127.0.0.1:9")
        report = keeper.check(bench.url, bench.credentials)
        keeper.close()
        assert [(problem.kind, problem.is_fatal) for problem in report.problems] == [(ProblemKind.UNREACHABLE, False)]


def test_the_title_fits():
    assert len(TITLE) <= 14
