"""Queries about templates of rules."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, Table, delete, insert, select, update

from salon.availability.domain import Template, TemplateDetails, TemplateEntry
from salon.availability.errors import TemplateNameTaken, TemplateNotFound
from salon.availability.models import AvailabilityRuleRow, RuleTemplateRow
from salon.platform.db import ReadSession, WriteSession, on_constraint, tenant_of
from salon.platform.ids import new_id

on_constraint("uq_rule_templates_name", TemplateNameTaken)

_templates = cast("Table", RuleTemplateRow.__table__)
_rules = cast("Table", AvailabilityRuleRow.__table__)


def _template(row: Row[Any]) -> Template:
    entries = tuple(
        TemplateEntry(
            day=entry["day"],
            start=time.fromisoformat(entry["start"]),
            end=time.fromisoformat(entry["end"]),
            granularity_min=entry["granularity_min"],
            is_break=entry["is_break"],
        )
        for entry in row.entries
    )
    return Template(id=row.id, name=row.name, cycle_days=row.cycle_days, entries=entries)


def _values(details: TemplateDetails) -> dict[str, Any]:
    entries = [
        {
            "day": entry.day,
            "start": entry.start.isoformat("minutes"),
            "end": entry.end.isoformat("minutes"),
            "granularity_min": entry.granularity_min,
            "is_break": entry.is_break,
        }
        for entry in details.entries
    ]
    return {"name": details.name, "cycle_days": details.cycle_days, "entries": entries}


def add_template(session: WriteSession, details: TemplateDetails, now: datetime) -> Template:
    """Store a new template.

    Raises:
        TemplateNameTaken: another has this name.
    """
    template_id = new_id()
    common = {"id": template_id, "tenant_id": tenant_of(session), "created_at": now}
    session.execute(insert(_templates).values(**common, **_values(details)))
    return get_template(session, template_id)


def get_template(session: ReadSession, template_id: UUID) -> Template:
    """A template.

    Raises:
        TemplateNotFound: there is none.
    """
    row = session.execute(select(_templates).where(_templates.c.id == template_id)).one_or_none()
    if row is None:
        raise TemplateNotFound(template_id)
    return _template(row)


def list_templates(session: ReadSession) -> list[Template]:
    """The tenant's templates, by name."""
    return [_template(row) for row in session.execute(select(_templates).order_by(_templates.c.name))]


def update_template(session: WriteSession, template_id: UUID, details: TemplateDetails) -> None:
    """Store what a template says now.

    Raises:
        TemplateNotFound: there is none.
        TemplateNameTaken: another has this name.
    """
    query = update(_templates).where(_templates.c.id == template_id).values(**_values(details))
    if session.execute(query.returning(_templates.c.id)).first() is None:
        raise TemplateNotFound(template_id)


def remove_template(session: WriteSession, template_id: UUID) -> None:
    """Drop a template; the rules made from it forget where they came from.

    Raises:
        TemplateNotFound: there is none.
    """
    session.execute(update(_rules).where(_rules.c.template_id == template_id).values(template_id=None))
    query = delete(_templates).where(_templates.c.id == template_id)
    if session.execute(query.returning(_templates.c.id)).first() is None:
        raise TemplateNotFound(template_id)
