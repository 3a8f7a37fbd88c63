from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from salon.integrations.fakes import FaultKind
from salon.integrations.instagram.keeper import FIELDS, InstagramKeeper
from salon.messaging.domain import Channel
from salon.messaging.errors import AccountRejected, RequestRejected, RetryLater
from salon.messaging.ports import ProblemKind, Registered
from salon.platform.clock import FrozenClock
from support.benches.instagram import CREDENTIALS, instagram_bench


@pytest.fixture
def bench():
    with instagram_bench() as made:
        yield made


@pytest.fixture
def clock(bench):
    bench.fake._clock = FrozenClock()
    return bench.fake._clock


@pytest.fixture
def keeper(bench, clock):
    made = InstagramKeeper(bench.fake.base_url, total_timeout_s=2.0, clock=clock)
    yield made
    made.close()


@pytest.fixture
def url(bench):
    return f"{bench.hook.url}/webhooks/instagram/main"


def problems(report):
    return [(problem.kind, problem.is_fatal) for problem in report.problems]


class TestRegistering:
    def test_twice_is_as_once(self, bench, keeper, url):
        assert keeper.channel is Channel.INSTAGRAM
        assert keeper.prepare_handshake(CREDENTIALS) == Registered()
        assert keeper.register(url, CREDENTIALS) == Registered()
        (hook,) = bench.fake.the_bot().webhooks
        assert (hook.url, sorted(hook.kinds)) == (url, sorted(FIELDS))

    def test_whoever_does_not_shake_hands_gets_nothing(self, keeper, url):
        with pytest.raises(RequestRejected, match="Callback verification failed"):
            keeper.register(url, replace(CREDENTIALS, verify_token="other"))

    @pytest.mark.parametrize("setting", ["verify_token", "webhook_secrets"])
    def test_settings_are_needed(self, keeper, url, setting):
        with pytest.raises(RequestRejected, match=setting):
            keeper.register(url, replace(CREDENTIALS, **{setting: ""}))

    def test_without_the_apps_id_only_the_account_is_subscribed(self, bench, keeper, url):
        keeper.unregister(url, CREDENTIALS)
        assert bench.fake.the_bot().webhooks == []
        keeper.register(url, replace(CREDENTIALS, app_id=""))
        assert bench.fake.the_bot().settings["is_subscribed"]
        report = keeper.check(url, replace(CREDENTIALS, app_id=""))
        assert problems(report) == [(ProblemKind.SETTING_MISSING, False)]

    def test_another_address_of_the_app_is_left_alone(self, bench, keeper, url):
        keeper.unregister(f"{url}/other", CREDENTIALS)
        assert bench.fake.app_subscription(bench.fake.the_bot())["callback_url"] == url

    def test_the_real_hosts_are_two(self):
        keeper = InstagramKeeper("https://graph.instagram.com")
        assert keeper._app_client._http._base_url == "https://graph.facebook.com"
        assert keeper._client._http._base_url == "https://graph.instagram.com"
        keeper.close()


class TestRefreshing:
    def test_another_sixty_days(self, bench, keeper, clock):
        fresh = keeper.refresh(CREDENTIALS)
        assert fresh.expires_at == clock.now() + timedelta(days=60)
        assert fresh.token != CREDENTIALS.token
        assert bench.fake.account_with(fresh.token)
        with pytest.raises(RequestRejected):  # it is not a day old
            keeper.refresh(replace(CREDENTIALS, token=fresh.token))

    def test_a_token_that_has_ended(self, keeper):
        with pytest.raises(AccountRejected) as failed:
            keeper.refresh(replace(CREDENTIALS, token="IGAAended"))
        assert "IGAAended" not in str(failed.value)

    def test_an_answer_without_a_token(self, bench, keeper):
        bench.fake.fail_next(FaultKind.SERVER_ERROR, methods=None)
        with pytest.raises(RetryLater):
            keeper.refresh(CREDENTIALS)


class TestChecking:
    def test_all_is_well(self, keeper, url):
        report = keeper.check(url, CREDENTIALS)
        assert (report.external_id, report.name, report.webhook_url) == (CREDENTIALS.external_id, "verba", url)
        assert report.problems == ()

    @pytest.mark.parametrize(
        ("wrong", "kinds"),
        [
            ({"token": "IGAAunknown"}, [ProblemKind.TOKEN_REJECTED]),
            ({"external_id": "1784"}, [ProblemKind.WRONG_ACCOUNT]),
            ({"verify_token": ""}, [ProblemKind.SETTING_MISSING]),
            ({"webhook_secrets": ()}, [ProblemKind.SECRET_MISSING, ProblemKind.TOKEN_REJECTED]),
            ({"webhook_secrets": ("other",)}, [ProblemKind.TOKEN_REJECTED]),
        ],
    )
    def test_wrong_settings(self, keeper, url, wrong, kinds):
        report = keeper.check(url, replace(CREDENTIALS, **wrong))
        assert [problem.kind for problem in report.problems] == kinds

    def test_the_subscription(self, bench, keeper, url):
        settings = bench.fake.the_bot().settings
        settings["fields"] = [field for field in FIELDS if field != "message_reactions"]
        assert problems(keeper.check(url, CREDENTIALS)) == [(ProblemKind.EVENTS_MISSING, False)]
        settings["fields"] = ["message_edit"]
        (problem,) = keeper.check(url, CREDENTIALS).problems
        assert (problem.kind, problem.is_fatal) == (ProblemKind.EVENTS_MISSING, True)
        assert "empty edits" in problem.what
        settings["is_subscribed"] = False
        assert problems(keeper.check(url, CREDENTIALS)) == [(ProblemKind.NO_WEBHOOK, True)]

    def test_the_apps_webhook(self, bench, keeper, url):
        assert problems(keeper.check(f"{url}/moved", CREDENTIALS)) == [(ProblemKind.OTHER_WEBHOOK, True)]
        bench.fake.app_subscription(bench.fake.the_bot())["active"] = False
        assert problems(keeper.check(url, CREDENTIALS)) == [(ProblemKind.WEBHOOK_OFF, True)]
        keeper._app.unsubscribe(CREDENTIALS)
        assert problems(keeper.check(url, CREDENTIALS)) == [(ProblemKind.NO_WEBHOOK, True)]

    def test_messages_are_not_to_be_read(self, bench, keeper, url):
        bench.fake.the_bot().settings["message_access"] = False
        assert problems(keeper.check(url, CREDENTIALS)) == [(ProblemKind.FEATURE_OFF, True)]

    def test_a_token_that_ends(self, bench, keeper, url, clock):
        bench.fake.the_bot().settings["token_expires_at"] = int((clock.now() + timedelta(days=3)).timestamp())
        assert problems(keeper.check(url, CREDENTIALS)) == [(ProblemKind.TOKEN_EXPIRES, False)]

    def test_nobody_answers(self, bench, keeper, url):
        for method, count in (("GET /subscribed_apps", 1), ("GET /subscriptions", 1), ("GET /conversations", 0)):
            bench.fake.fail_next(FaultKind.DROP_BEFORE, times=None, methods=frozenset({method}))
            assert problems(keeper.check(url, CREDENTIALS)) == [(ProblemKind.UNREACHABLE, False)] * count
            bench.fake.clear_faults()
        bench.fake.stop_server()
        assert problems(keeper.check(url, CREDENTIALS)) == [(ProblemKind.UNREACHABLE, False)]
