from __future__ import annotations

import json

import pytest

from salon.integrations.vk.payloads.buttons import opened, unwrapped, wrapped
from salon.integrations.vk.payloads.calls import answer_call, edit_call, keyboard_of, random_id_of, send_call
from salon.messaging.domain import Button, OutboundKind, OutboundMessage
from salon.messaging.errors import RequestRejected


def out(kind=OutboundKind.MESSAGE, text="Когда удобно?", chat_id="5", **fields):
    return OutboundMessage(kind, chat_id, text, **fields)


def keys(count, **fields):
    return tuple(Button(str(number), f"b{number}", **fields) for number in range(count))


def test_a_message():
    call = send_call(out(ask_phone=True), reference="0199-a")
    assert call.method == "messages.send"
    assert call.params == {
        "peer_ids": "5",
        "random_id": str(random_id_of("0199-a")),
        "message": "Когда удобно?",
        "dont_parse_links": "1",
        "disable_mentions": "1",
    }


def test_the_idempotency_key_is_a_positive_int32_of_the_reference():
    numbers = {random_id_of(f"ref-{number}") for number in range(2000)}
    assert len(numbers) == 2000
    assert 0 < min(numbers) <= max(numbers) < 2**31
    assert random_id_of("ref-7") == random_id_of("ref-7")
    assert random_id_of("") == 0


def test_buttons_under_the_message():
    rows = ((Button("15:00", "slot:15"), Button("16:00", 'a"b')), (Button("Сайт", "", url="https://salon.example"),))
    assert json.loads(send_call(out(buttons=rows), reference="r").params["keyboard"]) == {
        "inline": True,
        "buttons": [
            [
                {"action": {"type": "callback", "label": "15:00", "payload": '{"p":"slot:15"}'}, "color": "secondary"},
                {"action": {"type": "callback", "label": "16:00", "payload": '{"p":"a\\"b"}'}, "color": "secondary"},
            ],
            [{"action": {"type": "open_link", "link": "https://salon.example", "label": "Сайт"}}],
        ],
    }


def test_keys_that_write_where_an_app_shows_no_others():
    call = send_call(out(buttons=(keys(1),), uses_text_keys=True), reference="r")
    keyboard = json.loads(call.params["keyboard"])
    assert (keyboard["one_time"], keyboard["inline"]) == (True, False)
    assert keyboard["buttons"][0][0]["action"] == {"type": "text", "label": "0", "payload": '{"p":"b0"}'}


@pytest.mark.parametrize("payload", ["slot:15", "да", '"', "{}", "[1]", "null", '{"p":"x"}', "\\", "д" * 32])
def test_a_payload_comes_back_as_it_went(payload):
    assert unwrapped(opened(wrapped(payload))) == payload
    assert unwrapped(json.loads(wrapped(payload))) == payload


@pytest.mark.parametrize(
    ("rows", "text_keys", "shape"),
    [
        ((keys(7),), False, [5, 2]),
        (tuple((key,) for key in keys(6)), False, [1] * 6),
        (tuple((key,) for key in keys(7)), False, [2, 2, 2, 1]),
        (tuple((key,) for key in keys(10)), False, [2] * 5),
        (tuple((key,) for key in keys(10)), True, [1] * 10),
        (tuple((key,) for key in keys(40)), True, [4] * 10),
    ],
)
def test_rows_fit(rows, text_keys, shape):
    keyboard = json.loads(keyboard_of(rows, uses_text_keys=text_keys))
    assert [len(row) for row in keyboard["buttons"]] == shape
    labels = [key["action"]["label"] for row in keyboard["buttons"] for key in row]
    assert labels == [key.text for row in rows for key in row]


def test_a_label_is_cut():
    label = json.loads(keyboard_of(((Button("д" * 60, "x"),),)))["buttons"][0][0]["action"]["label"]
    assert label == "д" * 39 + "…"


def test_an_edit_names_the_message_and_what_becomes_of_the_buttons():
    call = edit_call(out(OutboundKind.EDIT, message_id="5:130"), text="Записала", attachment="photo1_2")
    assert (call.method, call.params["cmid"], call.params["attachment"]) == ("messages.edit", "130", "photo1_2")
    assert json.loads(call.params["keyboard"]) == {"inline": True, "buttons": []}
    by_community = edit_call(out(OutboundKind.EDIT, message_id="305", buttons=(keys(1),)), text="Записала")
    assert (by_community.params["message_id"], "cmid" in by_community.params) == ("305", False)
    assert json.loads(by_community.params["keyboard"])["buttons"]


def test_a_tap_is_answered():
    call = answer_call(out(OutboundKind.ANSWER_CALLBACK, "Записываю", callback_id="1776a"))
    assert call.method == "messages.sendMessageEventAnswer"
    assert call.params == {
        "event_id": "1776a",
        "user_id": "5",
        "peer_id": "5",
        "event_data": '{"type":"show_snackbar","text":"Записываю"}',
    }
    silent = answer_call(out(OutboundKind.ANSWER_CALLBACK, "", chat_id="2000000001", callback_id="c", user_id="5"))
    assert silent.params == {"event_id": "c", "user_id": "5", "peer_id": "2000000001"}
    long = answer_call(out(OutboundKind.ANSWER_CALLBACK, "д" * 200, callback_id="c"))
    assert len(json.loads(long.params["event_data"])["text"]) == 90


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": " \n"},
        {"text": "д" * 4097},
        {"chat_id": "@salon"},
        {"chat_id": "٥"},
        {"buttons": (keys(11),)},
        {"buttons": (keys(41),), "uses_text_keys": True},
        {"buttons": ((Button("Да", ""),),)},
        {"buttons": ((Button("Да", "д" * 33),),)},
        {"buttons": ((Button("Да", "\x01" * 60),),)},
        {"buttons": ((Button(" ", "y"),),)},
    ],
)
def test_the_impossible_is_refused(wrong):
    with pytest.raises(RequestRejected):
        send_call(out(**wrong), reference="r")


@pytest.mark.parametrize("message_id", [None, "", "5:", "6:130", "5:x", "٥"])
def test_an_edit_needs_a_message_of_the_chat(message_id):
    with pytest.raises(RequestRejected):
        edit_call(out(OutboundKind.EDIT, message_id=message_id), text="Готово")


@pytest.mark.parametrize(
    "fields", [{}, {"callback_id": "c", "chat_id": "2000000001"}, {"callback_id": "c", "user_id": "Анна"}]
)
def test_an_answer_needs_a_tap_and_a_person(fields):
    with pytest.raises(RequestRejected):
        answer_call(out(OutboundKind.ANSWER_CALLBACK, **fields))
