from __future__ import annotations

import pytest

from salon.integrations.telegram.payloads.calls import call_for, utf16_length
from salon.messaging.domain import Button, MediaContent, OutboundFile, OutboundKind, OutboundMessage
from salon.messaging.errors import RequestRejected


def call(kind=OutboundKind.MESSAGE, text="Привет", **more):
    made = call_for(OutboundMessage(kind, "5", text, **more), phone_label="Мой номер")
    return made.method, made.params


def test_a_plain_message_has_no_markup_and_no_preview():
    assert call() == (
        "sendMessage",
        {"chat_id": 5, "text": "Привет", "link_preview_options": {"is_disabled": True}},
    )


def test_asking_for_the_phone():
    _, params = call(ask_phone=True)
    assert params["reply_markup"] == {
        "keyboard": [[{"text": "Мой номер", "request_contact": True}]],
        "resize_keyboard": True,
        "one_time_keyboard": True,
    }
    with pytest.raises(RequestRejected, match="one keyboard"):
        call(ask_phone=True, buttons=((Button("Да", "y"),),))


def test_a_wide_row_is_wrapped():
    _, params = call(buttons=(tuple(Button(str(n), f"n{n}") for n in range(19)), (Button("Всё", "all"),)))
    assert [len(row) for row in params["reply_markup"]["inline_keyboard"]] == [8, 8, 3, 1]


def test_an_edit_replaces_text_and_buttons_or_the_buttons_alone():
    empty = {"inline_keyboard": []}
    assert call(OutboundKind.EDIT, "Готово", message_id="7") == (
        "editMessageText",
        {"chat_id": 5, "message_id": 7, "text": "Готово", "reply_markup": empty},
    )
    assert call(OutboundKind.EDIT, "", message_id="7") == (
        "editMessageReplyMarkup",
        {"chat_id": 5, "message_id": 7, "reply_markup": empty},
    )


def test_a_toast_is_cut_to_what_fits():
    _, params = call(OutboundKind.ANSWER_CALLBACK, "д" * 300, callback_id="c")
    assert utf16_length(params["text"]) == 200
    assert params["text"].endswith("…")
    assert call(OutboundKind.ANSWER_CALLBACK, "", callback_id="c") == (
        "answerCallbackQuery",
        {"callback_query_id": "c"},
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": ""},
        {"text": "я" * 4097},
        {"text": "😀" * 2049},
        {"buttons": ((Button("Да", "y"),),) * 101},
        {"buttons": ((Button("Да", ""),),)},
        {"buttons": ((Button("Да", "д" * 33),),)},
        {"buttons": ((Button(" ", "y"),),)},
        {"kind": OutboundKind.EDIT, "message_id": "семь"},
        {"kind": OutboundKind.EDIT, "message_id": "7", "text": "я" * 4097},
        {"kind": OutboundKind.EDIT, "message_id": "7", "ask_phone": True},
        {"kind": OutboundKind.ANSWER_CALLBACK},
    ],
)
def test_the_impossible_is_refused(wrong):
    with pytest.raises(RequestRejected):
        call(**wrong)


@pytest.mark.parametrize("chat_id", ["", "@channel", "5x", "--5", "٥"])
def test_a_chat_is_a_number(chat_id):
    with pytest.raises(RequestRejected):
        call_for(OutboundMessage(OutboundKind.MESSAGE, chat_id, "Привет"), phone_label="")


def test_a_key_may_open_a_page():
    _, params = call(buttons=((Button("Сайт", "", url="https://salon.example"),),))
    assert params["reply_markup"]["inline_keyboard"] == [[{"text": "Сайт", "url": "https://salon.example"}]]


@pytest.mark.parametrize(
    ("mime", "size", "method", "field"),
    [
        ("image/jpeg", 10, "sendPhoto", "photo"),
        ("image/gif", 10, "sendDocument", "document"),
        ("image/png", 10_000_001, "sendDocument", "document"),
        ("text/calendar", 10, "sendDocument", "document"),
    ],
)
def test_a_file_goes_by_what_it_is(mime, size, method, field):
    file = OutboundFile("media/1", "f", mime)
    media = MediaContent(bytes(size), mime, "f")
    message = OutboundMessage(OutboundKind.MESSAGE, "5", "Вот", ((Button("Да", "y"),),), file=file)
    made = call_for(message, phone_label="", media=media)
    assert (made.method, made.field, made.media) == (method, field, media)
    assert made.params["caption"] == "Вот"
    assert "reply_markup" in made.params


def test_a_file_without_bytes_is_named_by_its_address():
    file = OutboundFile("media/1", "f.jpg", "image/jpeg", url="https://salon.example/f.jpg")
    message = OutboundMessage(OutboundKind.MESSAGE, "5", "", file=file)
    made = call_for(message, phone_label="")
    assert (made.method, made.params) == ("sendPhoto", {"chat_id": 5, "photo": file.url})


@pytest.mark.parametrize(
    ("text", "media"),
    [
        ("я" * 1025, MediaContent(b"1", "image/jpeg", "f")),
        ("", MediaContent(b"", "image/jpeg", "f")),
        ("", MediaContent(bytes(50_000_001), "application/pdf", "f")),
        ("", None),
    ],
)
def test_a_file_that_telegram_would_not_take(text, media):
    message = OutboundMessage(OutboundKind.MESSAGE, "5", text, file=OutboundFile("media/1", "f", "image/jpeg"))
    with pytest.raises(RequestRejected):
        call_for(message, phone_label="", media=media)
