"""What clients say is understood with the demo salon's own names, without a question back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time

import pytest

from salon.platform.shared_data import shared_path
from salon.understanding.domain import Catalogue, CatalogueEntry, Context
from salon.understanding.use_cases import understand


@pytest.fixture(scope="module")
def context():
    salon = json.loads((shared_path("demo") / "salon.json").read_text(encoding="utf-8"))
    services = (CatalogueEntry(one["name"], one["name"], tuple(one["synonyms"])) for one in salon["services"])
    staff = (CatalogueEntry(one["name"], one["name"]) for one in salon["staff"])
    now = datetime(2026, 3, 11, 7, 30, tzinfo=UTC)
    return Context(now, "Europe/Moscow", (time(9), time(21)), Catalogue(tuple(services), tuple(staff)))


@pytest.mark.parametrize(
    ("words", "service", "staff"),
    [
        ("Хочу на стрижку к Анне завтра вечером", "Стрижка", "Анна"),
        ("подстричься у Маши", "Стрижка", "Мария"),
        ("женскую стрижку к Кате", "Стрижка", "Екатерина"),
        ("мужская стрижка у Игоря", "Мужская стрижка", "Игорь"),
        ("записать мужа на стрижку", "Мужская стрижка", None),
        ("ребёнка подстричь", "Детская стрижка", None),
        ("подровнять чёлку", "Стрижка чёлки", None),
        ("причёску на завтра", "Укладка", None),
        ("хочу покраситься", "Окрашивание", None),
        ("закрасить корни у Юли", "Окрашивание корней", "Юлия"),
        ("балаяж", "Сложное окрашивание", None),
        ("кератин", "Кератиновое выпрямление", None),
        ("бороду подровнять", "Оформление бороды", None),
        ("маникюр", "Маникюр", None),
        ("шеллак к Оле", "Маникюр с покрытием", "Ольга"),
        ("педикюр у Светы", "Педикюр", "Светлана"),
        ("покрасить брови", "Оформление бровей", None),
        ("нарастить ресницы у Даши", "Наращивание ресниц", "Дарья"),
    ],
)
def test_a_wish_names_one_service(context, words, service, staff):
    understood = understand(words, context)

    assert understood.service is not None
    assert (understood.service.name, understood.service.alternatives) == (service, ())
    assert (understood.staff.name if understood.staff else None) == staff
