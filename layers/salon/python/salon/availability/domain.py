"""Rules of working time, slots and the choice of a few to offer. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from salon.availability.errors import RuleSenseless
from salon.platform.timeranges import TimeRange

EVERY_DAY = frozenset(range(1, 8))
MINUTES_OF_DAY = 24 * 60
OFFER_GAP = timedelta(minutes=30)


class RuleKind(StrEnum):
    """What a rule speaks about; the later in this list, the stronger (see `use_cases.generate_slots`)."""

    WEEKLY = "weekly"
    DATE_RANGE = "date_range"
    EXCEPTION = "exception"


class SlotStatus(StrEnum):
    """How full a slot is; PostgreSQL works it out from the counters."""

    OPEN = "open"
    PARTIAL = "partial"
    FULL = "full"
    BLOCKED = "blocked"  # no rule covers it any more, but somebody has a seat


class ResourceKind(StrEnum):
    """What can be busy."""

    STAFF = "staff"
    CHAIR = "chair"
    DEVICE = "device"


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

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        if (self.start_time is None) != (self.end_time is None):
            raise RuleSenseless("Start and end come together.")
        if self.start_time is None and not self.is_closed:
            raise RuleSenseless("Working time needs hours.")
        if self.days_of_week is not None and not (self.days_of_week and self.days_of_week <= EVERY_DAY):
            raise RuleSenseless("Weekdays are 1 to 7, and at least one.")
        if self.kind is RuleKind.WEEKLY and self.days_of_week is None:
            raise RuleSenseless("A weekly rule names its weekdays.")
        if self.kind is not RuleKind.WEEKLY and (self.valid_from is None or self.valid_to is None):
            raise RuleSenseless("A date range or an exception names its first and last day.")
        if self.valid_from is not None and self.valid_to is not None and self.valid_to < self.valid_from:
            raise RuleSenseless("A rule cannot end before it starts.")
        if not 1 <= self.slot_capacity <= 1000:  # noqa: PLR2004 - a thousand seats is no salon
            raise RuleSenseless("A slot has 1 to 1000 seats.")
        if not 1 <= self.slot_granularity_min <= MINUTES_OF_DAY:
            raise RuleSenseless("Starts lie 1 minute to a day apart.")

    @property
    def minutes(self) -> tuple[int, int]:
        """First minute and the one after the last, counted from midnight of the day; past 1440 is the next day."""
        start = _minute(self.start_time) if self.start_time else 0
        end = _minute(self.end_time) if self.end_time else 0
        return start, end if end > start else end + MINUTES_OF_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(RuleDetails):
    """A stored rule."""

    id: UUID


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def find_overlap(new: RuleDetails, existing: Sequence[Rule]) -> Rule | None:
    """The first rule that speaks about some of the same time with the same reach and the same force, or None.

    Rules of different kind or reach may overlap: one is stronger. Two equal ones would make every slot twice as
    likely to contradict itself (which capacity? which granularity?), so they are refused.
    """
    for rule in existing:
        same_reach = (rule.location_id, rule.staff_id, rule.service_id) == (
            new.location_id,
            new.staff_id,
            new.service_id,
        )
        if not same_reach or (rule.kind, rule.is_closed) != (new.kind, new.is_closed):
            continue
        days = (rule.days_of_week or EVERY_DAY) & (new.days_of_week or EVERY_DAY)
        first, last = max(_first(rule), _first(new)), min(_last(rule), _last(new))
        (start, end), (new_start, new_end) = rule.minutes, new.minutes
        if days and first <= last and start < new_end and new_start < end:
            return rule
    return None


def _first(rule: RuleDetails) -> date:
    return rule.valid_from or date.min


def _last(rule: RuleDetails) -> date:
    return rule.valid_to or date.max


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A bookable start of a service with a member of staff.

    Attributes:
        staff_id: None for a service that needs nobody.
        starts_at: when the client sits down, UTC.
        ends_at: when the client gets up, UTC.
        busy: from preparation to cleaning: what the staff member cannot give to anybody else.
    """

    id: UUID
    location_id: UUID
    service_id: UUID
    staff_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    busy: TimeRange
    capacity: int
    booked: int
    held: int
    status: SlotStatus

    @property
    def taken(self) -> int:
        """Seats that are gone."""
        return self.booked + self.held

    @property
    def has_room(self) -> bool:
        """Whether a seat is left; the staff member may still be busy with something else."""
        return self.status in {SlotStatus.OPEN, SlotStatus.PARTIAL}


@dataclass(frozen=True, slots=True)
class SlotsGenerated:
    """What a run of slot generation changed."""

    created: int = 0
    changed: int = 0
    removed: int = 0
    blocked: int = 0

    def __add__(self, other: SlotsGenerated) -> SlotsGenerated:
        return SlotsGenerated(
            self.created + other.created,
            self.changed + other.changed,
            self.removed + other.removed,
            self.blocked + other.blocked,
        )


@dataclass(frozen=True, slots=True)
class Wish:
    """When a client would like to come.

    Attributes:
        at: the nearer to it, the better; None means the earlier, the better.
    """

    at: datetime | None = None


def choose_offers(slots: Sequence[Slot], wish: Wish, limit: int = 3) -> list[Slot]:
    """The few slots to show: the nearest to the wish, starts at least 30 minutes apart, spread over the staff.

    Of several people free at the same time the one shown least is taken. When there are too few starts that far
    apart, nearer ones fill up: the last free slots are never hidden. The order is by time.
    """
    by_nearness = sorted(slots, key=lambda slot: (_distance(slot, wish), slot.starts_at, str(slot.staff_id)))
    chosen: list[Slot] = []
    shown: Counter[UUID | None] = Counter()
    for keep_apart in (True, False):
        for slot in by_nearness:
            if len(chosen) == limit:
                break
            if any(slot.starts_at == other.starts_at for other in chosen):
                continue
            if keep_apart and any(abs(slot.starts_at - other.starts_at) < OFFER_GAP for other in chosen):
                continue
            same_time = [other for other in by_nearness if other.starts_at == slot.starts_at]
            pick = min(same_time, key=lambda other: (shown[other.staff_id], str(other.staff_id)))
            chosen.append(pick)
            shown[pick.staff_id] += 1
    chosen.extend([slot for slot in by_nearness if slot not in chosen][: limit - len(chosen)])
    return sorted(chosen, key=lambda slot: (slot.starts_at, str(slot.staff_id)))


def _distance(slot: Slot, wish: Wish) -> timedelta:
    return abs(slot.starts_at - wish.at) if wish.at is not None else timedelta()
