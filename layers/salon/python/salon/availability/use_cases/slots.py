"""Making slots, and blocking single ones."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from salon.availability.domain import Slot, SlotsGenerated
from salon.availability.errors import SlotNotFound
from salon.availability.repository import generation, slots
from salon.availability.repository.generation import Stretch
from salon.availability.use_cases.policy import booking_horizon
from salon.catalog import use_cases as catalog
from salon.identity.domain import Actor
from salon.identity.use_cases import record_audit
from salon.platform.db import ReadSession, WriteSession
from salon.platform.timeranges import zone

GENERATED_AT_ONCE = timedelta(days=62)  # days of one statement: a whole horizon; bounds its time and the rows it locks


def generate_slots(
    session: WriteSession,
    *,
    location_id: UUID,
    from_on: date,
    to_on: date,
    now: datetime,
    staff_id: UUID | None = None,
    service_id: UUID | None = None,
) -> SlotsGenerated:
    """Make the future slots of a location equal to what its rules say, for local days `from_on` to `to_on` included.

    For each day, person and service the strongest kind of rule gives the hours: an exception before a date range
    before a weekly rule; of one kind, a rule for this service before one for all. Whoever has rules of their own works
    by them; location rules of a stronger kind narrow them (short hours on New Year's Eve), everybody else works by
    the location's rules, but only at home: elsewhere one works by rules of one's own there. A closure takes away hours
    of its own kind and of weaker ones. A service lies wholly within the hours; its buffers may reach beyond them. Each
    slot notes the continuous stretch of the day's hours that it lies in.

    Running it again changes nothing. A slot with a hold or a booking is never removed: if no rule covers it any more
    it is blocked, so that no further seat is sold. Slots blocked by hand stay, and stay blocked. Past slots are left
    alone. Takes no capacity, sells nothing. One run at a time for each location.

    Args:
        session: the transaction.
        location_id: where.
        from_on: first local day.
        to_on: last local day, included.
        now: nothing before it is touched.
        staff_id: slots of this person only.
        service_id: slots of this service only.
    """
    done = SlotsGenerated()
    first = from_on
    while first <= to_on:
        last = min(to_on, first + GENERATED_AT_ONCE - timedelta(days=1))
        stretch = Stretch(location_id=location_id, from_on=first, to_on=last, staff_id=staff_id, service_id=service_id)
        done += generation.generate_slots(session, stretch, now)
        first = last + timedelta(days=1)
    return done


def refresh_slots(
    session: WriteSession,
    *,
    location_id: UUID,
    now: datetime,
    from_on: date | None = None,
    to_on: date | None = None,
    staff_id: UUID | None = None,
    service_id: UUID | None = None,
) -> SlotsGenerated:
    """`generate_slots` after a change, from the local today up to the tenant's booking horizon.

    Args:
        session: the transaction of the change.
        location_id: where.
        now: the current instant.
        from_on: first local day that the change touches; None for all days.
        to_on: last local day that the change touches, included; the hours of a night shift reach into the next one,
            which is looked at as well.
        staff_id: only this person's slots can be touched.
        service_id: only this service's slots can be touched.

    Raises:
        LocationNotFound: there is none.
    """
    today = now.astimezone(zone(catalog.get_location(session, location_id).timezone)).date()
    last = today + booking_horizon(session)
    if to_on is not None and to_on < last:
        last = to_on + timedelta(days=1)
    first = today if from_on is None else max(today, from_on)
    return generate_slots(
        session,
        location_id=location_id,
        from_on=first,
        to_on=last,
        now=now,
        staff_id=staff_id,
        service_id=service_id,
    )


def refresh_locations(session: WriteSession, location_ids: Iterable[UUID], *, now: datetime) -> SlotsGenerated:
    """`refresh_slots` of whole locations, in an order that two who do the same agree upon."""
    done = SlotsGenerated()
    for location_id in sorted(set(location_ids)):
        done += refresh_slots(session, location_id=location_id, now=now)
    return done


def list_tenant_locations(session: ReadSession) -> list[tuple[UUID, UUID]]:
    """(tenant_id, location_id) of every active location of all tenants; the timer works each in its own transaction."""
    return generation.list_tenant_locations(session)


def block_slot(session: WriteSession, slot_id: UUID, *, actor: Actor, now: datetime) -> Slot:
    """Sell no further seat of a slot until it is unblocked, whatever the rules say; seats that are taken stay taken.

    Raises:
        SlotNotFound: there is none.
    """
    _lock(session, slot_id)
    slots.block_slot(session, slot_id)
    record_audit(session, action="slot.blocked", subject="slot", subject_id=slot_id, actor=actor, now=now)
    return slots.get_slot(session, slot_id)


def unblock_slot(session: WriteSession, slot_id: UUID, *, actor: Actor, now: datetime) -> Slot | None:
    """Leave a slot to the rules again: offered if they cover it, gone (None) if not and nobody has a seat.

    Raises:
        SlotNotFound: there is none.
    """
    generation.lock_generation(session, slots.get_slot(session, slot_id).location_id)  # generation locks before slots
    slot = _lock(session, slot_id)
    slots.unblock_slot(session, slot_id)
    location = catalog.get_location(session, slot.location_id)
    on = slot.starts_at.astimezone(zone(location.timezone)).date()
    generate_slots(
        session,
        location_id=slot.location_id,
        from_on=on,
        to_on=on,
        now=now,
        staff_id=slot.staff_id,
        service_id=slot.service_id,
    )
    record_audit(session, action="slot.unblocked", subject="slot", subject_id=slot_id, actor=actor, now=now)
    return slots.lock_slots(session, [slot_id]).get(slot_id)


def _lock(session: WriteSession, slot_id: UUID) -> Slot:
    locked = slots.lock_slots(session, [slot_id])
    if slot_id not in locked:
        raise SlotNotFound(slot_id)
    return locked[slot_id]
