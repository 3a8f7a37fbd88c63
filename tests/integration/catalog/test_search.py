"""Services are found by name and synonym, with typos."""

from __future__ import annotations

import pytest

from salon.catalog import use_cases as catalog
from support.factories import ACTOR, make_service
from support.fixtures import make_tenant

pytestmark = pytest.mark.database


@pytest.fixture
def range_(session, now):
    for name, synonyms in (
        ("Стрижка", ("женская стрижка", "каре")),
        ("Мужская стрижка", ("стрижка машинкой",)),
        ("Стрижка чёлки", ("подровнять чёлку",)),
        ("Окрашивание", ("покрасить волосы", "тонирование")),
        ("Маникюр", ("ногти",)),
        ("Наращивание ресниц", ("ресницы",)),
    ):
        make_service(session, now=now, name=name, synonyms=synonyms)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("стрижка", "Стрижка"),
        ("СТРИШКА", "Стрижка"),
        ("манекюр", "Маникюр"),
        ("окрашивние", "Окрашивание"),
        ("челка", "Стрижка чёлки"),
        ("мужскя стрижка", "Мужская стрижка"),
        ("стрижка мужская машинкой недорого", "Мужская стрижка"),
        ("ресн", "Наращивание ресниц"),
        ("тонировние", "Окрашивание"),
        ("vfybr.h", "Маникюр"),
    ],
)
def test_the_likest_comes_first(session, range_, typed, first):
    found = catalog.search_services(session, typed)
    assert found[0].name == first


def test_what_is_like_nothing_finds_nothing(session, range_):
    for typed in ("", "  ", "хорошо", "zzz"):
        assert catalog.search_services(session, typed) == []


def test_only_what_is_sold_here_is_found_and_no_more_than_asked_for(database, session, now, range_):
    assert len(catalog.search_services(session, "стрижка", 2)) == 2
    [manicure] = catalog.search_services(session, "маникюр")
    catalog.deactivate_service(session, manicure.id, actor=ACTOR, now=now)
    assert catalog.search_services(session, "маникюр") == []
    with database.read(make_tenant(database, now)) as other:
        assert catalog.search_services(other, "стрижка") == []
