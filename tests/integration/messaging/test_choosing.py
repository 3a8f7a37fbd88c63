"""Choosing in words from what was listed, and short words after a confirmation."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.database
HAIR, NAILS = "Стрижка", "Маникюр"


@pytest.fixture
def busy(anna):
    """Somebody with a haircut tomorrow at 15:00 and a manicure on Friday at 12:00."""
    anna.write("запишите на стрижку к Анне завтра в 15:00")
    anna.press("15:00")
    anna.write("запишите на маникюр в пятницу в 12")
    anna.press("12:00")
    return anna


def cancelled(person):
    return [service for status, service, *_ in person.rows() if status == "cancelled"]


@pytest.mark.parametrize(
    ("words", "gone"),
    [
        ("1", [HAIR]),
        ("вторую", [NAILS]),
        ("последнюю", [NAILS]),
        ("стрижку", [HAIR]),
        ("на пятницу", [NAILS]),
        ("завтрашнюю", [HAIR]),
        ("обе", [HAIR, NAILS]),
        ("нет", []),
    ],
)
def test_which_to_cancel_is_said_in_words(busy, words, gone):
    assert "Какую запись отменить?" in busy.write("отмени")

    answer = busy.write(words)

    assert cancelled(busy) == gone
    assert "Не совсем поняла" not in answer


def test_which_to_move_is_said_in_words_and_where_to_is_kept(busy):
    assert "Какую запись перенести?" in busy.write("перенеси на 17")
    assert "в 17:00" in busy.write("стрижку")
    assert ("confirmed", HAIR, "Анна", "2026-03-12 17:00") in busy.rows()


def test_a_question_between_keeps_the_choice_and_another_wish_ends_it(busy):
    busy.write("отмени")
    busy.write("а где вы находитесь?")
    busy.write("вторую")
    assert cancelled(busy) == [NAILS]

    busy.write("запишите на маникюр в пятницу в 12")
    busy.press("12:00")
    busy.write("отмени")
    busy.write("хочу на стрижку в пятницу")
    busy.write("1")
    assert cancelled(busy) == [NAILS]


def test_the_second_of_the_offered_times_is_taken(anna):
    anna.write("хочу на стрижку завтра")
    second = anna.labels[1]
    assert "Записала" in anna.write("давайте второй вариант")
    assert anna.rows()[0][3].endswith(second.partition(", ")[2].partition(" ")[0].zfill(5))


@pytest.mark.parametrize("words", ["ок", "хорошо", "👍", "супер", "отлично", "до встречи", "до завтра", "понятно"])
def test_a_courtesy_after_a_confirmation_is_answered_warmly_and_is_no_miss(anna, words):
    anna.write("запишите на стрижку к Анне завтра в 15:00")
    anna.press("15:00")
    for _ in range(3):
        assert "ждём вас завтра" in anna.write(words)
    assert len(anna.rows()) == 1


def test_yes_while_times_are_offered_is_still_about_them(anna):
    anna.write("хочу на стрижку завтра")
    shown = [label for label in anna.labels if ":" in label]
    assert "Какое из них?" in anna.write("хорошо")
    assert anna.labels == shown


def test_what_this_costs_is_the_price_of_the_booking(anna):
    anna.write("запишите на стрижку к Анне завтра в 15:00")
    assert "Стрижка" in anna.write("а сколько стоит?")
    assert "Маникюр" not in anna.text
    anna.write("запишите на стрижку к Анне завтра в 15:00")
    anna.press("15:00")
    assert "Стрижка — завтра" in anna.write("а сколько это стоит?")
    assert "2 500" in anna.text.replace("\u00a0", " ")
    assert "Маникюр" not in anna.text


def test_a_day_that_does_not_exist_is_said_so(anna):
    assert "нет" in anna.write("хочу на стрижку 31 февраля")
    assert "календар" in anna.text
