"""Rules of working time. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from uuid import UUID

from salon.availability.errors import RuleSenseless

EVERY_DAY = frozenset(range(1, 8))
MINUTES_OF_DAY = 24 * 60
DAYS_OF_WEEK = 7


class RuleKind(StrEnum):
    """What a rule speaks about; the later in this list, the stronger (see `use_cases.generate_slots`)."""

    WEEKLY = "weekly"
    DATE_RANGE = "date_range"
    EXCEPTION = "exception"


class RulePurpose(StrEnum):
    """Why there is a rule: for diaries and for whoever made it; slots do not depend on it.

    A time off says no more than that: why somebody is away (illness, say) is nobody's business here.
    """

    HOURS = "hours"
    SHIFT = "shift"
    BREAK = "break"
    TIME_OFF = "time_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDetails:
    """What a person says about working time.

    Attributes:
        staff_id: whose time; None for the hours of the location.
        service_id: time for this service only; None for all.
        days_of_week: ISO weekdays, 1 is Monday; None for every day of the validity.
        start_time: on the location's wall; None together with `end_time` closes whole days.
        end_time: on the wall; not after `start_time` means the next day, so 00:00 is midnight.
        slot_capacity: seats of each slot; more than one makes a group.
        slot_granularity_min: minutes between starts.
        valid_from: first day; None since ever.
        valid_to: last day, included; None for ever.
        is_closed: takes this time away instead of giving it.
        purpose: why.
        template_id: the template it was made from.
        group_id: rules of one group were made together and go together: a time off at several locations.
    """

    location_id: UUID
    kind: RuleKind
    start_time: time | None = None
    end_time: time | None = None
    staff_id: UUID | None = None
    service_id: UUID | None = None
    days_of_week: frozenset[int] | None = None
    slot_capacity: int = 1
    slot_granularity_min: int = 15
    valid_from: date | None = None
    valid_to: date | None = None
    is_closed: bool = False
    purpose: RulePurpose = RulePurpose.HOURS
    template_id: UUID | None = None
    group_id: UUID | None = None

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        self._check_hours()
        self._check_days()
        if not 1 <= self.slot_capacity <= 1000:  # noqa: PLR2004 - a thousand seats is no salon
            raise RuleSenseless("A slot has 1 to 1000 seats.")
        if not 1 <= self.slot_granularity_min <= MINUTES_OF_DAY:
            raise RuleSenseless("Starts lie 1 minute to a day apart.")
        if self.purpose is RulePurpose.TIME_OFF and not (self.is_closed and self.staff_id is not None):
            raise RuleSenseless("Time off is somebody's, and closed.")
        if self.purpose is RulePurpose.BREAK and not self.is_closed:
            raise RuleSenseless("A break is closed.")

    def _check_hours(self) -> None:
        if (self.start_time is None) != (self.end_time is None):
            raise RuleSenseless("Start and end come together.")
        if self.start_time is None and not self.is_closed:
            raise RuleSenseless("Working time needs hours.")
        for at in (self.start_time, self.end_time):
            if at is not None and (at.second or at.microsecond or at.tzinfo is not None):
                raise RuleSenseless("Hours are whole minutes on the location's wall.")

    def _check_days(self) -> None:
        if self.days_of_week is not None and not (self.days_of_week and self.days_of_week <= EVERY_DAY):
            raise RuleSenseless("Weekdays are 1 to 7, and at least one.")
        if self.kind is RuleKind.WEEKLY and self.days_of_week is None:
            raise RuleSenseless("A weekly rule names its weekdays.")
        if self.kind is not RuleKind.WEEKLY and (self.valid_from is None or self.valid_to is None):
            raise RuleSenseless("A date range or an exception names its first and last day.")
        if self.valid_from is not None and self.valid_to is not None and self.valid_to < self.valid_from:
            raise RuleSenseless("A rule cannot end before it starts.")

    @property
    def minutes(self) -> tuple[int, int]:
        """First minute and the one after the last, counted from midnight of the day; past 1440 is the next day."""
        start = minute_of(self.start_time) if self.start_time else 0
        end = minute_of(self.end_time) if self.end_time else 0
        return start, end if end > start else end + MINUTES_OF_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(RuleDetails):
    """A stored rule."""

    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeOff:
    """Somebody is away, at every location where they work.

    Attributes:
        id: the group of its rules.
        first_on: first local day.
        last_on: last local day, included.
        start_time: on the wall of the first day, when the time off does not begin with it.
        end_time: on the wall of the last day, when the time off does not last to its end.
        location_ids: where it is noted.
    """

    id: UUID
    staff_id: UUID
    first_on: date
    last_on: date
    start_time: time | None
    end_time: time | None
    location_ids: frozenset[UUID]


def minute_of(at: time) -> int:
    """Minutes since midnight."""
    return at.hour * 60 + at.minute


def find_overlap(new: RuleDetails, existing: Iterable[Rule]) -> Rule | None:
    """The first rule that speaks about some of the same time with the same reach and the same force, or None.

    Rules of different kind or reach may overlap: one is stronger. Two equal ones would make every slot twice as
    likely to contradict itself (which capacity? which granularity?), so they are refused. Closures add up; two of one
    purpose are refused all the same, because the second is a slip. Hours that reach over midnight meet those of the
    next day.
    """
    return next((rule for rule in existing if _is_equal(new, rule) and _meet(new, rule)), None)


def _is_equal(new: RuleDetails, rule: Rule) -> bool:
    reach = (rule.location_id, rule.staff_id, rule.service_id, rule.kind, rule.is_closed)
    if reach != (new.location_id, new.staff_id, new.service_id, new.kind, new.is_closed):
        return False
    return not new.is_closed or rule.purpose is new.purpose


def _meet(new: RuleDetails, rule: Rule) -> bool:
    (new_start, new_end), (start, end) = new.minutes, rule.minutes
    for shift in (-1, 0, 1):  # the rule's day, seen from a day of the new one
        offset = shift * MINUTES_OF_DAY
        if start + offset < new_end and new_start < end + offset and _share_a_day(new, rule, shift):
            return True
    return False


def _share_a_day(new: RuleDetails, rule: Rule, shift: int) -> bool:
    """Whether the new rule holds on some day, and the other one `shift` days later."""
    first = max(_first(new), _first(rule) - shift)
    last = min(_last(new), _last(rule) - shift, first + DAYS_OF_WEEK - 1)
    days, other_days = new.days_of_week or EVERY_DAY, rule.days_of_week or EVERY_DAY
    return any(_weekday(day) in days and _weekday(day + shift) in other_days for day in range(first, last + 1))


def _weekday(ordinal: int) -> int:
    return (ordinal - 1) % DAYS_OF_WEEK + 1  # the first day of the calendar is a Monday


def _first(rule: RuleDetails) -> int:
    return (rule.valid_from or date.min).toordinal()


def _last(rule: RuleDetails) -> int:
    return (rule.valid_to or date.max).toordinal()
