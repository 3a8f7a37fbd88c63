"""A message made to fit each messenger: nothing is lost, nothing is longer than it may be."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.messaging.domain import Button, Channel, OutboundFile, OutboundKind, OutboundMessage
from salon.messaging.domain.fitting import fit, length, numbered_choice, split_text
from salon.messaging.domain.limits import LIMITS, TextUnit

TG, MAX, VK, WA, IG = (LIMITS[channel] for channel in Channel)
PICTURE = OutboundFile("out/1", "Работа.jpg", "image/jpeg")
CALENDAR = OutboundFile("out/2", "Запись.ics", "text/calendar", url="https://salon.example/b/1.ics")
PARAGRAPH = "Стрижка у Анны стоит 2500 рублей и занимает час. Приходите! "


def message(text="Выберите время:", labels=(), **more):
    rows = tuple((Button(label, f"p{number}"),) for number, label in enumerate(labels, 1))
    return OutboundMessage(OutboundKind.MESSAGE, "5", text, more.pop("buttons", rows), **more)


def shown(fitted):
    """Of each piece the text and the labels of its keys, row by row."""
    return [(piece.text, [[button.text for button in row] for row in piece.buttons]) for piece in fitted.pieces]


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6_000) | st.integers(1, 400).map(
    lambda times: PARAGRAPH * times
)
buttons = st.lists(
    st.tuples(
        st.text("абв где", min_size=1, max_size=120).filter(str.strip), st.sampled_from(["", "https://s.example"])
    ),
    max_size=30,
)


@given(st.sampled_from(list(Channel)), texts, buttons, st.booleans(), st.sampled_from([None, PICTURE, CALENDAR]))
def test_whatever_is_said_keeps_to_the_limits_and_loses_nothing(channel, text, options, is_listed, file):
    limits = LIMITS[channel]
    rows = tuple((Button(label, f"p{number}", url=url),) for number, (label, url) in enumerate(options))
    said = OutboundMessage(OutboundKind.MESSAGE, "5", text, rows, is_listed=is_listed, file=file)
    fitted = fit(said, limits, ask_number=lambda: "Напишите номер.")

    everything = " ".join(piece.text for piece in fitted.pieces)
    assert "".join(text.split()) in "".join(everything.split())
    for piece in fitted.pieces:
        keys = [button for row in piece.buttons for button in row]
        longest = (
            limits.caption if piece.file else limits.buttoned_text if keys and not piece.is_listed else limits.text
        )
        assert length(piece.text, limits.text_unit) <= longest
        if piece.is_listed:
            assert len(keys) <= limits.list_rows
            assert all(len(key.text) <= limits.list_text + limits.list_description for key in keys)
        else:
            assert len(keys) <= limits.buttons
            assert len(piece.buttons) <= limits.rows
            assert all(len(row) <= limits.buttons_per_row for row in piece.buttons)
            assert all(len(key.text) <= limits.button_text for key in keys)
    assert all(not piece.buttons for piece in fitted.pieces[:-1])
    tapped = {button.payload for row in fitted.pieces[-1].buttons for button in row}
    reachable = tapped | set(fitted.numbered)
    for number, (_, url) in enumerate(options):
        assert f"p{number}" in reachable or url in everything
    if file:
        assert [piece.file for piece in fitted.pieces].count(file) + everything.count(CALENDAR.url) >= 1


def test_a_short_message_is_one_piece_as_it_was():
    said = message(labels=("15:00", "16:00"))
    assert fit(said, TG).pieces == (said,)


@pytest.mark.parametrize(
    ("limits", "pieces"), [(TG, 3), (MAX, 4), (VK, 3), (WA, 3), (IG, 23)], ids=["tg", "max", "vk", "wa", "ig"]
)
def test_a_long_text_is_cut_between_sentences(limits, pieces):
    fitted = fit(message(PARAGRAPH * 200), limits)
    assert len(fitted.pieces) == pieces
    assert all(piece.text.endswith("Приходите!") for piece in fitted.pieces)


def test_bytes_are_cut_between_characters_and_surrogates_count_as_two():
    assert split_text("ы" * 600, 1000, TextUnit.BYTES) == ["ы" * 500, "ы" * 100]
    assert split_text("😀" * 5, 4, TextUnit.UTF16) == ["😀😀", "😀😀", "😀"]
    assert split_text("a\n\nb c", 4) == ["a", "b c"]


def test_the_keys_stand_under_a_short_end_of_a_long_text():
    fitted = fit(message(PARAGRAPH * 50, labels=("Да", "Нет")), WA)
    assert [len(row) for row in fitted.pieces[-1].buttons] == [1, 1]
    assert len(fitted.pieces) == 2
    assert len(fitted.pieces[1].text) <= 1024


@pytest.mark.parametrize("number", [4, 10])
def test_more_options_than_keys_become_a_list_where_there_are_lists(number):
    fitted = fit(message(labels=[f"{hour}:00, мастер Анна" for hour in range(number)]), WA)
    assert (fitted.pieces[0].is_listed, fitted.numbered) == (True, ())
    assert len(fitted.pieces[0].buttons) == number


def test_two_keys_that_say_the_same_are_a_list():
    assert fit(message(labels=("Перенести", "Перенести")), WA).pieces[0].is_listed
    assert not fit(message(labels=("Перенести", "Перенести")), VK).pieces[0].is_listed


def test_labels_too_long_for_keys_are_written_out_and_the_keys_say_numbers():
    long = ["Стрижка у мастера Анны в 15:00", "Стрижка у мастера Марии в 16:00"]
    fitted = fit(message(labels=long), IG)
    assert shown(fitted) == [(f"Выберите время:\n\n1. {long[0]}\n2. {long[1]}", [["1", "2"]])]
    assert fitted.numbered == ("p1", "p2")
    assert [button.payload for button in fitted.pieces[0].buttons[0]] == ["p1", "p2"]


def test_more_options_than_keys_and_rows_are_numbers_to_be_typed():
    fitted = fit(message(labels=[f"{hour}:00" for hour in range(11)]), WA, ask_number=lambda: "Напишите номер.")
    [(text, keys)] = shown(fitted)
    assert keys == []
    assert text.startswith("Выберите время:\n\n1. 0:00\n2. 1:00")
    assert text.endswith("11. 10:00\n\nНапишите номер.")
    assert len(fitted.numbered) == 11


def test_rows_are_wrapped_to_what_the_messenger_shows():
    wide = message(buttons=(tuple(Button(str(hour), str(hour)) for hour in range(7)),))
    assert [len(row) for row in fit(wide, VK).pieces[0].buttons] == [5, 2]
    tall = message(labels=[str(hour) for hour in range(10)])
    assert [len(row) for row in fit(tall, VK).pieces[0].buttons] == [2] * 5


def test_pages_are_links_in_the_text_where_keys_open_none():
    said = message("Оплатите:", buttons=((Button("Оплатить", "", url="https://s.example/1"), Button("Потом", "no")),))
    assert fit(said, TG).pieces == (said,)
    assert shown(fit(said, IG)) == [("Оплатите:\n\nОплатить: https://s.example/1", [["Потом"]])]


def test_a_file_that_the_messenger_does_not_take_is_a_link_or_is_missed():
    assert shown(fit(message("Записала.", file=CALENDAR), WA)) == [
        ("Записала.\n\nЗапись.ics: https://salon.example/b/1.ics", [])
    ]
    lost = fit(message("Записала.", file=replace(CALENDAR, url="")), IG)
    assert (shown(lost), lost.lost_file) == ([("Записала.", [])], True)
    assert fit(message("Записала.", file=CALENDAR), MAX).pieces[0].file == CALENDAR


def test_a_picture_stands_beside_a_short_text_and_after_a_long_one():
    def order(fitted):
        return [(bool(piece.file), bool(piece.text), bool(piece.buttons)) for piece in fitted.pieces]

    assert order(fit(message("Вот работа.", ("Да",), file=PICTURE), TG)) == [(True, True, True)]
    assert order(fit(message(PARAGRAPH * 20, file=PICTURE), TG)) == [(False, True, False), (True, False, False)]
    assert order(fit(message("Вот работа.", file=PICTURE), WA)) == [(True, True, False)]
    # keys are at the end, and neither WhatsApp nor Instagram shows them under a picture
    assert order(fit(message("Вот работа.", ("Да",), file=PICTURE), WA)) == [(True, False, False), (False, True, True)]
    assert order(fit(message("Вот работа.", file=PICTURE), IG)) == [(False, True, False), (True, False, False)]


def test_an_edit_is_clipped_and_a_number_is_asked_for_where_there_is_a_key_for_it():
    edit = OutboundMessage(OutboundKind.EDIT, "5", "я" * 5000, message_id="1")
    assert fit(edit, VK).pieces[0].text == "я" * 4095 + "…"
    asked = message("Ваш телефон?", ask_phone=True)
    assert [fit(asked, limits).pieces[0].ask_phone for limits in (TG, MAX, VK, WA, IG)] == [
        True, True, False, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "chosen"),
    [
        ("2", "b"),
        ("2.", "b"),
        ("№ 2", "b"),
        ("2️⃣", "b"),
        ("вариант 2", "b"),
        ("Давайте номер 3, пожалуйста", "c"),
        ("второй", "b"),
        ("Третью", "c"),
        ("первое", "a"),
        ("два", "b"),
        ("последний", "c"),
        ("the second one", "b"),
        ("4", None),
        ("0", None),
        ("в 2", None),  # an hour
        ("2 марта", None),
        ("второго", None),  # a day of the month
        ("15:00", None),
        ("на 2 и 3", None),
        ("хочу", None),
        ("", None),
        ("²", None),
    ],
)
def test_a_typed_number_chooses(said, chosen):
    assert numbered_choice(said, ("a", "b", "c")) == chosen
    assert numbered_choice(said, ()) is None
