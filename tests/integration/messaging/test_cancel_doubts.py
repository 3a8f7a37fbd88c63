"""No booking is given away or moved by a refusal, a guess, somebody else's matter, or a wish that has long waited."""

from __future__ import annotations

import pytest
from sqlalchemy import text as sql

from salon.clients import use_cases as clients
from salon.clients.domain import ConsentPurpose

pytestmark = pytest.mark.database
CLIENT = sql("SELECT id FROM clients")


@pytest.fixture
def booked(anna):
    """Somebody who comes to Анна tomorrow at three."""
    anna.write("запишите на стрижку к Анне завтра в 15:00")
    anna.press("15:00")
    assert rows(anna) == [("confirmed", "2026-03-12 15:00")]
    return anna


def rows(person, service="Стрижка"):
    return [(status, at) for status, name, _, at in person.rows() if name == service]


STANDS = [("confirmed", "2026-03-12 15:00")]
GONE = [("cancelled", "2026-03-12 15:00")]


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("запись отменять не буду", "запись остаётся"),
        ("отменять запись передумала", "запись остаётся"),
        ("хотела отменить но передумала", "запись остаётся"),
        ("отменилась встреча, приду вовремя", ""),
        ("скорее всего отменю завтра напишу", ""),
        ("боюсь что придется отменить", "отменить"),
        ("муж сказал отмени", "отменить запись «"),
        ("отмени запись мамы", "отменить запись «"),
        ("хочу отменить мамину запись, не мою", "отменить запись «"),
        ("можно отменить запись подруги а мою оставить", "отменить запись «"),
        ("мужу отмените стрижку", "отменить запись «"),
        ("перенесите мамину запись на субботу в 10", "перенести запись «"),
        ("отмените или перенесите на пятницу", "что сделать"),
        ("вы отменили мою запись?", "15:00"),
        ("подруга отменила свою запись", "15:00"),
        ("можно ли отменить если что", "Отменить или перенести запись можно"),
        ("сколько будет стоить если отменить стрижку завтра", "Отменить или перенести запись можно"),
    ],
)
def test_nothing_is_given_away_by_less_than_an_order(booked, words, answer):
    said = booked.write(words)

    assert answer in said
    assert "Какую запись" not in said
    assert rows(booked) == STANDS


def test_a_move_that_may_be_for_another_waits_for_the_yes(booked):
    booked.write("перенесите мамину запись на субботу в 10")
    assert booked.labels == ["Да, перенести", "Нет"]

    booked.write("да")
    assert rows(booked)[-1] == ("confirmed", "2026-03-14 10:00")


def test_one_deed_instead_of_the_other_is_done(booked):
    booked.write("не отменяйте мою запись, просто перенесите на послезавтра на 18")

    assert rows(booked)[-1] == ("confirmed", "2026-03-13 18:00")


def test_either_is_settled_by_a_tap(booked):
    booked.write("отмените или перенесите на пятницу")
    booked.press("Перенести")

    assert rows(booked)[-1] == ("confirmed", "2026-03-13 15:00")


@pytest.fixture
def waiting(booked):
    """Manicure is offered, and the wish to cancel the haircut waits."""
    assert "Вторую просьбу помню" in booked.write("запишите на маникюр послезавтра и отмените стрижку")
    return booked


@pytest.mark.parametrize("words", ["где вы находитесь?", "а сколько стоит окрашивание?"])
def test_a_question_between_does_not_set_off_what_waits(waiting, words):
    offered = waiting.payload(":")
    said = waiting.write(words)
    assert "Отменила" not in said
    assert rows(waiting) == STANDS

    said = waiting.press_payload(offered)
    assert "Теперь отменить запись «Стрижка" in said
    assert rows(waiting) == STANDS
    assert "Отменила" in waiting.write("да")
    assert rows(waiting) == GONE


@pytest.mark.parametrize(
    "words",
    ["передумала, ничего не отменяйте", "отменять стрижку не надо", "ой, не отменяйте", "нет, стрижку оставьте", "нет"],
)
def test_a_wish_that_waits_can_be_taken_back(waiting, words):
    offered = waiting.payload(":")
    waiting.write(words)
    assert rows(waiting) == STANDS

    said = waiting.press_payload(offered)
    assert "отменить" not in said.casefold()
    assert rows(waiting) == STANDS


def test_another_matter_ends_what_waits(waiting):
    offers = waiting.write("на стрижку в субботу")
    assert "Стрижка" in offers
    said = waiting.press(":")

    assert "Какую запись" not in said
    assert STANDS[0] in rows(waiting)


@pytest.mark.parametrize("words", ["ой приду", "да приду я", "ой нет приду", "шучу, я приду", "я этого не говорила"])
def test_who_comes_after_all_is_booked_again(booked, words):
    booked.write("отмени")

    assert "Вернула запись" in booked.write(words)
    assert rows(booked) == STANDS


@pytest.mark.parametrize("words", ["отмените напоминание", "отмените предыдущее сообщение"])
def test_news_end_only_when_they_are_meant(salon, booked, words):
    booked.write("подпишите обратно")

    def agrees():
        with salon.database.read(salon.world.tenant_id) as session:
            one = session.scalar(CLIENT)
            return clients.has_consent(session, one, ConsentPurpose.MARKETING)

    booked.write(words)
    assert agrees()
    assert rows(booked) == STANDS
    booked.press("Не присылать рассылку")
    assert not agrees()


def test_two_deeds_for_two_bookings_are_both_done(booked):
    booked.write("запишите на маникюр завтра в 12:00")
    booked.press("12:00")

    booked.write("перенесите стрижку на субботу в 11 и отмените маникюр")

    assert rows(booked)[-1] == ("confirmed", "2026-03-14 11:00")
    assert rows(booked, "Маникюр") == [("cancelled", "2026-03-12 12:00")]


def test_two_services_on_two_days_are_two_wishes(anna):
    said = anna.write("запишите на маникюр завтра и на стрижку послезавтра")
    assert "Маникюр: вот что свободно завтра" in said
    assert "Вторую просьбу помню" in said

    said = anna.press(":")
    assert "Стрижка: вот что свободно послезавтра" in said


@pytest.mark.parametrize("words", ["да", "давай", "ок", "подходит", "да, запишите"])
def test_yes_takes_the_time_that_was_asked_for(anna, words):
    anna.write("на стрижку к Анне завтра в 17:00")

    assert "Записала" in anna.write(words)
    assert rows(anna) == [("confirmed", "2026-03-12 17:00")]


def test_yes_to_several_is_asked_about_and_the_list_stays(anna):
    anna.write("на стрижку к Анне завтра вечером")
    shown = anna.labels[:3]

    for _ in range(2):
        assert "Какое из них?" in anna.write("давай")
        assert anna.labels == shown
    assert rows(anna) == []
    anna.write("второе")
    assert len(rows(anna)) == 1


@pytest.mark.parametrize("words", ["ой нет давайте лучше в пятницу", "нет, лучше в пятницу"])
def test_a_correction_right_after_booking_moves_it_and_back(booked, words):
    booked.write(words)
    assert rows(booked) == [("confirmed", "2026-03-13 15:00")]

    booked.write("верни как было")
    assert rows(booked) == STANDS


def test_a_plain_no_after_a_move_takes_nothing_back(booked):
    booked.write("перенесите на пятницу")
    booked.write("нет, спасибо")

    assert rows(booked) == [("confirmed", "2026-03-13 15:00")]


def test_whom_one_can_go_to_is_of_the_service_that_is_spoken_of(anna):
    anna.write("на стрижку завтра")

    said = anna.write("а к кому можно?")
    assert "Анна" in said
    assert "Ольга" not in said


def test_the_same_service_again_on_another_day(booked):
    said = booked.write("отмените стрижку и запишите на неё же в пятницу")

    assert rows(booked) == GONE
    assert "Стрижка: вот что свободно" in said
    assert "13 марта" in said or "пятниц" in said or "послезавтра" in said


def test_an_hour_that_is_over_today_is_tomorrows(salon, anna):
    salon.at("2026-03-11 13:10")
    said = anna.write("на стрижку к Анне в 12:00")

    assert "нет" not in said
    assert any("завтра, 12:00" in label for label in anna.labels)
