"""What people also say: vague, contradictory, relative, about several bookings, with old buttons."""

from __future__ import annotations

from datetime import timedelta

import pytest

from support.salon_world import Chat, make_salon

pytestmark = pytest.mark.database


@pytest.fixture
def chat(database, tenant_id, clock):
    return Chat(database, make_salon(database, tenant_id, clock), clock, "http://127.0.0.1:9")


def last(messages):
    return next(message["text"] for message in reversed(messages) if message["kind"] == "message")


def labels(chat, messages):
    return [button["text"] for button in chat.buttons(messages)]


def tap(chat, messages, label):
    payload = next(button["payload"] for button in chat.buttons(messages) if button["text"].startswith(label))
    return chat.send(chat.tap(payload))


def test_a_time_that_is_not_there_is_said_and_the_nearest_are_offered(chat):
    offers = chat.say("маникюр завтра в 20:00")

    assert "в 20:00 свободного времени нет" in last(offers)
    assert "завтра, 19:30 · Ольга" in labels(chat, offers)
    assert labels(chat, offers)[-1] == "В лист ожидания"


def test_a_day_without_a_time_is_offered_over_its_parts(chat):
    offers = chat.say("маникюр на субботу")

    hours = [int(label.split(", ")[1].split(":")[0]) for label in labels(chat, offers)[:3]]
    assert [sum(hour >= start for start in (9, 12, 17)) for hour in hours] == [1, 2, 3]


def test_more_offers_are_others_and_three_rounds_end(chat):
    first = chat.say("маникюр на субботу")
    second = tap(chat, first, "Ещё")
    third = tap(chat, second, "Ещё")

    assert not set(labels(chat, first)[:3]) & set(labels(chat, second)[:3])
    assert "Ещё варианты" not in labels(chat, third)


def test_later_about_offers_is_not_about_an_old_booking(chat):
    booked = chat.say("стрижка к Анне завтра в 12")
    tap(chat, booked, "завтра, 12:00")
    chat.say("маникюр сегодня")

    later = chat.say("а попозже?")

    assert "Маникюр" in last(later)
    assert "после" in last(later)
    assert [row.service for row in chat.bookings()] == ["Стрижка"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("на стрижку вчера", "уже прошёл"),
        ("на стрижку 31 февраля", "Такого дня в календаре нет"),
        ("хочу к Светлане на маникюр", "Мастера с именем Светлана у нас нет"),
        ("к Ольге на стрижку завтра", "Ольга не делает услугу «Стрижка»"),
        ("сколько стоит маникюр?", "3\N{NO-BREAK SPACE}500\N{NO-BREAK SPACE}₽"),
        ("кто делает окрашивание?", "Анна, Мария"),
        ("где вы находитесь?", "ежедневно 9:00–21:00"),
        ("позовите администратора", "+7 900 000-00-01"),
        ("когда я записана?", "нет предстоящих записей"),
        ("отмени", "нет предстоящих записей"),
        ("перенеси на завтра", "нет предстоящих записей"),
        ("как в прошлый раз", "ещё не было визитов"),
        ("спасибо", "пожалуйста"),
    ],
)
def test_one_message(chat, words, expected):
    assert expected in last(chat.say(words))


def test_yes_after_a_price_goes_on(chat):
    chat.say("сколько стоит маникюр?")

    assert "Маникюр: ближайшее" in last(chat.say("да"))


def test_several_bookings_are_told_apart(chat):
    for words in ("стрижка к Марии завтра в 15", "маникюр в субботу в 10"):
        offers = chat.say(words)
        tap(chat, offers, next(label for label in labels(chat, offers) if "15:00" in label or "10:00" in label))

    assert len(labels(chat, chat.say("отмени"))) == 2
    assert "в воскресенье, 15 марта, в 10:00" in last(chat.say("перенеси маникюр на воскресенье"))
    assert "Маникюр" in last(chat.say("отмени маникюр"))
    assert sorted((row.status, row.service) for row in chat.bookings()) == [
        ("cancelled", "Маникюр"),
        ("confirmed", "Стрижка"),
    ]


def test_moving_to_a_taken_time_offers_others_and_keeps_the_booking(chat):
    offers = chat.say("стрижка к Анне завтра в 12")
    tap(chat, offers, "завтра, 12:00")
    rival = Chat(chat.database, chat.world, chat.clock, "http://127.0.0.1:9", user_id=6)
    tap(rival, rival.say("стрижка к Анне завтра в 13"), "завтра, 13:00")

    answer = chat.say("перенеси на час позже")

    assert "свободного времени нет" in last(answer)
    moved = tap(chat, answer, labels(chat, answer)[0])
    assert "Перенесла" in last(moved)
    assert len(chat.bookings()) == 2


def test_moving_by_buttons(chat):
    offers = chat.say("стрижка к Анне завтра в 12")
    tap(chat, offers, "завтра, 12:00")

    asked = tap(chat, chat.say("мои записи"), "Перенести")
    assert "На когда перенести" in last(asked)
    assert "в 14:00" in last(chat.say("на 14:00"))


def test_an_ambiguous_time_is_asked_about(chat):
    asked = chat.say("маникюр завтра в 9")

    if labels(chat, asked) == ["9:00", "21:00"]:
        asked = tap(chat, asked, "9:00")
    assert "завтра, 9:00 · Ольга" in labels(chat, asked)


def test_a_button_of_last_week_is_stale(chat):
    offers = chat.say("стрижка к Анне завтра в 12")
    payload = chat.buttons(offers)[0]["payload"]
    chat.clock.advance(timedelta(days=7))

    answer = chat.send(chat.tap(payload))

    assert "Записала" not in last(answer)
    assert chat.bookings() == []


@pytest.mark.parametrize("payload", ["", "s:", "s:zzz", "nonsense", "more:1", "t:9999", "s:" + "0" * 32, "\ud83d"])
def test_a_forged_payload_is_answered(chat, payload):
    chat.say("привет")

    assert last(chat.send(chat.tap(payload)))


def test_a_return_to_the_wish_before_a_cancel_button(chat):
    offers = chat.say("стрижка к Анне завтра в 12")
    tap(chat, offers, "завтра, 12:00")
    cancelled = chat.say("отмени")
    tap(chat, chat.say("маникюр завтра в 12"), "завтра, 12:00")

    restored = tap(chat, cancelled, "Вернуть")

    assert "Вернула запись: Стрижка" in last(restored)
    assert [row.status for row in chat.bookings()] == ["confirmed", "confirmed"]


def test_start_and_attachments(chat):
    assert "Здравствуйте" in last(chat.send(chat.message(text="/start")))
    own = {"phone_number": "79000000123", "first_name": "Проба", "user_id": 5}
    assert "номер записала" in last(chat.send(chat.message(contact=own)))
    foreign = {"phone_number": "79000000124", "first_name": "Другая", "user_id": 6}
    assert "чужой номер" in last(chat.send(chat.message(contact=foreign)))
    sticker = {"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1, "emoji": "🙂"}
    assert "Улыбнулась" in last(chat.send(chat.message(sticker=sticker)))


@pytest.mark.parametrize("words", ["\ud83d", "стрижка \ud83d\x00 завтра", "а" * 5000, "\u202eотмени", "  \n "])
def test_odd_text_is_answered(chat, words):
    assert last(chat.say(words))
