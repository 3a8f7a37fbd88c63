"""What a person, a timer or another module does with working time, slots and busy people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from salon.availability.domain import Rule, RuleDetails, Slot, SlotsGenerated, SlotStatus, find_overlap
from salon.availability.errors import RulesOverlap, SlotAlreadyTaken, SlotNotOffered
from salon.availability.repository import generation, rules, slots
from salon.availability.repository.slots import FreeSlotsQuery
from salon.catalog import use_cases as catalog
from salon.identity.domain import Actor
from salon.identity.use_cases import record_audit
from salon.platform.db import ReadSession, WriteSession

GENERATED_AT_ONCE = timedelta(days=14)  # days of one statement: bounds its time and the rows it locks
FREE_SLOTS_SHOWN = 500
DEFAULT_MIN_NOTICE = timedelta(minutes=30)


def create_rule(session: WriteSession, details: RuleDetails, *, actor: Actor, now: datetime) -> Rule:
    """Say when a location or a person works, or does not. Slots follow with the next `generate_slots`.

    Raises:
        RulesOverlap: an equal rule covers some of these hours already.
        LocationNotFound, StaffNotFound, ServiceNotFound: what the rule names does not exist.
    """
    _check(session, details, except_id=None)
    rule = rules.add_rule(session, details, now)
    _audit(session, "availability_rule.created", rule.id, actor, now)
    return rule


def change_rule(session: WriteSession, rule_id: UUID, details: RuleDetails, *, actor: Actor, now: datetime) -> None:
    """Replace what a rule says.

    Raises:
        RuleNotFound: there is none.
        RulesOverlap: an equal rule covers some of these hours already.
        LocationNotFound, StaffNotFound, ServiceNotFound: what the rule names does not exist.
    """
    _check(session, details, except_id=rule_id)
    rules.update_rule(session, rule_id, details)
    _audit(session, "availability_rule.changed", rule_id, actor, now)


def remove_rule(session: WriteSession, rule_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Drop a rule.

    Raises:
        RuleNotFound: there is none.
    """
    rules.remove_rule(session, rule_id)
    _audit(session, "availability_rule.removed", rule_id, actor, now)


def get_rule(session: ReadSession, rule_id: UUID) -> Rule:
    """A rule.

    Raises:
        RuleNotFound: there is none.
    """
    return rules.get_rule(session, rule_id)


def list_rules(session: ReadSession, location_id: UUID) -> list[Rule]:
    """The rules of a location, the oldest first."""
    return rules.list_rules(session, location_id)


def generate_slots(
    session: WriteSession, *, location_id: UUID, from_on: date, to_on: date, now: datetime
) -> SlotsGenerated:
    """Make the future slots of a location equal to what its rules say, for local days `from_on` to `to_on` included.

    For each day, person and service the strongest kind of rule gives the hours: an exception before a date range
    before a weekly rule; of one kind, a rule for this service before one for all. Whoever has rules of their own works
    by them; location rules of a stronger kind narrow them (short hours on New Year's Eve), everybody else works by
    the location's rules. A closure takes away hours of its own kind and of weaker ones. A service lies wholly within
    the hours; its buffers may reach beyond them.

    Running it again changes nothing. A slot with a hold or a booking is never removed: if no rule covers it any more
    it is blocked, so that no further seat is sold. Past slots are left alone. Takes no capacity, sells nothing.
    """
    done = SlotsGenerated()
    first = from_on
    while first <= to_on:
        last = min(to_on, first + GENERATED_AT_ONCE - timedelta(days=1))
        done += generation.generate_slots(session, location_id, first, last, now)
        first = last + timedelta(days=1)
    return done


def list_tenant_locations(session: ReadSession) -> list[tuple[UUID, UUID]]:
    """(tenant_id, location_id) of every active location of all tenants; the timer works each in its own transaction."""
    return generation.list_tenant_locations(session)


def get_slot(session: ReadSession, slot_id: UUID) -> Slot:
    """A slot.

    Raises:
        SlotNotFound: there is none.
    """
    return slots.get_slot(session, slot_id)


def list_free_slots(
    session: ReadSession,
    *,
    service_id: UUID,
    from_at: datetime,
    to_at: datetime,
    now: datetime,
    staff_id: UUID | None = None,
    location_id: UUID | None = None,
    leaving_slot_id: UUID | None = None,
    min_notice: timedelta = DEFAULT_MIN_NOTICE,
    limit: int = FREE_SLOTS_SHOWN,
) -> list[Slot]:
    """Slots that can be had, by time: a seat is left and the staff member is not busy, buffers included.

    Args:
        session: reading is enough.
        service_id: which service.
        from_at: starts at this instant or later.
        to_at: starts before this instant.
        now: the current instant.
        staff_id: with this person only.
        location_id: at this branch only.
        leaving_slot_id: the slot of a booking that is being moved; its time does not stand in the way.
        min_notice: starts at least so much after `now`.
        limit: at most so many.
    """
    query = FreeSlotsQuery(
        service_id=service_id,
        staff_id=staff_id,
        location_id=location_id,
        from_at=max(from_at, now + min_notice),
        to_at=to_at,
        now=now,
        leaving_slot_id=leaving_slot_id,
    )
    return slots.list_free_slots(session, query, limit)


def count_free_by_date(
    session: ReadSession,
    *,
    service_id: UUID,
    from_at: datetime,
    to_at: datetime,
    now: datetime,
    staff_id: UUID | None = None,
    location_id: UUID | None = None,
    min_notice: timedelta = DEFAULT_MIN_NOTICE,
) -> dict[date, int]:
    """How many slots can be had on each local day; days without any are not in the answer."""
    query = FreeSlotsQuery(
        service_id=service_id,
        staff_id=staff_id,
        location_id=location_id,
        from_at=max(from_at, now + min_notice),
        to_at=to_at,
        now=now,
    )
    return slots.count_free_by_date(session, query)


def lock_slots(session: WriteSession, slot_ids: Iterable[UUID]) -> dict[UUID, Slot]:
    """Lock slots before their seats change; all that one transaction needs at once, or deadlocks follow.

    A slot that is gone is not in the answer.
    """
    return slots.lock_slots(session, slot_ids)


def take_seat(session: WriteSession, slot: Slot, *, booking_id: UUID, expires_at: datetime | None) -> None:
    """Hold a seat of a locked slot, and with the first one the staff member's time.

    A refusal leaves the transaction usable.

    Args:
        session: the transaction that locked the slot.
        slot: as `lock_slots` returned it, and not changed since.
        booking_id: for whom.
        expires_at: when the hold ends by itself; None for a seat that is settled in the same transaction.

    Raises:
        SlotAlreadyTaken: no seat is left, or the staff member is busy.
        SlotNotOffered: the slot is blocked.
    """
    if slot.status is SlotStatus.BLOCKED:
        raise SlotNotOffered(slot.id)
    if not slot.has_room:
        raise SlotAlreadyTaken(slot.id)
    slots.take_seat(session, slot, booking_id, expires_at)


def settle_seat(session: WriteSession, slot_id: UUID) -> None:
    """Turn a held seat of a locked slot into a booked one."""
    slots.settle_seat(session, slot_id)


def free_seat(session: WriteSession, slot: Slot, *, was_held: bool) -> None:
    """Give a held or booked seat of a locked slot back, and with the last one the staff member's time."""
    slots.free_seat(session, slot, was_held=was_held)


def free_staff(session: WriteSession, slot_id: UUID) -> None:
    """Free the staff member of a slot whose client did not come; the seat stays counted."""
    slots.free_staff(session, slot_id)


def _check(session: ReadSession, details: RuleDetails, *, except_id: UUID | None) -> None:
    catalog.get_location(session, details.location_id)
    if details.staff_id is not None:
        catalog.get_staff(session, details.staff_id)
    if details.service_id is not None:
        catalog.get_service(session, details.service_id)
    others = [rule for rule in rules.list_rules(session, details.location_id) if rule.id != except_id]
    clash = find_overlap(details, others)
    if clash is not None:
        raise RulesOverlap(clash.id)


def _audit(session: WriteSession, action: str, rule_id: UUID, actor: Actor, now: datetime) -> None:
    record_audit(session, action=action, subject="availability_rule", subject_id=rule_id, actor=actor, now=now)
