"""Patterns of shifts that repeat: keeping them, applying them, taking them back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from salon.availability.domain import Rule, RuleDetails, RuleKind, Template, TemplateDetails, rules_of
from salon.availability.repository import rules, templates
from salon.availability.use_cases.rules import add_checked, refresh_touched
from salon.catalog import use_cases as catalog
from salon.identity.domain import Actor
from salon.identity.use_cases import record_audit
from salon.platform.db import ReadSession, WriteSession


def create_template(session: WriteSession, details: TemplateDetails, *, actor: Actor, now: datetime) -> Template:
    """Keep a pattern under a name.

    Raises:
        TemplateNameTaken: another template has this name.
    """
    template = templates.add_template(session, details, now)
    _audit(session, "rule_template.created", template.id, actor, now)
    return template


def change_template(
    session: WriteSession, template_id: UUID, details: TemplateDetails, *, actor: Actor, now: datetime
) -> None:
    """Replace a pattern. What was made from it stays until it is applied again.

    Raises:
        TemplateNotFound: there is none.
        TemplateNameTaken: another template has this name.
    """
    templates.update_template(session, template_id, details)
    _audit(session, "rule_template.changed", template_id, actor, now)


def remove_template(session: WriteSession, template_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Drop a pattern. Shifts that were made from it stay, as if made by hand.

    Raises:
        TemplateNotFound: there is none.
    """
    templates.remove_template(session, template_id)
    _audit(session, "rule_template.removed", template_id, actor, now)


def get_template(session: ReadSession, template_id: UUID) -> Template:
    """A pattern.

    Raises:
        TemplateNotFound: there is none.
    """
    return templates.get_template(session, template_id)


def list_templates(session: ReadSession) -> list[Template]:
    """The tenant's patterns, by name."""
    return templates.list_templates(session)


def apply_template(
    session: WriteSession,
    template_id: UUID,
    *,
    location_id: UUID,
    staff_id: UUID,
    from_on: date,
    to_on: date | None,
    anchor_on: date,
    actor: Actor,
    now: datetime,
) -> list[Rule]:
    """Give somebody the shifts of a pattern in a stretch of days; what it had made there before is replaced.

    Days become date ranges, days off closed ones; exceptions (`set_shift`, `add_time_off`) stay stronger. A cycle of
    a week without an end becomes weekly rules.

    Args:
        session: the transaction.
        template_id: which pattern.
        location_id: where.
        staff_id: whose shifts.
        from_on: first local day.
        to_on: last local day, included; None for ever.
        anchor_on: some day that is the first of a cycle: «the first of the two days on».
        actor: who decides.
        now: the current instant.

    Raises:
        TemplateNotFound, LocationNotFound, StaffNotFound: there is none.
        TemplateSenseless: the stretch is empty or too long; it has no end and the cycle is not a week.
        RulesOverlap: date ranges of other origin cover some of these hours; take them back first.
    """
    template = templates.get_template(session, template_id)
    catalog.get_location(session, location_id)
    made = rules_of(
        template, location_id=location_id, staff_id=staff_id, from_on=from_on, to_on=to_on, anchor_on=anchor_on
    )
    rules.lock_rules(session, location_id)
    gone = _cut(session, template_id, location_id=location_id, staff_id=staff_id, from_on=from_on, to_on=to_on, now=now)
    added = add_checked(session, made, now)
    refresh_touched(session, [*gone, *added], now)
    _audit(session, "rule_template.applied", template_id, actor, now)
    return added


def unapply_template(
    session: WriteSession,
    template_id: UUID,
    *,
    location_id: UUID,
    staff_id: UUID,
    from_on: date,
    to_on: date | None,
    actor: Actor,
    now: datetime,
) -> int:
    """Take back the shifts that a pattern has given somebody in a stretch of days; how many rules that were.

    Raises:
        TemplateNotFound: there is none.
    """
    templates.get_template(session, template_id)
    rules.lock_rules(session, location_id)
    gone = _cut(session, template_id, location_id=location_id, staff_id=staff_id, from_on=from_on, to_on=to_on, now=now)
    refresh_touched(session, gone, now)
    _audit(session, "rule_template.unapplied", template_id, actor, now)
    return len(gone)


def _cut(
    session: WriteSession,
    template_id: UUID,
    *,
    location_id: UUID,
    staff_id: UUID,
    from_on: date,
    to_on: date | None,
    now: datetime,
) -> list[RuleDetails]:
    """Take a stretch of days out of what a template has made; the rules that stood there, cut to the stretch."""
    found = rules.list_rules(
        session, location_id, staff_id=staff_id, template_id=template_id, from_on=from_on, to_on=to_on
    )
    rules.remove_rules(session, [rule.id for rule in found])
    left = [piece for rule in found for piece in _outside(rule, from_on, to_on)]
    rules.add_rules(session, left, now)
    return [_inside(rule, from_on, to_on) for rule in found]


def _outside(rule: Rule, from_on: date, to_on: date | None) -> list[RuleDetails]:
    details = _details(rule)
    pieces = []
    if rule.valid_from is None or rule.valid_from < from_on:
        pieces.append(replace(details, valid_to=from_on - timedelta(days=1)))
    if to_on is not None and (rule.valid_to is None or rule.valid_to > to_on):
        pieces.append(replace(details, valid_from=to_on + timedelta(days=1)))
    return pieces


def _inside(rule: Rule, from_on: date, to_on: date | None) -> RuleDetails:
    details = _details(rule)
    ends = [on for on in (rule.valid_to, to_on) if on is not None]
    first = from_on if rule.valid_from is None else max(rule.valid_from, from_on)
    last = min(ends) if ends else None
    if rule.kind is not RuleKind.WEEKLY and last is None:
        return details
    return replace(details, valid_from=first, valid_to=last)


def _details(rule: Rule) -> RuleDetails:
    return RuleDetails(**{name: getattr(rule, name) for name in RuleDetails.__dataclass_fields__})


def _audit(session: WriteSession, action: str, template_id: UUID, actor: Actor, now: datetime) -> None:
    record_audit(session, action=action, subject="rule_template", subject_id=template_id, actor=actor, now=now)
