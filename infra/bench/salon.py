"""The salon that is measured, on a real PostgreSQL: migrated, seen through the application role, fsync on.

Ten people, three services, sixty days from tomorrow, 10:00 to 22:00, a start every half hour. About 60 % of the time
is sold. The salon is furnished through the use cases; only the sold time (thousands of bookings) is written by two
statements of the owner, as the same rows that the use cases would write. It is made once as a template; every
measurement works on a copy of its own, so that none meets what another has left.
"""

from __future__ import annotations

import base64
import os
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, TypeVar
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import Connection, create_engine, text

from infra.local.postgres import EmbeddedPostgres
from infra.migrations import database as migrations
from salon.availability import use_cases as availability
from salon.availability.domain import EVERY_DAY, RuleDetails, RuleKind
from salon.booking.use_cases import DEFAULT_POLICY
from salon.catalog import use_cases as catalog
from salon.catalog.domain import LocationDetails, PriceItem, PriceListDetails, ServiceDetails, Skill, StaffDetails
from salon.clients import use_cases as clients
from salon.identity.domain import system
from salon.identity.use_cases import add_channel_account, create_tenant
from salon.platform.clock import SystemClock
from salon.platform.crypto import MasterKeys
from salon.platform.db import Database, WriteSession
from salon.platform.ids import new_id
from salon.platform.money import Money
from salon.platform.settings import DatabaseSettings
from salon.platform.timeranges import local_instant

MASTER_KEYS = "bench:" + base64.b64encode(bytes(range(32))).decode("ascii")
APP_PASSWORD = "bench"  # noqa: S105 - of a database that lives for minutes, on loopback
WEBHOOK_SECRET = "bench-secret"  # noqa: S105 - as above
TIMEZONE = "Europe/Moscow"
DAYS = 60
PEOPLE = 10
CLIENTS = 200
ACCOUNTS = 20
SOLD = 0.6
SEED = 20260311
OPEN, CLOSE, STEP_MIN = time(10), time(22), 30
SERVICES = (("Стрижка", 60), ("Маникюр", 90), ("Окрашивание", 120))
ACTOR = system("bench")
TEMPLATE = "salon"
Made = TypeVar("Made")

# One sold interval for each slot in :slots (they do not overlap), as hold and confirm leave it.
_SELL = """
WITH chosen AS (
    UPDATE slot_instances SET booked = 1 WHERE id = ANY(CAST(:slots AS uuid[])) RETURNING *
), numbered AS (
    SELECT chosen.*, row_number() OVER () AS number FROM chosen
), sold AS (
    INSERT INTO bookings (id, tenant_id, client_id, location_id, service_id, staff_id, slot_id, starts_at, ends_at,
        status, price_minor, currency, channel, created_at, confirmed_at, version)
    SELECT gen_random_uuid(), tenant_id, (CAST(:clients AS uuid[]))[1 + mod(number, :client_count)], location_id,
        service_id, staff_id, id, starts_at, ends_at, 'confirmed', 250000, 'RUB', 'telegram', :now, :now, 2
    FROM numbered RETURNING id, tenant_id, staff_id, slot_id, starts_at, ends_at
)
INSERT INTO busy_intervals (id, tenant_id, resource_kind, resource_id, starts_at, ends_at, slot_id, booking_id)
SELECT gen_random_uuid(), tenant_id, 'staff', staff_id, starts_at, ends_at, slot_id, id FROM sold
"""


@dataclass(frozen=True, slots=True)
class World:
    """Ids of the salon.

    Attributes:
        service_id: the one that is booked and offered (an hour).
        client_ids: who books.
        account_keys: of the channel accounts; each takes 120 events at once (`rate_limits.INBOUND`), so several.
        slot_ids: free slots of the service that do not overlap each other, in random order.
        first_day: the first local day that has slots.
    """

    tenant_id: UUID
    location_id: UUID
    service_id: UUID
    client_ids: tuple[UUID, ...]
    account_keys: tuple[str, ...]
    slot_ids: tuple[UUID, ...]
    first_day: date

    def local(self, day: int, at: time = time.min) -> datetime:
        """The instant of a wall time on the `day`th day."""
        return local_instant(self.first_day + timedelta(days=day), at, TIMEZONE)


@dataclass(frozen=True, slots=True)
class Place(Generic[Made]):
    """A copy of a salon's database, as other processes are told of it.

    Attributes:
        url: for the application role.
        owner_url: for the superuser.
        world: ids of the salon.
    """

    url: str
    owner_url: str
    world: Made

    def settings(self) -> DatabaseSettings:
        """Settings of the application role."""
        return DatabaseSettings(database_url=SecretStr(self.url))

    def database(self) -> Database:
        """The application's database as a bootstrap makes it, without a relay to queues."""
        return open_database(self.url)


def open_database(url: str) -> Database:
    """The application's database at `url`, without a relay to queues."""
    keys = MasterKeys.parse(MASTER_KEYS)
    return Database(DatabaseSettings(database_url=SecretStr(url)), master=lambda: keys)


class Server:
    """An embedded PostgreSQL with salons as templates, each made when it is first asked for; a context manager."""

    def __init__(self) -> None:
        # PostgreSQL's own user, whom root's server runs as, must be able to enter.
        self._folder = Path(tempfile.mkdtemp(prefix="salon-bench-postgres-"))
        self._folder.chmod(0o711)
        self.cluster = EmbeddedPostgres(self._folder, durable=True)
        self._worlds: dict[str, Any] = {}

    def __enter__(self) -> Self:
        try:
            self.cluster.start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop()

    @property
    def world(self) -> World:
        """The salon of `copy`."""
        return self.template(TEMPLATE, furnish)

    def template(self, name: str, make: Callable[[Database, str, datetime], Made]) -> Made:
        """What `make` made in a database of its own: the ids of a salon. It is made once.

        Args:
            name: of the database.
            make: is given the application's database, empty and migrated, the owner's address, and now.
        """
        if name not in self._worlds:
            self._administer(f'CREATE DATABASE "{name}"')
            url = self.cluster.url(name)
            migrations.prepare(url, APP_PASSWORD)
            migrations.migrate(url)
            database = open_database(migrations.app_url(url, APP_PASSWORD))
            try:
                self._worlds[name] = make(database, url, SystemClock().now())
            finally:
                database.engine.dispose()
        made: Made = self._worlds[name]
        return made

    @contextmanager
    def copy(self, name: str) -> Iterator[Place[World]]:
        """The salon for one measurement: see `copy_of`."""
        with self.copy_of(TEMPLATE, self.world, name) as place:
            yield place

    @contextmanager
    def copy_of(self, template: str, world: Made, name: str) -> Iterator[Place[Made]]:
        """A database of its own for one measurement, checkpointed, so that nobody pays for its making."""
        self._administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY', "CHECKPOINT")
        url = self.cluster.url(name)
        try:
            yield Place(migrations.app_url(url, APP_PASSWORD), url, world)
        finally:
            self._administer(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _stop(self) -> None:
        self.cluster.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _administer(self, *statements: str) -> None:
        with autocommit(self.cluster.url()) as connection:
            for statement in statements:
                connection.execute(text(statement))


def furnish(database: Database, owner_url: str, now: datetime) -> World:
    """Make the salon in an empty, migrated database.

    Args:
        database: of the application role.
        owner_url: for the sold time and for statistics.
        now: when the bench runs; slots begin tomorrow.
    """
    tenant_id, first_day = new_id(), now.date() + timedelta(days=1)
    with database.transaction(tenant_id) as session:
        create_tenant(session, name="Салон для измерений", actor=ACTOR, now=now)
        location_id, service_ids = _catalogue(session, now)
        rule = RuleDetails(
            location_id=location_id,
            kind=RuleKind.WEEKLY,
            days_of_week=EVERY_DAY,
            start_time=OPEN,
            end_time=CLOSE,
            slot_granularity_min=STEP_MIN,
        )
        availability.create_rule(session, rule, actor=ACTOR, now=now, refresh=False)
        client_ids = tuple(
            clients.create_client(session, display_name=f"Клиент {number}", actor=ACTOR, now=now).id
            for number in range(CLIENTS)
        )
        account_keys = tuple(f"bench-{number}" for number in range(ACCOUNTS))
        for key in account_keys:
            secrets = {"token": "1:bench", "webhook_secrets": [WEBHOOK_SECRET]}
            add_channel_account(session, channel="telegram", account_key=key, credentials=secrets, actor=ACTOR, now=now)
    last_day = first_day + timedelta(days=DAYS - 1)
    with database.transaction(tenant_id) as session:
        availability.generate_slots(session, location_id=location_id, from_on=first_day, to_on=last_day, now=now)
    with autocommit(owner_url) as connection:
        free = _sell(connection, service_ids[0], client_ids, now)
        connection.execute(text("VACUUM (ANALYZE)"))
    return World(tenant_id, location_id, service_ids[0], client_ids, account_keys, tuple(free), first_day)


def _catalogue(session: WriteSession, now: datetime) -> tuple[UUID, list[UUID]]:
    location_id = catalog.create_location(
        session,
        LocationDetails(name="Салон на Пробной", timezone=TIMEZONE, address="ул. Пробная, 1"),
        actor=ACTOR,
        now=now,
    ).id
    services = [
        catalog.create_service(session, ServiceDetails(name=name, duration_min=minutes), actor=ACTOR, now=now).id
        for name, minutes in SERVICES
    ]
    catalog.offer_services(session, location_id, services, actor=ACTOR, now=now)
    for number in range(PEOPLE):
        details = StaffDetails(location_id=location_id, name=f"Мастер {number}")
        person = catalog.create_staff(session, details, actor=ACTOR, now=now)
        catalog.assign_skills(session, person.id, [Skill(service) for service in services], actor=ACTOR, now=now)
    items = tuple(PriceItem(service, Money(250_000)) for service in services)
    price_list = PriceListDetails(name="Прайс", valid_from=date(2026, 1, 1), items=items)
    catalog.publish_price_list(session, price_list, actor=ACTOR, now=now)
    return location_id, services


def _sell(connection: Connection, service_id: UUID, client_ids: tuple[UUID, ...], now: datetime) -> list[UUID]:
    """Sell about 60 % of the hours, at random; returns those left within the horizon, in random order."""
    whole_hours = connection.execute(
        text(
            "SELECT id, starts_at FROM slot_instances WHERE service_id = :service"
            " AND extract(minute FROM starts_at) = 0 ORDER BY starts_at, staff_id"
        ),
        {"service": service_id},
    )
    slots = list(whole_hours)
    random.Random(SEED).shuffle(slots)  # noqa: S311 - a repeatable choice, nothing secret
    sold = [slot.id for slot in slots[: round(len(slots) * SOLD)]]
    connection.execute(
        text(_SELL), {"slots": sold, "clients": list(client_ids), "client_count": len(client_ids), "now": now}
    )
    bookable_until = now + timedelta(days=DEFAULT_POLICY.horizon_days, hours=-1)
    return [slot.id for slot in slots[len(sold) :] if slot.starts_at < bookable_until]


@contextmanager
def autocommit(url: str) -> Iterator[Connection]:
    """A connection of the owner that commits each statement."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def postgres_seconds(owner_url: str) -> float | None:
    """Seconds that the server's processes for this database have worked; None where the system does not tell."""
    if not Path("/proc/self/stat").exists():
        return None
    with autocommit(owner_url) as connection:
        others = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        pids = [row.pid for row in connection.execute(text(others))]
    ticks = os.sysconf("SC_CLK_TCK")
    return sum(sum(int(part) for part in _stat(pid)[11:13]) for pid in pids) / ticks


def _stat(pid: int) -> list[str]:
    """The fields of /proc/…/stat behind the name; 11 and 12 are user and system time."""
    return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
