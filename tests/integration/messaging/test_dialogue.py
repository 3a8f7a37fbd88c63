"""The conversation that the product is for, on a real database."""

from __future__ import annotations

import pytest

from support.salon_world import Chat, make_salon

pytestmark = pytest.mark.database


@pytest.fixture
def chat(database, tenant_id, clock):
    return Chat(database, make_salon(database, tenant_id, clock), clock, "http://127.0.0.1:9")


def test_a_wish_becomes_offers_a_tap_becomes_a_booking(chat):
    offers = chat.say("Хочу на стрижку к Анне завтра вечером")

    buttons = chat.buttons(offers)
    assert "Стрижка" in offers[-1]["text"]
    assert "завтра, 12 марта" in offers[-1]["text"]
    assert 2 <= len(buttons) <= 5
    assert all("Анна" in button["text"] for button in buttons if button["payload"] != "more")

    answers = chat.send(chat.tap(buttons[0]["payload"]))

    text = "\n".join(answer["text"] for answer in answers)
    at = buttons[0]["text"].removeprefix("завтра, ").removesuffix(" · Анна")
    assert "17:00" <= at <= "20:00"
    assert f"Записала вас! Стрижка — завтра, 12 марта, в {at}" in text
    assert "Пробная, 1" in text
    assert "2\N{NO-BREAK SPACE}500\N{NO-BREAK SPACE}₽" in text
    assert [tuple(row) for row in chat.bookings()] == [("confirmed", "Стрижка", "Анна", f"2026-03-12 {at}")]


def book(chat):
    offers = chat.say("Хочу на стрижку к Анне завтра в 17:00")
    return chat.send(chat.tap(next(one["payload"] for one in chat.buttons(offers) if "17:00" in one["text"])))


def test_an_hour_later(chat):
    book(chat)

    answers = chat.say("перенеси на час позже")

    assert "Перенесла. Стрижка — завтра, 12 марта, в 18:00" in answers[-1]["text"]
    assert [tuple(row) for row in chat.bookings()] == [("confirmed", "Стрижка", "Анна", "2026-03-12 18:00")]


def test_cancel_and_bring_back(chat):
    book(chat)

    cancelled = chat.say("отмени")
    assert "Отменила запись: Стрижка — завтра, 12 марта, в 17:00" in cancelled[-1]["text"]
    assert chat.bookings()[0].status == "cancelled"

    restored = chat.send(chat.tap(chat.buttons(cancelled)[0]["payload"]))
    assert any("Вернула запись" in answer["text"] for answer in restored)
    assert chat.bookings()[0].status == "confirmed"


def test_what_is_there(chat):
    answers = chat.say("что у вас есть?")

    assert "Маникюр — 1 ч 30 мин" in answers[-1]["text"]
    assert "Стрижка чёлки — 20 мин" in answers[-1]["text"]


def test_nonsense_gets_a_question_and_then_a_way_to_a_person(chat):
    first = chat.say("абырвалг зюзя")
    second = chat.say("кхм пыщь")

    assert "Не совсем поняла" in first[-1]["text"]
    assert "+7 900 000-00-01" in second[-1]["text"]
    assert chat.buttons(first)


def test_a_double_tap_books_once(chat):
    offers = chat.say("на стрижку к Анне завтра вечером")
    payload = chat.buttons(offers)[0]["payload"]

    chat.send(chat.tap(payload))
    again = chat.send(chat.tap(payload))

    assert len(chat.bookings()) == 1
    assert any("уже записаны" in answer["text"] for answer in again)


def test_somebody_elses_slot_is_offered_anew(chat):
    offers = chat.say("на стрижку к Анне завтра вечером")
    payload = chat.buttons(offers)[0]["payload"]
    rival = Chat(chat.database, chat.world, chat.clock, "http://127.0.0.1:9", user_id=6)
    rival.say("на стрижку к Анне завтра вечером")
    rival.send(rival.tap(payload))

    answers = chat.send(chat.tap(payload))

    assert "только что заняли" in answers[-1]["text"]
    assert chat.buttons(answers)
    assert len(chat.bookings()) == 1


def test_a_forged_button_reaches_nobody_elses_booking(chat):
    book(chat)
    with chat.database.read(chat.world.tenant_id) as session:
        from sqlalchemy import text

        booking_id = session.execute(text("SELECT id FROM bookings")).scalar_one()
    stranger = Chat(chat.database, chat.world, chat.clock, "http://127.0.0.1:9", user_id=7)

    answers = stranger.send(stranger.tap(f"cx:{booking_id.hex}"))

    assert "уже не действует" in answers[-1]["text"]
    assert chat.bookings()[0].status == "confirmed"


def test_a_bare_wish_is_asked_for_what_is_missing(chat):
    asked = chat.say("запишите меня на завтра")
    assert "На какую услугу" in asked[-1]["text"]

    offers = chat.say("маникюр")
    assert "Маникюр" in offers[-1]["text"]
    assert "завтра" in offers[-1]["text"]
    assert all("Ольга" in button["text"] for button in chat.buttons(offers) if button["payload"] != "more")
