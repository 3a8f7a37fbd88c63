"""Services and people by name where other words stand around them, class by class, and what must stay asked."""

from __future__ import annotations

import json
from datetime import datetime, time
from pathlib import Path

import pytest

from salon.understanding.domain import Context
from salon.understanding.evaluation import evaluate
from salon.understanding.schemas import catalogue_of
from salon.understanding.use_cases import understand

NOW = datetime.fromisoformat("2026-03-11T10:30:00+03:00")
DATA = json.loads((Path(__file__).parent / "names_by_class.json").read_text(encoding="utf-8"))


def read(text, salon="general"):
    return understand(text, Context(NOW, "Europe/Moscow", (time(9), time(21)), catalogue_of(DATA["salons"][salon])))


@pytest.mark.parametrize("group", DATA["classes"], ids=lambda group: group["class"])
def test_every_member_of_a_class_is_read(group):
    result = evaluate([{**DATA["salons"][group["salon"]], "queries": group["queries"]}])
    assert result.misses == []


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("хочу подстричься", {"cw", "cm", "ck"}),
        ("девочки, запишите на стрижку", {"cw", "cm", "ck"}),
        ("стрижка сыну 16 лет", {"cw", "cm", "ck"}),
        ("племянника подстричь", {"cw", "cm", "ck"}),
        ("маникюр дочке", {"m0", "mg"}),
        ("маникюр", {"m0", "mg"}),
        ("гель-лак", {"mg", "pg"}),
        ("ресницы нарастить", {"l1", "l2", "l3"}),
        ("объёмные ресницы", {"l1", "l2", "l3"}),
        ("брови", {"bc", "bl"}),
        ("массаж", {"mf", "mb"}),
        ("ламинирование", {"bl", "ll"}),
    ],
)
def test_what_fits_several_services_is_asked(text, offered):
    match = read(text).service
    assert match is not None
    assert match.confidence < 0.5
    assert offered <= {match.id, *match.alternatives}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("подстричься и бороду подровнять", {"cutb"}),
        ("коррекция бровей и окрашивание", {"bc", "color|bcol"}),
        ("коррекция бровей и ресницы нарастить", {"bc", "lash"}),
    ],
)
def test_joined_deeds_lose_none(text, expected):
    found = {"|".join((match.id, *match.alternatives)) for match in read(text, "other").services}
    assert expected <= found or any("combo" in one for one in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("стрижка, хожу к вам уже 5 лет", {"cw", "cm", "ck"}),
        ("не стриглась 3 года, стрижка женская", {"cw"}),
        ("стрижка, мне 35 лет", {"cw", "cm", "ck"}),
        ("стрижка сыну 25 лет", {"cm"}),
        ("стрижка дочке, ей 20 лет", {"cw"}),
        ("ребёнка подстричь, 12 лет", {"ck"}),
    ],
)
def test_an_age_tells_whom_a_haircut_is_for(text, expected):
    match = read(text).service
    assert {match.id, *match.alternatives} == expected


@pytest.mark.parametrize(
    "text",
    ["12.03 в 12:10 вместо 12", "один в один как в прошлый раз", "форма оплаты какая", "приведите себя в порядок"],
)
def test_words_that_need_company_mean_nothing_alone(text):
    assert read(text).services == ()


@pytest.mark.parametrize(
    "text",
    ["девушки, мне надо мужская стрижка", "привет девочки, мужскую стрижку", "мы с дочкой придём, мне стрижку мужскую"],
)
def test_whom_one_speaks_to_or_comes_with_is_not_served(text):
    found = read(text).services
    assert [(match.id, match.alternatives) for match in found] == [("cm", ())]
