from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from salon.integrations.fakes import FaultKind
from salon.integrations.whatsapp.keeper import WhatsappKeeper
from salon.messaging.domain import Channel
from salon.messaging.errors import AccountRejected, RequestRejected, RetryLater
from salon.messaging.ports import ProblemKind, Registered, Template
from salon.platform.clock import FrozenClock
from support.benches.meta import MetaHook
from support.benches.whatsapp import CREDENTIALS, whatsapp_bench

CLOCK = FrozenClock()


@pytest.fixture
def bench():
    with whatsapp_bench() as made:
        yield made


@pytest.fixture
def keeper(bench):
    made = WhatsappKeeper(bench.fake.base_url, total_timeout_s=2.0, clock=CLOCK)
    yield made
    made.close()


@pytest.fixture
def url(bench):
    return f"{bench.hook.url}/webhooks/whatsapp/main"


def problems(report):
    return [(problem.kind, problem.is_fatal) for problem in report.problems]


class TestRegistering:
    def test_twice_is_as_once(self, bench, keeper, url):
        assert keeper.channel is Channel.WHATSAPP
        assert keeper.prepare_handshake(CREDENTIALS) == Registered()
        assert keeper.register(url, CREDENTIALS) == Registered()
        assert [hook.url for hook in bench.fake.the_bot().webhooks] == [url]
        assert bench.person_says("Привет")

    def test_a_former_secret_does_not_stop_it(self, keeper, url):
        keeper.register(url, replace(CREDENTIALS, webhook_secrets=("next-secret", *CREDENTIALS.webhook_secrets)))
        with pytest.raises(AccountRejected):
            keeper.register(url, replace(CREDENTIALS, webhook_secrets=("next-secret",)))

    def test_an_app_that_two_salons_share(self, bench, keeper, url):
        other = replace(CREDENTIALS, token="EAAGother", external_id="1055002", business_id="2077002")
        bench.fake.add_account(
            other.token,
            external_id="1055002",
            business_id="2077002",
            app_id=CREDENTIALS.app_id,
            app_secret="app-secret_1",
        )
        with MetaHook() as hook:
            keeper.register(f"{hook.url}/webhooks/whatsapp/other", other)
            bench.fake.say(bench.anna, "Привет", bot=other.token)
            assert bench.person_says("Здравствуйте")
            assert len(hook.posts) == 1
            assert keeper.check(f"{hook.url}/webhooks/whatsapp/other", other).problems == ()
        assert keeper.check(url, CREDENTIALS).problems == ()

    def test_whoever_does_not_shake_hands_gets_nothing(self, keeper, url):
        with pytest.raises(RequestRejected, match="Callback verification failed"):
            keeper.register(url, replace(CREDENTIALS, verify_token="other"))
        with pytest.raises(RequestRejected):
            keeper.register("http://127.0.0.1:9/", CREDENTIALS)

    @pytest.mark.parametrize("setting", ["business_id", "verify_token", "webhook_secrets"])
    def test_settings_are_needed(self, keeper, url, setting):
        with pytest.raises(RequestRejected, match=setting):
            keeper.register(url, replace(CREDENTIALS, **{setting: ""}))

    def test_without_the_apps_id_the_account_has_its_own_address(self, bench, keeper):
        with MetaHook() as hook:
            own = replace(CREDENTIALS, app_id="")
            keeper.register(f"{hook.url}/own", own)
            bench.fake.say(bench.anna, "Привет")
            bench.fake.wait_delivered()
            assert len(hook.posts) == 1
            report = keeper.check(f"{hook.url}/own", own)
            assert problems(report) == [(ProblemKind.SETTING_MISSING, False)]

    def test_no_more_events(self, bench, keeper, url):
        keeper.unregister(url, CREDENTIALS)
        assert bench.fake.the_bot().webhooks == []
        report = keeper.check(url, CREDENTIALS)
        assert problems(report) == [(ProblemKind.NO_WEBHOOK, True)]
        with pytest.raises(RequestRejected):
            keeper.unregister(url, replace(CREDENTIALS, business_id=""))

    def test_tokens_do_not_end(self, keeper):
        assert keeper.refresh(CREDENTIALS) is None


class TestChecking:
    def test_all_is_well(self, bench, keeper, url):
        bench.fake.add_template("visit_soon", "{{1}}, ждём вас", status="APPROVED")
        bench.fake.add_template("hello", "Здравствуйте", status="IN_APPEAL", language="en", category="MARKETING")
        report = keeper.check(url, CREDENTIALS)
        assert (report.external_id, report.name, report.webhook_url) == ("1055001", "Салон «Верба»", url)
        assert report.problems == ()
        assert report.templates == (
            Template("visit_soon", "ru", "approved", "utility", "{{1}}, ждём вас"),
            Template("hello", "en", "pending", "marketing", "Здравствуйте"),
        )

    def test_many_templates_and_every_status(self, bench, keeper, url):
        words = ["APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED", "NEVER_HEARD_OF"]
        for number in range(120):
            bench.fake.add_template(f"t{number}", "x", status=words[number % len(words)])
        templates = keeper.check(url, CREDENTIALS).templates
        assert len({template.name for template in templates}) == 120
        assert [one.status for one in templates[:6]] == [
            "approved",
            "pending",
            "rejected",
            "paused",
            "rejected",
            "rejected",
        ]

    def test_what_the_settings_lack(self, keeper, url):
        bare = replace(CREDENTIALS, webhook_secrets=(), verify_token="", business_id="", app_id="")
        report = keeper.check(url, bare)
        assert problems(report) == [
            (ProblemKind.SECRET_MISSING, True),
            (ProblemKind.SETTING_MISSING, False),
            (ProblemKind.SETTING_MISSING, False),
            (ProblemKind.SETTING_MISSING, False),
        ]
        assert report.name == "Салон «Верба»"

    @pytest.mark.parametrize(
        ("wrong", "kind"),
        [
            ({"token": "EAAGunknown"}, ProblemKind.TOKEN_REJECTED),
            ({"external_id": "1055999"}, ProblemKind.WRONG_ACCOUNT),
            ({"external_id": ""}, ProblemKind.TOKEN_REJECTED),
            ({"business_id": "2077999"}, ProblemKind.NO_WEBHOOK),
        ],
    )
    def test_the_wrong_account(self, keeper, url, wrong, kind):
        report = keeper.check(url, replace(CREDENTIALS, **wrong))
        assert report.problems[0].kind is kind
        assert all(wrong.get("token", "-") not in problem.what for problem in report.problems)

    def test_where_events_go(self, bench, keeper, url):
        assert problems(keeper.check(f"{url}/moved", CREDENTIALS)) == [(ProblemKind.OTHER_WEBHOOK, True)]
        bench.fake.the_bot().settings["others"] = ["999"]
        assert problems(keeper.check(url, CREDENTIALS)) == [(ProblemKind.OTHER_WEBHOOK, False)]

    def test_what_the_app_lacks(self, bench, keeper, url):
        bench.fake.app_subscription(bench.fake.the_bot())["fields"] = ["account_update"]
        assert problems(keeper.check(url, CREDENTIALS)) == [(ProblemKind.EVENTS_MISSING, True)]
        bench.fake.app_subscription(bench.fake.the_bot())["active"] = False
        assert problems(keeper.check(url, CREDENTIALS)) == [(ProblemKind.WEBHOOK_OFF, True)]

    @pytest.mark.parametrize(
        ("standing", "is_fatal"),
        [({"status": "BANNED"}, True), ({"status": "FLAGGED"}, False), ({"quality": "RED"}, False)],
    )
    def test_how_the_number_stands(self, bench, keeper, url, standing, is_fatal):
        bench.fake.the_bot().settings |= standing
        assert problems(keeper.check(url, CREDENTIALS)) == [(ProblemKind.POLICY, is_fatal)]

    @pytest.mark.parametrize(("days", "expected"), [(5, [(ProblemKind.TOKEN_EXPIRES, False)]), (30, [])])
    def test_a_token_that_ends(self, bench, keeper, url, days, expected):
        ends_at = CLOCK.now() + timedelta(days=days)
        bench.fake.the_bot().settings["token_expires_at"] = int(ends_at.timestamp())
        assert problems(keeper.check(url, CREDENTIALS)) == expected

    def test_nobody_answers(self, bench, keeper, url):
        bench.fake.fail_next(FaultKind.POLICY, times=None, methods=frozenset({"GET /"}))
        assert problems(keeper.check(url, CREDENTIALS)) == [(ProblemKind.POLICY, True)]
        bench.fake.clear_faults()
        bench.fake.fail_next(
            FaultKind.SERVER_ERROR, times=None, methods=frozenset({"GET /subscribed_apps", "GET /message_templates"})
        )
        assert problems(keeper.check(url, CREDENTIALS)) == [(ProblemKind.UNREACHABLE, False)] * 2
        bench.fake.stop_server()
        assert problems(keeper.check(url, CREDENTIALS)) == [(ProblemKind.UNREACHABLE, False)]
        with pytest.raises(RetryLater):
            keeper.register(url, CREDENTIALS)
