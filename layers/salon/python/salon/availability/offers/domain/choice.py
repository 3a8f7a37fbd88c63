"""Choosing one set: the pool, the draw, parts of the day, the distance between starts. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from uuid import UUID

from salon.availability.domain import OFFER_GAP
from salon.availability.offers.domain.rules import (
    DRAW_POINTS,
    NEAR_WISH,
    POOL_PER_PLACE,
    POOL_SHARE,
    DayPart,
    Draw,
    Option,
    RuleSet,
    day_part,
)


@dataclass(frozen=True)
class Choice:
    """The choosing of one set.

    Attributes:
        options: what is free and was not shown yet.
        rules: how to choose.
        draw: the chance of the question.
        threshold: points above the best at which a slot falls out of the pool, as long as the pool is large enough.
        wish: the wall time that the client named, naive; the set then lies around it and is not spread over the day.
        is_spread: each part of the day that has slots gets one.
    """

    options: Sequence[Option]
    rules: RuleSet
    draw: Draw
    threshold: float = math.inf
    wish: datetime | None = None
    is_spread: bool = True
    _chance: dict[UUID, float] = field(default_factory=dict, repr=False)

    def choose(self, size: int, kept: Sequence[Option] = ()) -> list[Option]:
        """`size` options by time, fewer only when there are no more.

        Starts lie 30 minutes or more apart as long as enough do; then different starts, then any. Of several people
        free at the same time and as good, the one shown least is taken.

        Args:
            size: how many in all.
            kept: options that stay in the set.
        """
        chosen = [*kept, *self._around_wish(size - len(kept))]
        places = self._places(size, chosen)
        for apart in range(min(len(places), self._room(chosen)), -1, -1):
            filled = self._fill(places[:apart], chosen)
            if filled is not None:
                chosen = filled
                places = places[apart:]
                break
        for place in places:
            chosen += self._next(place, chosen)
        return sorted(chosen, key=lambda option: (option.starts_at, str(option.slot.staff_id)))

    @cached_property
    def _ranked(self) -> list[Option]:
        """All options, the best first; what is equally good by chance, so that no hour is favoured."""
        return sorted(self.options, key=lambda option: (self._is_far(option), option.cost, self._fraction(option)))

    def _pool(self, options: Sequence[Option], size: int) -> list[Option]:
        """The top of a ranking that is drawn from."""
        if not options or not self.rules.packs:
            return list(options)
        good = sum(1 for option in options if option.cost <= options[0].cost + self.threshold)
        return list(options[: max(POOL_PER_PLACE * size, min(math.ceil(POOL_SHARE * len(options)), good))])

    def _preference(self, options: Sequence[Option], size: int, *, explores: bool = False) -> list[Option]:
        """A ranking, its top shuffled by chance: who costs less is more likely to come first."""
        if self.wish is not None or not self.rules.draws:
            return list(options)
        if explores:
            return sorted(options, key=self._fraction)
        pool = self._pool(options, size)
        best = pool[0].cost if pool else 0.0
        return sorted(pool, key=lambda option: self._lateness(option, best)) + list(options[len(pool) :])

    def _lateness(self, option: Option, best: float) -> float:
        """Exponentially distributed waiting time: drawing the smallest draws by weight (Efraimidis and Spirakis)."""
        return -math.log(self._fraction(option)) * math.exp(min((option.cost - best) / DRAW_POINTS, 50.0))

    def _fraction(self, option: Option) -> float:
        known = self._chance.get(option.slot.id)
        if known is None:
            known = self._chance[option.slot.id] = self.draw.fraction(option.slot.id.bytes)
        return known

    def _places(self, size: int, chosen: Sequence[Option]) -> list[list[Option]]:
        """For each free place of the set, what should come there, the best first."""
        taken = {option.slot.id for option in chosen}
        ranked = [option for option in self._ranked if option.slot.id not in taken]
        free = size - len(chosen)
        pool = {option.slot.id for option in self._pool(ranked, size)}
        places: list[list[Option]] = []
        for part in self._parts_to_fill(ranked, chosen)[: max(0, free)]:
            own = [option for option in ranked if day_part(option.local) is part]
            # The best of the part that are good for the day as a whole; when none is, the best of the part.
            good = [option for option in own if option.slot.id in pool]
            explores = self._explores(len(places))
            first = self._preference(own if explores else good or own, size, explores=explores)
            seen = {option.slot.id for option in first}
            places.append(first + [option for option in own if option.slot.id not in seen])
        while len(places) < free:
            places.append(self._preference(ranked, size, explores=self._explores(len(places))))
        return places

    def _explores(self, place: int) -> bool:
        return self.draw.fraction("explore", place) < self.rules.explores

    def _parts_to_fill(self, ranked: Iterable[Option], chosen: Iterable[Option]) -> list[DayPart]:
        """The parts of the day that have slots but none in the set yet."""
        if not self.is_spread or self.wish is not None:
            return []
        shown = {day_part(option.local) for option in chosen}
        there = {day_part(option.local) for option in ranked}
        return [part for part in DayPart if part in there - shown]

    def _around_wish(self, free: int) -> list[Option]:
        """The very time that was named; else the nearest before and after it: 09:15 and 09:30 for 09:17."""
        if self.wish is None or free <= 0 or not self.options:
            return []
        wish = self.wish
        before = max((option.local for option in self.options if option.local <= wish), default=None)
        after = min((option.local for option in self.options if option.local >= wish), default=None)
        nearest = sorted({at for at in (before, after) if at is not None}, key=lambda at: (abs(at - wish), at))
        if nearest[0] == wish:
            nearest = nearest[:1]
        near = [at for at in nearest if at == nearest[0] or abs(at - wish) <= NEAR_WISH]
        return [next(option for option in self._ranked if option.local == at) for at in near[:free]]

    def _is_far(self, option: Option) -> bool:
        return self.wish is not None and abs(option.local - self.wish) > NEAR_WISH

    def _fill(self, places: Sequence[Sequence[Option]], chosen: list[Option]) -> list[Option] | None:
        """Every place filled with starts that lie apart; None when that cannot be."""
        if not places:
            return chosen
        tried: set[datetime] = set()
        for option in places[0]:
            if option.starts_at in tried:
                continue
            tried.add(option.starts_at)
            if not _is_apart(option, chosen):
                continue
            more = [*chosen, self._least_shown(option, places[0], chosen)]
            if self._room(more) >= len(places) - 1 and (filled := self._fill(places[1:], more)) is not None:
                return filled
        return None

    def _room(self, chosen: Sequence[Option]) -> int:
        """How many more starts could lie apart from the chosen ones and from each other."""
        count, last = 0, None
        for start, option in self._starts:
            if (last is None or start - last >= OFFER_GAP) and _is_apart(option, chosen):
                count, last = count + 1, start
        return count

    @cached_property
    def _starts(self) -> list[tuple[datetime, Option]]:
        return sorted({option.starts_at: option for option in self.options}.items())

    def _least_shown(self, option: Option, place: Sequence[Option], chosen: Iterable[Option]) -> Option:
        """Somebody else who starts then and is as good, if they are shown less in this set."""
        shown = Counter(other.slot.staff_id for other in chosen)
        peers = [other for other in place if other.starts_at == option.starts_at and other.cost <= option.cost]
        return min(peers, key=lambda other: (shown[other.slot.staff_id], other is not option))

    def _next(self, place: Sequence[Option], chosen: Sequence[Option]) -> list[Option]:
        """One option for a place that cannot keep its distance: apart if there is one, else another start, else any."""
        taken = {option.slot.id for option in chosen}
        starts = {option.starts_at for option in chosen}
        left = [option for option in place if option.slot.id not in taken]
        apart = [option for option in left if _is_apart(option, chosen)]
        other = [option for option in left if option.starts_at not in starts]
        return (apart or other or left)[:1]


def _is_apart(option: Option, chosen: Iterable[Option]) -> bool:
    return all(abs(option.starts_at - other.starts_at) >= OFFER_GAP for other in chosen)
