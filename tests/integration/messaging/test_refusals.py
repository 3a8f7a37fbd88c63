"""What is not done on a guess: a question cancels nothing, no other booking is moved, old buttons do nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from support.salon_world import Chat, make_salon

pytestmark = pytest.mark.database


@pytest.fixture
def chat(database, tenant_id, clock):
    """Somebody whose haircut with Анна is booked for tomorrow at noon."""
    someone = Chat(database, make_salon(database, tenant_id, clock), clock, "http://127.0.0.1:9")
    tap(someone, someone.say("стрижка к Анне завтра в 12"), "завтра, 12:00")
    return someone


def last(messages):
    return next(message["text"] for message in reversed(messages) if message["kind"] == "message")


def tap(chat, messages, label):
    payload = next(button["payload"] for button in chat.buttons(messages) if button["text"].startswith(label))
    return chat.send(chat.tap(payload))


def booked(chat):
    return [(row.status, row.service, row.at[-5:]) for row in chat.bookings()]


HAIRCUT = ("confirmed", "Стрижка", "12:00")


@pytest.mark.parametrize(
    "words",
    [
        "я не хочу отменять",
        "не отменяй",
        "а если я отменю, будет штраф?",
        "можно ли отменить запись за час?",
        "отменили ли мою запись?",
        "не переносите, пожалуйста",
        "отмени запись на маникюр",
        "отмени запись к Ольге",
        "отмени запись на пятницу",
        "перенеси маникюр на пятницу",
    ],
)
def test_nothing_is_changed_on_a_guess(chat, words):
    assert last(chat.say(words))

    assert booked(chat) == [HAIRCUT]


def test_a_question_is_answered_with_a_button_that_does_it(chat):
    asked = chat.say("можно отменить запись?")
    assert booked(chat) == [HAIRCUT]

    tap(chat, asked, "Стрижка")
    assert booked(chat) == [("cancelled", "Стрижка", "12:00")]


def test_an_open_move_does_not_swallow_a_new_booking(chat):
    chat.say("перенеси")

    offers = chat.say("хочу на маникюр в субботу в 12")

    assert "Маникюр" in last(offers)
    assert booked(chat) == [HAIRCUT]


def test_after_the_visit_has_begun_a_move_is_over_and_a_new_booking_works(chat):
    chat.say("перенеси")
    chat.clock.advance(timedelta(days=3))

    offers = chat.say("хочу на стрижку завтра в 15")
    tap(chat, offers, "завтра, 15:00")

    assert booked(chat) == [HAIRCUT, ("confirmed", "Стрижка", "15:00")]


@pytest.mark.parametrize("label", ["Отменить", "Перенести"])
def test_a_visit_that_is_over_is_not_changed_by_an_old_button(chat, label):
    mine = chat.say("мои записи")
    chat.clock.advance(timedelta(days=2))

    answer = tap(chat, mine, label)

    assert "уже начался или прошёл" in last(answer)
    assert booked(chat) == [HAIRCUT]


def test_moving_to_another_person(chat):
    moved = chat.say("перенеси к Марии на завтра в 14")

    assert "Перенесла" in last(moved)
    assert "Мастер: Мария" in last(moved)


def test_an_hour_that_has_passed_is_not_a_day_that_has_passed(chat):
    answers = chat.say("маникюр сегодня в 9 утра")

    said = " ".join(message["text"] for message in answers)
    assert "Это время сегодня уже прошло" in said
    assert "сегодня" in last(answers)


def test_who_was_ruled_out_is_not_offered(chat):
    offers = chat.say("хочу на стрижку послезавтра, только не к Анне")

    assert not any("Анна" in button["text"] for button in chat.buttons(offers))


def test_more_offers_say_what_for(chat):
    offers = chat.say("маникюр на субботу")

    assert "Маникюр" in last(tap(chat, offers, "Ещё"))


def test_a_typed_number_is_taken(chat):
    assert "номер записала" in last(chat.say("+7 900 000-01-23"))
