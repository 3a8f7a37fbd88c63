"""How the fakes' core delivers: by each provider's policy, to one webhook or several."""

# ruff: noqa: ARG002 - the hooks' signatures are the core's
from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest

from salon.integrations.fakes import ActKind, DeliveryPolicy, Event, FakeMessenger, Webhook
from salon.platform.clock import FrozenClock
from support.telegram import LoopbackServer, Reply

QUICK = {"base_delay_s": 0.02, "factor": 1.0}


class FakeTiny(FakeMessenger):
    """Tells of messages; wants to hear `ok`."""

    provider = "tiny"
    pause_s: float | None = None

    def events_of(self, account, chat, act):
        if act.kind != ActKind.MESSAGE:
            return []
        return [Event("message", json.dumps(chat.message(act.message_id).text))]

    def body_of(self, account, webhook, events):
        return json.dumps([json.loads(event) for event in events]).encode()

    def headers_of(self, account, webhook, body, attempt):
        return {"X-Secret": webhook.secret, "X-Attempt": str(attempt)}

    def is_success(self, status, content):
        return status == 200 and content == b"ok"

    def lost_patience(self, account, webhook):
        if self.pause_s is None:
            super().lost_patience(account, webhook)
        else:
            self.pause_webhook(webhook, self.pause_s)


@pytest.fixture
def hook():
    with LoopbackServer(lambda _: Reply(body=b"ok")) as made:
        yield made


def stage(policy, clock=None):
    fake = FakeTiny(policy=policy, delivery_workers=3, clock=clock)
    fake.add_account("t1")
    return fake, fake.add_person("Анна")


def heard(hook):
    return [json.loads(request.body) for request in hook.requests]


def test_only_the_right_words_are_a_success_and_attempts_are_counted(hook):
    answers = iter([Reply(200), Reply(201, body=b"ok"), Reply(500)])
    hook.answer = lambda _: next(answers, Reply(body=b"ok"))
    fake, anna = stage(DeliveryPolicy(**QUICK))
    fake.set_webhook(hook.url, "s1")
    with fake.running():
        fake.say(anna, "раз")
        fake.wait_delivered()
    assert [request.headers["x-attempt"] for request in hook.requests] == ["0", "1", "2", "3"]
    assert {request.headers["x-secret"] for request in hook.requests} == {"s1"}


def test_an_event_is_dropped_after_the_last_attempt(hook):
    hook.answer = lambda request: Reply(500) if b"one" in request.body else Reply(body=b"ok")
    fake, anna = stage(DeliveryPolicy(**QUICK, max_attempts=3))
    fake.set_webhook(hook.url)
    with fake.running():
        fake.say(anna, "one")
        fake.say(anna, "two")
        fake.wait_delivered()
    assert heard(hook) == [["one"]] * 3 + [["two"]]


def test_events_of_an_account_come_in_batches(hook):
    gate = threading.Event()
    hook.answer = lambda _: Reply(body=b"ok" if gate.wait(5) else b"")
    fake, anna = stage(DeliveryPolicy(**QUICK, batch=3, per_account=True))
    fake.set_webhook(hook.url)
    vera = fake.add_person("Вера")
    with fake.running():
        fake.say(anna, "1")
        while not hook.requests:
            threading.Event().wait(0.005)
        for text, who in (("2", vera), ("3", anna), ("4", vera), ("5", anna)):
            fake.say(who, text)
        gate.set()
        fake.wait_delivered()
    assert heard(hook) == [["1"], ["2", "3", "4"], ["5"]]


def test_a_webhook_that_fails_for_hours_is_unsubscribed(hook):
    clock = FrozenClock()
    hook.answer = lambda _: Reply(500)
    fake, anna = stage(DeliveryPolicy(**QUICK, patience_s=8 * 3600, expiry_s=1e9), clock)
    fake.set_webhook(hook.url)
    with fake.running():
        fake.say(anna, "раз")
        fake.wait_for(lambda: len(hook.requests) >= 2)
        assert fake.the_bot().webhooks
        clock.advance(timedelta(hours=8))
        fake.wait_for(lambda: not fake.the_bot().webhooks)
        fake.say(anna, "два")  # nobody hears of it: there is no webhook
        hook.answer = lambda _: Reply(body=b"ok")
        fake.set_webhook(hook.url)
        fake.wait_delivered()
    assert heard(hook)[-1] == ["раз"]


def test_a_webhook_that_fails_often_rests(hook):
    hook.answer = lambda _: Reply(500)
    fake, anna = stage(DeliveryPolicy(**QUICK, patience_failures=3))
    fake.pause_s = 3600.0
    fake.set_webhook(hook.url)
    with fake.running():
        fake.say(anna, "раз")
        fake.wait_for(lambda: len(hook.requests) == 3 and not fake.deliveries._flying)
        fake.say(fake.add_person("Вера"), "два")
        hook.answer = lambda _: Reply(body=b"ok")
        with pytest.raises(TimeoutError):
            fake.wait_delivered(timeout_s=0.1)
        assert len(hook.requests) == 3
        fake.resume_webhooks()
        fake.wait_delivered()
    assert sorted(heard(hook)[3:]) == [["два"], ["раз"]]


def test_two_webhooks_hear_everything_and_do_not_wait_for_each_other(hook):
    fake, anna = stage(DeliveryPolicy(base_delay_s=3600.0))
    with LoopbackServer(lambda _: Reply(500)) as broken, fake.running():
        fake.set_webhook(broken.url)
        fake.add_webhook(fake.the_bot(), Webhook(hook.url, "s2"))
        fake.say(anna, "раз")
        fake.wait_for(lambda: len(broken.requests) == 1 and len(hook.requests) == 1)
        fake.say(anna, "два")
        fake.wait_for(lambda: len(hook.requests) == 2)
        assert len(broken.requests) == 1
        assert fake.remove_webhook(fake.the_bot(), broken.url)
        assert not fake.remove_webhook(fake.the_bot(), broken.url)
