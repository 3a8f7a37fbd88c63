"""Reminders and the question about stars, answered in writing."""

from __future__ import annotations

import pytest

from salon.booking import use_cases as booking
from salon.messaging.use_cases import feedback_talk, reminders
from support.salon_world import ACTOR

pytestmark = pytest.mark.database


@pytest.fixture
def guest(desk):
    """Somebody with a haircut tomorrow at 15:00."""
    person = desk.person(5)
    person.write("запишите на стрижку к Анне завтра в 15:00")
    person.press("15:00")
    return person


@pytest.fixture
def visit(desk, guest):
    [(booking_id,)] = desk.rows("SELECT id FROM bookings WHERE status = 'confirmed'")
    desk.do(reminders.plan_for_booking, booking_id, desk.clock.now())
    return booking_id


@pytest.fixture
def reminded(desk, guest, visit):
    [(reminder_id,)] = desk.rows("SELECT id FROM reminders WHERE kind = 'day_before'")
    desk.at("2026-03-11 15:05")
    assert desk.do(reminders.send_reminder, reminder_id, desk.clock.now())
    return guest


@pytest.fixture
def asked(desk, guest, visit):
    desk.at("2026-03-12 16:10")
    desk.do(booking.complete_booking, visit, actor=ACTOR, now=desk.clock.now())
    desk.do(lambda session: feedback_talk._plan(session, booking.get_booking(session, visit), desk.clock.now()))
    desk.at("2026-03-12 20:30")
    [(reminder_id,)] = desk.rows("SELECT id FROM reminders WHERE kind = 'feedback'")
    assert desk.do(feedback_talk.send_feedback_request, reminder_id, desk.clock.now())
    return guest


def answers(desk):
    return {answer for (answer,) in desk.rows("SELECT answer FROM reminders WHERE status = 'sent'")}


@pytest.mark.parametrize("words", ["да", "Буду!", "подтверждаю", "ок", "👍", "хорошо, до встречи"])
def test_a_written_yes_to_a_reminder_counts_as_its_button(desk, reminded, words):
    assert "ждём вас завтра" in reminded.write(words)
    assert answers(desk) == {"coming"}


def test_not_coming_cancels_and_a_bare_no_is_asked_about(desk, reminded):
    assert "Отменить запись «Стрижка" in reminded.write("нет")
    assert answers(desk) == {None}
    assert "Отменила" in reminded.write("да")
    assert answers(desk) == {"not_coming"}


def test_what_is_more_than_a_no_cancels_nothing(desk, reminded):
    reminded.write("не смогу дозвониться до вас")
    assert desk.rows("SELECT status FROM bookings") == [("confirmed",)]


def test_a_reminder_in_the_middle_of_something_takes_no_yes_but_hears_coming(desk, guest, visit):
    [(reminder_id,)] = desk.rows("SELECT id FROM reminders WHERE kind = 'day_before'")
    desk.at("2026-03-11 15:00")
    guest.write("хочу на маникюр в пятницу")
    desk.at("2026-03-11 15:05")
    assert desk.do(reminders.send_reminder, reminder_id, desk.clock.now())

    assert "Какое из них" in guest.write("да")
    assert answers(desk) == {None}
    assert "ждём вас завтра" in guest.write("приду")
    assert answers(desk) == {"coming"}


@pytest.mark.parametrize(("words", "stars"), [("5", 5), ("пятёрка!", 5), ("⭐⭐⭐⭐⭐", 5), ("2 из 5", 2)])
def test_stars_may_be_written(desk, asked, words, stars):
    asked.write(words)
    assert desk.rows("SELECT rating FROM feedback") == [(stars,)]


def test_a_kind_word_is_thanked_for_kept_and_given_no_figure(desk, asked):
    assert "от 1 до 5" in asked.write("Всё отлично!")
    assert desk.rows("SELECT rating FROM feedback") == []
    asked.write("5")
    assert desk.rows("SELECT rating, comment IS NOT NULL FROM feedback") == [(5, True)]


def test_another_matter_is_no_answer_to_the_question(desk, asked):
    assert "Маникюр" in asked.write("запишите на маникюр в субботу")
    assert desk.rows("SELECT rating FROM feedback") == []
