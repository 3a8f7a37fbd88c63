"""A database with two salons in it, made once; tests get copies of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine, text

from infra.local.postgres import EmbeddedPostgres
from infra.migrations import database as migrations
from salon.identity.domain import system
from salon.identity.use_cases import change_credentials, create_tenant
from salon.platform.clock import FrozenClock, SystemClock
from salon.platform.crypto import MasterKeys
from salon.platform.db import Database, make_engine
from salon.platform.settings import DatabaseSettings
from support.fixtures import MASTER_KEYS, NOW, app_url
from support.postgres import create_database, drop_database
from support.salon_world import SalonWorld, make_salon

FIRST_TENANT = UUID("01900000-0000-7000-8000-0000000000a1")
SECOND_TENANT = UUID("01900000-0000-7000-8000-0000000000a2")
SECOND_TOKEN, SECOND_SECRET = "200:second-token", "second-secret"  # the first tenant has those of salon_world


@dataclass(frozen=True)
class Furnished:
    """A database with two salons in it, to be copied by each test.

    Attributes:
        template: its name.
        first, second: the salons; the second has a bot of its own.
        now: when they were made.
    """

    template: str
    first: SalonWorld
    second: SalonWorld
    now: datetime


@cache
def furnish(cluster: EmbeddedPostgres, template: str, name: str, now: datetime) -> Furnished:
    """Copy a migrated database and put two salons into it; once, though several folders share the fixture."""
    url = create_database(cluster, name, template)
    database, engine = connect(url)
    clock = FrozenClock(now)
    worlds = []
    for tenant in (FIRST_TENANT, SECOND_TENANT):
        with database.transaction(tenant) as session:
            create_tenant(session, name="Салон «Проба»", actor=system("tests"), now=now)
        worlds.append(make_salon(database, tenant, clock, days=5))
    with database.transaction(SECOND_TENANT) as session:
        own = {"token": SECOND_TOKEN, "webhook_secrets": [SECOND_SECRET]}
        change_credentials(session, worlds[1].account_id, own, actor=system("tests"), now=now)
    engine.dispose()
    return Furnished(name, worlds[0], worlds[1], now)


def connect(owner_url: str, *, pool_size: int = 5) -> tuple[Database, Engine]:
    """The application's database behind an owner's URL, and the engine to be disposed of."""
    settings = DatabaseSettings(database_url=SecretStr(app_url(owner_url)))
    engine = make_engine(settings, pool_size=pool_size)
    keys = MasterKeys.parse(MASTER_KEYS)
    return Database(settings, engine=engine, master=lambda: keys), engine


@pytest.fixture(scope="session")
def furnished(cluster: EmbeddedPostgres, template_database: str) -> Furnished:
    """Two salons that live now, because functions tell the time by the machine's clock."""
    name = f"furnished_{uuid4().hex[:8]}"  # each folder that imports this fixture has one of its own
    return furnish(cluster, template_database, name, SystemClock().now())


@pytest.fixture
def furnished_url(cluster: EmbeddedPostgres, furnished: Furnished) -> Iterator[str]:
    """The owner's URL of a copy of it."""
    name = f"f{os.getpid()}_{uuid4().hex[:8]}"
    yield create_database(cluster, name, furnished.template)
    drop_database(cluster, name)


@pytest.fixture
def salons(furnished_url: str) -> Iterator[Database]:
    """The application's access to that copy."""
    database, engine = connect(furnished_url)
    yield database
    engine.dispose()


@pytest.fixture(scope="session")
def furnished_then(cluster: EmbeddedPostgres, template_database: str) -> Furnished:
    """The same two salons on a Wednesday morning, for tests that move the clock themselves."""
    return furnish(cluster, template_database, "furnished_then", NOW)


@pytest.fixture
def then_salons(cluster: EmbeddedPostgres, furnished_then: Furnished) -> Iterator[Database]:
    """The application's access to a copy of it, with room for threads."""
    name = f"n{os.getpid()}_{uuid4().hex[:8]}"
    database, engine = connect(create_database(cluster, name, furnished_then.template), pool_size=20)
    yield database
    engine.dispose()
    drop_database(cluster, name)


@pytest.fixture
def owner_of(furnished_url: str) -> Iterator[Callable[[str], None]]:
    """Runs a statement on that copy as its owner, who sees through row-level security."""
    engine = create_engine(migrations.with_driver(furnished_url), isolation_level="AUTOCOMMIT")

    def run(sql: str) -> None:
        with engine.connect() as connection:
            connection.execute(text(sql))

    yield run
    engine.dispose()


@pytest.fixture
def world(furnished: Furnished) -> SalonWorld:
    """The first salon."""
    return furnished.first
