"""The fake refuses what MAX refuses, and delivers as MAX delivers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from salon.integrations.fakes import Flood
from salon.integrations.max.fake import FakeMax
from salon.integrations.max.fake.server import FakeMax as Server
from salon.messaging.domain import OutboundKind, OutboundMessage
from salon.messaging.errors import RetryLater
from salon.platform.clock import FrozenClock
from support.benches.max import CREDENTIALS, SECRET, TOKEN, max_bench
from support.telegram import Reply

HELLO = {"text": "Привет"}


@pytest.fixture
def bench():
    with max_bench() as made:
        yield made


@pytest.fixture
def api(bench):
    with httpx.Client(base_url=bench.fake.base_url, headers={"authorization": TOKEN}, trust_env=False) as made:
        yield made


def refused(reply):
    return reply.status_code, reply.json()["code"]


def keyboard(*rows):
    return {"text": "?", "attachments": [{"type": "inline_keyboard", "payload": {"buttons": list(rows)}}]}


def key(**more):
    return {"type": "callback", "text": "Да", "payload": "y", **more}


LINK = {"type": "link", "text": "Сайт", "url": "https://salon.example"}


class TestCalls:
    def test_the_token_stands_raw_in_the_header(self, api):
        assert api.get("/me").json()["user_id"] == int(CREDENTIALS.external_id)
        assert refused(api.get("/me", params={"access_token": TOKEN})) == (403, "deprecated.token")
        for wrong in ("", "nobody", f"Bearer {TOKEN}"):
            assert refused(api.get("/me", headers={"authorization": wrong})) == (401, "verify.token")
        assert refused(api.get("/chats")) == (404, "not.found")
        assert refused(api.put("/me")) == (405, "method.not.allowed")

    def test_the_recipient_stands_in_the_query(self, bench, api):
        for wrong in ({"chat_id": int(bench.chat_id)}, {"user_id": int(bench.anna.external_id)}, {}):
            assert refused(api.post("/messages", json={**HELLO, **wrong})) == (400, "proto.payload")
        assert refused(api.post("/messages?chat_id=1", json=HELLO)) == (404, "chat.not.found")
        stranger = bench.fake.add_person("Вера")
        chat = bench.fake.chat_of(stranger).chat_id
        assert refused(api.post("/messages", params={"chat_id": chat}, json=HELLO)) == (403, "chat.denied")
        sent = api.post("/messages", params={"user_id": bench.anna.external_id}, json=HELLO).json()["message"]
        assert (sent["recipient"]["chat_id"], sent["body"]["text"]) == (int(bench.chat_id), "Привет")
        assert bench.received() == ["Привет"]

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"text": ""},
            {"text": "я" * 4001},
            {"text": 5},
            {"text": "?", "attachments": ["x"]},
            {"text": "?", "attachments": [{"type": "file", "payload": {}}]},
            {"text": "?", "attachments": [{"type": "file", "payload": {"token": "nobody's"}}]},
            {"text": "?", "attachments": [{"type": "location"}]},
            {"text": "?", "attachments": [{"type": "magic"}]},
            keyboard(),
            keyboard([]),
            keyboard([key(type="pay")]),
            keyboard([key(text="")]),
            keyboard([key(text="д" * 129)]),
            keyboard([key(payload="д" * 1025)]),
            keyboard([key(payload=None)]),
            keyboard([key()] * 8),
            keyboard([LINK, key(), key(), key()]),
            keyboard([{**LINK, "url": "x"}]),
            keyboard(*[[key()]] * 31),
        ],
    )
    def test_what_is_over_the_limits_is_refused(self, bench, api, body):
        reply = api.post("/messages", params={"chat_id": bench.chat_id}, json=body)
        assert refused(reply) == (400, "proto.payload")
        assert bench.received() == []

    def test_what_is_within_them_is_taken(self, bench, api):
        rows = [[key()] * 7, [LINK, LINK, key(type="request_contact")], *[[key()]] * 28]
        assert api.post("/messages", params={"chat_id": bench.chat_id}, json=keyboard(*rows)).status_code == 200

    def test_a_body_that_is_no_json(self, api):
        reply = api.post("/messages", content=b"{", headers={"content-type": "application/json"})
        assert refused(reply) == (400, "proto.payload")

    def test_an_edit_changes_what_it_names(self, bench, api):
        sent = api.post("/messages", params={"chat_id": bench.chat_id}, json=keyboard([key()])).json()
        mid = sent["message"]["body"]["mid"]

        def edited(**body):
            assert api.put("/messages", params={"message_id": mid}, json=body).json() == {"success": True}
            shown = api.get(f"/messages/{mid}").json()["body"]
            return shown["text"], len(shown.get("attachments", ()))

        assert edited(text="Уже решили") == ("Уже решили", 1)
        assert edited(text="Уже решили", attachments=None) == ("Уже решили", 1)
        assert edited(attachments=[]) == ("Уже решили", 0)
        assert refused(api.put("/messages", params={"message_id": "mid.0"}, json=HELLO)) == (404, "not.found")
        assert api.delete("/messages", params={"message_id": mid}).json() == {"success": True}
        assert refused(api.put("/messages", params={"message_id": mid}, json=HELLO)) == (404, "not.found")

    def test_a_tap_is_answered_once_and_not_with_nothing(self, bench, api):
        api.post("/messages", params={"chat_id": bench.chat_id}, json=keyboard([key()]))
        tap = bench.fake.tap(bench.anna, bench.fake.sent_to(bench.anna)[-1].message_id, "Да")

        def answer(**body):
            return api.post("/answers", params={"callback_id": tap.callback_id}, json=body)

        assert refused(answer()) == (400, "proto.payload")
        change = {"text": "Записала", "attachments": []}
        assert answer(notification="Принято", message=change).json() == {"success": True}
        assert refused(answer(notification="Принято")) == (404, "not.found")
        assert (tap.answer, bench.received()) == ({"text": "Принято"}, ["Записала"])

    def test_what_else_there_is_to_ask(self, bench, api):
        said = bench.fake.say(bench.anna, "Когда?")
        told = api.get(f"/chats/{bench.chat_id}").json()
        assert (told["type"], told["dialog_with_user"]["name"]) == ("dialog", "Анна Лебедева")
        assert refused(api.get("/chats/1")) == (404, "chat.not.found")
        assert refused(api.post("/chats/1/actions", json={"action": "typing_on"})) == (404, "chat.not.found")
        api.post(f"/chats/{bench.chat_id}/actions", json={"action": "typing_on"})
        assert bench.fake.chat_of(bench.anna).typing_until > 0
        answer = {**HELLO, "link": {"type": "reply", "mid": said.external_id}}
        where = {"chat_id": bench.chat_id}
        assert api.post("/messages", params=where, json=answer).json()["message"]["link"]["type"] == "reply"
        wrong = {**HELLO, "link": {"type": "reply", "mid": "mid.0"}}
        assert refused(api.post("/messages", params=where, json=wrong)) == (404, "not.found")
        place = {**HELLO, "attachments": [{"type": "location", "latitude": 55.75, "longitude": 37.6}]}
        assert api.post("/messages", params=where, json=place).status_code == 200
        bench.fake.the_bot().settings["is_unmoderated"] = True
        assert refused(api.post("/messages", params=where, json=HELLO)) == (403, "chat.denied")
        assert api.delete("/subscriptions", params={"url": "https://nobody.example"}).json()["success"] is False

    def test_an_upload_s_address_takes_one_file(self, bench, api):
        place = api.post("/uploads?type=file").json()
        assert place["url"].startswith(bench.fake.base_url)
        files = {"data": ("чек.pdf", b"%PDF", "application/pdf")}
        assert api.post(place["url"], files=files).json()["token"]
        assert api.post(place["url"], files=files).json()["error_code"]
        assert refused(api.post("/uploads?type=photo")) == (400, "proto.payload")
        sound = api.post("/uploads?type=audio").json()
        done = api.post(sound["url"], files={"file": ("a.mp3", b"ID3", "audio/mpeg")})
        assert (done.text, bool(sound["token"])) == ("<retval>1</retval>", True)

    def test_too_many_calls(self):
        with max_bench(flood=Flood(3), chat_flood=Flood(2), clock=FrozenClock()) as bench:
            out = OutboundMessage(OutboundKind.MESSAGE, bench.chat_id, "Привет")
            for _ in range(2):
                bench.adapter.send(out, CREDENTIALS)
            with pytest.raises(RetryLater) as later:
                bench.adapter.send(out, CREDENTIALS)
            assert (later.value.after_s, later.value.maybe_sent) == (1.0, False)


class TestDelivery:
    def test_only_200_counts_and_the_secret_goes_along(self, bench):
        statuses = iter([201, 204, 302, 500, 200])
        bench.hook.answer = lambda _: Reply(next(statuses), body=b"")
        before = len(bench.hook.requests)
        bench.fake.say(bench.anna, "Есть кто?")
        bench.fake.wait_delivered()
        tries = bench.hook.requests[before:]
        assert len(tries) == 5
        assert {each.headers["x-max-bot-api-secret"] for each in tries} == {SECRET}
        assert len({each.body for each in tries}) == 1

    def test_the_first_of_ten_repeats_comes_after_a_minute(self):
        policy = Server.policy
        delays = [policy.base_delay_s * policy.factor**turn for turn in range(3)]
        assert (delays, policy.max_attempts) == ([60, 150, 375], 11)
        assert policy.max_delay_s >= policy.base_delay_s * policy.factor**9

    def test_ten_repeats_and_no_more(self):
        policy = Server.policy
        with max_bench() as bench:
            bench.fake.deliveries._policy = type(policy)(base_delay_s=0.001, factor=1.0, max_attempts=11)
            bench.hook.answer = lambda _: Reply(500)
            before = len(bench.hook.requests)
            bench.fake.say(bench.anna, "Есть кто?")
            bench.fake.wait_delivered()
            assert len(bench.hook.requests) - before == 11

    def test_eight_hours_of_failures_end_the_subscription(self):
        clock = FrozenClock(datetime(2026, 11, 21, 9, tzinfo=UTC))
        with max_bench(clock=clock) as bench:
            bench.hook.answer = lambda _: Reply(500)
            bench.fake.say(bench.anna, "Есть кто?")
            bench.fake.wait_for(lambda: bench.fake.the_bot().last_error)
            assert bench.fake.the_bot().webhook_url == bench.url
            clock.advance(timedelta(hours=8))
            bench.fake.wait_for(lambda: not bench.fake.the_bot().webhooks)
            bench.fake.wait_delivered()
            problems = bench.keeper.check(bench.url, CREDENTIALS).problems
            assert [(each.kind, each.is_fatal) for each in problems] == [("no_webhook", True)]

    def test_subscriptions_accumulate_and_each_hears_everything(self, bench, api):
        other = f"{bench.hook.url}/webhooks/max/other"
        for url in (other, other):
            assert api.post("/subscriptions", json={"url": url}).json() == {"success": True}
        before = len(bench.hook.requests)
        bench.fake.say(bench.anna, "Привет")
        bench.fake.wait_delivered()
        told = {each.path.rpartition("/")[2]: each.headers for each in bench.hook.requests[before:]}
        assert len(bench.hook.requests) - before == len(told) == 2
        assert told["main"]["x-max-bot-api-secret"] == SECRET
        assert "x-max-bot-api-secret" not in told["other"]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"url": "http://salon.example/max"},
            {"url": "https://salon.example:8443/max"},
            {"url": ""},
            {"secret": "1234"},
            {"secret": "с кириллицей"},
            {"update_types": ["message_read"]},
        ],
    )
    def test_a_subscription_that_will_not_do(self, api, wrong):
        whole = {"url": "https://salon.example/max", "secret": "secret-1", "update_types": ["message_created"]}
        assert refused(api.post("/subscriptions", json={**whole, **wrong})) == (400, "proto.payload")
        assert len(api.get("/subscriptions").json()["subscriptions"]) == 1

    def test_the_state_survives(self, tmp_path):
        file = tmp_path / "max.json"
        with max_bench(state_file=file) as bench:
            sent = bench.adapter.send(OutboundMessage(OutboundKind.MESSAGE, bench.chat_id, "Привет"), CREDENTIALS)
            user_id = bench.anna.user_id
        again = FakeMax(state_file=file)
        assert [message.external_id for message in again.sent_to(user_id)] == [sent]
        assert json.loads(file.read_text("utf-8"))["version"]
