"""What a campaign may say and mean, and on which day an occasion falls."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.clients.domain import ConsentPurpose, check_birth_day, wording_version
from salon.clients.errors import BirthDayInvalid
from salon.messaging.campaigns.domain import (
    PLACES,
    CampaignDetails,
    CampaignKind,
    Segment,
    Wording,
    birth_days,
    birthday_on,
    check_details,
    send_instant,
)
from salon.messaging.campaigns.errors import CampaignSenseless

FINE = CampaignDetails(name="Проба", kind=CampaignKind.ONE_OFF, wording={"ru": Wording(text="Привет")})


def details(**changed) -> CampaignDetails:
    values = {name: getattr(FINE, name) for name in CampaignDetails.__dataclass_fields__}
    return CampaignDetails(**{**values, **changed})


def words(text: str, link: str = "") -> dict[str, object]:
    return {"wording": {"ru": Wording(text=text, link=link)}}


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"name": " "}, "name"),
        ({"template_purpose": "News!"}, "template_purpose"),
        ({"wording": {}}, "wording"),
        ({"wording": {"de": Wording(text="Hallo")}}, "wording.de"),
        (words(" "), "wording.ru"),
        (words("я" * 1501), "wording.ru"),
        (words("{имя}"), "wording.ru"),
        (words("{surname}"), "wording.ru"),
        (words("скидка {50}%"), "wording.ru"),
        (words("{name"), "wording.ru"),
        (words("зайдите: {link}"), "wording.ru.link"),
        (words("зайдите", "https://salon.example"), "wording.ru.link"),
        (words("зайдите: {link}", "http://salon.example"), "wording.ru.link"),
        (words("зайдите: {link}", "https://salon example"), "wording.ru.link"),
        ({"segment": Segment(min_rating=0)}, "segment.min_rating"),
        ({"segment": Segment(min_rating=5, max_rating=4)}, "segment.min_rating"),
        ({"segment": Segment(idle_days=0)}, "segment.idle_days"),
        ({"segment": Segment(birthday_within_days=31)}, "segment.birthday_within_days"),
        ({"segment": Segment(language="de")}, "segment.language"),
        (
            {"segment": Segment(last_visit_after=date(2026, 3, 2), last_visit_before=date(2026, 3, 2))},
            "segment.last_visit_after",
        ),
        ({"kind": CampaignKind.WIN_BACK}, "segment.idle_days"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_name(changed, part):
    with pytest.raises(CampaignSenseless) as refused:
        check_details(details(**changed))
    assert refused.value.part == part


def test_every_place_is_filled_once_and_an_empty_one_takes_its_comma_along():
    text = "Здравствуйте, {name}! {salon} ждёт вас: {link}. {name}, до встречи."
    wording = Wording(text=text, link="https://salon.example")
    check_details(details(wording={"ru": wording}))
    assert wording.places == ("name", "salon", "link")
    said = {"name": "{salon}", "salon": "Проба", "link": wording.link}  # a client may be called anything
    assert wording.fill(said).startswith("Здравствуйте, {salon}! Проба ждёт вас: https://salon.example. {salon}, до")
    assert wording.fill({**said, "name": ""}).startswith("Здравствуйте! Проба")


@given(st.text(max_size=80), st.dictionaries(st.sampled_from(PLACES), st.text(max_size=20)))
def test_whatever_passes_the_check_can_be_filled_in(text, values):
    wording = Wording(text=text, link="https://x.example" if "{link}" in text else "")
    try:
        check_details(details(wording={"ru": wording}))
    except CampaignSenseless:
        return
    wording.fill({**dict.fromkeys(PLACES, ""), **values})


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_a_birthday_is_found_on_the_day_that_it_is_kept(day):
    for birth_day in birth_days([day]):
        assert birthday_on(birth_day, day.year) == day


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (date(2027, 2, 28), ["02-28", "02-29"]),
        (date(2028, 2, 28), ["02-28"]),
        (date(2028, 2, 29), ["02-29"]),
        (date(2027, 3, 1), ["03-01"]),
    ],
)
def test_the_29th_of_february(day, found):
    assert birth_days([day]) == found


@pytest.mark.parametrize("text", ["02-30", "13-01", "00-10", "2-1", "02-29 ", "", "٠١-٠١", "1990-02-01"])
def test_no_day_of_the_year(text):
    with pytest.raises(BirthDayInvalid):
        check_birth_day(text)
    assert check_birth_day("02-29") == "02-29"


def test_an_occasion_is_at_eleven_by_the_clients_clock():
    assert send_instant(date(2026, 3, 12), "Asia/Vladivostok") == datetime(2026, 3, 12, 1, tzinfo=UTC)


def test_other_words_are_another_wording_and_fit_the_column():
    versions = {
        wording_version(purpose, language=language, text=text)
        for purpose in ConsentPurpose
        for language in ("ru", "en")
        for text in ("Можно?", "Можно писать?")
    }
    assert len(versions) == 12
    assert max(map(len, versions)) <= 32
