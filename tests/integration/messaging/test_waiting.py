"""The waiting list, talked about."""

from __future__ import annotations

from datetime import timedelta

import pytest

from salon.booking.waitlist import use_cases as waitlist
from salon.booking.waitlist.timers import EndWaiting

pytestmark = pytest.mark.database


@pytest.fixture
def waiting(salon, anna, rival):
    """Somebody who waits for tomorrow's noon with Анна, which a rival has."""
    rival.write("стрижка к Анне завтра в 12")
    rival.press("завтра, 12:00 · Анна")
    assert "свободного времени нет" in anna.write("стрижка к Анне завтра в 12")
    anna.press("В лист ожидания")
    assert "Стрижка, завтра, 12 марта, в 12:00, мастер Анна" in anna.text
    assert anna.hear() == ""
    return anna


@pytest.fixture
def offered(salon, waiting, rival):
    """The rival has cancelled, and the time is held for whoever waited."""
    rival.write("отмени")
    assert "Освободилось время: Стрижка — завтра, 12 марта, в 12:00, мастер Анна" in waiting.hear()
    return waiting


def mine(person):
    return [row[0] for row in person.rows() if row[3].endswith("12:00")]


def test_what_is_taken_is_booked(offered):
    take = offered.payload("Беру")

    assert "Записала вас! Стрижка — завтра" in offered.press("Беру")
    assert mine(offered) == ["cancelled", "confirmed"]
    assert "уже записаны" in offered.press_payload(take)
    assert mine(offered) == ["cancelled", "confirmed"]


def test_a_written_yes_takes_it_too(offered):
    assert "Записала вас!" in offered.write("беру")


def test_the_offer_is_made_once(salon, offered):
    before = len(offered.said())

    salon.pump(again=True)

    assert len(offered.said()) == before


def test_what_is_not_wanted_is_left_and_waiting_goes_on(salon, offered):
    leave, take = offered.payload("Не подходит"), offered.payload("Беру")

    assert "остаётесь в листе ожидания: Стрижка" in offered.press("Не подходит")
    assert mine(offered) == ["cancelled", "cancelled"]
    for payload in (leave, take):
        assert "уже нет" in offered.press_payload(payload)
    assert mine(offered) == ["cancelled", "cancelled"]


def test_an_answer_too_late_is_told_so_and_the_lapse_once(salon, offered):
    take = offered.payload("Беру")
    salon.clock.advance(timedelta(minutes=31))
    assert "уже нет" in offered.press_payload(take)

    salon.expire_holds()

    assert "отпустила время" in offered.hear()
    salon.pump(again=True)
    assert offered.text.count("отпустила время") == 1
    assert mine(offered) == ["cancelled", "expired"]


def test_an_old_offer_does_not_take_a_new_one(salon, offered, rival):
    old = offered.payload("Беру")
    offered.press("Не подходит")
    offered.press("Больше не ждать")
    rival.write("стрижка к Анне завтра в 15")
    rival.press("завтра, 15:00 · Анна")
    offered.write("стрижка к Анне завтра в 15")
    offered.press("В лист ожидания")
    rival.write("отмени")
    assert "в 15:00" in offered.hear()

    assert "Записала" not in offered.press_payload(old)
    assert [row[0] for row in offered.rows() if row[3].endswith("15:00")] == ["cancelled", "held"]


def test_the_end_of_the_window_is_told_in_the_morning(salon, waiting):
    salon.at("2026-03-13 00:10")
    EndWaiting(salon.database, salon.clock)()

    assert waiting.hear() == ""
    salon.at("2026-03-13 09:01")
    assert "времени так и не нашлось: Стрижка" in waiting.hear()
    salon.pump(again=True)
    assert waiting.text.count("не нашлось") == 1


def test_leaving_and_coming_back(salon, waiting):
    assert "Вы ждёте:\n• Стрижка, завтра" in waiting.write("жду ли я?")

    assert "Убрала из листа ожидания: Стрижка" in waiting.write("уберите меня из листа ожидания")
    again = waiting.payload("Всё-таки")
    assert "вас нет" in waiting.write("уберите из листа ожидания")
    waiting.press_payload(again)
    assert "Вы ждёте" in waiting.write("в какой я очереди?")


@pytest.mark.parametrize(
    ("words", "noted"),
    [
        ("запишите в лист ожидания на маникюр в субботу утром", "Маникюр, в субботу, 14 марта, утром"),
        ("сообщите, если освободится маникюр у Ольги в пятницу после 18", "после 18:00, мастер Ольга"),
        ("если кто-то откажется, запишите меня на маникюр", "Маникюр, с 11 марта по 24 марта"),
        ("поставьте в очередь на маникюр на пятницу или субботу", "с 13 марта по 14 марта"),
    ],
)
def test_what_is_noted_is_said_back(salon, anna, words, noted):
    salon.block()

    assert noted in anna.write(words)


def test_what_is_free_need_not_be_waited_for(anna):
    assert "ждать не нужно" in anna.write("запишите в лист ожидания на маникюр в субботу утром")

    anna.press("14 марта")
    assert [row[0] for row in anna.rows()] == ["confirmed"]


def test_the_service_is_asked_for(anna):
    assert "На какую услугу" in anna.write("запишите в лист ожидания")

    assert "Записала вас в лист ожидания: Маникюр" in anna.press("Маникюр")


def test_a_full_list_and_none_at_all_are_said(salon, waiting):
    salon.settings(waitlist.change_waitlist_policy, max_entries=1)
    assert "Вы уже ждёте 1 запись" in waiting.write("в лист ожидания на маникюр")

    salon.settings(waitlist.change_waitlist_policy, enabled=False)
    assert "Листа ожидания у нас нет" in waiting.write("в лист ожидания на маникюр")


def test_another_s_entry_is_out_of_reach(salon, waiting, rival):
    waiting.write("жду ли я?")

    rival.press_payload(waiting.payload("Больше не ждать"))

    assert "Вы ждёте" in waiting.write("жду ли я?")
