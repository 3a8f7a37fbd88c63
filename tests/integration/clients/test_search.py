"""Clients are found by what somebody at the desk types; and listed page by page."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from salon.clients import use_cases as clients
from support.factories import ACTOR
from support.fixtures import make_tenant

pytestmark = pytest.mark.database
PEOPLE = {
    "Анна Ковалёва": "+7 900 000-11-22",
    "Анна": "+7 900 000-33-44",
    "Анна Каренина": None,
    "Пётр Ёлкин": "+7 900 111-11-22",
    "Екатерина Пушкарёва": None,
    "Мария Анненкова": None,
    "Smith John": None,
    "Fyodor": None,
}


def register(session, people, now):
    made = {}
    for name, phone in people.items():
        made[name] = clients.create_client(session, display_name=name, actor=ACTOR, now=now)
        if phone:
            clients.set_phone(session, made[name].id, phone, actor=ACTOR, now=now)
    return made


@pytest.fixture
def session(database, tenant_id):
    with database.transaction(tenant_id) as session:
        yield session


@pytest.fixture
def known(session, clock):
    return register(session, PEOPLE, clock.now())


def names(found):
    return [client.display_name for client in found]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("Анна", "Анна"),
        ("анна ковалева", "Анна Ковалёва"),
        ("КОВАЛЁВА АННА", "Анна Ковалёва"),
        ("ковлева", "Анна Ковалёва"),
        ("каринина ана", "Анна Каренина"),
        ("елкин", "Пётр Ёлкин"),
        ("петр", "Пётр Ёлкин"),
        ("пушк", "Екатерина Пушкарёва"),
        ("Gtnh", "Пётр Ёлкин"),
        ("smit", "Smith John"),
        ("fyodr", "Fyodor"),
        ("fyyf", "Анна"),
    ],
)
def test_a_name_with_typos_finds_the_likest_first(session, known, typed, first):
    assert names(clients.search_clients(session, typed))[0] == first


def test_namesakes_come_before_names_that_only_hold_the_word(session, known):
    assert names(clients.search_clients(session, "анна"))[:1] == ["Анна"]
    assert set(names(clients.search_clients(session, "анна"))) == {"Анна", "Анна Ковалёва", "Анна Каренина"}
    assert len(clients.search_clients(session, "анна", 2)) == 2


@pytest.mark.parametrize("typed", ["", " ", "ъъъ", "кто-нибудь другой"])
def test_what_is_like_nobody_finds_nobody(session, known, typed):
    assert clients.search_clients(session, typed) == []


def test_a_phone_is_found_whole_or_by_its_last_digits(session, known):
    assert names(clients.search_clients(session, "8 (900) 000-11-22")) == ["Анна Ковалёва"]
    assert names(clients.search_clients(session, "1122")) == ["Анна Ковалёва", "Пётр Ёлкин"]
    assert names(clients.search_clients(session, "00-33-44")) == ["Анна"]
    assert clients.search_clients(session, "9999") == []


def test_the_erased_are_neither_found_nor_listed(session, known, clock):
    clients.erase_client(session, known["Пётр Ёлкин"].id, actor=ACTOR, now=clock.now())
    for typed in ("Пётр Ёлкин", "+7 900 111-11-22"):
        assert "Пётр Ёлкин" not in names(clients.search_clients(session, typed))
    assert names(clients.search_clients(session, "1122")) == ["Анна Ковалёва"]
    assert len(clients.list_clients(session)) == len(PEOPLE) - 1
    assert all(not client.is_erased for client in clients.list_clients(session))


def test_pages_hold_everybody_once_the_newest_first(session, known):
    pages, before = [], None
    while page := clients.list_clients(session, before=before, limit=3):
        pages.append(names(page))
        before = page[-1].id
    assert [len(page) for page in pages] == [3, 3, 2]
    assert [name for page in pages for name in page] == list(reversed(PEOPLE))


class TestTenants:
    @pytest.fixture
    def other(self, database, session, clock):
        register(session, PEOPLE, clock.now())
        session.commit()
        return make_tenant(database, clock.now())

    def test_another_tenant_finds_nobody(self, database, other):
        with database.read(other) as session:
            for typed in ("Анна Ковалёва", "1122", "8 900 000 11 22"):
                assert clients.search_clients(session, typed) == []
            assert clients.list_clients(session) == []

    def test_the_function_itself_answers_in_the_transactions_tenant_only(self, database, tenant_id, other, clock):
        with database.transaction(other) as session:
            register(session, {"Анна Чужая": None}, clock.now())
        find = text("SELECT tenant_id, id FROM client_matches('анна', 100)")
        with database.read(tenant_id) as session:
            assert {row.tenant_id for row in session.execute(find)} == {tenant_id}
        with database.without_tenant() as session:
            assert session.execute(find).all() == []

    def test_the_index_is_used(self, owner_engine, other):
        plan = (
            "EXPLAIN SELECT id FROM clients WHERE tenant_id = '{}' AND erased_at IS NULL"
            " ORDER BY replace(lower(display_name), 'ё', 'е') <->> 'анна' LIMIT 20"
        )
        with owner_engine.begin() as owner:
            owner.execute(text("SET LOCAL enable_seqscan = off"))
            owner.execute(text("SET LOCAL enable_sort = off"))
            assert "ix_clients_name" in "\n".join(owner.scalars(text(plan.format(other))))
