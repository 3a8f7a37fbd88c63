"""What a reading of date and time says about itself: where it was read, how sure it is, and that it never breaks."""

import random
from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from salon.understanding.domain import Catalogue, Context, When
from salon.understanding.grammar.vocabulary import vocabulary
from salon.understanding.repository import load_lexicon
from salon.understanding.use_cases import understand

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 3, 11, 10, 30, tzinfo=MOSCOW)


def read(text: str, hours: tuple[time, time] = (time(9), time(21)), now: datetime = NOW) -> When:
    when = understand(text, Context(now, "Europe/Moscow", hours, Catalogue())).when
    assert when is not None
    return when


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("Здравствуйте, можно завтра в 15:00 к вам?", "завтра в 15:00"),
        ("запишите меня впонедельник, пожалуйста", "понедельник"),
        ("хочу в ближайшую СУББОТУ", "ближайшую СУББОТУ"),
        ("а вечером есть что-нибудь", "вечером"),
        ("если получится, то в пятницу, ну или в субботу", "пятницу, ну или в субботу"),
    ],
)
def test_the_evidence_is_where_the_words_stand(text, evidence):
    start, end = read(text).span
    assert evidence in text[start:end]
    assert len(text[start:end]) <= len(evidence) + 3


def test_doubt_lowers_confidence_more_than_a_slip():
    sure, slipped, asked = (read(text).confidence for text in ("в субботу в 15:00", "в суботу в 15:00", "31 апреля"))
    assert 1 >= sure > slipped > 0.5 > asked > 0


def test_neither_evidence_nor_confidence_makes_two_readings_differ():
    assert read("завтра в 15:00") == read("ну давайте завтра в 15:00") == When(
        date=NOW.date().replace(day=12), time=time(15)
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["через час", "через полтора часа", "двадцать минут седьмого", "не позднее 16 часов завтра", "без десяти час"],
)
def test_a_moment_stays_a_moment_whatever_the_intent(text):
    when = read(text)
    assert when.shift_minutes is None
    assert (when.time or when.time_to) is not None


@pytest.mark.no_cover  # thousands of sentences
def test_any_salad_of_words_of_time_is_answered():
    """The words of the calendar in any order: an answer or a doubt, never an error, and the same one again."""
    vocab = vocabulary(load_lexicon())
    words = [*vocab.words, *(" ".join(parts) for options in vocab.phrases.values() for parts, _, _ in options)]
    words += [
        "5",
        "31",
        "1830",
        "18:30",
        "12.12",
        "5-6",
        "3-го",
        "2-я",
        "7-ми",
        "12,30",
        "15ч",
        "24",
        ",",
        ".",
        "?",
        "-",
        "/",
    ]
    draw = random.Random(11)
    shapes = [(time(9), time(21)), (time(0), time(0)), (time(12), time(2))]
    for _ in range(1500):
        text = " ".join(draw.choice(words) for _ in range(draw.randint(1, 9)))
        now = datetime(2026, draw.randint(1, 12), draw.randint(1, 28), draw.randint(0, 23), 7, tzinfo=MOSCOW)
        context = Context(now, "Europe/Moscow", draw.choice(shapes), Catalogue())
        when = understand(text, context).when
        assert when == understand(text, context).when
        if when is not None and when.date is not None and when.date < now.date():
            assert "past" in when.ambiguous, text


@pytest.mark.parametrize(
    ("text", "finish"),
    [
        ("в субботу к шести чтобы маникюр с покрытием был готов", time(18)),
        ("хочу, чтобы мастер сделал укладку к пяти", time(17)),
        ("к семи уже должна быть нарядная", time(19)),
        ("доделайте до 18:30", time(18, 30)),
    ],
)
def test_what_has_to_be_over_by_an_hour_does_not_begin_at_it(text, finish):
    when = read(text)
    assert (when.finish_by, when.time, when.time_to, when.ambiguous) == (finish, None, None, ())


@pytest.mark.parametrize(
    "text",
    ["буду готова подойти к пяти", "запишите к пяти, чтобы сделали маникюр", "я уже накрасилась, можно к пяти?"],
)
def test_readiness_to_come_is_no_time_to_be_over_by(text):
    when = read(text)
    assert (when.time, when.finish_by, when.ambiguous) == (time(17), None, ())


@pytest.mark.parametrize("text", ["хочу чтобы к пяти", "мне к пяти в аэропорт", "к вечеру чтобы всё сделали"])
def test_an_hour_that_may_be_the_end_is_asked_about(text):
    assert "time" in read(text).ambiguous
