"""What each free slot costs the day, by the packing score."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from salon.availability import use_cases as availability
from salon.availability.domain import Slot
from salon.availability.offers.domain import Option, RuleSet
from salon.availability.offers.repository import Place
from salon.availability.offers.schemas import OfferPolicy
from salon.availability.packing import Candidate, Durations, cost
from salon.platform.db import ReadSession
from salon.platform.timeranges import zone

MINUTE = timedelta(minutes=1)


def list_options(slots: Sequence[Slot], places: Mapping[UUID, Place]) -> list[Option]:
    """The slots by the clocks of their locations, not scored; none of a location that stopped selling the service."""
    zones = {location_id: zone(place.timezone) for location_id, place in places.items()}
    return [
        Option(slot, slot.starts_at.astimezone(zones[slot.location_id]).replace(tzinfo=None))
        for slot in slots
        if slot.location_id in zones
    ]


def score_options(
    session: ReadSession,
    options: Sequence[Option],
    places: Mapping[UUID, Place],
    *,
    policy: OfferPolicy,
    rules: RuleSet,
    wish: datetime | None,
    leaving_slot_id: UUID | None,
    now: datetime,
) -> list[Option]:
    """The options with what each costs the day."""
    if not options or not rules.packs:
        away = [abs(option.local - wish) / MINUTE if wish is not None else 0.0 for option in options]
        return [replace(option, cost=minutes) for option, minutes in zip(options, away, strict=True)]
    zero = min(option.slot.busy.start for option in options)
    diaries = _read_diaries(session, [option.slot for option in options], leaving_slot_id, now)
    durations = {location_id: _durations(place.minutes) for location_id, place in places.items()}
    weights, off_peak = policy.weights, policy.settings.off_peak
    scored: list[Option] = []
    for option in options:
        slot, diary = option.slot, diaries.get(option.slot.staff_id, _NO_DIARY)
        free_from, free_until = diary.around(slot)
        candidate = Candidate(
            start=(slot.busy.start - zero) // MINUTE,
            end=(slot.busy.end - zero) // MINUTE,
            free_from=(free_from - zero) // MINUTE,
            free_until=(free_until - zero) // MINUTE,
            load=diary.load(slot) if weights.balance else 0.0,
            density=0.0 if off_peak.hours and off_peak.have(option.local) else 1.0,
            distance=abs(option.local - wish) // MINUTE if wish is not None else 0,
        )
        scored.append(Option(slot, option.local, cost(candidate, weights, durations[slot.location_id])))
    return scored


@lru_cache(maxsize=64)
def _durations(minutes: tuple[int, ...]) -> Durations:
    """The same for the same services: what it works out from them is kept with it."""
    return Durations(minutes)


@dataclass(frozen=True, slots=True)
class _Diary:
    """When a person is busy, by time."""

    starts: tuple[datetime, ...] = ()
    ends: tuple[datetime, ...] = ()
    _loads: dict[tuple[datetime, datetime], float] = field(default_factory=dict, repr=False, compare=False)

    def around(self, slot: Slot) -> tuple[datetime, datetime]:
        """The free stretch that a slot lies in.

        A slot of nobody, or made before the working time was written to it, fills its stretch.
        """
        busy = slot.busy
        if slot.staff_id is None or slot.open_from is None or slot.open_until is None:
            return busy.start, busy.end
        before = bisect_right(self.ends, busy.start)
        after = bisect_left(self.starts, busy.end)
        free_from = max([slot.open_from, *self.ends[max(0, before - 1) : before]])
        free_until = min([slot.open_until, *self.starts[after : after + 1]])
        return min(free_from, busy.start), max(free_until, busy.end)

    def load(self, slot: Slot) -> float:
        """How much of the working time around a slot is taken, 0 to 1."""
        if slot.open_from is None or slot.open_until is None:
            return 0.0
        opens, closes = slot.open_from, slot.open_until
        known = self._loads.get((opens, closes))  # the same for all slots of a shift
        if known is None:
            inside = (min(end, closes) - max(start, opens) for start, end in zip(self.starts, self.ends, strict=True))
            taken = sum((part for part in inside if part > timedelta()), timedelta())
            known = self._loads[opens, closes] = taken / (closes - opens)
        return known


_NO_DIARY = _Diary()


def _read_diaries(
    session: ReadSession, slots: Sequence[Slot], leaving_slot_id: UUID | None, now: datetime
) -> dict[UUID | None, _Diary]:
    """What is taken of the working time that the slots lie in: no visit beyond it is ever looked at."""
    staff_ids = {slot.staff_id for slot in slots if slot.staff_id is not None}
    busy = availability.list_day_shapes(
        session,
        staff_ids=staff_ids,
        from_at=min(min(slot.open_from or slot.busy.start, slot.busy.start) for slot in slots),
        to_at=max(max(slot.open_until or slot.busy.end, slot.busy.end) for slot in slots),
        now=now,
        leaving_slot_id=leaving_slot_id,
    )
    return {
        staff_id: _Diary(tuple(start for start, _ in times), tuple(end for _, end in times))
        for staff_id, times in busy.items()
    }
