"""What one message is understood as."""

from datetime import date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salon.understanding.domain import Catalogue, CatalogueEntry, Context, Daypart, Intent, When
from salon.understanding.errors import ContextNotUsable
from salon.understanding.use_cases import understand

NOW = datetime.fromisoformat("2026-03-11T10:30:00+03:00")
SERVICES = {
    "cut-w": "Женская стрижка", "cut-m": "Мужская стрижка", "colour": "Окрашивание", "nails": "Маникюр",
    "feet": "Педикюр", "day": "Дневной макияж",
}  # fmt: skip
STAFF = {"anna": "Анна Белова", "maria": "Мария", "marta": "Марта", "sasha-f": "Александра", "sasha-m": "Александр"}


def entries(names: dict[str, str]) -> tuple[CatalogueEntry, ...]:
    return tuple(CatalogueEntry(key, name) for key, name in names.items())


CATALOGUE = Catalogue(entries(SERVICES), entries(STAFF))


def read(text: str, *, now: datetime = NOW, tz: str = "Europe/Moscow", expecting: str | None = None):
    return understand(text, Context(now, tz, (time(9), time(21)), CATALOGUE, expecting))


def test_a_whole_wish_is_read_at_once():
    found = read("Хочу на женскую стрижку к Анечке завтра после шести, 8 916 123-45-67")
    assert found.intent is Intent.BOOK
    assert (found.service.id, found.staff.id, found.phone) == ("cut-w", "anna", "+79161234567")
    assert found.when == When(date=date(2026, 3, 12), time_from=time(18))
    assert found.text[slice(*found.staff.span)] == "Анечке"
    assert found.text[slice(*found.service.span)] == "женскую стрижку"
    assert found.confidence > 0.8
    assert set(found.versions) == {"lexicon", "grammar", "intent"}


def test_near_candidates_are_alternatives():
    service = read("запишите на стрижку").service
    assert {service.id, *service.alternatives} == {"cut-w", "cut-m"}
    staff = read("к Саше").staff
    assert {staff.id, *staff.alternatives} == {"sasha-f", "sasha-m"}
    assert max(service.confidence, staff.confidence) < 0.6


def test_several_services_keep_their_order():
    assert [match.id for match in read("педикюр и маникюр в субботу").services] == ["feet", "nails"]


def test_what_is_declined_is_not_wanted():
    found = read("завтра, только не к Анне, и не маникюр, а педикюр")
    assert (found.negated_staff, found.staff) == (("anna",), None)
    assert (found.negated_services, found.service.id) == (("nails",), "feet")


def test_a_name_nobody_has_is_reported():
    found = read("к Ольге завтра")
    assert (found.staff, found.unknown_staff) == (None, "Ольга")


def test_a_name_is_no_month_and_a_month_no_name():
    assert (read("к Марте").staff.id, read("к Марте").when) == ("marta", None)
    assert read("к марту").staff is None
    assert read("5 марта 2027").when.date == date(2027, 3, 5)
    assert read("меня зовут Анна, запишите к Марии").staff.id == "maria"


def test_a_service_with_a_word_of_time_stays_a_service():
    found = read("дневной макияж")
    assert (found.service.id, found.when) == ("day", None)


@pytest.mark.parametrize("text", ["cnhb;rf pfdnhf d 15:00", "strizhka zavtra v 15:00", "Стрижка завтра в 15:00"])
def test_wrong_layout_and_latin_letters_are_read(text):
    found = read(text)
    assert found.service is not None
    assert (found.when.date, found.when.time) == (date(2026, 3, 12), time(15))


def test_what_was_asked_settles_a_bare_answer():
    assert read("15").when is None
    assert read("15", expecting="when").when.time == time(15)
    assert read("25", expecting="when").when is None or read("25", expecting="when").when.time is None
    assert read("пусть будет тогда завтра", expecting="when").intent is Intent.BOOK


def test_a_delay_is_minutes():
    found = read("опаздываю минут на 15")
    assert (found.intent, found.when) == (Intent.LATE, When(shift_minutes=15))
    assert read("опоздаю на полчаса").when.shift_minutes == 30


def test_moves_are_relative_or_asked_about():
    assert read("перенеси на час позже").when.shift_minutes == 60
    assert read("на день раньше").when.shift_days == -1
    assert read("можно попозже?").when.ambiguous == ("later",)
    moved = read("сдвинуть на 30 минут")
    assert (moved.intent, moved.when.ambiguous) == (Intent.RESCHEDULE, ("shift",))


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("в 10 вечера или в 11", "time"), ("четверг 17 марта", "date"), ("31 апреля", "date"), ("вчера", "past"),
        ("сегодня в 9 утра", "past"), ("не в 5", "negation"), ("завтра не могу с 2 до 6", "negation"),
        ("если завтра занято, то в пятницу", "condition"), ("только не утром", "daypart"), ("в среду", "date"),
        ("суббота 14", "time:14:00"), ("завтра на 15? или 16", "unread"), ("8 марта в обед", "past"),
        ("завтра в 3 " + "х" * 900, "truncated"), ("в январе после праздников", "unread"),
    ],
)  # fmt: skip
def test_doubt_is_written_down(text, doubt):
    assert doubt in read(text).when.ambiguous


def test_opening_hours_settle_the_half_of_the_day():
    late_bar = Context(NOW, "Europe/Moscow", (time(18), time(4)), CATALOGUE)
    assert understand("завтра в 2", late_bar).when.time == time(2)
    assert understand("завтра в 8", late_bar).when.time == time(20)
    round_the_clock = Context(NOW, "Europe/Moscow", (time(0), time(0)), CATALOGUE)
    assert understand("завтра в 8", round_the_clock).when.ambiguous == ("time:08:00/20:00",)


def test_local_time_survives_a_clock_change():
    night = datetime.fromisoformat("2026-03-29T01:30:00+01:00")
    after = read("через час", now=night, tz="Europe/Berlin").when
    assert (after.date, after.time) == (date(2026, 3, 29), time(3, 30))
    skipped = read("сегодня в 02:30", now=night, tz="Europe/Berlin").when
    assert "time" in skipped.ambiguous


def test_today_is_the_salons_day():
    evening_in_london = datetime.fromisoformat("2026-03-11T22:00:00+00:00")
    assert read("завтра", now=evening_in_london, tz="Asia/Vladivostok").when.date == date(2026, 3, 13)


def test_a_daypart_is_typed():
    assert read("завтра вечером").when.daypart is Daypart.EVENING


def test_nonsense_is_other_with_little_confidence():
    found = read("шмыг абырвалг")
    assert (found.intent, found.when, found.service) == (Intent.OTHER, None, None)
    assert found.confidence < 0.4


@pytest.mark.parametrize(
    ("now", "tz"), [(NOW.replace(tzinfo=None), "Europe/Moscow"), (NOW, "Mars/Base"), (NOW, "../x")]
)
def test_an_unusable_context_is_refused(now, tz):
    with pytest.raises(ContextNotUsable):
        read("завтра", now=now, tz=tz)


WORDS = st.sampled_from(
    [
        "в",
        "на",
        "к",
        "с",
        "до",
        "после",
        "через",
        "не",
        "или",
        "лучше",
        "нет",
        "5",
        "15",
        "31",
        "12.04",
        "10:30",
        "часов",
        "час",
        "завтра",
        "среду",
        "следующей",
        "неделе",
        "полвторого",
        "без",
        "четверти",
        "марта",
        "числа",
        "утра",
        "вечером",
        "выходные",
        "раньше",
        "позже",
        "-",
        ",",
        ".",
        "не",
        "могу",
        "закончить",
        "к",
        "Анне",
        "стрижку",
        "если",
    ]
)


@settings(deadline=None, max_examples=300)
@given(st.lists(WORDS, max_size=14).map(" ".join))
def test_any_mix_of_its_own_words_is_read(text):
    assert read(text) == read(text)


@settings(deadline=None, max_examples=300)
@given(
    st.text(max_size=400)
    | st.text("0123456789.:-/ чг", max_size=60)
    | st.text(st.characters(categories=["Cs", "So", "Lo"]))
)
def test_any_string_is_read(text):
    assert read(text).text == text


@pytest.mark.parametrize(
    "text", ["завтра в 3 " * 1000, "\ud800" * 10_000, "🙈" * 5000, "مرحبا " * 2000, "İ" * 3000, "5" * 9999, ""]
)
def test_long_and_odd_strings_are_read(text):
    assert read(text).text == text
