"""The fake behaves as VK does: checks, words, handshake, repeats."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from salon.integrations.fakes import Flood
from salon.integrations.vk.fake import FakeVk
from salon.platform.clock import FrozenClock
from support.benches.vk import GROUP, TOKEN
from support.telegram import LoopbackServer, Reply

NOON = datetime(2026, 11, 20, 9, tzinfo=UTC)
OK = Reply(200, {"Content-Type": "text/plain"}, b"ok")


@pytest.fixture
def clock():
    return FrozenClock(NOON)


@pytest.fixture
def fake(clock):
    made = FakeVk(webhook_base_delay_s=0.02, delivery_workers=2, pause_s=600, clock=clock)
    made.add_account(TOKEN, external_id=GROUP, confirmation="a1b2c3")
    with made.running():
        yield made


@pytest.fixture
def anna(fake):
    person = fake.add_person("Анна", "Лебедева")
    fake.chat_of(person).started = True
    return person


@pytest.fixture
def hook():
    with LoopbackServer(lambda _: OK) as made:
        yield made


@pytest.fixture
def call(fake):
    with httpx.Client(trust_env=False, timeout=5) as http:

        def ask(method, token=TOKEN, **params):
            form = {"v": "5.199", "access_token": token, **params}
            return http.post(f"{fake.base_url}/method/{method}", data=form).json()

        ask.http = http
        yield ask


def error(answer):
    return answer["error"]["error_code"]


def keyboard(*rows, **more):
    made = [[{"action": {"type": "callback", "label": label, "payload": '{"p":"x"}'}} for label in row] for row in rows]
    return json.dumps({"inline": True, "buttons": made, **more})


class TestCalls:
    def test_only_forms_are_read_and_tokens_go_either_way(self, fake, anna, call):
        asked = {"peer_id": anna.user_id, "random_id": 1, "message": "Да", "v": "5.199"}
        url, bearer = f"{fake.base_url}/method/messages.send", {"authorization": f"Bearer {TOKEN}"}
        assert error(call.http.post(url, json=asked, headers=bearer).json()) == 8
        assert "response" in call.http.post(url, data=asked, headers=bearer).json()
        assert "response" in call("messages.send", peer_id=anna.user_id, random_id=2, message="Да")
        assert error(call("messages.send", token="wrong", peer_id=5, random_id=1, message="Да")) == 5
        assert error(call("messages.sent")) == 3
        assert TOKEN not in str(call("messages.send", message="Да"))

    def test_errors_are_a_success_of_http_and_repeat_what_was_asked(self, fake, call):
        answer = call.http.post(f"{fake.base_url}/method/messages.send", data={"access_token": TOKEN, "v": "5.199"})
        assert answer.status_code == 200
        assert {"key": "method", "value": "messages.send"} in answer.json()["error"]["request_params"]

    def test_a_random_id_is_known_for_an_hour_and_per_person(self, fake, anna, call, clock):
        vera = fake.add_person("Вера")
        fake.chat_of(vera).started = True

        def say(person, random_id):
            return call("messages.send", peer_ids=person.user_id, random_id=random_id, message="Да")["response"][0]

        first = say(anna, 7)
        assert say(anna, 7) == first
        assert say(vera, 7)["message_id"] != first["message_id"]
        assert say(anna, 0) != say(anna, 0)
        clock.advance(timedelta(hours=1))
        assert say(anna, 7) != first

    @pytest.mark.parametrize(
        ("params", "code"),
        [
            ({"random_id": ""}, 100),
            ({"random_id": "x"}, 100),
            ({"message": " "}, 100),
            ({"message": "д" * 4097}, 914),
            ({"attachment": "photo-1_2"}, 100),
            ({"peer_id": 999}, 901),
            ({"peer_id": 2_000_000_001}, 917),
            ({"peer_id": "Анна"}, 100),
            ({"keyboard": "{"}, 100),
            ({"keyboard": "[]"}, 911),
            ({"keyboard": keyboard(["1", "2", "3", "4", "5", "6"])}, 911),
            ({"keyboard": keyboard(*[["1"]] * 7)}, 911),
            ({"keyboard": keyboard(*[["1", "2"]] * 6)}, 911),
            ({"keyboard": keyboard(["д" * 41])}, 911),
            ({"keyboard": keyboard([""])}, 911),
            ({"keyboard": keyboard([])}, 911),
            ({"keyboard": keyboard(["1"], one_time=True)}, 911),
            ({"keyboard": keyboard(["1"]).replace("callback", "teleport")}, 911),
            ({"keyboard": keyboard(["1"]).replace('{\\"p\\":\\"x\\"}', "x")}, 911),
            ({"keyboard": keyboard(["1"]).replace('\\"x\\"', '\\"' + "x" * 250 + '\\"')}, 911),
        ],
    )
    def test_limits(self, fake, anna, call, params, code):
        asked = {"peer_id": anna.user_id, "random_id": 1, "message": "Да", **params}
        assert error(call("messages.send", **asked)) == code
        assert fake.sent_to(anna) == []

    def test_peers_are_refused_one_by_one_within_the_list(self, fake, anna, call):
        fake.block(anna)
        (row,) = call("messages.send", peer_ids=anna.user_id, random_id=1, message="Да")["response"]
        assert (row["peer_id"], row["message_id"], row["error"]["code"]) == (anna.user_id, 0, 901)

    def test_keyboards_need_a_feature_of_the_community(self, fake, anna, call):
        fake.the_bot().settings["bots_capabilities"] = 0
        asked = {"peer_id": anna.user_id, "random_id": 1, "message": "Да"}
        assert error(call("messages.send", **asked, keyboard=keyboard(["1"]))) == 912
        assert "response" in call("messages.send", **asked)

    def test_an_edit_takes_off_what_it_does_not_name_and_comes_within_a_day(self, fake, anna, call, clock):
        asked = {"peer_id": anna.user_id, "message": "Да"}
        call("messages.send", **asked, random_id=1, keyboard=keyboard(["1"]))
        assert call("messages.edit", **asked, cmid=1) == {"response": 1}
        assert fake.sent_to(anna)[0].buttons == []
        said = fake.say(anna, "моё")
        assert error(call("messages.edit", **asked, message_id=said.message_id)) == 15
        assert error(call("messages.edit", **asked, cmid=77)) == 100
        clock.advance(timedelta(days=1))
        assert error(call("messages.edit", **asked, cmid=1)) == 909

    def test_a_tap_is_answered_once_and_within_a_minute(self, fake, anna, call, hook, clock):
        fake.set_webhook(hook.url)
        call("messages.send", peer_id=anna.user_id, random_id=1, message="Да", keyboard=keyboard(["1", "2"]))

        def answer(tap, **more):
            given = {"event_id": tap.callback_id, "user_id": anna.user_id, "peer_id": anna.user_id, **more}
            return call("messages.sendMessageEventAnswer", **given)

        tap = fake.tap(anna, "700000001:1", "1")
        assert error(answer(tap, user_id=5)) == 100
        assert error(answer(tap, event_data='{"type":"show_snackbar","text":"' + "д" * 91 + '"}')) == 100
        assert answer(tap, event_data='{"type":"show_snackbar","text":"Да"}') == {"response": 1}
        assert error(answer(tap)) == 100
        late = fake.tap(anna, "700000001:1", "2")
        clock.advance(timedelta(seconds=60))
        assert "invalid event_id" in answer(late)["error"]["error_msg"]

    def test_more_in_a_second_than_it_takes(self, clock):
        flooded = FakeVk(flood=Flood(2), clock=clock)
        flooded.add_account(TOKEN, external_id=GROUP)
        person = flooded.add_person("Анна")
        flooded.chat_of(person).started = True
        asked = {"peer_id": person.user_id, "random_id": 0, "message": "Да", "v": "5.199", "access_token": TOKEN}
        with flooded.running() as url, httpx.Client(trust_env=False) as http:
            answers = [http.post(f"{url}/method/messages.send", data=asked).json() for _ in range(3)]
        assert [list(answer) for answer in answers] == [["response"], ["response"], ["error"]]
        assert error(answers[2]) == 6


class TestServers:
    def register(self, call, address, **more):
        asked = {"group_id": GROUP, "url": address, "title": "salon", "secret_key": "s3cret", **more}
        return call("groups.addCallbackServer", **asked)

    def status(self, call):
        return [one["status"] for one in call("groups.getCallbackServers", group_id=GROUP)["response"]["items"]]

    def test_nothing_is_delivered_before_the_server_has_proved_itself(self, fake, anna, call, hook):
        made = self.register(call, hook.url)["response"]["server_id"]
        assert self.status(call) == ["failed"]
        call("groups.setCallbackSettings", group_id=GROUP, server_id=made, api_version="5.199", message_new=1)
        fake.say(anna, "раз")
        hook.answer = lambda request: Reply(200, {}, b"a1b2c3" if b"confirmation" in request.body else b"ok")
        edited = {"group_id": GROUP, "server_id": made, "url": hook.url, "title": "salon", "secret_key": "s3cret"}
        assert call("groups.editCallbackServer", **edited) == {"response": 1}
        assert self.status(call) == ["ok"]
        fake.say(anna, "два")
        fake.wait_delivered()
        asked = [json.loads(request.body) for request in hook.requests]
        assert [one["type"] for one in asked] == ["confirmation", "confirmation", "message_new"]
        assert asked[0] == {"type": "confirmation", "group_id": int(GROUP), "v": "5.199", "secret": "s3cret"}
        assert (asked[2]["secret"], asked[2]["object"]["message"]["text"]) == ("s3cret", "два")

    @pytest.mark.parametrize(
        ("params", "code"),
        [
            ({"title": "s" * 15}, 100),
            ({"secret_key": "s" * 51}, 100),
            ({"url": "salon"}, 100),
            ({"group_id": 7002}, 15),
        ],
    )
    def test_what_a_server_is_called(self, call, hook, params, code):
        assert error(self.register(call, hook.url, **params)) == code

    def test_an_event_is_told_until_the_answer_is_ok_and_nothing_else(self, fake, anna, hook):
        fake.set_webhook(hook.url, "s3cret")
        answers = [Reply(500), Reply(200, {}, b'"ok"'), Reply(200, {}, b"ok\n"), OK, OK]
        hook.answer = lambda _: answers[len(hook.requests) - 1]
        fake.say(anna, "раз")
        fake.say(anna, "два")
        fake.wait_delivered()
        texts = [json.loads(request.body)["object"]["message"]["text"] for request in hook.requests]
        assert texts == ["раз"] * 4 + ["два"]
        counters = [request.headers.get("x-retry-counter") for request in hook.requests]
        assert counters == [None, "1", "2", "3", None]
        assert len({json.loads(request.body)["event_id"] for request in hook.requests}) == 2

    def test_after_several_errors_there_is_a_pause(self, fake, anna, call, hook):
        fake.set_webhook(hook.url, "s3cret")
        hook.answer = lambda _: Reply(500)
        fake.say(anna, "раз")
        (server,) = fake.the_bot().webhooks
        fake.wait_for(lambda: server.settings.get("status") == "failed", what="the pause")
        assert self.status(call) == ["failed"]
        assert len(hook.requests) == 5
        hook.answer = lambda _: OK
        fake.resume_webhooks()
        fake.wait_delivered()
        assert len(hook.requests) == 6
        assert self.status(call) == ["ok"]

    def test_retry_after_is_a_date_less_than_three_hours_ahead(self, fake):
        def asked(ahead, status=503):
            return fake.postponed_by(status, format_datetime(NOON + ahead, usegmt=True))

        assert asked(timedelta(minutes=5)) == 300
        assert asked(timedelta(minutes=5), status=500) is None
        assert asked(timedelta(hours=3)) is None
        assert asked(timedelta(hours=-1)) == 0
        assert fake.postponed_by(503, "300") is None

    def test_remove_deletes_the_server(self, fake, anna, hook):
        fake.set_webhook(hook.url)
        hook.answer = lambda _: Reply(200, {}, b"remove")
        fake.say(anna, "раз")
        fake.wait_delivered()
        assert fake.the_bot().webhooks == []

    def test_an_old_version_has_the_message_bare(self, fake, anna, hook):
        fake.set_webhook(hook.url, api_version="5.92")
        fake.say(anna, "раз")
        fake.wait_delivered()
        assert json.loads(hook.requests[0].body)["object"]["text"] == "раз"


class TestPeople:
    def test_what_nobody_can_do_there(self, fake, anna):
        with pytest.raises(LookupError, match="no contact cards"):
            fake.send_contact(anna, phone="79990000000")
        said = fake.say(anna, "да")
        with pytest.raises(LookupError, match="no reaction"):
            fake.react(anna, said.message_id, "🦄")

    def test_of_a_message_that_was_taken_back_nobody_hears(self, fake, anna, hook):
        fake.set_webhook(hook.url)
        fake.delete(anna, fake.say(anna, "ой").message_id)
        fake.wait_delivered()
        assert len(hook.requests) == 1

    def test_everything_survives_a_restart(self, tmp_path, hook):
        def made():
            return FakeVk(state_file=tmp_path / "vk.json", webhook_base_delay_s=0.02)

        first = made()
        first.add_account(TOKEN, external_id=GROUP)
        anna = first.add_person("Анна")
        with first.running():
            first.set_webhook(hook.url, "s3cret")
            first.start(anna)
            first.wait_delivered()
        again = made()
        with again.running():
            again.say(anna.user_id, "Я тут")
            again.wait_delivered()
        assert again.transcript(anna.user_id) == ["Анна: Начать", "Анна: Я тут"]
        numbers = [
            json.loads(request.body)["object"]["message"]["conversation_message_id"] for request in hook.requests
        ]
        assert numbers == [1, 2]
