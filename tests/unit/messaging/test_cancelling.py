"""What cancels, what only sounds like it, and what takes it back."""

from __future__ import annotations

import pytest

from salon.messaging.domain.cancelling import is_plain_cancelling, names_what_to_bring_back, wants_back
from salon.messaging.domain.remarks import asks_to_erase, withdraws_agreement


@pytest.mark.parametrize(
    "text",
    [
        "отмени", "Отмените, пожалуйста, запись на завтра", "отмена", "хочу отменить визит", "снимите меня с записи",
        "удалите мою запись", "не ждите меня", "передумала", "не смогу", "не смогу прийти", "не смогу завтра",
        "не приду в субботу", "в субботу не приду", "заболела, не смогу", "заболела не смогу прийти",
        "Здравствуйте! Я не смогу прийти на стрижку в пятницу в 15:00", "не приду к Ольге", "никак не смогу",
        "не смогу на женскую стрижку", "извините, не получится прийти, ребёнок заболел",
        "К сожалению, не приду 14 марта",
    ],
)  # fmt: skip
def test_what_cancels_outright(text):
    assert is_plain_cancelling(text)


@pytest.mark.parametrize(
    "text",
    [
        "не смогу дозвониться до вас", "дозвониться не смогу", "не смогу найти вас", "не смогу раньше шести",
        "я не приду раньше 15", "раньше не смогу", "не смогу ответить, я на работе", "не приду одна, буду с дочкой",
        "Я приду, но не смогу остаться надолго", "не смогу прийти вовремя", "не смогу на час раньше",
        "не могу найти вход", "мой рейс отменён, буду вовремя", "наверное, не приду, но если что приду", "привет",
    ],
)  # fmt: skip
def test_what_is_asked_about(text):
    assert not is_plain_cancelling(text)


@pytest.mark.parametrize(
    ("text", "is_meant"),
    [
        ("верни", True), ("верните запись", True), ("ой, не надо", True), ("нет, не отменяй", True),
        ("не надо отменять", True), ("нет не отменяйте", True), ("я передумала", True), ("я случайно", True),
        ("нет", False), ("нет, спасибо, не надо", False), ("верните деньги", False), ("спасибо", False),
        ("не возвращайте", False), ("не надо возвращать запись", False), ("отмени", False),
        ("верните мне предоплату", False),
    ],
)  # fmt: skip
def test_what_takes_a_cancellation_back(text, is_meant):
    assert wants_back(text) is is_meant


def test_what_is_brought_back_may_be_named_at_any_time():
    assert names_what_to_bring_back("верните, пожалуйста, мою запись")
    assert not names_what_to_bring_back("верните деньги за запись")
    assert not names_what_to_bring_back("верни")


@pytest.mark.parametrize(
    "text",
    [
        "удалите мои данные", "удалите, пожалуйста, все мои персональные данные", "сотрите мои личные данные",
        "удалите меня", "удалите меня из базы", "удалите мой номер", "отзываю согласие", "забудьте меня",
        "отзываю своё согласие на обработку персональных данных", "прекратите обработку моих персональных данных",
    ],
)  # fmt: skip
def test_what_asks_to_be_forgotten(text):
    assert asks_to_erase(text)


@pytest.mark.parametrize(
    "text",
    [
        "удалите меня из листа ожидания", "удалите меня из списка", "удалите меня из рассылки", "удалите мою запись",
        "уберите меня с записи", "согласна на обработку персональных данных", "отзываю согласие на рассылку",
        "запишите мой телефон", "удалите волосы лазером",
    ],
)  # fmt: skip
def test_what_does_not(text):
    assert not asks_to_erase(text)


def test_taking_agreement_back_is_more_than_asking_to_erase():
    assert withdraws_agreement("я отзываю согласие на обработку данных")
    assert not withdraws_agreement("удалите мои данные")
