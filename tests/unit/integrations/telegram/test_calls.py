from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salon.integrations.telegram.payloads.calls import call_for, split_message, split_text, utf16_length
from salon.messaging.domain import Button, OutboundKind, OutboundMessage
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


def test_cuts_where_a_reader_would():
    assert split_text("Коротко.") == ["Коротко."]
    assert split_text("  \n ") == []
    assert split_text("Абзац один.\n\nАбзац два. И три.", 20) == ["Абзац один.", "Абзац два. И три."]
    assert split_text("Раз два три. Четыре пять шесть.", 20) == ["Раз два три.", "Четыре пять шесть."]
    assert split_text("раз два три четыре пять", 12) == ["раз два три", "четыре пять"]
    assert split_text("сверхдлинноеслово", 7) == ["сверхдл", "инноесл", "ово"]
    assert split_text("😀😀😀", 4) == ["😀😀", "😀"]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # machines differ
@given(st.text(alphabet="аб. \n!😀", max_size=400), st.integers(min_value=2, max_value=50))
def test_pieces_fit_and_nothing_but_space_is_lost(text, limit):
    pieces = split_text(text, limit)
    assert all(0 < utf16_length(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_buttons_stand_under_the_last_piece():
    buttons = ((Button("Да", "y"),),)
    pieces = split_message(OutboundMessage(OutboundKind.MESSAGE, "5", "Слово. " * 1000, buttons))
    assert [piece.buttons for piece in pieces] == [(), buttons]
    assert all(utf16_length(piece.text) <= 4096 for piece in pieces)
    edit = OutboundMessage(OutboundKind.EDIT, "5", "Слово. " * 1000, message_id="1")
    assert split_message(edit) == (edit,)
