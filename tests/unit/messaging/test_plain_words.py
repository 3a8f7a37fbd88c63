"""Short answers: read where they mean one thing, left alone where they say more."""

from __future__ import annotations

import pytest

from salon.messaging.domain.choices import options
from salon.messaging.domain.fitting import numbered_choice
from salon.messaging.domain.messages import Button
from salon.messaging.domain.plain_words import (
    Rating,
    agrees,
    is_farewell,
    is_praise,
    means_all,
    rating_in,
    says_coming,
    says_not_coming,
)


@pytest.mark.parametrize(
    ("text", "rating"),
    [
        ("5", Rating(5)),
        ("5️⃣", Rating(5)),
        ("5+", Rating(5)),
        ("пять!", Rating(5)),
        ("Твёрдая пятёрка", Rating(5)),
        ("2 из 5", Rating(2)),
        ("5/5", Rating(5)),
        ("⭐⭐⭐⭐", Rating(4)),
        ("4, Анна молодец!", Rating(4, "Анна молодец")),
        ("8/10", None),
        ("10", None),
        ("4.5", None),
        ("5 минут опоздали", None),
        ("в 5", None),
        ("всё отлично", None),
    ],
)
def test_stars_are_read_and_none_are_made_up(text, rating):
    assert rating_in(text) == rating


@pytest.mark.parametrize("text", ["ок", "Хорошо, спасибо!", "👍🏻", "да, буду", "супер", "понятно", "всё в силе"])
def test_an_agreement_is_short(text):
    assert agrees(text)
    assert not agrees(f"{text}, а можно позже?")


@pytest.mark.parametrize("text", ["до встречи", "Ок, до завтра!", "хорошо, до скорого"])
def test_a_farewell_is_no_wish(text):
    assert is_farewell(text)
    assert not is_farewell(f"{text} запишите")


def test_coming_and_not_coming_are_told_apart():
    assert says_coming("Да, приду")
    assert not says_not_coming("Да, приду")
    assert says_not_coming("К сожалению, не смогу")
    assert not says_coming("К сожалению, не смогу")
    for text in ("не смогу дозвониться до вас", "не приду раньше 15", "приду позже", "буду через 10 минут"):
        assert not says_coming(text)
        assert not says_not_coming(text)


def test_praise_has_no_reservation():
    assert is_praise("Всё отлично!")
    assert is_praise("очень понравилось")
    assert not is_praise("всё хорошо, но долго")
    assert not is_praise("не понравилось")


def test_every_one_is_meant_only_outright():
    assert means_all("обе")
    assert means_all("да, отмените все")
    assert not means_all("все отлично")


@pytest.mark.parametrize("text", ["второй", "давайте второе", "вариант 2", "второй вариант подходит"])
def test_options_without_numbers_are_chosen_by_their_place(text):
    assert numbered_choice(text, ["a", "b", "c"], is_written=False) == "b"


@pytest.mark.parametrize("text", ["2", "на 2", "два", "на второе", "второго", "второе марта", "отмени вторую"])
def test_a_time_or_a_date_is_no_place(text):
    assert numbered_choice(text, ["a", "b", "c"], is_written=False) is None


def test_the_options_of_a_message_are_its_times_or_things_of_one_kind():
    one, two = f"s:{'0' * 32}", f"s:{'1' * 32}"
    assert options([[Button("15:00", one)], [Button("16:00", two)], [Button("Ещё", "more")]]) == (one, two)
    assert options([[Button("Отменить", f"cx:{'0' * 32}")]]) == ()
