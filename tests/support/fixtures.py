"""Databases, tenants and clocks for tests."""

from __future__ import annotations

import base64
import itertools
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine

from infra.local.postgres import EmbeddedPostgres
from infra.migrations import database as migrations
from salon.identity.domain import system
from salon.identity.use_cases import create_tenant
from salon.platform.clock import FrozenClock
from salon.platform.crypto import MasterKeys
from salon.platform.db import Database, make_engine
from salon.platform.ids import new_id
from salon.platform.settings import DatabaseSettings
from support.postgres import create_database, drop_database, session_cluster

APP_PASSWORD = "test-app-password"
MASTER_KEYS = "test1:" + base64.b64encode(bytes(range(32))).decode()
NOW = datetime(2026, 3, 11, 7, 30, tzinfo=UTC)  # a Wednesday, 10:30 in Moscow
_numbers = itertools.count()


@pytest.fixture(scope="session")
def cluster() -> Iterator[EmbeddedPostgres]:
    """An embedded PostgreSQL of this test process."""
    server = session_cluster()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def template_database(cluster: EmbeddedPostgres) -> str:
    """A database built by the migrations; the tests work on copies of it."""
    name = "migrated"
    url = create_database(cluster, name)
    migrations.prepare(url, APP_PASSWORD)
    migrations.migrate(url)
    return name


@pytest.fixture
def owner_url(cluster: EmbeddedPostgres, template_database: str) -> Iterator[str]:
    """The owner's URL of a fresh, migrated database."""
    name = f"t{os.getpid()}_{next(_numbers)}"
    yield create_database(cluster, name, template_database)
    drop_database(cluster, name)


@pytest.fixture
def database_settings(owner_url: str) -> DatabaseSettings:
    """Settings of the application role on that database."""
    return DatabaseSettings(database_url=SecretStr(migrations.app_url(owner_url, APP_PASSWORD)))


@pytest.fixture
def engine(database_settings: DatabaseSettings) -> Iterator[Engine]:
    """An engine of the application role, with room for threads."""
    engine = make_engine(database_settings, pool_size=60)
    yield engine
    engine.dispose()


@pytest.fixture
def owner_engine(owner_url: str) -> Iterator[Engine]:
    """A superuser's engine: sees through row-level security, for setting up and checking."""
    engine = create_engine(migrations.with_driver(owner_url))
    yield engine
    engine.dispose()


@pytest.fixture
def master_keys() -> MasterKeys:
    """Master keys of this test run."""
    return MasterKeys.parse(MASTER_KEYS)


@pytest.fixture
def database(database_settings: DatabaseSettings, engine: Engine, master_keys: MasterKeys) -> Database:
    """The application's database, as a bootstrap makes it, without a relay."""
    return Database(database_settings, engine=engine, master=lambda: master_keys)


@pytest.fixture
def clock() -> FrozenClock:
    """A clock that stands at NOW until it is moved."""
    return FrozenClock(NOW)


@pytest.fixture
def tenant_id(database: Database, clock: FrozenClock) -> UUID:
    """A tenant with its key."""
    return make_tenant(database, clock.now())


def make_tenant(database: Database, now: datetime, name: str = "Салон «Проба»") -> UUID:
    """One more tenant."""
    tenant = new_id()
    with database.transaction(tenant) as session:
        create_tenant(session, name=name, actor=system("tests"), now=now)
    return tenant
