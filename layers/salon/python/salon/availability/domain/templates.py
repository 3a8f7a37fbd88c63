"""Patterns of shifts that repeat, and the rules they become. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import pairwise
from uuid import UUID

from salon.availability.domain.rules import DAYS_OF_WEEK, MINUTES_OF_DAY, RuleDetails, RuleKind, RulePurpose, minute_of
from salon.availability.errors import TemplateSenseless

MAX_CYCLE_DAYS = 56  # eight weeks: the longest rota there is in salons
MAX_APPLIED_DAYS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateEntry:
    """Hours of one day of the cycle.

    Attributes:
        day: 1 is the first day of the cycle.
        start: on the wall.
        end: on the wall; not after `start` means the next day.
        granularity_min: minutes between starts.
        is_break: takes this time out of the day's hours.
    """

    day: int
    start: time
    end: time
    granularity_min: int = 15
    is_break: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateDetails:
    """What a person says about a pattern: «2/2» is a cycle of four days with hours on the first two.

    Attributes:
        cycle_days: after so many days it begins anew.
        entries: hours; a day without any is a day off.
    """

    name: str
    cycle_days: int
    entries: tuple[TemplateEntry, ...]

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        if not self.name.strip():
            raise TemplateSenseless("A template needs a name.")
        if not 1 <= self.cycle_days <= MAX_CYCLE_DAYS:
            raise TemplateSenseless(f"A cycle has 1 to {MAX_CYCLE_DAYS} days.")
        if not any(not entry.is_break for entry in self.entries):
            raise TemplateSenseless("A template needs hours.")
        if any(not 1 <= entry.day <= self.cycle_days for entry in self.entries):
            raise TemplateSenseless("An entry's day lies within the cycle.")
        if any(not 1 <= entry.granularity_min <= MINUTES_OF_DAY for entry in self.entries):
            raise TemplateSenseless("Starts lie 1 minute to a day apart.")
        for is_break in (False, True):
            self._check_overlap(is_break=is_break)

    def _check_overlap(self, *, is_break: bool) -> None:
        spans = sorted(_span(entry) for entry in self.entries if entry.is_break is is_break)
        if not spans:
            return
        again = (spans[0][0] + self.cycle_days * MINUTES_OF_DAY, 0)
        if any(one[1] > other[0] for one, other in pairwise([*spans, again])):
            raise TemplateSenseless("Hours of a template overlap each other.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template(TemplateDetails):
    """A stored pattern."""

    id: UUID


def _span(entry: TemplateEntry) -> tuple[int, int]:
    start, end = minute_of(entry.start), minute_of(entry.end)
    from_midnight = (entry.day - 1) * MINUTES_OF_DAY
    return from_midnight + start, from_midnight + (end if end > start else end + MINUTES_OF_DAY)


def rules_of(
    template: Template, *, location_id: UUID, staff_id: UUID, from_on: date, to_on: date | None, anchor_on: date
) -> list[RuleDetails]:
    """The rules that a template becomes for one person in a stretch of days.

    Each day becomes date ranges of its own, and a day off a closed one: the person's weekly hours do not show through.
    Without an end a cycle of a week becomes weekly rules.

    Args:
        template: the pattern.
        location_id: where.
        staff_id: whose shifts.
        from_on: first day.
        to_on: last day, included; None for ever.
        anchor_on: some day that is the first of a cycle.

    Raises:
        TemplateSenseless: the stretch is empty or longer than 400 days; it has no end and the cycle is not a week.
    """
    if to_on is None:
        if template.cycle_days != DAYS_OF_WEEK:
            raise TemplateSenseless("Only a cycle of seven days may have no end.")
        return list(_weekly(template, location_id, staff_id, from_on, anchor_on))
    days = (to_on - from_on).days + 1
    if not 1 <= days <= MAX_APPLIED_DAYS:
        raise TemplateSenseless(f"A template is applied to 1 to {MAX_APPLIED_DAYS} days.")
    return [
        rule
        for on in (from_on + timedelta(days=step) for step in range(days))
        for rule in _dated(template, location_id, staff_id, on, anchor_on)
    ]


def _dated(template: Template, location_id: UUID, staff_id: UUID, on: date, anchor_on: date) -> Iterator[RuleDetails]:
    day = (on - anchor_on).days % template.cycle_days + 1
    entries = [entry for entry in template.entries if entry.day == day]
    if all(entry.is_break for entry in entries):
        yield RuleDetails(
            location_id=location_id,
            staff_id=staff_id,
            kind=RuleKind.DATE_RANGE,
            valid_from=on,
            valid_to=on,
            is_closed=True,
            purpose=RulePurpose.SHIFT,
            template_id=template.id,
        )
        return
    for entry in entries:
        yield RuleDetails(
            location_id=location_id,
            staff_id=staff_id,
            kind=RuleKind.DATE_RANGE,
            start_time=entry.start,
            end_time=entry.end,
            slot_granularity_min=entry.granularity_min,
            valid_from=on,
            valid_to=on,
            is_closed=entry.is_break,
            purpose=RulePurpose.BREAK if entry.is_break else RulePurpose.SHIFT,
            template_id=template.id,
        )


def _weekly(
    template: Template, location_id: UUID, staff_id: UUID, from_on: date, anchor_on: date
) -> Iterator[RuleDetails]:
    days: dict[tuple[time, time, int, bool], set[int]] = defaultdict(set)
    for entry in template.entries:
        weekday = (anchor_on + timedelta(days=entry.day - 1)).isoweekday()
        days[entry.start, entry.end, entry.granularity_min, entry.is_break].add(weekday)
    for (start, end, granularity_min, is_break), weekdays in days.items():
        yield RuleDetails(
            location_id=location_id,
            staff_id=staff_id,
            kind=RuleKind.WEEKLY,
            days_of_week=frozenset(weekdays),
            start_time=start,
            end_time=end,
            slot_granularity_min=granularity_min,
            valid_from=from_on,
            is_closed=is_break,
            purpose=RulePurpose.BREAK if is_break else RulePurpose.SHIFT,
            template_id=template.id,
        )
