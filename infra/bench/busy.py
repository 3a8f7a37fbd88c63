"""The busy salon: ten people, fifteen services, sixty days from tomorrow, ten chairs, a hundred thousand clients.

10:00 to 22:00, a start every quarter or every half hour. The diaries are about 60 % full: every person's day is filled
at random with visits of all services and gaps between them, each visit with a chair for the services that need one, so
that what is free is as broken up as it is in a salon. Made like `infra.bench.salon`'s: by the use cases, but for the
clients and the visits, which the owner writes as the rows that the use cases would leave.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from infra.bench.salon import ACTOR, CLOSE, DAYS, OPEN, TIMEZONE, Place, Server, autocommit
from salon.availability import use_cases as availability
from salon.availability.domain import EVERY_DAY, RuleDetails, RuleKind, SlotsGenerated
from salon.catalog import use_cases as catalog
from salon.catalog.domain import (
    LocationDetails,
    PoolKind,
    PriceItem,
    PriceListDetails,
    ResourceDetails,
    ResourcePoolDetails,
    ServiceDetails,
    Skill,
    StaffDetails,
)
from salon.identity.access import Role, UserDetails
from salon.identity.use_cases import create_tenant, create_user
from salon.platform.db import Database, WriteSession
from salon.platform.ids import new_id
from salon.platform.money import Money
from salon.platform.timeranges import local_instant

PEOPLE = 10
CHAIRS = 10
CLIENTS = 100_000
GAP_MIN = 44  # on average between two visits: so the diaries are about 60 % full
SEED = 20260311
CHAIR = "Кресло"

# name, minutes, buffer after, needs a chair; and what else is called so
SERVICES: tuple[tuple[str, int, int, bool, tuple[str, ...]], ...] = (
    ("Женская стрижка", 60, 0, True, ("стрижка",)),
    ("Мужская стрижка", 45, 0, True, ("стрижка мужская",)),
    ("Детская стрижка", 30, 0, True, ()),
    ("Окрашивание в один тон", 120, 15, True, ("покраска", "краска")),
    ("Мелирование", 150, 15, True, ()),
    ("Укладка", 45, 0, True, ()),
    ("Вечерняя причёска", 90, 0, True, ("прическа",)),
    ("Кератиновое выпрямление", 180, 15, True, ("кератин",)),
    ("Маникюр", 60, 0, False, ("маник",)),
    ("Маникюр с покрытием", 90, 0, False, ("гель-лак", "шеллак")),
    ("Педикюр", 75, 15, False, ()),
    ("Наращивание ногтей", 150, 0, False, ()),
    ("Коррекция бровей", 30, 0, True, ("брови",)),
    ("Ламинирование ресниц", 75, 0, True, ("ресницы",)),
    ("Макияж", 60, 0, True, ("мейкап",)),
)
FIRST_NAMES = (
    "Анна", "Мария", "Елена", "Ольга", "Наталья", "Екатерина", "Ирина", "Светлана", "Татьяна", "Юлия", "Алёна", "Дарья",
    "Ксения", "Полина", "Виктория", "Вероника", "Маргарита", "Людмила", "Галина", "Софья", "Александр", "Дмитрий",
    "Сергей", "Андрей", "Алексей", "Максим", "Евгений", "Иван", "Михаил", "Николай", "Артём", "Фёдор",
)  # fmt: skip
LAST_NAMES = (
    "Иванов", "Смирнов", "Кузнецов", "Попов", "Васильев", "Петров", "Соколов", "Михайлов", "Новиков", "Фёдоров",
    "Морозов", "Волков", "Алексеев", "Лебедев", "Семёнов", "Егоров", "Павлов", "Козлов", "Степанов", "Николаев",
    "Орлов", "Андреев", "Макаров", "Никитин", "Захаров", "Зайцев", "Соловьёв", "Борисов", "Яковлев", "Григорьев",
    "Романов", "Воробьёв", "Сергеев", "Кузьмин", "Фролов", "Александров", "Дмитриев", "Королёв", "Гусев", "Киселёв",
)  # fmt: skip

_ADD_CLIENTS = text("""
INSERT INTO clients (id, tenant_id, display_name, phone_last4, language, created_at)
SELECT gen_random_uuid(), :tenant_id,
    (CAST(:first AS text[]))[1 + mod(number * 7, :firsts)] || ' '
        || (CAST(:last AS text[]))[1 + mod(number / 3, :lasts)]
        || CASE WHEN mod(number, 3) = 0 THEN '' ELSE ' ' || chr(1040 + mod(number, 28)) || '.' END,
    lpad(mod(number, 10000)::text, 4, '0'), 'ru', CAST(:now AS timestamptz) - make_interval(mins => number)
FROM generate_series(1, :clients) AS number
""")
_SELL = text("""
WITH visits AS (
    SELECT * FROM unnest(CAST(:staff AS uuid[]), CAST(:services AS uuid[]), CAST(:starts AS timestamptz[]),
        CAST(:chairs AS uuid[])) WITH ORDINALITY AS visit (staff_id, service_id, starts_at, chair_id, number)
), chosen AS (
    UPDATE slot_instances slot SET booked = 1 FROM visits visit WHERE slot.staff_id = visit.staff_id
        AND slot.service_id = visit.service_id AND slot.starts_at = visit.starts_at
    RETURNING slot.*, visit.chair_id, visit.number
), somebody AS (
    SELECT id, row_number() OVER () AS number FROM clients WHERE tenant_id = :tenant_id LIMIT :regulars
), sold AS (
    INSERT INTO bookings (id, tenant_id, client_id, location_id, service_id, staff_id, slot_id, starts_at, ends_at,
        status, price_minor, currency, channel, created_at, confirmed_at, version)
    SELECT gen_random_uuid(), chosen.tenant_id, somebody.id, chosen.location_id, chosen.service_id, chosen.staff_id,
        chosen.id, chosen.starts_at, chosen.ends_at, 'confirmed', 250000, 'RUB', 'telegram', :now, :now, 2
    FROM chosen JOIN somebody ON somebody.number = 1 + mod(chosen.number, :regulars)
    RETURNING id, tenant_id, location_id, staff_id, service_id, slot_id, starts_at, ends_at
), claims AS (
    SELECT sold.*, sold.ends_at + make_interval(mins => service.buffer_after_min) AS busy_until, chosen.chair_id
    FROM sold JOIN services service ON service.id = sold.service_id JOIN chosen ON chosen.id = sold.slot_id
)
INSERT INTO busy_intervals (id, tenant_id, resource_kind, resource_id, starts_at, ends_at, slot_id, booking_id,
    location_id, reach_from, reach_until)
SELECT gen_random_uuid(), tenant_id, 'staff', staff_id, starts_at, busy_until, slot_id, id, location_id, starts_at,
    busy_until FROM claims
UNION ALL
SELECT gen_random_uuid(), tenant_id, 'chair', chair_id, starts_at, busy_until, slot_id, id, location_id, starts_at,
    busy_until FROM claims WHERE chair_id IS NOT NULL
""")


@dataclass(frozen=True, slots=True)
class BusyWorld:
    """Ids of the salon.

    Attributes:
        step_min: minutes between two starts.
        service_ids: in the order of `SERVICES`.
        rule_id: the weekly hours of the house.
        user_id: of an owner who may do everything at the console.
        first_day: the first local day that has slots.
        full: the share of the working time that is sold.
        slots: how many slots there are.
    """

    tenant_id: UUID
    location_id: UUID
    step_min: int
    service_ids: tuple[UUID, ...]
    staff_ids: tuple[UUID, ...]
    rule_id: UUID
    user_id: UUID
    first_day: date
    full: float
    slots: int

    def local(self, day: int, at: time = time.min) -> datetime:
        """The instant of a wall time on the `day`th day."""
        return local_instant(self.day(day), at, TIMEZONE)

    def day(self, number: int) -> date:
        """The `number`th day."""
        return self.first_day + timedelta(days=number)

    @property
    def last_day(self) -> date:
        """The last day that has slots."""
        return self.day(DAYS - 1)


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit that is sold, in minutes from midnight of a day."""

    day: int
    person: int
    service: int
    start: int
    chair: int | None


def furnish_busy(
    database: Database, owner_url: str, now: datetime, step_min: int, *, is_bare: bool = False
) -> BusyWorld:
    """Make the salon in an empty, migrated database.

    Args:
        database: of the application role.
        owner_url: for the clients, the sold time and for statistics.
        now: when the bench runs; slots begin tomorrow.
        step_min: minutes between two starts.
        is_bare: without slots, clients and visits.
    """
    tenant_id, first_day = new_id(), now.date() + timedelta(days=1)
    with database.transaction(tenant_id) as session:
        create_tenant(session, name="Занятой салон", actor=ACTOR, now=now)
        details = LocationDetails(name="Салон на Занятой", timezone=TIMEZONE, address="ул. Занятая, 1")
        location_id = catalog.create_location(session, details, actor=ACTOR, now=now).id
        service_ids, chair_ids = _sell_services(session, location_id, now)
        staff_ids = _employ(session, location_id, service_ids, now)
        rule_id = availability.create_rule(
            session, house_hours(location_id, step_min), actor=ACTOR, now=now, refresh=False
        ).id
        owner = UserDetails(name="Владелец", role=Role.OWNER)
        user_id = create_user(session, owner, actor=ACTOR, actor_role=Role.OWNER, now=now).id
    world = BusyWorld(
        tenant_id=tenant_id,
        location_id=location_id,
        step_min=step_min,
        service_ids=tuple(service_ids),
        staff_ids=tuple(staff_ids),
        rule_id=rule_id,
        user_id=user_id,
        first_day=first_day,
        full=0.0,
        slots=0,
    )
    if is_bare:
        return world
    done = generate(database, world, now)
    visits = fill_diaries(step_min)
    with autocommit(owner_url) as connection:
        _add_people_and_visits(connection, world, chair_ids, visits, now)
        connection.execute(text("VACUUM (ANALYZE)"))
    return BusyWorld(
        **{name: getattr(world, name) for name in BusyWorld.__dataclass_fields__ if name not in {"full", "slots"}},
        full=fullness(visits),
        slots=done.created,
    )


def house_hours(location_id: UUID, step_min: int, *, close: time = CLOSE) -> RuleDetails:
    """The weekly hours of the whole house."""
    return RuleDetails(
        location_id=location_id,
        kind=RuleKind.WEEKLY,
        days_of_week=EVERY_DAY,
        start_time=OPEN,
        end_time=close,
        slot_granularity_min=step_min,
    )


def generate(database: Database, world: BusyWorld, now: datetime) -> SlotsGenerated:
    """All slots of all days, in a transaction of its own."""
    with database.transaction(world.tenant_id) as session:
        return availability.generate_slots(
            session, location_id=world.location_id, from_on=world.first_day, to_on=world.last_day, now=now
        )


def fill_diaries(step_min: int) -> list[Visit]:
    """Visits that fill about 60 % of every day, at random, none overlapping another of its person or chair."""
    chance = random.Random(SEED)  # noqa: S311 - a repeatable choice, nothing secret
    opens, closes = (at.hour * 60 + at.minute for at in (OPEN, CLOSE))
    visits: list[Visit] = []
    for day in range(DAYS):
        free_from = [opens] * CHAIRS  # of each chair; visits are made by time, so what is free stays free
        clocks = [opens + step_min * chance.randrange(4) for _ in range(PEOPLE)]
        while (person := min(range(PEOPLE), key=lambda one: clocks[one])) is not None and clocks[person] < closes:
            start = clocks[person]
            service = chance.randrange(len(SERVICES))
            _, minutes, after, needs_chair, _ = SERVICES[service]
            chair = next((one for one in range(CHAIRS) if free_from[one] <= start), None) if needs_chair else None
            if start + minutes > closes or (needs_chair and chair is None):
                clocks[person] += step_min
                continue
            visits.append(Visit(day, person, service, start, chair))
            if chair is not None:
                free_from[chair] = start + minutes + after
            busy = -(-(minutes + after) // step_min) * step_min
            clocks[person] = start + busy + step_min * round(chance.expovariate(1 / GAP_MIN) / step_min)
    return visits


def fullness(visits: Sequence[Visit]) -> float:
    """The share of the working time that visits take."""
    hours = (CLOSE.hour - OPEN.hour) * 60 * PEOPLE * DAYS
    return sum(SERVICES[visit.service][1] + SERVICES[visit.service][2] for visit in visits) / hours


def _sell_services(session: WriteSession, location_id: UUID, now: datetime) -> tuple[list[UUID], list[UUID]]:
    """Services with their prices, and chairs for those that need one."""
    pool = catalog.create_resource_pool(
        session, ResourcePoolDetails(kind=PoolKind.CHAIR, name=CHAIR), actor=ACTOR, now=now
    )
    chairs = [
        ResourceDetails(location_id=location_id, pool_id=pool.id, name=f"{CHAIR} {number}")
        for number in range(1, CHAIRS + 1)
    ]
    chair_ids = [catalog.create_resource(session, chair, actor=ACTOR, now=now).id for chair in chairs]
    service_ids: list[UUID] = []
    for name, minutes, after, needs_chair, synonyms in SERVICES:
        details = ServiceDetails(name=name, duration_min=minutes, buffer_after_min=after, synonyms=synonyms)
        service_ids.append(catalog.create_service(session, details, actor=ACTOR, now=now).id)
        if needs_chair:
            catalog.need_pools(session, service_ids[-1], [pool.id], actor=ACTOR, now=now)
    catalog.offer_services(session, location_id, service_ids, actor=ACTOR, now=now)
    items = tuple(PriceItem(service_id, Money(250_000)) for service_id in service_ids)
    price_list = PriceListDetails(name="Прайс", valid_from=date(2026, 1, 1), items=items)
    catalog.publish_price_list(session, price_list, actor=ACTOR, now=now)
    return service_ids, chair_ids


def _employ(session: WriteSession, location_id: UUID, service_ids: Iterable[UUID], now: datetime) -> list[UUID]:
    skills = [Skill(service_id) for service_id in service_ids]
    staff_ids: list[UUID] = []
    for number in range(PEOPLE):
        person = catalog.create_staff(
            session, StaffDetails(location_id=location_id, name=f"{FIRST_NAMES[number]} Мастер"), actor=ACTOR, now=now
        )
        catalog.assign_skills(session, person.id, skills, actor=ACTOR, now=now)
        staff_ids.append(person.id)
    return staff_ids


def _add_people_and_visits(
    connection: Connection, world: BusyWorld, chair_ids: Sequence[UUID], visits: Sequence[Visit], now: datetime
) -> None:
    names: dict[str, Any] = {"first": list(FIRST_NAMES), "firsts": len(FIRST_NAMES)}
    names |= {"last": list(LAST_NAMES), "lasts": len(LAST_NAMES)}
    connection.execute(_ADD_CLIENTS, {**names, "tenant_id": world.tenant_id, "clients": CLIENTS, "now": now})
    starts = [world.local(visit.day) + timedelta(minutes=visit.start) for visit in visits]
    connection.execute(
        _SELL,
        {
            "tenant_id": world.tenant_id,
            "staff": [world.staff_ids[visit.person] for visit in visits],
            "services": [world.service_ids[visit.service] for visit in visits],
            "starts": starts,
            "chairs": [chair_ids[visit.chair] if visit.chair is not None else None for visit in visits],
            "regulars": 2_000,
            "now": now,
        },
    )


@contextmanager
def busy_copy(server: Server, step_min: int, name: str, *, is_bare: bool = False) -> Iterator[Place[BusyWorld]]:
    """The busy salon with this grid, in a database of its own for one measurement; `is_bare` without any slots."""
    template = f"{'bare' if is_bare else 'busy'}-{step_min}"
    world = server.template(template, partial(furnish_busy, step_min=step_min, is_bare=is_bare))
    with server.copy_of(template, world, f"{name}-{step_min}") as place:
        yield place
