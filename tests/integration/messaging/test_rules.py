"""What the salon's rules are against is said in plain words, and what can be done about it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from salon.availability.offers.use_cases import change_offer_settings
from salon.booking import use_cases as booking

pytestmark = pytest.mark.database
NBSP = "\N{NO-BREAK SPACE}"


def booked(person):
    return [(row[0], row[3][-5:]) for row in person.rows()]


def book(person, words="стрижка к Анне завтра в 12", label="12:00"):
    person.write(words)
    return person.press(label)


def test_a_late_cancellation_is_told_its_price_before(salon, anna):
    book(anna)
    salon.settings(booking.change_policy, cancel_free_hours=48, late_cancel_fee_percent=20)

    assert f"Отмена сейчас платная: 500{NBSP}₽. Отменить запись «Стрижка" in anna.write("отмени")
    yes = anna.payload("Да, отменить")
    assert "ничего не меняю" in anna.press("Нет")
    assert booked(anna) == [("confirmed", "12:00")]
    assert f"Отмена платная: 500{NBSP}₽" in anna.press_payload(yes)
    assert booked(anna) == [("cancelled", "12:00")]
    assert "уже не действует" in anna.press_payload(yes)


@pytest.mark.parametrize("words", ["да", "да, отменяй", "отменяйте"])
def test_a_written_yes_cancels(salon, anna, words):
    book(anna)
    salon.settings(booking.change_policy, cancel_free_hours=48, late_cancel_fee_percent=20)
    anna.write("отмени")

    anna.write(words)

    assert booked(anna) == [("cancelled", "12:00")]


def test_a_yes_after_something_else_means_something_else(salon, anna):
    book(anna)
    salon.settings(booking.change_policy, cancel_free_hours=48, late_cancel_fee_percent=20)
    anna.write("отмени")
    anna.write("где вы находитесь?")

    anna.write("да")

    assert booked(anna) == [("confirmed", "12:00")]


def test_a_deposit_holds_and_says_what_comes_next(salon, anna):
    salon.settings(booking.change_policy, deposit={"kind": "percent", "percent": 10})

    said = book(anna)

    assert "держу за вами" in said
    assert f"предоплата 250{NBSP}₽" in said
    assert "свяжется с вами" in said
    assert booked(anna) == [("held", "12:00")]
    assert "нужна предоплата" in anna.write("мои записи")


def test_a_phone_that_is_needed_is_asked_for_and_the_booking_goes_on(salon, anna):
    salon.settings(booking.change_policy, phone_required=True)

    assert "номер телефона" in book(anna)
    assert booked(anna) == []
    own = {"phone_number": "79000000123", "first_name": "Проба", "user_id": 5}
    anna.send(anna.message(contact=own))
    assert "Записала вас!" in anna.text
    assert booked(anna) == [("confirmed", "12:00")]


def test_somebody_was_quicker_while_the_phone_was_typed(salon, anna, rival):
    salon.settings(booking.change_policy, phone_required=True)
    book(anna)
    salon.settings(booking.change_policy, phone_required=False)
    book(rival)

    assert "только что заняли" in anna.write("+7 900 000-00-55")
    assert len(anna.labels) > 1


def test_as_many_bookings_as_may_be(salon, anna):
    salon.settings(booking.change_policy, max_active_per_client=1)
    book(anna)

    assert "У вас уже есть 1 предстоящая запись" in book(anna, "маникюр в субботу в 12")
    assert "Мои записи" in anna.labels


def test_not_in_two_places_at_once(salon, anna):
    salon.settings(booking.change_policy, allow_client_overlap=False)
    book(anna)

    assert "уже записаны: Стрижка" in book(anna, "маникюр завтра в 12")


def test_too_short_notice(salon, anna):
    anna.write("стрижка к Анне завтра в 12")
    salon.settings(booking.change_policy, min_notice_min=48 * 60)

    assert "не позже чем за 48 ч до начала" in anna.press("12:00")


def test_too_late_to_move_is_said_before_a_time_is_looked_for(salon, anna):
    book(anna)
    salon.settings(booking.change_policy, reschedule_free_hours=48)

    assert "не позже чем за 48 часов до визита" in anna.write("перенеси на час позже")
    assert booked(anna) == [("confirmed", "12:00")]


def test_moved_as_often_as_may_be(salon, anna):
    salon.settings(booking.change_policy, reschedule_limit=1)
    book(anna)
    anna.write("перенеси на час позже")

    assert "уже переносили 1 раз" in anna.write("перенеси на час позже")
    assert booked(anna) == [("confirmed", "13:00")]


def test_a_tap_on_an_offer_that_has_gone_offers_anew(salon, anna):
    anna.write("стрижка к Анне завтра в 12")
    salon.clock.advance(timedelta(days=2))

    assert "Этого времени уже нет" in anna.press("12:00")
    assert "Стрижка: ближайшее свободное время" in anna.text
    assert all("Анна" in label for label in anna.labels if "·" in label)
    anna.press(anna.labels[0])
    assert "Записала вас" in anna.text


def test_what_is_taken_off_stands_on_the_button_and_in_the_price(salon, anna):
    hours = [{"start": "09:00", "end": "12:00"}]
    salon.settings(change_offer_settings, off_peak={"hours": hours, "incentive_minor": 30_000})
    anna.write("стрижка к Анне завтра в 10")

    [label] = [label for label in anna.labels if "10:00" in label]
    assert f"(−300{NBSP}₽)" in label
    assert f"Цена: 2{NBSP}200{NBSP}₽" in anna.press("10:00")


def test_move_is_about_the_booking_even_with_offers_on_the_table(anna):
    book(anna)
    anna.write("маникюр в субботу")

    assert "Перенесла. Стрижка" in anna.write("перенеси стрижку на час позже")
