"""Queries about availability rules."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from salon.availability.domain import Rule, RuleDetails, RuleKind
from salon.availability.errors import RuleNotFound
from salon.availability.models import AvailabilityRuleRow
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.ids import new_id


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
    }


def add_rule(session: WriteSession, details: RuleDetails, now: datetime) -> Rule:
    """Store a new rule."""
    row = AvailabilityRuleRow(id=new_id(), tenant_id=tenant_of(session), created_at=now, **_values(details))
    session.add(row)
    session.flush()
    return _rule(row)


def get_rule(session: ReadSession, rule_id: UUID) -> Rule:
    """A rule.

    Raises:
        RuleNotFound: there is none.
    """
    row = session.get(AvailabilityRuleRow, rule_id)
    if row is None:
        raise RuleNotFound(rule_id)
    return _rule(row)


def list_rules(session: ReadSession, location_id: UUID) -> list[Rule]:
    """The rules of a location, the oldest first."""
    query = (
        select(AvailabilityRuleRow)
        .where(AvailabilityRuleRow.location_id == location_id)
        .order_by(AvailabilityRuleRow.id)
    )
    return [_rule(row) for row in session.scalars(query)]


def update_rule(session: WriteSession, rule_id: UUID, details: RuleDetails) -> None:
    """Store what a rule says now.

    Raises:
        RuleNotFound: there is none.
    """
    query = update(AvailabilityRuleRow).where(AvailabilityRuleRow.id == rule_id).values(**_values(details))
    if session.execute(query.returning(AvailabilityRuleRow.id)).first() is None:
        raise RuleNotFound(rule_id)


def remove_rule(session: WriteSession, rule_id: UUID) -> None:
    """Drop a rule.

    Raises:
        RuleNotFound: there is none.
    """
    query = delete(AvailabilityRuleRow).where(AvailabilityRuleRow.id == rule_id)
    if session.execute(query.returning(AvailabilityRuleRow.id)).first() is None:
        raise RuleNotFound(rule_id)
