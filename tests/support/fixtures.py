"""Databases, tenants and clocks for tests; and whether PgBouncer stands before the databases (support/pooler.py)."""

from __future__ import annotations

import base64
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
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
from support.pooler import MISSING, SERVERS, Pooler, find_program
from support.postgres import create_database, drop_database, session_cluster

APP_PASSWORD = "test-app-password"
MASTER_KEYS = "test1:" + base64.b64encode(bytes(range(32))).decode()
JWT_SECRETS = "test1:" + base64.b64encode(bytes(range(32, 64))).decode()
NOW = datetime(2026, 3, 11, 7, 30, tzinfo=UTC)  # a Wednesday, 10:30 in Moscow
DIRECT, POOLED = "direct", "pooled"
OPEN_AT_ONCE = 100  # of the 200 connections that PostgreSQL takes
_numbers = itertools.count()
_in_between: list[Pooler] = []  # the last one stands between the application and PostgreSQL now


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--pooler`, and `--pooler-connections=3`."""
    parser.addoption("--pooler", action="store_true", help="go through PgBouncer in transaction mode")
    parser.addoption(
        "--pooler-connections",
        type=int,
        default=SERVERS,
        help="connections to PostgreSQL for each database; the races need 8 or more (default: %(default)s)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """The two marks that this file reads."""
    config.addinivalue_line("markers", "pooled(only=False): runs directly and (or only) through a transaction pooler")
    config.addinivalue_line("markers", "direct: is about a session, which no transaction pooler keeps")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what is marked `pooled` both ways."""
    mark = metafunc.definition.get_closest_marker("pooled")
    if mark is not None and "way" in metafunc.fixturenames:
        is_once = mark.kwargs.get("only") or metafunc.config.getoption("pooler")
        metafunc.parametrize("way", [POOLED] if is_once else [DIRECT, POOLED], indirect=True)


def app_url(owner_url: str) -> str:
    """The application role's way to a database, given the owner's, who never goes through the pooler."""
    direct = migrations.app_url(owner_url, APP_PASSWORD)
    return _in_between[-1].url(direct) if _in_between else direct


@contextmanager
def _put_in_between(pooler: Pooler) -> Iterator[Pooler]:
    _in_between.append(pooler)
    try:
        yield pooler
    finally:
        _in_between.pop()


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Iterator[EmbeddedPostgres]:
    """An embedded PostgreSQL of this test process; with `--pooler`, everybody but the owners goes through one."""
    server = session_cluster()
    if request.config.getoption("pooler"):
        with _pooler_of(server, request.config) as pooler, _put_in_between(pooler):
            yield server
    else:
        yield server
    server.stop()


@pytest.fixture(scope="session")
def pooler(request: pytest.FixtureRequest, cluster: EmbeddedPostgres) -> Iterator[Pooler]:
    """A transaction pooler before that server; tests that need it are skipped where PgBouncer is not installed."""
    if _in_between:
        yield _in_between[-1]
        return
    if find_program() is None:
        pytest.skip(MISSING)
    with _pooler_of(cluster, request.config) as own:
        yield own


def _pooler_of(cluster: EmbeddedPostgres, config: pytest.Config) -> Pooler:
    return Pooler(cluster, APP_PASSWORD, servers=config.getoption("pooler_connections"))


@pytest.fixture
def way(request: pytest.FixtureRequest) -> Iterator[str]:
    """How the application reaches PostgreSQL in this test: `direct` or `pooled`."""
    if request.node.get_closest_marker("direct"):
        kept = _in_between.copy()
        _in_between.clear()
        yield DIRECT
        _in_between.extend(kept)
    elif getattr(request, "param", DIRECT) == POOLED and not _in_between:
        with _put_in_between(request.getfixturevalue("pooler")):
            yield POOLED
    else:
        yield POOLED if _in_between else DIRECT


@pytest.fixture
def open_at_once(way: str) -> int:
    """How many transactions may wait for each other inside: more than the pooler's connections never all begin."""
    return min(OPEN_AT_ONCE, _in_between[-1].servers) if way == POOLED else OPEN_AT_ONCE


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
def database_settings(owner_url: str, way: str) -> DatabaseSettings:
    """Settings of the application role on that database."""
    return DatabaseSettings(database_url=SecretStr(app_url(owner_url)))


@pytest.fixture
def engine(database_settings: DatabaseSettings) -> Iterator[Engine]:
    """An engine of the application role, with room for threads."""
    engine = make_engine(database_settings, pool_size=60)
    yield engine
    engine.dispose()


@pytest.fixture
def owner_engine(owner_url: str) -> Iterator[Engine]:
    """A superuser's engine: sees through row-level security, for setting up and checking."""
    engine = create_engine(migrations.with_driver(owner_url), connect_args={"ssl_context": False})
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
