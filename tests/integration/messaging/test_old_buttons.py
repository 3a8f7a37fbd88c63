"""Buttons that are old, forged or another's: each is answered in words, and does nothing."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from salon.booking import use_cases as booking
from salon.messaging.domain.taps import Tap, TapPayload

pytestmark = pytest.mark.database
UNKNOWN = UUID(int=7)
BARE = {Tap.MENU_BOOK, Tap.MENU_SERVICES, Tap.MENU_MINE, Tap.KEEP, Tap.TIME}
ODD = [
    TapPayload(Tap.EVERY, number=21),
    TapPayload(Tap.SERIES, nonce="0123abcd"),
    TapPayload(Tap.CHAIN, nonce="0123abcd", number=1),
    TapPayload(Tap.MOVE, UNKNOWN, other=UNKNOWN),
    TapPayload(Tap.MORE),
]
ABOUT_SOMETHING = [TapPayload(tap, UNKNOWN) for tap in Tap if tap not in BARE | {one.tap for one in ODD}]


@pytest.mark.parametrize("payload", [*ODD, *ABOUT_SOMETHING], ids=lambda payload: payload.tap.name)
def test_what_nobody_knows_is_answered_and_does_nothing(anna, payload):
    anna.write("привет")

    assert anna.press_payload(payload.encode())
    assert anna.rows() == []


def booked_row(person):
    person.write("сначала стрижка, потом маникюр завтра в 14")
    person.press("завтра, 14:00")
    return person


def test_another_s_bookings_and_series_are_out_of_reach(salon, anna, rival):
    booked_row(anna)
    anna.write("запиши меня на маникюр каждую неделю по вторникам в 14")
    anna.press("Да")
    before = anna.rows()
    anna.write("мои записи")
    rival.write("привет")
    for button in anna.buttons(anna.heard):
        assert rival.press_payload(button["payload"])

    assert anna.rows() == before


def test_a_visit_that_is_gone_comes_back_only_while_its_time_is_free(salon, anna, rival):
    booked_row(anna)
    anna.write("отмени")
    back = anna.payload("Вернуть")
    rival.write("маникюр завтра в 15")
    rival.press("завтра, 15:00")

    assert "уже заняли" in anna.press_payload(back)
    assert [row[0] for row in anna.rows()].count("confirmed") == 1
    rival.write("отмени")
    assert "Вернула запись" in anna.press_payload(back)
    assert "Запись в силе" in anna.press_payload(back)


def test_a_whole_visit_costs_what_its_parts_cost(salon, anna):
    booked_row(anna)
    salon.settings(booking.change_policy, cancel_free_hours=48, late_cancel_fee_percent=10)
    anna.write("отмени")
    assert "платная: 600" in anna.text

    assert "Отмена платная: 600" in anna.press("Да, отменить")
    assert {row[0] for row in anna.rows()} == {"cancelled"}


def test_of_several_things_that_are_waited_for_one_is_left(salon, anna):
    salon.block()
    anna.write("в лист ожидания на маникюр в субботу")
    anna.write("в лист ожидания на стрижку в воскресенье")
    assert len([label for label in (anna.write("жду ли я?"), *anna.labels)[1:] if label.startswith("Не ждать")]) == 2

    assert "Чего больше не ждать" in anna.write("уберите из листа ожидания")
    anna.press("Маникюр")
    anna.write("жду ли я?")
    assert "Стрижка" in anna.text
    assert "Маникюр" not in anna.text


def test_of_several_series_one_is_cancelled(anna):
    for words in ("запиши на маникюр каждый вторник в 14", "запиши на стрижку каждый четверг в 12"):
        anna.write(words)
        anna.press("Да")

    assert "Какую серию" in anna.write("отмени все")
    anna.press("Маникюр")
    assert {row[1] for row in anna.rows() if row[0] == "confirmed"} == {"Стрижка"}


def test_what_is_waited_for_follows_another_service_or_day(salon, anna):
    salon.block()
    anna.write("стрижка в субботу")
    assert "Маникюр, с 11 марта" in anna.write("в лист ожидания на маникюр")
    assert "уже прошёл" in anna.write("в лист ожидания на маникюр вчера")
    assert "ещё не открыта" in anna.write("в лист ожидания на маникюр 20 августа")
    assert "Записала вас в лист ожидания: Маникюр" in anna.write("в пятницу")


def test_waiting_for_two_services_waits_for_the_first(salon, anna):
    salon.block()
    anna.write("стрижку и маникюр в субботу")

    assert "Стрижка, в субботу" in anna.write("запишите в лист ожидания")


def test_a_narrower_time_about_chains_is_about_them(anna):
    anna.write("маникюр и стрижку в субботу после двенадцати")

    assert "подряд" in anna.write("а попозже?")
    assert "воскресенье" in anna.write("лучше в воскресенье")
    assert all("вс 15 марта" in label for label in anna.labels[:3])


def test_chains_that_have_passed_are_not_booked(salon, anna):
    anna.write("сначала стрижка, потом маникюр завтра в 14")
    salon.clock.advance(timedelta(days=2))

    assert "уже устарели" in anna.press("завтра, 14:00")
    assert anna.rows() == []


def test_somebody_who_does_none_of_it_is_said_so(anna):
    anna.write("окрашивание и стрижку к Ольге в субботу")

    assert "Ольга не делает" in anna.text
    assert any("подряд" in line for line in anna.text.splitlines())


def test_a_number_that_is_none_is_asked_for_again(salon, anna):
    salon.settings(booking.change_policy, phone_required=True)
    anna.write("маникюр в субботу в 12")
    anna.press("12:00")

    assert "номер" in anna.write("+7 000")
    assert "Записала вас!" in anna.write("+7 900 000-00-66")
