"""A series, talked about: «запиши меня на маникюр каждую неделю по вторникам в 14»."""

from __future__ import annotations

from datetime import timedelta

import pytest

from salon.booking import use_cases as booking

pytestmark = pytest.mark.database
WEEKLY = "запиши меня на маникюр каждую неделю по вторникам в 14"


def booked(person):
    return [row[3] for row in person.rows() if row[0] == "confirmed"]


def test_asked_confirmed_and_listed(anna):
    assert "Маникюр каждую неделю по вторникам в 14:00: 5 визитов, первый во вторник, 17 марта" in anna.write(WEEKLY)

    said = anna.press("Да, записать")

    assert "записала на 2 визита" in said
    assert "• вторник, 17 марта, в 14:00, Ольга" in said
    assert "Ещё 3 визита запишу ближе к делу" in said
    assert booked(anna) == ["2026-03-17 14:00", "2026-03-24 14:00"]


def test_a_written_yes_a_double_tap_and_a_no(anna):
    anna.write(WEEKLY)
    yes = anna.payload("Да")
    assert "Готово!" in anna.write("да")
    assert "уже записала" in anna.press_payload(yes)
    assert len(booked(anna)) == 2

    anna.write("запиши на стрижку каждый четверг в 12")
    assert "ничего не меняю" in anna.write("нет")
    assert "записала" not in anna.press_payload(yes)
    assert len(booked(anna)) == 2


def test_a_question_asked_anew_makes_the_old_button_stale(anna):
    anna.write(WEEKLY)
    old = anna.payload("Да")
    anna.write("в 15:00")

    assert "уже не действует" in anna.press_payload(old)
    assert booked(anna) == []


def test_what_is_missing_is_asked_for_one_by_one(anna):
    assert "На какую услугу" in anna.write("хочу ходить к вам раз в две недели")
    assert "На какой день" in anna.press("Стрижка")
    assert "Во сколько" in anna.write("в пятницу")
    said = anna.write("в 18")

    assert "Стрижка каждые 2 недели по пятницам в 18:00: 5 визитов, первый послезавтра" in said


def test_again_so_many_times_follows_the_last_visit(anna):
    anna.write("маникюр в субботу в 12")
    anna.press("12:00")

    assert "Как часто" in anna.write("запишите ещё на 3 раза")
    anna.press("каждую неделю")
    assert "каждую неделю по субботам в 12:00, мастер Ольга: 3 визита, первый в субботу, 21 марта" in anna.text


def test_what_cannot_be_is_said_with_the_nearest_time(salon, anna, rival):
    salon.block(on="2026-03-24")
    anna.write("запиши на маникюр каждый вторник в 14, 2 раза")

    said = anna.press("Да")

    assert "записала на 1 визит" in said
    assert "• вторник, 24 марта: свободного времени нет" in said


def test_when_nothing_can_be_another_time_goes_on(salon, anna):
    anna.write(WEEKLY)
    salon.block(staff="Ольга")
    assert "Ни на один из этих дней" in anna.press("Да")
    assert anna.rows() == []

    assert "по вторникам в 16:00" in anna.write("в 16:00")


def test_a_taken_time_becomes_the_nearest_and_that_is_said(anna, rival):
    rival.write("маникюр во вторник в 14")
    rival.press("14:00")
    anna.write("запиши на маникюр каждый вторник в 15, 1 раз")

    assert "Где 15:00 занято, взяла ближайшее время" in anna.press("Да")


def test_all_of_it_is_cancelled_and_one_visit_alone(anna):
    anna.write(WEEKLY)
    anna.press("Да")
    anna.write("отмени маникюр 17 марта")
    assert "Остальные визиты серии остаются" in anna.text

    assert "Снят 1 визит" in anna.write("отмени все")
    assert booked(anna) == []
    assert "нет предстоящих" in anna.write("мои записи")


def test_an_old_button_of_a_series_that_is_over(anna):
    anna.write(WEEKLY)
    anna.press("Да")
    off = anna.payload("Отменить серию")
    anna.press_payload(off)

    assert "уже не действует" in anna.press_payload(off)


def test_a_late_cancellation_of_a_series_is_asked_about(salon, anna):
    anna.write(WEEKLY)
    anna.press("Да")
    salon.settings(booking.change_policy, cancel_free_hours=24 * 7, late_cancel_fee_percent=10)

    assert "платная: 350" in anna.write("отмени всю серию")
    assert len(booked(anna)) == 2
    anna.write("да")
    assert booked(anna) == []


def test_with_a_deposit_it_is_not_possible_and_nothing_is_left_behind(salon, anna):
    salon.settings(booking.change_policy, deposit={"kind": "fixed", "amount_minor": 50_000})
    anna.write(WEEKLY)

    assert "нужна предоплата за каждый визит" in anna.press("Да")
    assert anna.rows() == []
    assert "нет предстоящих" in anna.write("мои записи")


def test_the_phone_is_asked_for_first(salon, anna):
    salon.settings(booking.change_policy, phone_required=True)
    anna.write(WEEKLY)

    assert "номер телефона" in anna.press("Да")
    assert "Готово!" in anna.write("8 900 000-00-55")


def test_two_services_are_no_answer_to_a_question_about_a_series(anna):
    anna.write("хочу ходить к вам раз в две недели")

    assert "подряд" in anna.write("стрижку и маникюр завтра")


def test_asking_how_much_it_costs_to_come_often_books_nothing(anna):
    assert "3\N{NO-BREAK SPACE}500" in anna.write("сколько стоит маникюр, если каждую неделю?")


def test_an_answer_a_week_later_is_still_understood(salon, anna):
    anna.write("запиши меня на маникюр раз в неделю по вторникам")
    salon.clock.advance(timedelta(days=7))

    assert "первый во вторник, 24 марта" in anna.write("в 14:00")
