"""The fakes' core behind the smallest dialect there can be, without any network."""

# ruff: noqa: ARG002 - the hooks' signatures are the core's
from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest

from salon.integrations.fakes import (
    Answer,
    ApiRefusal,
    DeliveryPolicy,
    Event,
    FakeMessenger,
    FaultKind,
    Flood,
    Item,
    Request,
)
from salon.integrations.fakes.keeping import state_as_json, state_from_json
from salon.platform.clock import FrozenClock


class FakeTiny(FakeMessenger):
    """Tells of everything; one method, `POST /send`."""

    provider = "tiny"
    policy = DeliveryPolicy(keeps_without_webhook=True)
    sends = frozenset({"POST /send"})
    cannot = {"send_contact": "Tiny has no cards."}  # noqa: RUF012 - as the dialects write it

    def read_call(self, request):
        if request.path.startswith("/files/"):
            call = self.call_of(request, "download", is_public=True)
            call.params["path"] = request.path.removeprefix("/files/")
            return call
        return self.call_of(request, f"{request.method} {request.path}", token=request.bearer)

    def carry_out(self, account, call):
        chat = self.chat_named(account, call.chat_id)
        if chat is None:
            raise ApiRefusal(Answer.json({"error": "no chat"}, 404))
        buttons = [[{"text": text, "payload": text.lower(), "url": "", "kind": kind} for text, kind in row]
                   for row in call.params.get("rows", [])]  # fmt: skip
        items = [Item("document", name=part.name, size=len(part.data)) for part in call.parts.values()]
        message = self.post_message(account, chat, text=call.params["text"], buttons=buttons, items=items)
        return Answer.json({"id": message.external_id})

    def refusal(self, fault, call):
        return Answer.json({"error": fault.kind.value, "chat": fault.is_chats}, 429)

    def events_of(self, account, chat, act):
        return [Event(act.kind, json.dumps({"kind": act.kind, "message": act.message_id, "text": act.text}))]

    def id_of_message(self, account, chat, message):
        return f"m.{message.message_id}"


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def fake(clock):
    made = FakeTiny(clock=clock, flood=Flood(5), chat_flood=Flood(2, 10.0))
    made.add_account("t1", external_id="77")
    return made


@pytest.fixture
def anna(fake):
    person = fake.add_person("Анна", phone="79990000101")
    fake.chat_of(person)
    return person


def told(fake):
    waiting = [json.loads(event.event) for events in fake.state.undelivered.values() for event in events]
    return [(event["kind"], event["message"]) for event in waiting]


def send(fake, to, text="Привет", *, token="t1", **more):  # noqa: S107 - a test double's
    body = json.dumps({"chat_id": to, "text": text, **more}).encode()
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    return fake.respond(Request("POST", "/send", {}, headers, body), threading.Event())


def test_what_the_account_sends_is_told_as_sent_and_delivered(fake, anna):
    assert send(fake, anna.external_id).value == {"id": "m.1"}
    assert told(fake) == [("sent", 1), ("delivered", 1)]
    fake.read(anna)
    fake.read(anna)
    assert told(fake)[2:] == [("read", 1)]
    assert fake.sent_to(anna)[0].status == "read"


def test_a_phone_without_network_keeps_what_is_done_and_gets_nothing(fake, clock, anna):
    fake.go_offline(anna)
    said = fake.say(anna, "раз")
    fake.edit(anna, said.message_id, "два")
    answer = send(fake, anna.external_id).value["id"]
    fake.read(anna)
    assert told(fake) == [("sent", 2)]
    assert fake.transcript(anna) == ["Анна: два", "бот: Привет"]
    clock.advance(timedelta(minutes=5))
    fake.go_online(anna)
    assert told(fake)[1:] == [("message", 1), ("edit", 1), ("delivered", 2)]
    assert said.date_ms == fake.now_ms()  # the provider dates a message when it gets it
    assert fake.chat_of(anna).message(answer).status == "delivered"


def test_taps_spin_or_write_or_lead_away(fake, anna):
    rows = [[["Да", "callback"], ["Нет", "reply"], ["Номер", "phone"]]]
    sent = send(fake, anna.external_id, rows=rows).value["id"]
    spinning = fake.tap(anna, sent, "да")
    assert spinning.answer is None
    with fake.lock:
        fake.answer_tap(spinning, text="ага")
    assert fake.tap_of(spinning.callback_id).answer == {"text": "ага"}
    written = fake.tap(anna, sent, "Нет")
    assert (written.answer, fake.chat_of(anna).message(written.reply_id).text) == ({}, "Нет")
    assert told(fake)[2:] == [("tap", 0), ("tap", written.reply_id)]
    with pytest.raises(LookupError, match="send_contact"):
        fake.tap(anna, sent, "Номер")
    with pytest.raises(LookupError, match="no button"):
        fake.tap(anna, sent, "Может быть")
    assert fake.tap(anna, sent, "old", stale=True).data == "old"


def test_what_cannot_be_done_is_said(fake, anna):
    with pytest.raises(LookupError, match="Tiny has no cards"):
        fake.send_contact(anna)
    with pytest.raises(LookupError, match="no failure 'not_ready'"):
        fake.fail_next(FaultKind.NOT_READY)
    fake.block(anna)
    for act in (lambda: fake.say(anna, "?"), lambda: fake.send_voice(anna), lambda: fake.start(anna)):
        with pytest.raises(LookupError, match="unblock"):
            act()
    assert told(fake) == [("block", 0)]


def test_floods_are_stopped_for_the_chat_and_for_the_account(fake, clock, anna):
    others = [fake.add_person(f"Вера {number}") for number in range(4)]
    for other in others:
        fake.chat_of(other)
    statuses = [send(fake, anna.external_id).status for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert fake.calls[-1].answer == {"error": "too_many", "chat": True}
    assert [send(fake, other.external_id).status for other in others] == [200, 200, 200, 429]
    assert fake.calls[-1].answer == {"error": "too_many", "chat": False}
    clock.advance(timedelta(seconds=1))
    assert (send(fake, others[-1].external_id).status, send(fake, anna.external_id).status) == (200, 429)
    clock.advance(timedelta(seconds=10))
    assert send(fake, anna.external_id).status == 200


def test_tokens_change(fake, anna):
    fake.change_token("t2", revoke_others=False)
    assert [send(fake, anna.external_id, token=token).status for token in ("t1", "t2")] == [200, 200]
    fake.change_token("t3")
    assert [send(fake, anna.external_id, token=token).status for token in ("t1", "t2", "")] == [429, 429, 429]
    assert fake.the_bot("t3").token == "t3"
    assert "t3" not in repr(fake.the_bot())
    assert "t3" not in repr(fake.calls[-1])


def test_a_window_closes(fake, clock, anna):
    chat = fake.chat_of(anna)
    assert not fake.is_window_open(chat)
    fake.say(anna, "раз")
    clock.advance(timedelta(hours=23, minutes=59))
    assert fake.is_window_open(chat)
    clock.advance(timedelta(minutes=1))
    assert not fake.is_window_open(chat)


def test_files_live_until_they_expire(fake, anna):
    (item,) = fake.send_file(anna, b"%PDF", name="счёт.pdf", mime="application/pdf").items
    path = fake.state.files[item.file_id].path
    asked = Request("GET", f"/files/{path}", {}, {}, b"")
    answer = fake.respond(asked, threading.Event())
    assert (answer.status, answer.body, answer.content_type) == (200, b"%PDF", "application/pdf")
    fake.expire_files()
    assert fake.respond(asked, threading.Event()).status == 404


def test_an_upload_is_a_part_and_no_more_than_its_size_is_recorded(fake, anna):
    lines = ["--x", 'Content-Disposition: form-data; name="chat_id"', "", anna.external_id]
    lines += ["--x", 'Content-Disposition: form-data; name="text"', "", "Вот"]
    lines += ["--x", 'Content-Disposition: form-data; name="f"; filename="a.pdf"', "Content-Type: application/pdf"]
    body = "\r\n".join([*lines, "", "%PDF", "--x--", ""]).encode()
    headers = {"content-type": "multipart/form-data; boundary=x", "authorization": "Bearer t1"}
    assert fake.respond(Request("POST", "/send", {}, headers, body), threading.Event()).status == 200
    (message,) = fake.sent_to(anna)
    assert (message.text, message.items[0].name, message.items[0].size) == ("Вот", "a.pdf", 4)
    assert (fake.calls[-1].params["f"], fake.calls[-1].parts) == ({"name": "a.pdf", "size": 4}, {})
    assert fake.respond(Request("POST", "/send", {}, {"content-type": "application/json"}, b"["), None).status == 400


def test_everything_survives_as_json(fake, anna):
    fake.say(anna, "раз")
    fake.send_album(anna, [b"1", b"2"], caption="вот")
    fake.say_in_group(anna, "всем")
    sent = send(fake, anna.external_id, rows=[[["Да", "callback"]]]).value["id"]
    fake.tap(anna, sent, "Да")
    fake.react(anna, sent, "❤")
    fake.set_webhook("http://127.0.0.1:9/x", "s", kinds=["message"], server=3)
    fake.go_offline(anna)
    fake.say(anna, "потом")
    kept = json.loads(json.dumps(state_as_json(fake.state)))
    again = state_from_json(kept)
    assert again == fake.state
    assert len(again.held) == 1
    assert state_from_json({"version": 1, "bots": []}).accounts == {}


def test_a_webhook_hears_only_what_it_asked_for(fake, anna):
    fake.set_webhook("http://127.0.0.1:9/x", kinds=["reaction"])
    fake.say(anna, "раз")
    fake.react(anna, 1, "❤")
    assert told(fake) == [("reaction", 0)]
