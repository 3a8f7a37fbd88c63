from __future__ import annotations

import pytest

from salon.integrations.max.payloads.calls import SILENT_TOAST, answer_call, edit_call, send_call
from salon.messaging.domain import Button, OutboundKind, OutboundMessage
from salon.messaging.errors import RequestRejected


def out(kind=OutboundKind.MESSAGE, text="Когда удобно?", chat_id="472107880", **fields):
    return OutboundMessage(kind, chat_id, text, **fields)


def send(attachment=None, **fields):
    return send_call(out(**fields), phone_label="Мой номер", attachment=attachment)


def rows_of(call):
    return call.body["attachments"][-1]["payload"]["buttons"]


def keys(count, **fields):
    return tuple(Button(str(number), f"b{number}", **fields) for number in range(count))


def test_the_recipient_stands_in_the_query():
    call = send()
    assert (call.method, call.path) == ("POST", "/messages")
    assert call.query == {"chat_id": "472107880", "disable_link_preview": "true"}
    assert call.body == {"text": "Когда удобно?"}
    assert send(chat_id="-70801090403050").query["chat_id"] == "-70801090403050"
    assert send(chat_id="user:212843158").query == {"user_id": "212843158", "disable_link_preview": "true"}


def test_buttons():
    buttons = ((Button("15:00", "slot:15"), Button("Сайт", "", url="https://salon.example")),)
    assert send(buttons=buttons, ask_phone=True).body["attachments"] == [
        {
            "type": "inline_keyboard",
            "payload": {
                "buttons": [
                    [
                        {"type": "callback", "text": "15:00", "payload": "slot:15"},
                        {"type": "link", "text": "Сайт", "url": "https://salon.example"},
                    ],
                    [{"type": "request_contact", "text": "Мой номер"}],
                ]
            },
        }
    ]


def test_wide_rows_are_wrapped_narrower_where_a_button_is_special():
    call = send(buttons=(keys(9), (*keys(4), Button("Сайт", "", url="https://salon.example"))))
    assert [len(row) for row in rows_of(call)] == [7, 2, 3, 2]


def test_a_file_goes_before_the_buttons_and_needs_no_text():
    photo = {"type": "image", "payload": {"token": "t"}}
    assert [each["type"] for each in send(photo, buttons=(keys(1),)).body["attachments"]] == [
        "image",
        "inline_keyboard",
    ]
    assert send(photo, text="").body == {"text": "", "attachments": [photo]}


def test_an_edit_takes_the_buttons_away_unless_it_brings_others():
    call = edit_call(out(OutboundKind.EDIT, "Готово", message_id="mid.7"), phone_label="")
    assert (call.method, call.path, call.query) == ("PUT", "/messages", {"message_id": "mid.7"})
    assert call.body == {"text": "Готово", "attachments": []}
    kept = [{"type": "image", "payload": {"token": "t"}}]
    call = edit_call(out(OutboundKind.EDIT, message_id="mid.7", buttons=(keys(1),)), phone_label="", kept=kept)
    assert [each["type"] for each in call.body["attachments"]] == ["image", "inline_keyboard"]


def test_an_answer_is_never_empty_and_never_too_long():
    for text, notice in (("Записываю", "Записываю"), ("", SILENT_TOAST), ("  ", SILENT_TOAST), ("д" * 300, None)):
        call = answer_call(out(OutboundKind.ANSWER_CALLBACK, text, callback_id="cb"))
        assert (call.method, call.path, call.query) == ("POST", "/answers", {"callback_id": "cb"})
        assert call.body["notification"] == notice or len(call.body["notification"]) == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": ""},
        {"text": " \n"},
        {"text": "я" * 4001},
        {"buttons": ((Button("Да", ""),),)},
        {"buttons": ((Button("Да", "д" * 1025),),)},
        {"buttons": ((Button(" ", "y"),),)},
        {"buttons": ((Button("д" * 129, "y"),),)},
        {"buttons": ((Button("Сайт", "", url="ftp://salon.example"),),)},
        {"buttons": ((Button("Сайт", "", url="https://" + "s" * 2048),),)},
        {"buttons": tuple(keys(1) for _ in range(31))},
        {"buttons": tuple(keys(8) for _ in range(27))},
        {"chat_id": ""},
        {"chat_id": "user:"},
        {"chat_id": "1&user_id=2"},
        {"chat_id": "5x"},
        {"chat_id": "٥"},
    ],
)
def test_the_impossible_is_refused(wrong):
    with pytest.raises(RequestRejected):
        send(**wrong)


def test_what_names_nothing_is_refused():
    for nothing in (None, "", "x" * 513):
        with pytest.raises(RequestRejected):
            edit_call(out(OutboundKind.EDIT, message_id=nothing), phone_label="")
        with pytest.raises(RequestRejected):
            answer_call(out(OutboundKind.ANSWER_CALLBACK, callback_id=nothing))
