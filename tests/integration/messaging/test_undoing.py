"""A visit is not given away by half a word, what was cancelled comes back by one, a wish to be forgotten is heard."""

from __future__ import annotations

from datetime import timedelta

import pytest

from salon.clients import use_cases as clients
from salon.clients.domain import ConsentPurpose
from salon.messaging.people import use_cases as people

pytestmark = pytest.mark.database


@pytest.fixture
def booked(anna):
    """Somebody who comes to Анна tomorrow at three."""
    anna.write("запишите на стрижку к Анне завтра в 15:00")
    anna.press("15:00")
    assert status(anna) == ["confirmed"]
    return anna


def status(person):
    return [row[0] for row in person.rows()]


def reads(salon, use_case, *args, **named):
    with salon.database.read(salon.world.tenant_id) as session:
        return use_case(session, *args, **named)


@pytest.mark.parametrize("words", ["я не приду раньше 15", "Я приду, но не смогу остаться надолго"])
def test_what_may_mean_something_else_is_asked_about(booked, words):
    assert "отменить запись «" in booked.write(words)
    assert booked.labels == ["Да, отменить", "Нет"]
    assert status(booked) == ["confirmed"]

    assert "ничего не меняю" in booked.write("нет")
    booked.write(words)
    assert "Отменила" in booked.write("да, отменяйте")
    assert status(booked) == ["cancelled"]


@pytest.mark.parametrize("words", ["не смогу прийти", "заболела, не смогу", "не приду завтра", "отмена"])
def test_plain_words_still_cancel_at_once(booked, words):
    assert "Отменила" in booked.write(words)


@pytest.mark.parametrize(
    "words", ["отмена, хочу на другое время", "отмените рассылку", "отмените вашу рекламу", "отмените новости"]
)
def test_cancelling_something_else_leaves_the_visit(booked, words):
    said = booked.write(words)

    assert status(booked) == ["confirmed"]
    assert ("новостей и предложений больше не пришлю" in said) is ("другое" not in words)


@pytest.mark.parametrize("words", ["верни", "ой, не надо", "нет, не отменяй", "не надо отменять", "стоп, не отменяйте"])
def test_words_bring_back_what_was_cancelled_just_now(booked, words):
    booked.write("отмени")

    assert "Вернула запись" in booked.write(words)
    assert status(booked) == ["confirmed"]


def test_thanks_bring_nothing_back_but_naming_it_does_so_later_too(booked):
    booked.write("отмени")
    said = booked.write("нет, спасибо, не надо")
    assert status(booked) == ["cancelled"]
    assert "Здравствуйте" not in said

    assert "Вернула запись" in booked.write("верните мою запись, пожалуйста")
    assert status(booked) == ["confirmed"]
    assert "15:00" in booked.write("верните запись")  # it stands already
    assert status(booked) == ["confirmed"]


def test_an_old_cancellation_is_not_dug_up(salon, anna):
    anna.write("запишите на стрижку к Анне в субботу в 12:00")
    anna.press("12:00")
    anna.write("отмени")
    anna.write("спасибо")
    salon.clock.advance(timedelta(days=1, minutes=1))

    assert "Вернула" not in anna.write("верните запись")
    assert status(anna) == ["cancelled"]


def test_the_second_tap_on_the_way_back_says_that_it_stands(booked):
    booked.write("отмени")
    back = booked.payload("Вернуть")

    assert "Вернула" in booked.press_payload(back)
    assert "Запись в силе" in booked.press_payload(back)
    assert status(booked) == ["confirmed"]


@pytest.mark.parametrize(
    ("words", "is_withdrawn"),
    [("удалите мои данные", False), ("отзываю согласие на обработку персональных данных", True)],
)
def test_a_wish_to_be_forgotten_reaches_a_person(salon, anna, words, is_withdrawn):
    anna.write("привет")
    anna.write("подпишите обратно")
    said = anna.write(words)

    assert "больше не пришлю" in said
    [opened] = reads(salon, people.list_handovers)
    assert opened.reason == "erasure"
    client_id = opened.client_id
    assert not reads(salon, clients.has_consent, client_id, ConsentPurpose.MARKETING)
    assert reads(salon, clients.has_consent, client_id, ConsentPurpose.PERSONAL_DATA) is not is_withdrawn
