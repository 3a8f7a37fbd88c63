"""Builders of a salon for tests: keywords only, everything has a default, everything goes through the use cases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from salon.availability import use_cases as availability
from salon.availability.domain import EVERY_DAY, Rule, RuleDetails, RuleKind, Slot
from salon.booking import use_cases as booking
from salon.booking.domain import Booking
from salon.catalog import use_cases as catalog
from salon.catalog.domain import (
    Location,
    LocationDetails,
    PriceItem,
    PriceList,
    PriceListDetails,
    Service,
    ServiceDetails,
    Skill,
    Staff,
    StaffDetails,
)
from salon.clients import use_cases as clients
from salon.clients.domain import Client, Contact
from salon.identity.domain import Actor, ActorKind
from salon.identity.use_cases import add_channel_account
from salon.platform.db import Database, ReadSession, WriteSession
from salon.platform.ids import new_id
from salon.platform.money import Money

ACTOR = Actor(ActorKind.USER, "test-user")
TIMEZONE = "Europe/Moscow"


def make_location(
    session: WriteSession, *, now: datetime, name: str = "Салон на Сретенке", timezone: str = TIMEZONE
) -> Location:
    details = LocationDetails(name=name, timezone=timezone, address="ул. Пробная, 1")
    return catalog.create_location(session, details, actor=ACTOR, now=now)


def make_service(  # the keywords are the service's own
    session: WriteSession,
    *,
    now: datetime,
    location_ids: Iterable[UUID] = (),
    name: str = "Женская стрижка",
    duration_min: int = 60,
    buffer_before_min: int = 0,
    buffer_after_min: int = 0,
    requires_staff: bool = True,
    synonyms: tuple[str, ...] = (),
) -> Service:
    """A service that the given locations offer from now on, besides what they offered before."""
    details = ServiceDetails(
        name=name,
        duration_min=duration_min,
        buffer_before_min=buffer_before_min,
        buffer_after_min=buffer_after_min,
        requires_staff=requires_staff,
        synonyms=synonyms,
    )
    service = catalog.create_service(session, details, actor=ACTOR, now=now)
    with catalog.gather_changes(session, now=now) as moved:
        for location_id in location_ids:
            offered = [known.id for known in catalog.list_services(session, location_id=location_id, active_only=False)]
            catalog.offer_services(session, location_id, [*offered, service.id], actor=ACTOR, now=now)
        moved.clear()  # a test makes its slots itself and counts the facts of what it does
    return service


def make_staff(
    session: WriteSession,
    *,
    now: datetime,
    location_id: UUID,
    service_ids: Sequence[UUID | Skill] = (),
    name: str = "Анна",
    grade: str | None = None,
) -> Staff:
    person = catalog.create_staff(
        session, StaffDetails(location_id=location_id, name=name, grade=grade), actor=ACTOR, now=now
    )
    skills = [known if isinstance(known, Skill) else Skill(known) for known in service_ids]
    with catalog.gather_changes(session, now=now) as moved:
        catalog.assign_skills(session, person.id, skills, actor=ACTOR, now=now)
        moved.clear()
    return person


def make_price_list(
    session: WriteSession,
    *,
    now: datetime,
    prices: dict[tuple[UUID, str | None], int],
    valid_from: date = date(2026, 1, 1),
    valid_to: date | None = None,
    location_id: UUID | None = None,
) -> PriceList:
    """A price list; prices are kopecks by (service, grade)."""
    items = tuple(PriceItem(service_id, Money(minor), grade) for (service_id, grade), minor in prices.items())
    details = PriceListDetails(
        name="Прайс", valid_from=valid_from, valid_to=valid_to, location_id=location_id, items=items
    )
    return catalog.publish_price_list(session, details, actor=ACTOR, now=now)


def make_rule(
    session: WriteSession,
    *,
    now: datetime,
    location_id: UUID,
    kind: RuleKind = RuleKind.WEEKLY,
    hours: tuple[str, str] | None = ("10:00", "14:00"),
    days_of_week: Iterable[int] | None = None,
    staff_id: UUID | None = None,
    service_id: UUID | None = None,
    capacity: int = 1,
    granularity_min: int = 60,
    valid_from: date | None = None,
    valid_to: date | None = None,
    is_closed: bool = False,
    refresh: bool = False,
) -> Rule:
    """A rule; hours are wall times, weekly ones hold every day unless told otherwise. Slots are the test's affair."""
    if days_of_week is None and kind is RuleKind.WEEKLY:
        days_of_week = EVERY_DAY
    details = RuleDetails(
        location_id=location_id,
        kind=kind,
        start_time=time.fromisoformat(hours[0]) if hours else None,
        end_time=time.fromisoformat(hours[1]) if hours else None,
        days_of_week=frozenset(days_of_week) if days_of_week is not None else None,
        staff_id=staff_id,
        service_id=service_id,
        slot_capacity=capacity,
        slot_granularity_min=granularity_min,
        valid_from=valid_from,
        valid_to=valid_to,
        is_closed=is_closed,
    )
    return availability.create_rule(session, details, actor=ACTOR, now=now, refresh=refresh)


def make_client(session: WriteSession, *, now: datetime, name: str = "Мария") -> Client:
    return clients.create_client(session, display_name=name, actor=ACTOR, now=now)


def make_channel_account(session: WriteSession, *, now: datetime, channel: str = "telegram") -> UUID:
    return add_channel_account(
        session,
        channel=channel,
        account_key=new_id().hex,
        credentials={"token": "1:test", "webhook_secrets": ["secret"]},
        actor=ACTOR,
        now=now,
    )


def make_contact(
    session: WriteSession, *, now: datetime, account_id: UUID, external_user_id: str = "777", name: str = "Мария"
) -> Contact:
    return clients.find_or_create_by_contact(
        session,
        channel="telegram",
        account_id=account_id,
        external_user_id=external_user_id,
        chat_id=external_user_id,
        display_name=name,
        actor=ACTOR,
        now=now,
    )


@dataclass(frozen=True, slots=True)
class Salon:
    """A small working salon: one location, one service, some staff who can do it, slots for some days."""

    database: Database
    tenant_id: UUID
    location: Location
    service: Service
    staff: tuple[Staff, ...]
    now: datetime

    def client(self, *, name: str = "Мария") -> UUID:
        with self.database.transaction(self.tenant_id) as session:
            return make_client(session, now=self.now, name=name).id

    def slots(self, *, now: datetime | None = None, days: int = 7) -> list[Slot]:
        """Free slots from now on, by time and person."""
        with self.database.read(self.tenant_id) as session:
            return free_slots(session, service_id=self.service.id, now=now or self.now, days=days)

    def slot(self, slot_id: UUID) -> Slot:
        with self.database.read(self.tenant_id) as session:
            return availability.get_slot(session, slot_id)

    def hold(self, slot_id: UUID, client_id: UUID, *, now: datetime | None = None) -> Booking:
        with self.database.transaction(self.tenant_id) as session:
            return hold(session, slot_id=slot_id, client_id=client_id, now=now or self.now)

    def book(self, slot_id: UUID, client_id: UUID, *, now: datetime | None = None) -> Booking:
        """Hold and confirm."""
        with self.database.transaction(self.tenant_id) as session:
            held = hold(session, slot_id=slot_id, client_id=client_id, now=now or self.now)
            return booking.confirm_booking(session, held.id, actor=ACTOR, now=now or self.now)

    def booking(self, booking_id: UUID) -> Booking:
        with self.database.read(self.tenant_id) as session:
            return booking.get_booking(session, booking_id)


def free_slots(session: ReadSession, *, service_id: UUID, now: datetime, days: int = 7) -> list[Slot]:
    return availability.list_free_slots(
        session,
        service_id=service_id,
        from_at=now,
        to_at=now + timedelta(days=days),
        now=now,
        min_notice=timedelta(0),
    )


def hold(session: WriteSession, *, slot_id: UUID, client_id: UUID, now: datetime) -> Booking:
    return booking.hold_slot(session, slot_id=slot_id, client_id=client_id, channel="telegram", actor=ACTOR, now=now)


def make_salon(
    database: Database,
    tenant_id: UUID,
    *,
    now: datetime,
    timezone: str = TIMEZONE,
    staff_names: Sequence[str] = ("Анна",),
    duration_min: int = 60,
    buffer_after_min: int = 0,
    hours: tuple[str, str] = ("12:00", "18:00"),
    granularity_min: int = 60,
    capacity: int = 1,
    days: int = 3,
) -> Salon:
    """A working salon whose slots are generated from the local day of `now` on."""
    with database.transaction(tenant_id) as session:
        location = make_location(session, now=now, timezone=timezone)
        service = make_service(
            session,
            now=now,
            location_ids=[location.id],
            duration_min=duration_min,
            buffer_after_min=buffer_after_min,
        )
        staff = tuple(
            make_staff(session, now=now, location_id=location.id, service_ids=[service.id], name=name)
            for name in staff_names
        )
        make_rule(
            session,
            now=now,
            location_id=location.id,
            hours=hours,
            granularity_min=granularity_min,
            capacity=capacity,
        )
        availability.generate_slots(
            session, location_id=location.id, from_on=now.date(), to_on=now.date() + timedelta(days=days - 1), now=now
        )
    return Salon(database, tenant_id, location, service, staff, now)
