"""Asking how a visit was: when, how often, the stars, the comment, and the figures."""

from __future__ import annotations

from datetime import timedelta

import pytest

from salon.booking import use_cases as booking
from salon.booking.feedback import use_cases as feedback
from salon.booking.feedback.domain import FeedbackFilters
from salon.booking.feedback.errors import FeedbackSettled, NothingToRate, RatingSenseless
from salon.clients import use_cases as clients
from salon.messaging.domain.dialogue import Expecting
from salon.messaging.domain.taps import Tap
from salon.messaging.use_cases import feedback_talk
from salon.understanding.domain import Intent, Understood
from support.salon_world import ACTOR

pytestmark = pytest.mark.database
ASKED = (
    "SELECT to_char(due_at AT TIME ZONE 'Europe/Moscow', 'DD HH24:MI'), status FROM reminders"
    " WHERE kind = 'feedback' ORDER BY starts_at"
)


def wrote(words: str, intent: Intent = Intent.OTHER, confidence: float = 0.9) -> Understood:
    return Understood(text=words, intent=intent, intent_confidence=confidence)


def comment(person, words: str, intent: Intent = Intent.OTHER) -> bool:
    return person.turn(lambda talk: feedback_talk.take_comment(talk, wrote(words, intent)))


def rate(person, made, stars: int):
    return person.turn(lambda talk: feedback_talk.rate(talk, made.id, stars))


def test_two_hours_after_the_visit_it_is_asked_with_five_keys(town, anna):
    made = anna.came("2026-03-11 14:00")
    assert town.rows(ASKED) == [("11 17:00", "planned")]
    town.at("2026-03-11 16:59")
    assert town.remind() == 0
    town.at("2026-03-11 17:00")
    assert (town.remind(), town.remind()) == (1, 0)

    assert "Стрижка, мастер Анна" in anna.texts()[-1]
    assert [(tap.tap, tap.subject, tap.number) for _, tap in anna.taps()] == [
        (Tap.FEEDBACK, made.id, stars) for stars in (1, 2, 3, 4, 5)
    ]
    assert anna.said()[-1]["template"]["purpose"] == "feedback_ask"
    assert town.rows("SELECT purpose FROM message_log") == [("feedback",)]
    late = "SELECT not_after - created_at FROM outbox WHERE kind = 'message.send'"
    assert town.rows(late) == [(timedelta(days=3),)]


def test_a_visit_of_the_evening_is_asked_about_in_the_morning(town, anna):
    anna.came("2026-03-11 19:30")
    assert town.rows(ASKED) == [("12 09:00", "planned")]


def test_once_a_day_about_the_last_visit(town, anna):
    first = anna.came("2026-03-11 12:00")
    anna.came("2026-03-11 14:00", service="Маникюр", staff="Ольга")
    assert town.rows(ASKED) == [("11 15:00", "cancelled"), ("11 17:30", "planned")]
    town.at("2026-03-11 17:30")
    assert town.remind() == 1
    anna.came("2026-03-11 18:00")
    assert len(town.rows(ASKED)) == 2  # was asked today

    town.do(booking.reopen_booking, first.id, actor=ACTOR, now=town.clock.now())
    town.tell()
    assert town.rows(ASKED)[0][1] == "cancelled"


def test_nobody_is_asked_who_has_no_chat_or_when_it_is_switched_off(town, anna):
    town.settings(asks_feedback=False)
    anna.came("2026-03-11 12:00")
    town.settings()
    town.person(2, has_chat=False).came("2026-03-11 15:00")
    assert town.rows(ASKED) == []


def test_a_question_that_was_reopened_meanwhile_is_not_asked(town, anna):
    made = anna.came("2026-03-11 12:00")
    town.do(booking.reopen_booking, made.id, actor=ACTOR, now=town.clock.now())
    town.at("2026-03-11 15:00")  # and the fact was not told yet
    assert town.remind() == 0
    assert town.rows(ASKED) == [("11 15:00", "skipped")]


def test_stars_are_kept_once_and_changed_within_a_day(town, anna):
    made = anna.came("2026-03-11 12:00")
    rate(anna, made, 2)
    assert "жаль" in anna.texts()[-1]
    rate(anna, made, 2)  # a double tap
    assert len(anna.said()) == 1
    rate(anna, made, 5)
    assert town.rows("SELECT rating, channel FROM feedback") == [(5, "telegram")]
    assert [(fact["rating"], fact["previous_rating"]) for fact in town.facts("feedback.received")] == [
        (2, None),
        (5, 2),
    ]
    assert town.facts("feedback.received")[0]["staff_id"] == str(town.world.staff["Анна"])

    town.clock.advance(timedelta(hours=24))
    rate(anna, made, 1)
    assert "изменить её нельзя" in anna.texts()[-1]
    with pytest.raises(FeedbackSettled):
        town.do(feedback.rate_visit, made.id, 1, channel="telegram", actor=ACTOR, now=town.clock.now())


def test_only_ones_own_visit_that_took_place_can_be_rated(town, anna):
    made = anna.book("2026-03-12 12:00")
    stranger = town.person(2)
    with pytest.raises(NothingToRate):
        town.do(feedback.rate_visit, made.id, 5, channel="telegram", actor=ACTOR, now=town.clock.now())
    town.at("2026-03-12 14:00")  # it is over, though nobody has closed it
    rate(stranger, made, 1)
    with pytest.raises(RatingSenseless):
        town.do(feedback.rate_visit, made.id, 6, channel="telegram", actor=ACTOR, now=town.clock.now())
    assert town.rows("SELECT 1 FROM feedback") == []
    rate(anna, made, 5)
    assert town.rows("SELECT rating FROM feedback") == [(5,)]


def test_good_stars_bring_a_link_and_the_question_about_news(town, anna):
    town.settings(review_url="https://reviews.example/salon")
    rate(anna, anna.came("2026-03-11 12:00"), 4)
    assert "https://reviews.example/salon" in anna.texts()[0]
    assert [tap.tap for _, tap in anna.taps()] == [Tap.NEWS_YES, Tap.NEWS_NO]


def test_a_yes_to_news_is_no_comment_and_a_comment_is_no_yes(town, anna):
    rate(anna, anna.came("2026-03-11 12:00"), 5)
    assert comment(anna, "да", Intent.CONFIRM) is False  # that answers the question about news
    assert comment(anna, "Всё было чудесно") is True
    assert town.rows("SELECT count(*) FROM feedback WHERE comment IS NOT NULL") == [(1,)]


@pytest.mark.parametrize(
    ("words", "intent", "is_comment"),
    [
        ("Маникюр супер, Ольга молодец", Intent.BOOK, True),
        ("Ждала полчаса, Анна опоздала", Intent.LATE, True),
        ("Отлично", Intent.CONFIRM, True),
        ("Запишите меня на пятницу", Intent.BOOK, False),
        ("сколько стоит маникюр?", Intent.PRICES, False),
        ("позовите администратора", Intent.PERSON, False),
        ("спасибо", Intent.THANKS, False),
    ],
)
def test_the_next_words_are_the_comment_unless_they_are_another_matter(town, anna, words, intent, is_comment):
    made = anna.came("2026-03-11 12:00")
    rate(anna, made, 5)
    assert anna.state.expecting is Expecting.COMMENT
    assert comment(anna, words, intent) is is_comment
    with town.database.read(town.world.tenant_id) as session:
        assert feedback.read_comments(session, [made.id]) == ({made.id: words} if is_comment else {})
    assert (anna.state.expecting, anna.state.rated_id) == (None, None)
    assert comment(anna, "И ещё кое-что") is False  # only the next words


def test_a_no_adds_nothing_and_a_complaint_is_kept_and_goes_on_to_a_person(town, anna):
    made = anna.came("2026-03-11 12:00")
    rate(anna, made, 2)
    assert comment(anna, "Нет, спасибо", Intent.THANKS) is True
    assert town.rows("SELECT comment FROM feedback") == [(None,)]
    rate(anna, made, 1)
    assert comment(anna, "Это ужас, хочу пожаловаться", Intent.COMPLAINT) is False
    with town.database.read(town.world.tenant_id) as session:
        assert feedback.read_comments(session, [made.id])[made.id].startswith("Это ужас")
    sealed = town.rows("SELECT comment FROM feedback")[0][0]
    assert "ужас".encode() not in bytes(sealed)

    town.do(clients.erase_client, anna.id, actor=ACTOR, now=town.clock.now())
    with town.database.read(town.world.tenant_id) as session:
        assert feedback.read_comments(session, [made.id]) == {}


def test_a_day_later_words_are_no_comment(town, anna):
    rate(anna, anna.came("2026-03-11 12:00"), 5)
    town.clock.advance(timedelta(hours=24))
    assert comment(anna, "Всё понравилось") is False


def test_figures_by_staff_and_by_service(town, anna):
    other = town.person(2)
    rate(anna, anna.came("2026-03-11 12:00"), 5)
    rate(other, other.came("2026-03-11 14:00"), 2)
    rate(other, other.came("2026-03-11 16:00", service="Маникюр", staff="Ольга"), 4)
    with town.database.read(town.world.tenant_id) as session:
        staff = {one.id: (one.count, one.average, one.low) for one in feedback.rate_staff(session, FeedbackFilters())}
        cut = FeedbackFilters(service_id=town.world.services["Стрижка"], max_rating=3)
        services = [(one.id, one.average) for one in feedback.rate_services(session, cut)]
    assert staff == {town.world.staff["Анна"]: (2, 3.5, 1), town.world.staff["Ольга"]: (1, 4.0, 0)}
    assert services == [(town.world.services["Стрижка"], 2.0)]
