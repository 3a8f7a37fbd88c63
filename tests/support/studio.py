"""Locations, services, people and units as a test of one day needs them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import text

from salon.availability import use_cases as availability
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
from support.factories import ACTOR, make_rule, make_staff

ON = date(2026, 3, 12)


def at(hour, minute=0):
    """A Moscow wall time of the day, as an instant."""
    return datetime(2026, 3, 12, hour - 3, minute, tzinfo=UTC)


class Studio:
    """Locations, services, people and units as a test needs them; slots of one day, every half hour from 10 to 18."""

    def __init__(self, database, tenant_id, now):
        self.database, self.tenant_id, self.now = database, tenant_id, now
        self.home = self.location("Дом")

    def transaction(self):
        return self.database.transaction(self.tenant_id)

    def location(self, name, travel_min=0):
        with self.transaction() as session:
            details = LocationDetails(name=name, timezone="Europe/Moscow", travel_min=travel_min)
            return catalog.create_location(session, details, actor=ACTOR, now=self.now)

    def service(self, name, duration_min=60, locations=None, pools=(), **details):
        with self.transaction() as session:
            service = catalog.create_service(
                session, ServiceDetails(name=name, duration_min=duration_min, **details), actor=ACTOR, now=self.now
            )
            for location in locations or [self.home]:
                offered = [known.id for known in catalog.list_services(session, location_id=location.id)]
                catalog.offer_services(session, location.id, [*offered, service.id], actor=ACTOR, now=self.now)
            catalog.need_pools(session, service.id, [pool.id for pool in pools], actor=ACTOR, now=self.now)
            return service

    def person(self, name, services, location=None):
        with self.transaction() as session:
            return make_staff(
                session,
                now=self.now,
                location_id=(location or self.home).id,
                service_ids=[Skill(service.id) for service in services],
                name=name,
            )

    def pool(self, kind, name, units, location=None):
        with self.transaction() as session:
            pool = catalog.create_resource_pool(
                session, ResourcePoolDetails(kind=PoolKind(kind), name=name), actor=ACTOR, now=self.now
            )
            self.units(session, pool, units, location or self.home)
            return pool

    def units(self, session, pool, units, location):
        for number in range(units):
            details = ResourceDetails(location_id=location.id, pool_id=pool.id, name=f"{pool.name} {number}")
            catalog.create_resource(session, details, actor=ACTOR, now=self.now)

    def open(self, *locations, staff=None, capacity=1):
        for location in locations or [self.home]:
            with self.transaction() as session:
                make_rule(
                    session,
                    now=self.now,
                    location_id=location.id,
                    hours=("10:00", "18:00"),
                    granularity_min=30,
                    staff_id=staff.id if staff else None,
                    capacity=capacity,
                )
                availability.generate_slots(session, location_id=location.id, from_on=ON, to_on=ON, now=self.now)

    def starts(self, service, *, now=None, **filters):
        """Moscow wall times of free starts, as hours."""
        with self.database.read(self.tenant_id) as session:
            window = {"from_at": at(3), "to_at": at(23), "now": now or self.now, "min_notice": timedelta(0)}
            found = availability.list_free_slots(session, service_id=service.id, **{**window, **filters})
            counted = availability.count_free_by_date(
                session,
                service_id=service.id,
                **{key: value for key, value in {**window, **filters}.items() if key != "leaving_slot_id"},
            )
        if "leaving_slot_id" not in filters:
            assert sum(counted.values()) == len(found)
        return [(slot.starts_at - at(3)) / timedelta(hours=1) + 3 for slot in found]

    def find(self, service, start, staff=None, location=None):
        query = (
            "SELECT id FROM slot_instances WHERE service_id = :service AND starts_at = :start"
            " AND (CAST(:staff AS uuid) IS NULL OR staff_id = :staff)"
            " AND (CAST(:location AS uuid) IS NULL OR location_id = :location)"
        )
        with self.database.read(self.tenant_id) as session:
            parameters = {"service": service.id, "start": start, "staff": staff and staff.id}
            return session.scalars(text(query), {**parameters, "location": location and location.id}).one()

    def take(self, slot_id, *, extra_min=0, expires_at=None):
        with self.transaction() as session:
            slot = availability.lock_slots(session, [slot_id])[slot_id]
            availability.take_seat(session, slot, booking_id=new_id(), expires_at=expires_at, extra_min=extra_min)

    def free(self, slot_id):
        with self.transaction() as session:
            slot = availability.lock_slots(session, [slot_id])[slot_id]
            availability.free_seat(session, slot, was_held=True)

    def claims(self):
        """(kind, from, until) of everything that is busy, in Moscow hours."""
        with self.database.read(self.tenant_id) as session:
            rows = session.execute(
                text(
                    "SELECT resource_kind, starts_at, ends_at FROM busy_intervals"
                    " ORDER BY resource_kind, starts_at, ends_at"
                )
            )
            return [
                (row.resource_kind, *((end - at(3)) / timedelta(hours=1) + 3 for end in (row.starts_at, row.ends_at)))
                for row in rows
            ]
