"""Random salons: what PostgreSQL makes and finds is what a slow, plain reading of the rules says."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from salon.availability import use_cases as availability
from salon.availability.domain import RuleDetails, RuleKind, SlotsGenerated
from salon.availability.errors import RulesOverlap, SlotAlreadyTaken, SlotTooShort
from salon.catalog import use_cases as catalog
from salon.catalog.domain import (
    LocationDetails,
    PoolKind,
    ResourceDetails,
    ResourcePoolDetails,
    ServiceDetails,
    Skill,
)
from salon.platform.ids import new_id
from support.factories import ACTOR, make_service, make_staff

pytestmark = pytest.mark.database
BERLIN = ZoneInfo("Europe/Berlin")
FIRST, LAST = date(2026, 3, 27), date(2026, 3, 31)  # the clocks change on the 29th
TICK = 300  # seconds; everything lies on five minutes
RANKS = {RuleKind.WEEKLY: 1, RuleKind.DATE_RANGE: 2, RuleKind.EXCEPTION: 3}


def read(session, sql, **parameters):
    return list(session.execute(text(sql), parameters).mappings())


class RandomHours:
    """Two branches, two people, two services, and a dozen rules of any kind."""

    def __init__(self, database, tenant_id, now, chance):
        with database.transaction(tenant_id) as session:
            self.here, self.there = (
                catalog.create_location(
                    session, LocationDetails(name=name, timezone="Europe/Berlin"), actor=ACTOR, now=now
                )
                for name in ("Здесь", "Там")
            )
            self.durations = {}
            services = [
                make_service(session, now=now, location_ids=[self.here.id], name=str(minutes), duration_min=minutes)
                for minutes in (30, 45)
            ]
            alone = make_service(
                session, now=now, location_ids=[self.here.id], name="Солярий", duration_min=20, requires_staff=False
            )
            self.homes = {None: True}
            for home in (self.here, self.there):
                skills = [Skill(services[0].id), Skill(services[1].id, chance.choice([None, 60]))]
                person = make_staff(session, now=now, location_id=home.id, service_ids=skills, name=home.name)
                self.homes[person.id] = home is self.here
                for skill, service in zip(skills, services, strict=True):
                    self.durations[person.id, service.id] = skill.duration_min or service.duration_min
            self.durations[None, alone.id] = 20
            for _ in range(chance.randint(3, 14)):
                details = self.details(chance, [service.id for service in [*services, alone]])
                try:
                    with session.begin_nested():
                        availability.create_rule(session, details, actor=ACTOR, now=now, refresh=False)
                except RulesOverlap:
                    continue
            self.rules = availability.list_rules(session, self.here.id)

    def details(self, chance, services):
        kind = chance.choice(list(RuleKind))
        first = FIRST + timedelta(days=chance.randint(-2, 4))
        is_closed = chance.random() < 0.35
        start, length = chance.randrange(48, 240), chance.randrange(6, 130)
        whole_day = is_closed and chance.random() < 0.3
        dated = kind is not RuleKind.WEEKLY or chance.random() < 0.3
        return RuleDetails(
            location_id=self.here.id,
            kind=kind,
            staff_id=chance.choice(list(self.homes)),
            service_id=chance.choice([None, None, None, *services]),
            start_time=None if whole_day else wall(start),
            end_time=None if whole_day else wall(min(start + length, 300)),
            days_of_week=frozenset(chance.sample(range(1, 8), 5)) if kind is RuleKind.WEEKLY else None,
            valid_from=first if dated else None,
            valid_to=first + timedelta(days=chance.randint(0, 2)) if dated else None,
            slot_capacity=chance.choice([1, 1, 3]),
            slot_granularity_min=chance.choice([15, 20, 30, 55]),
            is_closed=is_closed,
        )

    def expected(self, now):
        """(staff, service, start) to (end, capacity, open from, open until), in ticks."""
        found = {}
        for (staff_id, service_id), minutes in self.durations.items():
            for step in range(-1, (LAST - FIRST).days + 1):
                for slot in self.of_day(staff_id, service_id, minutes, FIRST + timedelta(days=step)):
                    start, *rest = slot
                    key = (staff_id, service_id, start)
                    if start * TICK <= now.timestamp() or not tick(FIRST, 0) <= start < tick(LAST, 288):
                        continue
                    found[key] = max(found.get(key, rest), rest, key=lambda one: (one[1], one[3], -one[2]))
        return {key: tuple(value) for key, value in found.items()}

    def of_day(self, staff_id, service_id, minutes, on):
        valid = [
            rule
            for rule in self.rules
            if rule.staff_id in {None, staff_id}
            and rule.service_id in {None, service_id}
            and (rule.valid_from or on) <= on <= (rule.valid_to or on)
        ]
        has_own = any(rule.staff_id is not None and not rule.is_closed for rule in valid)
        today = [rule for rule in valid if rule.days_of_week is None or on.isoweekday() in rule.days_of_week]
        own, house = (
            top([rule for rule in today if not rule.is_closed and (rule.staff_id is None) is is_house])
            for is_house in (False, True)
        )
        shifts = own if has_own else house if self.homes[staff_id] else []
        if not shifts:
            return
        rank = RANKS[shifts[0].kind]
        closed = union(ticks(rule, on) for rule in today if rule.is_closed and RANKS[rule.kind] >= rank)
        narrowed = None
        if has_own and house and RANKS[house[0].kind] > rank:
            narrowed = union(ticks(rule, on) for rule in house)
        parts = [
            ticks(rule, on) - closed if narrowed is None else (ticks(rule, on) & narrowed) - closed for rule in shifts
        ]
        opened = union(parts)
        for rule, part in zip(shifts, parts, strict=True):
            whole = ticks(rule, on)
            for start in range(min(whole), max(whole) + 1, rule.slot_granularity_min * 60 // TICK):
                end = start + minutes * 60 // TICK
                if part.issuperset(range(start, end)):
                    yield start, end, rule.slot_capacity, *around(start, opened)


def union(sets):
    return set().union(*sets)


def around(start, opened):
    left, right = start, start
    while left - 1 in opened:
        left -= 1
    while right in opened:
        right += 1
    return left, right


def wall(fives):
    return time(fives // 12 % 24, fives % 12 * 5)


def tick(on, fives):
    day, rest = divmod(fives, 288)
    at = datetime.combine(on + timedelta(days=day), wall(rest), BERLIN)
    return int(at.timestamp()) // TICK


def ticks(rule, on):
    start, end = rule.minutes
    return set(range(tick(on, start // 5), tick(on, end // 5)))


def top(rules):
    def score(rule):
        return RANKS[rule.kind], rule.service_id is not None

    best = max(map(score, rules), default=None)
    return [rule for rule in rules if score(rule) == best]


@pytest.mark.parametrize("seed", range(16))
def test_slots_are_what_the_rules_say(database, tenant_id, seed):
    chance = random.Random(seed)
    now = datetime(2026, 3, 27, 9, 7, tzinfo=UTC)
    salon = RandomHours(database, tenant_id, now, chance)
    window = {"location_id": salon.here.id, "now": now}
    with database.transaction(tenant_id) as session:
        availability.generate_slots(session, **window, from_on=FIRST, to_on=LAST)
        rows = read(session, "SELECT * FROM slot_instances")
        made = {
            (row["staff_id"], row["service_id"], int(row["starts_at"].timestamp()) // TICK): (
                int(row["ends_at"].timestamp()) // TICK,
                row["capacity"],
                int(row["open_from"].timestamp()) // TICK,
                int(row["open_until"].timestamp()) // TICK,
            )
            for row in rows
        }
        assert made == salon.expected(now)
        for on in (FIRST, FIRST + timedelta(days=2), LAST):  # a part of it says the same as the whole
            for filters in ({}, {"staff_id": rows[0]["staff_id"]} if rows else {}):
                done = availability.generate_slots(session, **window, from_on=on, to_on=on, **filters)
                assert done == SlotsGenerated()


class RandomDiary:
    """Two branches with a way between, three people, four services on two pools; a part of the time is sold."""

    def __init__(self, database, tenant_id, now, chance):
        self.database, self.tenant_id, self.now, self.chance = database, tenant_id, now, chance
        with database.transaction(tenant_id) as session:
            self.locations = [
                catalog.create_location(
                    session,
                    LocationDetails(name=name, timezone="Europe/Moscow", travel_min=chance.choice([0, 10, 40])),
                    actor=ACTOR,
                    now=now,
                )
                for name in ("Здесь", "Там")
            ]
            pools = [self.pool(session, kind) for kind in ("chair", "device")]
            services = [self.service(session, number, pools) for number in range(4)]
            for location in self.locations:
                catalog.offer_services(session, location.id, [one.id for one in services], actor=ACTOR, now=now)
            skills = [Skill(one.id) for one in services]
            people = [
                make_staff(
                    session, now=now, location_id=chance.choice(self.locations).id, service_ids=skills, name=name
                )
                for name in ("Анна", "Борис", "Вера")
            ]
            self.services = [one.id for one in services]
            for location in self.locations:
                for staff_id in (None, *(one.id for one in people)):
                    self.open(session, location, staff_id)
                availability.generate_slots(
                    session, location_id=location.id, from_on=now.date(), to_on=now.date(), now=now
                )

    def pool(self, session, kind):
        details = ResourcePoolDetails(kind=PoolKind(kind), name=kind)
        pool = catalog.create_resource_pool(session, details, actor=ACTOR, now=self.now)
        for location in self.locations:
            for number in range(self.chance.randint(0 if kind == "device" else 1, 2)):
                unit = ResourceDetails(location_id=location.id, pool_id=pool.id, name=f"{kind} {number}")
                catalog.create_resource(session, unit, actor=ACTOR, now=self.now)
        return pool

    def service(self, session, number, pools):
        chance = self.chance
        processing = {"processing_from_min": 20, "processing_min": 25} if number == 0 else {}
        details = ServiceDetails(
            name=str(number),
            duration_min=(60, 30, 45, 20)[number],
            buffer_before_min=chance.choice([0, 5]),
            buffer_after_min=chance.choice([0, 10]),
            requires_staff=number != 3,
            **processing,
        )
        service = catalog.create_service(session, details, actor=ACTOR, now=self.now)
        needed = [pool.id for pool in pools if chance.random() < 0.5]
        catalog.need_pools(session, service.id, needed, actor=ACTOR, now=self.now)
        return service

    def open(self, session, location, staff_id):
        details = RuleDetails(
            location_id=location.id,
            kind=RuleKind.WEEKLY,
            staff_id=staff_id,
            days_of_week=frozenset({3}),
            start_time=time(11),
            end_time=time(17),
            slot_granularity_min=self.chance.choice([15, 20]),
            slot_capacity=self.chance.choice([1, 1, 2]),
        )
        availability.create_rule(session, details, actor=ACTOR, now=self.now, refresh=False)

    def sell(self, tries):
        """Take seats at random; some holds run out soon. Whether each could be had is what the oracle says too."""
        for _ in range(tries):
            with self.database.transaction(self.tenant_id) as session:
                wanted = self.chance.choice(read(session, "SELECT id FROM slot_instances"))["id"]
                slot = availability.lock_slots(session, [wanted])[wanted]
                extra_min = self.chance.choice([0, 0, 20]) if slot.capacity == 1 else 0
                could = wanted in Oracle(session).free(slot.service_id, self.now - timedelta(days=1), extra_min)
                expires_at = self.chance.choice([None, self.now + timedelta(minutes=5)])
                try:
                    availability.take_seat(
                        session, slot, booking_id=new_id(), expires_at=expires_at, extra_min=extra_min
                    )
                except (SlotAlreadyTaken, SlotTooShort):
                    assert not could
                else:
                    assert could


class Oracle:
    """Which slots can be had, from the bare rows."""

    def __init__(self, session):
        self.slots = read(session, "SELECT * FROM slot_instances WHERE status IN ('open', 'partial')")
        self.services = {row["id"]: row for row in read(session, "SELECT * FROM services")}
        self.travel = {row["id"]: minutes(row["travel_min"]) for row in read(session, "SELECT * FROM locations")}
        self.needs, self.units, self.claims = defaultdict(list), defaultdict(list), defaultdict(list)
        for row in read(session, "SELECT * FROM service_resources"):
            self.needs[row["service_id"]].append(row["pool_id"])
        for row in read(session, "SELECT * FROM resources WHERE is_active"):
            self.units[row["pool_id"], row["location_id"]].append(row["id"])
        for row in read(session, "SELECT * FROM busy_intervals"):
            self.claims[row["resource_id"]].append(row)

    def free(self, service_id, now, extra_min=0, leaving=None):
        return {
            slot["id"]
            for slot in self.slots
            if slot["service_id"] == service_id and self.can_be_had(slot, now, minutes(extra_min), leaving)
        }

    def can_be_had(self, slot, now, extra, leaving):
        if extra and (slot["capacity"] > 1 or slot["ends_at"] + extra > slot["open_until"]):
            return False
        if slot["booked"] + slot["held"]:
            return True
        service = self.services[slot["service_id"]]
        start = slot["starts_at"] - minutes(service["buffer_before_min"])
        end = slot["ends_at"] + extra + minutes(service["buffer_after_min"])
        pieces = [(start, end)]
        if service["processing_min"]:
            rest = slot["starts_at"] + minutes(service["processing_from_min"])
            pieces = [(start, min(rest, end)), (rest + minutes(service["processing_min"]), end)]
        counted = [claim for claim in self.claims[slot["staff_id"]] if self.counts(claim, now, leaving)]
        if any(self.clash(piece, claim, slot) for piece in pieces if piece[0] < piece[1] for claim in counted):
            return False
        return all(
            any(
                all(
                    claim["ends_at"] <= start or claim["starts_at"] >= end
                    for claim in self.claims[unit]
                    if self.counts(claim, now, leaving)
                )
                for unit in self.units[pool, slot["location_id"]]
            )
            for pool in self.needs[slot["service_id"]]
        )

    def counts(self, claim, now, leaving):
        return (claim["expires_at"] is None or claim["expires_at"] > now) and (
            leaving is None or claim["slot_id"] != leaving
        )

    def clash(self, piece, claim, slot):
        way = timedelta(0)
        if claim["location_id"] != slot["location_id"]:
            way = self.travel[claim["location_id"]] + self.travel[slot["location_id"]]
        return piece[0] < claim["ends_at"] + way and claim["starts_at"] - way < piece[1]


def minutes(number):
    return timedelta(minutes=number)


@pytest.mark.parametrize("seed", range(8))
def test_free_slots_are_those_that_a_plain_reading_finds(database, tenant_id, clock, seed):
    diary = RandomDiary(database, tenant_id, clock.now(), random.Random(seed))
    diary.sell(40)
    with database.read(tenant_id) as session:
        oracle = Oracle(session)
        taken = [row["slot_id"] for row in read(session, "SELECT DISTINCT slot_id FROM busy_intervals")]
        assert taken
        for service_id in diary.services:
            for now in (clock.now(), clock.now() + timedelta(minutes=5)):
                for extra_min, leaving in ((0, None), (20, None), (-10, None), (0, taken[0])):
                    found = availability.list_free_slots(
                        session,
                        service_id=service_id,
                        from_at=clock.now(),
                        to_at=clock.now() + timedelta(days=1),
                        now=now,
                        min_notice=timedelta(0),
                        extra_min=extra_min,
                        leaving_slot_id=leaving,
                    )
                    assert {slot.id for slot in found} == oracle.free(service_id, now, extra_min, leaving)
