"""Queries about availability rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, and_, delete, func, insert, or_, select, update

from salon.availability.domain import Rule, RuleDetails, RuleKind, RulePurpose
from salon.availability.errors import RuleNotFound
from salon.availability.models import AvailabilityRuleRow
from salon.catalog.models import LocationRow
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.ids import new_id

_rules = cast("Table", AvailabilityRuleRow.__table__)


def _rule(row: AvailabilityRuleRow) -> Rule:
    return Rule(
        id=row.id,
        location_id=row.location_id,
        staff_id=row.staff_id,
        service_id=row.service_id,
        kind=RuleKind(row.kind),
        days_of_week=frozenset(row.days_of_week) if row.days_of_week is not None else None,
        start_time=row.start_time,
        end_time=row.end_time,
        slot_capacity=row.slot_capacity,
        slot_granularity_min=row.slot_granularity_min,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        is_closed=row.is_closed,
        purpose=RulePurpose(row.purpose),
        template_id=row.template_id,
        group_id=row.group_id,
    )


def _values(details: RuleDetails) -> dict[str, Any]:
    return {
        "location_id": details.location_id,
        "staff_id": details.staff_id,
        "service_id": details.service_id,
        "kind": details.kind,
        "days_of_week": sorted(details.days_of_week) if details.days_of_week is not None else None,
        "start_time": details.start_time,
        "end_time": details.end_time,
        "slot_capacity": details.slot_capacity,
        "slot_granularity_min": details.slot_granularity_min,
        "valid_from": details.valid_from,
        "valid_to": details.valid_to,
        "is_closed": details.is_closed,
        "purpose": details.purpose,
        "template_id": details.template_id,
        "group_id": details.group_id,
    }


def add_rules(session: WriteSession, many: Sequence[RuleDetails], now: datetime) -> list[Rule]:
    """Store new rules."""
    added = [
        Rule(id=new_id(), **{name: getattr(details, name) for name in RuleDetails.__dataclass_fields__})
        for details in many
    ]
    if added:
        common = {"tenant_id": tenant_of(session), "created_at": now}
        session.execute(insert(_rules), [{"id": rule.id, **common, **_values(rule)} for rule in added])
    return added


def get_rule(session: ReadSession, rule_id: UUID) -> Rule:
    """A rule.

    Raises:
        RuleNotFound: there is none.
    """
    row = session.get(AvailabilityRuleRow, rule_id, populate_existing=True)
    if row is None:
        raise RuleNotFound(rule_id)
    return _rule(row)


def list_rules(
    session: ReadSession,
    location_id: UUID | None = None,
    *,
    staff_id: UUID | None = None,
    purpose: RulePurpose | None = None,
    template_id: UUID | None = None,
    group_id: UUID | None = None,
    from_on: date | None = None,
    to_on: date | None = None,
) -> list[Rule]:
    """Rules, the oldest first; what is not said does not matter.

    Args:
        session: reading is enough.
        location_id: of this branch.
        staff_id: of this person.
        purpose: made for this.
        template_id: made from this template.
        group_id: made together under this id.
        from_on: still valid on this day.
        to_on: already valid on this day.
    """
    query = select(AvailabilityRuleRow).order_by(AvailabilityRuleRow.id)
    wanted = {
        "location_id": location_id,
        "staff_id": staff_id,
        "purpose": purpose,
        "template_id": template_id,
        "group_id": group_id,
    }
    for column, value in wanted.items():
        if value is not None:
            query = query.where(_rules.c[column] == value)
    if from_on is not None:
        query = query.where(or_(_rules.c.valid_to.is_(None), _rules.c.valid_to >= from_on))
    if to_on is not None:
        query = query.where(or_(_rules.c.valid_from.is_(None), _rules.c.valid_from <= to_on))
    return [_rule(row) for row in session.scalars(query.execution_options(populate_existing=True))]


def update_rule(session: WriteSession, rule_id: UUID, details: RuleDetails) -> None:
    """Store what a rule says now.

    Raises:
        RuleNotFound: there is none.
    """
    query = update(_rules).where(_rules.c.id == rule_id).values(**_values(details))
    if session.execute(query.returning(_rules.c.id)).first() is None:
        raise RuleNotFound(rule_id)


def remove_rules(session: WriteSession, rule_ids: Iterable[UUID]) -> None:
    """Drop rules."""
    session.execute(delete(_rules).where(_rules.c.id.in_(list(rule_ids))))


def lock_rules(session: WriteSession, location_id: UUID) -> None:
    """Let nobody else change rules of a location until this transaction ends: overlaps are looked for, then written."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"rules:{location_id}", 0))))


def list_locations_of(session: ReadSession, staff_id: UUID, home_id: UUID) -> list[UUID]:
    """Active locations where somebody works: their home, and wherever they have hours of their own."""
    own = select(_rules.c.location_id).where(_rules.c.staff_id == staff_id, _rules.c.is_closed.is_(False))
    query = select(LocationRow.id).where(
        and_(LocationRow.is_active.is_(True), or_(LocationRow.id == home_id, LocationRow.id.in_(own)))
    )
    return list(session.scalars(query.order_by(LocationRow.id)))
