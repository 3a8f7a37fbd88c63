"""The demo salon's shelves and people: made once, kept as a person has left them, and fit for the sample invoice."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from infra.local import demo_people, demo_salon, demo_stock
from salon.catalog import use_cases as catalog
from salon.identity.access import Role
from salon.identity.accounts import repository as accounts
from salon.identity.accounts.use_cases.passwords import is_password
from salon.identity.domain import system
from salon.identity.use_cases import list_users
from salon.inventory.consumption import use_cases as consumption
from salon.inventory.drafts.domain.drafts import DraftLine
from salon.inventory.drafts.domain.matching import MatchMethod
from salon.inventory.drafts.use_cases.finding import Finder
from salon.inventory.items import use_cases as items
from salon.inventory.ledger import use_cases as ledger
from salon.platform.crypto import MasterKeys
from salon.platform.db import Database, make_engine
from salon.platform.ids import new_id
from salon.platform.settings import DatabaseSettings
from support.fixtures import JWT_SECRETS, MASTER_KEYS, app_url
from support.postgres import create_database, drop_database

pytestmark = pytest.mark.database

NOW = datetime(2026, 3, 11, 7, 30, tzinfo=UTC)
ACTOR = system("tests")
TRUTH = Path(__file__).parents[2] / "support" / "documents" / "demo_invoice.json"
PLACE = "Берёзка на Придуманной"
NEW = "Гель-лак Naelys №024 10 мл"
COMES_IN = [60 * 12, 720, 1000 * 3, 1000 * 2, None, 100 * 4]
"""Base units of each line's item; the fifth is none that there is."""


@pytest.fixture(scope="module")
def demo(cluster, template_database):
    """The demo salon with its stock, without a diary."""
    owner_url = create_database(cluster, "demo_stock", template_database)
    settings = DatabaseSettings(database_url=SecretStr(app_url(owner_url)))
    database = Database(
        settings, engine=make_engine(settings, pool_size=2), master=lambda: MasterKeys.parse(MASTER_KEYS)
    )
    yield database
    database.engine.dispose()
    drop_database(cluster, "demo_stock")


@pytest.fixture(scope="module")
def salon(demo):
    made = demo_salon.load(
        demo, now=NOW, telegram_token="1:t", webhook_secrets=["s"], horizon_days=0, days_behind=0, days_ahead=0
    )
    stock = demo_stock.load(demo, made, now=NOW)
    assert (stock.is_new, stock.items_made) == (True, 9)
    return made


def shelf(session, salon):
    known = items.read_items(session, [one.item_id for one in ledger.stock_on_hand(session)])
    place = salon.locations[PLACE]
    return {known[one.item_id].name: one.quantity for one in ledger.stock_on_hand(session, location_id=place)}


def test_the_shelves_hold_what_the_file_says_and_the_chain_holds(demo, salon):
    with demo.read(salon.tenant_id) as session:
        assert shelf(session, salon)["Крем-краска Vestrana 7.1 русый пепельный"] == Decimal(120)
        assert ledger.verify_ledger(session).broken is None
        worth = {one.value_minor for one in ledger.stock_on_hand(session)}
        assert min(worth) > 0
        short = [line.item_id for line in ledger.suggest_purchase(session)]
        assert [items.get_item(session, one).name for one in short] == ["Крем-краска Vestrana 7.1 русый пепельный"]
        opened = session.scalar(text("SELECT max(occurred_at) FROM inventory_ledger"))
        assert opened < NOW - timedelta(days=30)
        told = session.execute(text("SELECT DISTINCT status, last_error FROM outbox")).all()
        assert [tuple(row) for row in told] == [("cancelled", "demo: seeded, told to nobody")]


def test_every_norm_is_of_a_service_that_somebody_does_and_finds_its_item(demo, salon):
    with demo.read(salon.tenant_id) as session:
        norms = catalog.list_norms(session)
        assert consumption.list_unlinked(session) == []
        assert len({norm.service_id for norm in norms}) == 8
        assert all(catalog.list_staff_for(session, norm.service_id) for norm in norms)


def test_of_the_sample_invoice_all_goods_but_one_are_known(demo, salon):
    truth = json.loads(TRUTH.read_text(encoding="utf-8"))
    with demo.read(salon.tenant_id) as session:
        finder = Finder(session, None)
        settled = [
            finder.settle(
                DraftLine(
                    id=new_id(), position=one["n"], read=None, name=one["name"], unit=one["unit"],
                    quantity=Decimal(one["qty"]),
                )
            )
            for one in truth["items"]
        ]  # fmt: skip
    assert [line.base_quantity for line in settled] == COMES_IN
    assert {line.match_method for line in settled if line.name != NEW} == {MatchMethod.NAME}
    assert not next(line for line in settled if line.name == NEW).candidates


def test_a_later_load_leaves_everything_as_a_person_has_left_it(demo, salon):
    with demo.transaction(salon.tenant_id) as session:
        norm = catalog.list_norms(session)[0]
        catalog.remove_norm(session, norm.id, actor=ACTOR, now=NOW)
        files = items.find_item_by_name(session, "Пилка одноразовая")
        items.remove_minimum(session, files.id, salon.locations[PLACE], actor=ACTOR, now=NOW)
        before = shelf(session, salon), len(catalog.list_norms(session)), len(items.list_minimums(session))

    assert not demo_stock.load(demo, salon, now=NOW + timedelta(days=2)).is_new

    with demo.read(salon.tenant_id) as session:
        assert (shelf(session, salon), len(catalog.list_norms(session)), len(items.list_minimums(session))) == before


def test_the_owner_signs_in_with_the_password_of_the_start_and_nobody_is_made_twice(demo, salon):
    def load(password):
        return demo_people.load(demo, tenant_id=salon.tenant_id, jwt_secrets=JWT_SECRETS, password=password, now=NOW)

    first, again, other = load("a first password"), load("a first password"), load("another password")

    assert first.owner_id == again.owner_id == other.owner_id
    with demo.transaction(salon.tenant_id) as session:
        users = {user.id: user.role for user in list_users(session)}
        assert users == {first.owner_id: Role.OWNER, first.desk_id: Role.FRONTDESK}
        row = accounts.lock_credential(session, user_id=first.owner_id)
        assert is_password(row.password_hash, "another password")
        assert not is_password(row.password_hash, "a first password")
        sessions = session.scalar(text("SELECT count(*) FROM sessions"))
        assert sessions == 2  # one for each password that was given, none for the start that found its own
