"""What may have been misheard gives nothing away: it takes a yes, and whoever never said it takes it back."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from salon.clients import use_cases as clients
from salon.clients.domain import ConsentPurpose
from salon.messaging.domain import EventKind
from support.salon_world import ACTOR
from support.spoken_line import Phone

pytestmark = pytest.mark.database
UNSURE, SURE = 0.5, 0.9


@pytest.fixture
def phone(salon):
    return Phone(salon)


@pytest.fixture
def booked(phone):
    """Somebody who comes tomorrow at three."""
    phone.take(text="запишите на стрижку к Анне завтра в 15:00")
    assert "Записала" in phone.take(text="первый вариант")
    return phone


def visits(phone):
    return phone.query("SELECT status, starts_at FROM bookings ORDER BY id")


def wants_news(phone):
    with phone.database.read(phone.tenant_id) as session:
        client_id = session.scalars(text("SELECT client_id FROM conversations")).one()
        return clients.has_consent(session, client_id, ConsentPurpose.MARKETING)


def agree_to_news(phone):
    with phone.database.transaction(phone.tenant_id) as session:
        client_id = session.scalars(text("SELECT client_id FROM conversations")).one()
        clients.set_consent(
            session,
            client_id,
            ConsentPurpose.MARKETING,
            is_given=True,
            channel=phone.channel,
            wording_version="1",
            actor=ACTOR,
            now=phone.clock.now(),
        )


@pytest.mark.parametrize(
    "words",
    [
        "отмени",
        "отмените всё",
        "не приду завтра",
        "перенеси на послезавтра на 12",
        "удалите мои данные",
        "стоп рассылка",
    ],
)
def test_what_was_hardly_heard_takes_a_yes(booked, words):
    agree_to_news(booked)
    before = visits(booked)

    said = booked.tell(words, UNSURE)
    assert said == f"Услышала: «{words}». Всё верно?"
    assert (visits(booked), wants_news(booked), booked.query("SELECT reason FROM handovers")) == (before, True, [])

    assert "ослышалась" in booked.take(text="нет")
    assert (visits(booked), wants_news(booked)) == (before, True)

    booked.tell(words, UNSURE)
    assert "верно?" not in booked.take(text="да")
    after = visits(booked), wants_news(booked), booked.query("SELECT reason FROM handovers")
    assert after != (before, True, [])


def test_it_is_answered_by_button_by_voice_and_not_by_another_matter(booked):
    booked.tell("отмени", UNSURE)
    assert "ослышалась" in booked.take(EventKind.CALLBACK, payload="hn")
    assert "уже не действует" in booked.take(EventKind.CALLBACK, payload="hy")  # the question is over

    booked.tell("отмени", UNSURE)
    assert "Маникюр" in booked.take(text="что у вас есть?")
    booked.take(text="да")
    assert [status for status, _ in visits(booked)] == ["confirmed"]

    booked.tell("отмени", UNSURE)
    assert "Отменила" in booked.tell("да, верно", UNSURE)


def test_a_time_is_not_taken_on_a_guess(phone):
    phone.take(text="запишите на стрижку к Анне завтра в 15:00")
    assert "верно?" in phone.tell("первый вариант", UNSURE)
    assert visits(phone) == []
    assert "Записала" in phone.take(EventKind.CALLBACK, payload="hy")


def test_a_yes_to_a_question_of_ours_must_be_heard_as_well(booked):
    booked.take(text="я не приду раньше 15")  # «отменить запись?»
    assert "верно?" in booked.tell("да", UNSURE)
    assert [status for status, _ in visits(booked)] == ["confirmed"]
    assert "Отменила" in booked.take(text="да")


@pytest.mark.parametrize("words", ["что у вас есть?", "где вы находитесь?", "здравствуйте", "хочу на маникюр"])
def test_what_gives_nothing_away_is_said_back_and_answered_at_once(phone, words):
    said = phone.tell(words, UNSURE)
    assert said.startswith(f"Услышала: «{words}».\n")
    assert "верно?" not in said


@pytest.mark.parametrize("protest", ["я этого не говорила", "вы не так услышали", "нет", "я не просил отменять!"])
def test_what_was_never_said_is_taken_back(booked, protest):
    before = visits(booked)
    assert "Отменила" in booked.tell("отмени", SURE)
    booked.take(text=protest)
    assert visits(booked) == before


@pytest.mark.parametrize("protest", ["я этого не говорила", "нет"])
def test_a_move_and_a_booking_and_an_end_of_news_are_taken_back_too(booked, protest):
    before = visits(booked)
    booked.tell("перенеси на послезавтра на 12", SURE)
    assert visits(booked) != before
    booked.take(text=protest)
    assert visits(booked) == before

    booked.take(text="запишите на стрижку к Анне послезавтра в 12:00")
    booked.tell("первый вариант", SURE)
    assert len(visits(booked)) == 2
    booked.take(text=protest)
    assert sorted(status for status, _ in visits(booked)) == ["cancelled", "confirmed"]

    agree_to_news(booked)
    booked.tell("не присылайте рекламу", SURE)
    assert not wants_news(booked)
    booked.take(text=protest)
    assert wants_news(booked)


def test_a_no_takes_nothing_back_that_was_typed_or_lies_further_back(booked):
    booked.take(text="отмените")
    booked.take(text="нет")
    assert [status for status, _ in visits(booked)] == ["cancelled"]

    booked.take(text="верните запись")
    booked.tell("отмени", SURE)
    booked.take(text="где вы находитесь?")
    booked.take(text="нет")
    assert [status for status, _ in visits(booked)] == ["cancelled"]


def test_commands_are_typed(phone):
    phone.tell("/bind 123456", SURE)
    assert phone.query("SELECT count(*) FROM rate_limits WHERE key LIKE '%bind%'") == [(0,)]
    assert "Код" not in phone.said()[-1]
