"""The fake behaves as the real Bot API does: checks, words, order of delivery, repeats."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from salon.integrations.fakes.keeping import state_as_json
from salon.integrations.telegram.fake import FakeTelegram, FaultKind
from salon.platform.clock import FrozenClock
from support.telegram import SECRET, TOKEN, LoopbackServer, Reply

OTHER = "1002:other"


@pytest.fixture
def fake():
    made = FakeTelegram(webhook_base_delay_s=0.02, delivery_workers=4)
    made.add_bot(TOKEN, name="Верба")
    with made.running():
        yield made


@pytest.fixture
def hook(fake):
    with LoopbackServer() as made:
        fake.set_webhook(f"{made.url}/hook?shard=1", SECRET)
        yield made


@pytest.fixture
def anna(fake):
    person = fake.add_person("Анна", phone="79990000101")
    fake.chat_of(person).started = True
    return person


@pytest.fixture
def http():
    with httpx.Client(trust_env=False, timeout=5) as made:
        yield made


@pytest.fixture
def call(fake, http):
    def ask(method, token=TOKEN, **params):
        return http.post(f"{fake.base_url}/bot{token}/{method}", json=params).json()

    return ask


def texts(hook):
    return [json.loads(request.body)["message"]["text"] for request in hook.requests]


class TestDelivery:
    def test_an_update_is_genuine(self, fake, hook, anna):
        fake.start(anna, "ref_42")
        fake.wait_delivered()
        (request,) = hook.requests
        assert request.path == "/hook?shard=1"
        assert request.headers["x-telegram-bot-api-secret-token"] == SECRET
        assert request.headers["content-type"] == "application/json"
        assert request.body.startswith(b'{"update_id":500000001,\n"message"')
        said = json.loads(request.body)["message"]
        assert said["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
        assert said["from"] == {"id": anna.user_id, "is_bot": False, "first_name": "Анна", "language_code": "ru"}
        assert said["chat"] == {"id": anna.user_id, "first_name": "Анна", "type": "private"}

    def test_a_failing_update_holds_back_its_chat_and_no_other(self, fake, hook, anna):
        vera = fake.add_person("Вера")
        failing = threading.Event()
        failing.set()

        def answer(request):
            is_annas = json.loads(request.body)["message"]["from"]["first_name"] == "Анна"
            return Reply(500 if is_annas and failing.is_set() else 200)

        hook.answer = answer
        fake.say(anna, "раз")
        fake.say(anna, "два")
        fake.say(vera, "привет")
        fake.wait_for(lambda: "привет" in texts(hook) and texts(hook).count("раз") >= 3)
        assert "два" not in texts(hook)
        failing.clear()
        fake.wait_delivered()
        heard = texts(hook)
        assert heard.count("два") == 1
        assert heard.index("два") > max(number for number, text in enumerate(heard) if text == "раз")
        assert fake.the_bot().last_error.startswith("Wrong response from the webhook: 500")

    def test_one_at_a_time_within_a_chat(self, fake, hook, call, anna):
        let_go = threading.Event()
        hook.answer = lambda _: Reply(200 if let_go.wait(5) else 500)
        fake.say(anna, "раз")
        while not hook.requests:
            threading.Event().wait(0.01)
        fake.say(anna, "два")
        call("setWebhook", url=f"{hook.url}/hook", secret_token=SECRET)
        fake.say(fake.add_person("Вера"), "привет")
        while len(hook.requests) < 2:
            threading.Event().wait(0.01)
        assert texts(hook) == ["раз", "привет"]
        let_go.set()
        fake.wait_delivered()
        assert texts(hook) == ["раз", "привет", "два"]

    def test_repeats_are_the_same_bytes(self, fake, hook, anna):
        answers = iter([500, 502, 302])
        hook.answer = lambda _: Reply(next(answers, 200))
        fake.say(anna, "раз")
        fake.wait_delivered()
        assert len(hook.requests) == 4
        assert len({request.body for request in hook.requests}) == 1

    def test_retry_after_overrides_the_delay(self, hook):
        slow = FakeTelegram(webhook_base_delay_s=3600, delivery_workers=1)
        slow.add_bot(TOKEN).webhook_url = hook.url
        answers = iter([503])
        hook.answer = lambda _: Reply(next(answers, 200), {"Retry-After": "0"})
        with slow.running():
            slow.say(slow.add_person("Анна"), "раз")
            slow.wait_delivered()
        assert len(hook.requests) == 2

    def test_an_update_is_given_up_when_it_expires(self, hook):
        clock = FrozenClock(datetime(2026, 3, 11, tzinfo=UTC))
        mortal = FakeTelegram(webhook_base_delay_s=60, update_expiry_s=30, delivery_workers=1, clock=clock)
        mortal.add_bot(TOKEN).webhook_url = hook.url
        hook.answer = lambda request: Reply(500 if b'"1"' in request.body else 200)
        with mortal.running():
            vera = mortal.add_person("Вера")
            mortal.say(vera, "1")
            mortal.say(vera, "2")
            mortal.wait_delivered()
        assert texts(hook) == ["1", "2"]

    def test_updates_wait_for_a_webhook(self, fake, anna, call):
        fake.say(anna, "есть кто?")
        assert call("getWebhookInfo")["result"]["pending_update_count"] == 1
        with LoopbackServer() as late:
            assert call("setWebhook", url=late.url, allowed_updates=["message"]) == {"ok": True, "result": True}
            fake.wait_delivered()
            fake.block(anna)  # my_chat_member is not among the updates asked for
            fake.wait_delivered()
            assert texts(late) == ["есть кто?"]
        assert call("deleteWebhook")["result"] is True
        fake.unblock(anna)
        fake.say(anna, "снова")
        assert call("getWebhookInfo")["result"]["pending_update_count"] == 1
        call("deleteWebhook", drop_pending_updates=True)
        assert call("getWebhookInfo")["result"]["pending_update_count"] == 0

    def test_a_new_webhook_is_tried_at_once(self, http):
        patient = FakeTelegram(webhook_base_delay_s=3600, delivery_workers=1)
        patient.add_bot(TOKEN).webhook_url = "http://127.0.0.1:9"
        with patient.running() as base_url, LoopbackServer() as hook:
            patient.say(patient.add_person("Вера"), "раз")
            patient.wait_for(lambda: patient.the_bot().last_error)
            http.post(f"{base_url}/bot{TOKEN}/setWebhook", json={"url": hook.url})
            patient.wait_delivered()
            assert texts(hook) == ["раз"]

    def test_the_answer_to_an_update_may_be_a_call(self, fake, hook, anna):
        calls = iter([{"method": "sendMessage", "chat_id": anna.user_id, "text": "Слушаю"}, {"method": "sendMessage"}])
        hook.answer = lambda _: Reply(body=json.dumps(next(calls)).encode())
        fake.say(anna, "привет")
        fake.wait_for_message(anna, "Слушаю")
        fake.say(anna, "ещё")
        fake.wait_delivered()
        assert fake.transcript(anna) == ["Анна: привет", "бот: Слушаю", "Анна: ещё"]

    def test_everything_survives_a_restart(self, tmp_path):
        file = tmp_path / "telegram.json"
        first = FakeTelegram(state_file=file, delivery_workers=1)
        first.add_bot(TOKEN)
        vera = first.add_person("Вера", phone="79990000102")
        with first.running() as base_url:
            first.say(vera, "раз")
            first.send_photo(vera, b"\xff\xd8photo", caption="цвет")
            keyboard = {"inline_keyboard": [[{"text": "Да", "callback_data": "y"}]]}
            httpx.post(
                f"{base_url}/bot{TOKEN}/sendMessage",
                json={"chat_id": vera.user_id, "text": "Ну?", "reply_markup": keyboard},
            )
            first.tap(vera, 3, "Да")
        second = FakeTelegram(state_file=file, delivery_workers=1)
        assert second.transcript(vera.user_id) == first.transcript(vera)
        assert state_as_json(second.state) == state_as_json(first.state)
        with LoopbackServer() as hook, second.running():
            second.set_webhook(hook.url)
            second.say(vera.user_id, "два")
            second.wait_delivered()
            numbers = [json.loads(request.body)["update_id"] for request in hook.requests]
        assert [number - numbers[0] for number in numbers] == [0, 1, 2, 3]


class TestMethods:
    def test_get_me(self, call):
        assert call("getme")["result"]["first_name"] == "Верба"
        assert call("getMe", token="9:wrong") == {"ok": False, "error_code": 401, "description": "Unauthorized"}
        assert call("getUpdatez")["error_code"] == 404

    @pytest.mark.parametrize(
        ("params", "description"),
        [
            ({}, "Bad Request: chat_id is empty"),
            ({"chat_id": 1, "text": "x"}, "Bad Request: chat not found"),
            ({"chat_id": "@name", "text": "x"}, "Bad Request: chat not found"),
            ({"chat_id": "ANNA"}, "Bad Request: message text is empty"),
            ({"chat_id": "ANNA", "text": " \n"}, "Bad Request: message text is empty"),
            ({"chat_id": "ANNA", "text": "я" * 4097}, "Bad Request: message is too long"),
            (
                {"chat_id": "ANNA", "text": "x", "reply_markup": "{"},
                "Bad Request: can't parse JSON object in a parameter",
            ),
            ({"chat_id": "ANNA", "text": "x", "reply_markup": [1]}, "Bad Request: object expected in a parameter"),
            (
                {"chat_id": "ANNA", "text": "x", "reply_markup": {"inline_keyboard": 5}},
                "Bad Request: invalid parameter in the request",
            ),
            (
                {"chat_id": "ANNA", "text": "x", "reply_markup": {"inline_keyboard": [[{"text": " "}]]}},
                "Bad Request: inline keyboard button text is empty",
            ),
            (
                {"chat_id": "ANNA", "text": "x", "reply_markup": {"inline_keyboard": [[{"text": "a"}]]}},
                "Bad Request: text buttons are unallowed in the inline keyboard",
            ),
            (
                {
                    "chat_id": "ANNA",
                    "text": "x",
                    "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "д" * 33}]]},
                },
                "Bad Request: BUTTON_DATA_INVALID",
            ),
            (
                {
                    "chat_id": "ANNA",
                    "text": "x",
                    "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "d"}]] * 101},
                },
                "Bad Request: reply markup is too long",
            ),
        ],
    )
    def test_a_message_is_checked(self, call, anna, params, description):
        if params.get("chat_id") == "ANNA":
            params = {**params, "chat_id": anna.user_id}
        assert call("sendMessage", **params) == {"ok": False, "error_code": 400, "description": description}

    def test_nobody_is_written_to_who_does_not_want_it(self, fake, call, anna):
        stranger = fake.add_person("Вера")
        told = {"chat_id": anna.user_id, "text": "Привет"}
        fake.block(anna)
        assert call("sendMessage", **told)["description"] == "Forbidden: bot was blocked by the user"
        fake.unblock(anna)
        assert call("sendMessage", **told)["ok"]
        fake.deactivate(anna)
        assert call("sendMessage", **told)["description"] == "Forbidden: user is deactivated"
        answer = call("sendMessage", chat_id=stranger.user_id, text="Привет")
        assert answer["description"] == "Forbidden: bot can't initiate conversation with a user"

    def test_edits(self, fake, call, anna):
        keyboard = {
            "inline_keyboard": [[{"text": "Да", "callback_data": "y"}, {"text": "Сайт", "url": "https://x.example"}]]
        }
        sent = call("sendMessage", chat_id=anna.user_id, text="Ну?", reply_markup=keyboard)["result"]
        assert sent["reply_markup"] == keyboard
        target = {"chat_id": anna.user_id, "message_id": sent["message_id"]}
        same = call("editMessageText", **target, text="Ну?", reply_markup=keyboard)
        assert same["description"].startswith("Bad Request: message is not modified")
        edited = call("editMessageText", **target, text="Готово")["result"]
        assert (edited["text"], "edit_date" in edited, "reply_markup" in edited) == ("Готово", True, False)
        assert call("editMessageReplyMarkup", **target)["description"].startswith(
            "Bad Request: message is not modified"
        )
        assert call("editMessageReplyMarkup", **target, reply_markup=keyboard)["result"]["reply_markup"] == keyboard
        assert call("editMessageText", **{**target, "message_id": 999}, text="x")["description"] == (
            "Bad Request: message to edit not found"
        )
        mine = fake.say(anna, "моё")
        asked = call("sendMessage", chat_id=anna.user_id, text="?", reply_markup={"keyboard": []})["result"]
        for number in (mine.message_id, asked["message_id"]):
            answer = call("editMessageText", chat_id=anna.user_id, message_id=number, text="x")
            assert answer["description"] == "Bad Request: message can't be edited"
        with_keyboard = {**target, "reply_markup": {"keyboard": []}}
        assert call("editMessageReplyMarkup", **with_keyboard)["description"] == "Bad Request: inline keyboard expected"
        (message, *_) = fake.sent_to(anna)
        assert message.history == ["Ну?"]

    def test_two_taps_are_two_updates_and_each_is_answered_once(self, fake, hook, call, anna):
        keyboard = {"inline_keyboard": [[{"text": "15:00", "callback_data": "s15"}]]}
        number = call("sendMessage", chat_id=anna.user_id, text="Когда?", reply_markup=keyboard)["result"]["message_id"]
        first, second = (fake.tap(anna, number, "15:00") for _ in range(2))
        fake.wait_delivered()
        queries = [json.loads(request.body)["callback_query"] for request in hook.requests]
        assert [query["data"] for query in queries] == ["s15", "s15"]
        assert queries[0]["id"] != queries[1]["id"]
        assert queries[0]["message"]["message_id"] == number
        assert call("answerCallbackQuery", callback_query_id=first.callback_id, text="Записала")["result"] is True
        too_old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
        assert call("answerCallbackQuery", callback_query_id=first.callback_id)["description"] == too_old
        long = call("answerCallbackQuery", callback_query_id=second.callback_id, text="x" * 201)
        assert long["description"] == "Bad Request: MESSAGE_TOO_LONG"
        fake.expire_taps()
        assert call("answerCallbackQuery", callback_query_id=second.callback_id)["description"] == too_old
        assert fake.tap_of(first.callback_id).answer == {"text": "Записала", "show_alert": False}
        with pytest.raises(LookupError, match="15:00"):
            fake.tap(anna, number, "16:00")
        assert fake.tap(anna, number, "s-old", stale=True).data == "s-old"

    def test_typing_lasts_until_the_message(self, fake, call, anna):
        assert call("sendChatAction", chat_id=anna.user_id, action="typing")["result"] is True
        assert fake.chat_of(anna).typing_until > 0
        call("sendMessage", chat_id=anna.user_id, text="Вот")
        assert fake.chat_of(anna).typing_until == 0
        assert not call("sendChatAction", chat_id=anna.user_id)["ok"]

    def test_files_go_both_ways(self, fake, http, call, anna):
        url = f"{fake.base_url}/bot{TOKEN}"
        sent = http.post(
            f"{url}/sendDocument",
            data={"chat_id": anna.user_id, "caption": "Счёт"},
            files={"document": ("счёт.pdf", b"%PDF\r\n--x", "application/pdf")},
        ).json()["result"]
        assert sent["document"]["file_name"] == "счёт.pdf"
        photo = http.post(f"{url}/sendPhoto", data={"chat_id": anna.user_id}, files={"photo": ("a.jpg", b"jpg")}).json()
        again = call("sendPhoto", chat_id=anna.user_id, photo=photo["result"]["photo"][-1]["file_id"])
        assert again["ok"]
        path = call("getFile", file_id=sent["document"]["file_id"])["result"]["file_path"]
        assert http.get(f"{fake.base_url}/file/bot{TOKEN}/{path}").content == b"%PDF\r\n--x"
        assert http.get(f"{fake.base_url}/file/bot9:no/{path}").status_code == 401
        fake.expire_files()
        assert http.get(f"{fake.base_url}/file/bot{TOKEN}/{path}").status_code == 404
        for params, said in (
            ({"file_id": sent["document"]["file_id"]}, "file is temporarily unavailable"),
            ({"file_id": "none"}, "wrong file_id or the file is temporarily unavailable"),
            ({}, "file_id not specified"),
        ):
            assert call("getFile", **params)["description"] == f"Bad Request: {said}"
        large = fake.store_file("video", bytes(20_000_001), name="v.mp4", mime="video/mp4")
        assert call("getFile", file_id=large.file_id)["description"] == "Bad Request: file is too big"
        assert not call("sendPhoto", chat_id=anna.user_id)["ok"]
        assert not call("sendPhoto", chat_id=anna.user_id, photo="none")["ok"]
        long = call("sendPhoto", chat_id=anna.user_id, photo=large.file_id, caption="x" * 1025)
        assert long["description"] == "Bad Request: message caption is too long"

    def test_forms_and_odd_requests(self, fake, http, anna):
        url = f"{fake.base_url}/bot{TOKEN}/sendMessage"
        assert http.post(url, data={"chat_id": anna.user_id, "text": "форма"}).json()["result"]["text"] == "форма"
        assert http.get(f"{url}?chat_id={anna.user_id}&text=x").json()["ok"]
        for content in (b"{", b"[]", b"[" * 100_000):
            answer = http.post(url, content=content, headers={"content-type": "application/json"})
            assert answer.status_code == 400
        assert http.get(f"{fake.base_url}/other").status_code == 404
        assert not http.post(f"{fake.base_url}/bot{TOKEN}/setWebhook", json={"url": "ftp://x"}).json()["ok"]
        odd_secret = {"url": "http://x.example", "secret_token": "пароль"}
        assert not http.post(f"{fake.base_url}/bot{TOKEN}/setWebhook", json=odd_secret).json()["ok"]

    def test_every_call_is_recorded_and_told_of(self, fake, call, anna):
        told = []
        fake.on_call(lambda stage, made: told.append((stage, made.method, len(fake.sent_to(anna)))))
        call("sendMessage", chat_id=anna.user_id, text="раз")
        assert told == [("before", "sendMessage", 0), ("after", "sendMessage", 1)]
        (made,) = fake.calls_of("sendMessage")
        assert (made.status, made.params["text"], made.answer["ok"]) == (200, "раз", True)
        assert TOKEN not in repr(made)

    def test_a_fault_strikes_as_told(self, fake, call, anna):
        vera = fake.add_person("Вера")
        fake.chat_of(vera).started = True
        fake.fail_next(FaultKind.TOO_MANY, 2, chat_id=vera.user_id, seconds=9)
        assert call("sendMessage", chat_id=anna.user_id, text="x")["ok"]
        assert call("getMe")["ok"]
        for _ in range(2):
            assert call("sendMessage", chat_id=vera.user_id, text="x")["parameters"] == {"retry_after": 9}
        assert call("sendMessage", chat_id=vera.user_id, text="x")["ok"]
        fake.fail_next(FaultKind.UNAUTHORIZED, None, methods=None)
        assert call("getMe")["error_code"] == call("getMe")["error_code"] == 401
        fake.clear_faults()
        assert call("getMe")["ok"]

    def test_a_flood_is_stopped_for_a_second(self, http):
        clock = FrozenClock()
        busy = FakeTelegram(flood_limit=2, delivery_workers=1, clock=clock)
        busy.add_bot(TOKEN)
        vera = busy.add_person("Вера")
        busy.chat_of(vera).started = True
        with busy.running() as base_url:
            for expected in ([200, 200, 429, 429], [200, 200, 429]):
                told = {"chat_id": vera.user_id, "text": "Привет"}
                sends = [http.post(f"{base_url}/bot{TOKEN}/sendMessage", json=told) for _ in expected]
                assert [answer.status_code for answer in sends] == expected
                assert sends[-1].json()["parameters"] == {"retry_after": 1}
                assert http.get(f"{base_url}/bot{TOKEN}/getMe").status_code == 200
                clock.advance(timedelta(seconds=1))


class TestCrowd:
    def test_several_bots_are_strangers_to_each_other(self, fake, hook, call, anna):
        other = fake.add_bot(OTHER, username="other_bot", name="Ромашка")
        assert fake.add_bot(OTHER) is other
        fake.say(anna, "вам", bot=OTHER)
        fake.say(anna, "нам")
        call("sendMessage", token=OTHER, chat_id=anna.user_id, text="от Ромашки")
        fake.wait_for(lambda: hook.requests)
        assert texts(hook) == ["нам"]
        assert fake.transcript(anna, bot=OTHER) == ["Анна: вам", "бот: от Ромашки"]
        assert fake.deliveries.pending(OTHER) == 1
        with pytest.raises(LookupError):
            fake.say(anna, "?", bot="3:none")

    def test_what_people_send(self, fake, hook, anna):
        fake.send_voice(anna, duration_s=4)
        fake.send_file(anna, b"%PDF", name="накладная.pdf", mime="application/pdf", caption="вот")
        fake.send_location(anna, 55.75, 37.62)
        fake.send_contact(anna)
        fake.send_contact(anna, own=False, phone="79990000777", first_name="Вера")
        said = fake.say(anna, "на шесть")
        fake.edit(anna, said.message_id, "на семь")
        fake.wait_delivered()
        updates = [json.loads(request.body) for request in hook.requests]
        contacts = [update["message"]["contact"] for update in updates[3:5]]
        assert [contact.get("user_id") for contact in contacts] == [anna.user_id, None]
        assert updates[-1]["edited_message"]["text"] == "на семь"
        assert fake.transcript(anna) == [
            "Анна: <voice>",
            "Анна: <document> вот",
            "Анна: <location>",
            "Анна: <contact>",
            "Анна: <contact>",
            "Анна: на семь",
        ]

    def test_what_people_cannot_do(self, fake, call, anna):
        sent = call("sendMessage", chat_id=anna.user_id, text="x")["result"]["message_id"]
        for odd in (sent, 999):
            with pytest.raises(LookupError):
                fake.edit(anna, odd, "нет")
        with pytest.raises(LookupError):
            fake.send_contact(fake.add_person("Вера"))
        with pytest.raises(LookupError):
            fake.chat_of(5)
        fake.block(anna)
        fake.block(anna)
        assert fake.deliveries.pending() == 1
        with pytest.raises(LookupError):
            fake.say(anna, "?")

    def test_waiting_in_vain_shows_the_chat(self, fake, anna):
        fake.say(anna, "ау")
        with pytest.raises(TimeoutError, match="Анна: ау"):
            fake.wait_for_message(anna, "ответ", timeout_s=0.01)
        with pytest.raises(TimeoutError):
            fake.wait_delivered(timeout_s=0.01)

    def test_it_stops_twice_and_has_no_address_then(self):
        made = FakeTelegram()
        made.start_server()
        made.stop_server()
        made.stop_server()
        with pytest.raises(RuntimeError):
            _ = made.base_url
        with pytest.raises(LookupError):
            made.the_bot()
