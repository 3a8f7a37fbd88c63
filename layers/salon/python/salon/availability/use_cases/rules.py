"""Saying when a location or a person works. Every change moves the slots of the days it touches at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from salon.availability.domain import Rule, RuleDetails, RulePurpose, find_overlap
from salon.availability.errors import RulesOverlap
from salon.availability.events import SlotsOpened
from salon.availability.repository import rules
from salon.availability.use_cases.slots import refresh_slots
from salon.catalog import use_cases as catalog
from salon.identity.domain import Actor
from salon.identity.use_cases import record_audit
from salon.platform.db import ReadSession, WriteSession
from salon.platform.outbox import emit


def create_rule(
    session: WriteSession, details: RuleDetails, *, actor: Actor, now: datetime, refresh: bool = True
) -> Rule:
    """Say when a location or a person works, or does not.

    Args:
        session: the transaction.
        details: what is said.
        actor: who says it.
        now: the current instant.
        refresh: False for who makes many rules and calls `generate_slots` afterwards.

    Raises:
        RulesOverlap: an equal rule covers some of these hours already.
        LocationNotFound, StaffNotFound, ServiceNotFound: what the rule names does not exist.
    """
    (rule,) = add_checked(session, [details], now)
    record_rule_change(session, "availability_rule.created", rule.id, actor, now)
    if refresh:
        refresh_touched(session, [rule], now)
    return rule


def change_rule(
    session: WriteSession, rule_id: UUID, details: RuleDetails, *, actor: Actor, now: datetime, refresh: bool = True
) -> None:
    """Replace what a rule says.

    Raises:
        RuleNotFound: there is none.
        RulesOverlap: an equal rule covers some of these hours already.
        LocationNotFound, StaffNotFound, ServiceNotFound: what the rule names does not exist.
    """
    check_names(session, details)
    rules.lock_rules(session, details.location_id)
    old = rules.get_rule(session, rule_id)
    _refuse_overlaps(session, [details], except_id=rule_id)
    rules.update_rule(session, rule_id, details)
    record_rule_change(session, "availability_rule.changed", rule_id, actor, now)
    if refresh:
        refresh_touched(session, [old, details], now)


def remove_rule(session: WriteSession, rule_id: UUID, *, actor: Actor, now: datetime, refresh: bool = True) -> None:
    """Drop a rule.

    Raises:
        RuleNotFound: there is none.
    """
    old = rules.get_rule(session, rule_id)
    rules.remove_rules(session, [rule_id])
    record_rule_change(session, "availability_rule.removed", rule_id, actor, now)
    if refresh:
        refresh_touched(session, [old], now)


def get_rule(session: ReadSession, rule_id: UUID) -> Rule:
    """A rule.

    Raises:
        RuleNotFound: there is none.
    """
    return rules.get_rule(session, rule_id)


def list_rules(
    session: ReadSession,
    location_id: UUID | None = None,
    *,
    staff_id: UUID | None = None,
    purpose: RulePurpose | None = None,
    template_id: UUID | None = None,
    from_on: date | None = None,
    to_on: date | None = None,
) -> list[Rule]:
    """Rules, the oldest first; of a location, a person, a purpose or a template, valid between two days."""
    return rules.list_rules(
        session,
        location_id,
        staff_id=staff_id,
        purpose=purpose,
        template_id=template_id,
        from_on=from_on,
        to_on=to_on,
    )


def add_checked(session: WriteSession, many: Sequence[RuleDetails], now: datetime) -> list[Rule]:
    """Store rules of one location and person after all checks.

    Raises:
        RulesOverlap: an equal rule covers some of these hours already.
        LocationNotFound, StaffNotFound, ServiceNotFound: what the rules name does not exist.
    """
    if not many:
        return []
    for names in {(rule.location_id, rule.staff_id, rule.service_id): rule for rule in many}.values():
        check_names(session, names)
    for location_id in sorted({rule.location_id for rule in many}):
        rules.lock_rules(session, location_id)
    _refuse_overlaps(session, many, except_id=None)
    return rules.add_rules(session, many, now)


def refresh_touched(session: WriteSession, touched: Iterable[RuleDetails], now: datetime) -> None:
    """Make the slots of the days, people and services that some rules speak about anew."""
    many = list(touched)
    for location_id in sorted({rule.location_id for rule in many}):
        here = [rule for rule in many if rule.location_id == location_id]
        starts, ends = [rule.valid_from for rule in here], [rule.valid_to for rule in here]
        people, services = {rule.staff_id for rule in here}, {rule.service_id for rule in here}
        done = refresh_slots(
            session,
            location_id=location_id,
            now=now,
            from_on=None if None in starts else min(on for on in starts if on is not None),
            to_on=None if None in ends else max(on for on in ends if on is not None),
            staff_id=people.pop() if len(people) == 1 else None,
            service_id=services.pop() if len(services) == 1 else None,
        )
        if done.created:  # somebody may be waiting for them
            emit(session, SlotsOpened(occurred_at=now, location_id=location_id, created=done.created))


def check_names(session: ReadSession, details: RuleDetails) -> None:
    """Refuse a rule about what does not exist.

    Raises:
        LocationNotFound, StaffNotFound, ServiceNotFound: the first that is missing.
    """
    catalog.get_location(session, details.location_id)
    if details.staff_id is not None:
        catalog.get_staff(session, details.staff_id)
    if details.service_id is not None:
        catalog.get_service(session, details.service_id)


def record_rule_change(session: WriteSession, action: str, rule_id: UUID, actor: Actor, now: datetime) -> None:
    """Note who changed a rule."""
    record_audit(session, action=action, subject="availability_rule", subject_id=rule_id, actor=actor, now=now)


def _refuse_overlaps(session: ReadSession, many: Sequence[RuleDetails], *, except_id: UUID | None) -> None:
    for location_id, staff_id in {(rule.location_id, rule.staff_id) for rule in many}:
        same = [rule for rule in many if (rule.location_id, rule.staff_id) == (location_id, staff_id)]
        present = [rule for rule in rules.list_rules(session, location_id, staff_id=staff_id) if rule.id != except_id]
        for details in same:
            clash = find_overlap(details, present)
            if clash is not None:
                raise RulesOverlap(clash.id)
