"""Templates and rules of working time of a file.

Rules have no names. What the file lists for somebody replaces what there was for the same purpose: rules that say the
same stay, others go, the rest is made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from uuid import UUID

from salon.availability.domain import (
    Rule,
    RuleDetails,
    RulePurpose,
    TemplateDetails,
    TemplateEntry,
    find_overlap,
)
from salon.availability.repository import rules, templates
from salon.availability.salon_file.domain import Outcome
from salon.availability.salon_file.schemas import RulePart, SalonFile, WithRules
from salon.availability.salon_file.use_cases.exporting import LISTS
from salon.availability.salon_file.use_cases.tally import details_of
from salon.availability.salon_file.use_cases.workplace import Workplace
from salon.platform.errors import Invalid, Refusal
from salon.platform.ids import new_id

ALWAYS_CLOSED = frozenset({RulePurpose.BREAK, RulePurpose.TIME_OFF})


def import_templates(place: Workplace, file: SalonFile) -> None:
    """Patterns of shifts; rules made from a template before it changed stay as they are."""
    stored = {template.name: template for template in templates.list_templates(place.session)}
    for name, template in stored.items():
        place.tally.know("template", name, template.id)
    for number, part in enumerate(file.templates, start=1):
        template_id: UUID | None = None
        with place.tally.thing(f"templates {number} «{part.name}»") as done:
            entries = tuple(
                TemplateEntry(
                    day=entry.day,
                    start=entry.start,
                    end=entry.end,
                    granularity_min=entry.granularity_min,
                    is_break=entry.is_break,
                )
                for entry in part.entries
            )
            details = TemplateDetails(name=part.name, cycle_days=part.cycle_days, entries=entries)
            known = stored.get(part.name)
            if known is None:
                template_id = templates.add_template(place.session, details, place.now).id
                done(Outcome.CREATED)
            else:
                template_id = known.id
                if details != details_of(known, TemplateDetails):
                    templates.update_template(place.session, template_id, details)
                    done(Outcome.CHANGED)
        place.note("template", part.name, template_id)


def import_working_time(place: Workplace, file: SalonFile) -> None:
    """Rules of branches, then of staff; branches and staff are known by now."""
    for number, location in enumerate(file.locations, start=1):
        location_id = place.tally.find("location", location.own_key)
        if location_id is not None:
            _import_rules(place, f"locations {number} «{location.own_key}»", location, None, location_id)
    for number, person in enumerate(file.staff, start=1):
        staff_id = place.tally.find("staff", person.own_key)
        home_id = place.tally.find("location", person.location)
        if staff_id is not None and home_id is not None:
            _import_rules(place, f"staff {number} «{person.own_key}»", person, staff_id, home_id)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A rule of the file: where it stands in its lists, what it says, and which others it goes with."""

    words: str
    details: RuleDetails
    group: int | None


def _import_rules(place: Workplace, words: str, owner: WithRules, staff_id: UUID | None, home_id: UUID) -> None:
    lists: dict[RulePurpose, Sequence[RulePart]] = {
        purpose: parts for purpose, name in LISTS.items() if (parts := getattr(owner, name)) is not None
    }
    if not lists:
        return
    with place.tally.thing(f"{words}, {', '.join(LISTS[purpose].replace('_', ' ') for purpose in lists)}") as done:
        wanted = [
            _wanted(
                place, part, purpose, words=f"{LISTS[purpose].replace('_', ' ')} {number}", whose=(staff_id, home_id)
            )
            for purpose, parts in lists.items()
            for number, part in enumerate(parts, start=1)
        ]
        for location_id in sorted({home_id, *(one.details.location_id for one in wanted)}):
            rules.lock_rules(place.session, location_id)
        if staff_id is not None:
            present = rules.list_rules(place.session, staff_id=staff_id)
        else:
            present = [rule for rule in rules.list_rules(place.session, home_id) if rule.staff_id is None]
        staying = [rule for rule in present if rule.purpose not in lists]
        kept, new, gone = _compare(wanted, [rule for rule in present if rule.purpose in lists])
        if not new and not gone:
            return
        rules.remove_rules(place.session, [rule.id for rule in gone])
        others = kept | dict.fromkeys(staying, "one that stays")
        added = rules.add_rules(place.session, _without_overlaps(new, others), place.now)
        place.moved.update(rule.location_id for rule in (*gone, *added))
        done(Outcome.CHANGED if present else Outcome.CREATED)


def _wanted(
    place: Workplace, part: RulePart, purpose: RulePurpose, *, words: str, whose: tuple[UUID | None, UUID]
) -> _Wanted:
    staff_id, home_id = whose
    if part.location is not None and staff_id is None:
        raise Invalid(f"{words}: the hours of a branch are its own.")
    try:
        details = RuleDetails(
            location_id=place.tally.resolve("location", part.location) if part.location else home_id,
            kind=part.kind,
            start_time=part.start,
            end_time=part.end,
            staff_id=staff_id,
            service_id=place.tally.resolve("service", part.service) if part.service else None,
            days_of_week=frozenset(part.days) if part.days is not None else None,
            slot_capacity=part.capacity,
            slot_granularity_min=part.granularity_min,
            valid_from=part.valid_from,
            valid_to=part.valid_to,
            is_closed=part.closed or purpose in ALWAYS_CLOSED,
            purpose=purpose,
            template_id=place.tally.resolve("template", part.template) if part.template else None,
        )
    except Refusal as refusal:
        raise Invalid(f"{words}: {refusal}") from refusal
    return _Wanted(words, details, part.group)


def _compare(wanted: Sequence[_Wanted], present: Sequence[Rule]) -> tuple[dict[Rule, str], list[_Wanted], list[Rule]]:
    """Rules that say what the file says, with its words for them; what is new, in its groups; and what goes."""
    left: dict[RuleDetails, list[Rule]] = defaultdict(list)
    for rule in present:
        left[replace(details_of(rule, RuleDetails), group_id=None)].append(rule)
    kept: dict[Rule, str] = {}
    groups: dict[int, UUID] = {}
    new: list[_Wanted] = []
    for one in wanted:
        if not left[one.details]:
            new.append(one)
            continue
        rule = left[one.details].pop(0)
        kept[rule] = one.words
        if one.group is not None and rule.group_id is not None:
            groups.setdefault(one.group, rule.group_id)
    grouped = [
        replace(one, details=replace(one.details, group_id=groups.setdefault(one.group, new_id())))
        if one.group is not None
        else one
        for one in new
    ]
    return kept, grouped, [rule for rules_left in left.values() for rule in rules_left]


def _without_overlaps(new: Sequence[_Wanted], others: Mapping[Rule, str]) -> list[RuleDetails]:
    """The new rules, none of which covers hours of another of the same force.

    Raises:
        Invalid: naming two that do.
    """
    known = dict(others)
    for one in new:
        clash = find_overlap(one.details, known)
        if clash is not None:
            raise Invalid(f"{one.words}: covers some of the hours of {known[clash]}.")
        known[Rule(id=new_id(), **{field.name: getattr(one.details, field.name) for field in fields(RuleDetails)})] = (
            one.words
        )
    return [one.details for one in new]
