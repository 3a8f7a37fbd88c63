"""Several services in a row: which free slots make a chain that a client can sit through. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID

from salon.availability.domain import OFFER_GAP, Slot
from salon.booking.domain.bookings import Booking, BookingStatus, NextStep
from salon.booking.errors import VisitSenseless
from salon.platform.money import Money

MAX_SERVICES = 5  # a day has no more room, and what may follow what stays quick to find
MAX_GAP = timedelta(minutes=30)
SECOND = timedelta(seconds=1)
_ZERO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitWish:
    """One service of a visit.

    Attributes:
        staff_id: by this person; None for anybody.
        option_ids: with these options.
        extra_min: what the options add to its length.
    """

    service_id: UUID
    staff_id: UUID | None = None
    option_ids: tuple[UUID, ...] = ()
    extra_min: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """A slot of a chain, and which of the wishes it fulfils.

    Attributes:
        wish: position among the wishes, from 0.
        ends_at: when the client gets up, options included.
        busy_until: when the member of staff has cleaned up after that.
    """

    slot: Slot
    wish: int
    ends_at: datetime
    busy_until: datetime


@dataclass(frozen=True, slots=True)
class VisitOffer:
    """Slots one after another, in the order in which they happen."""

    links: tuple[Link, ...]

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The slots by time."""
        return tuple(link.slot for link in self.links)

    @property
    def starts_at(self) -> datetime:
        """When the client comes."""
        return self.links[0].slot.starts_at

    @property
    def ends_at(self) -> datetime:
        """When the client goes."""
        return self.links[-1].ends_at

    @property
    def wait(self) -> timedelta:
        """How long the client sits there for nothing."""
        gaps = (after.slot.starts_at - before.ends_at for before, after in pairwise(self.links))
        return sum(gaps, timedelta())


@dataclass(frozen=True, slots=True)
class Visit:
    """Bookings that belong together, in the order in which they happen."""

    id: UUID
    bookings: tuple[Booking, ...]

    @property
    def starts_at(self) -> datetime:
        """When the client comes."""
        return min(booking.starts_at for booking in self.bookings)

    @property
    def ends_at(self) -> datetime:
        """When the client goes."""
        return max(booking.ends_at for booking in self.bookings)

    @property
    def price(self) -> Money | None:
        """What all of it costs; None when one of the prices is not known."""
        prices = [booking.price for booking in self.bookings]
        if any(price is None for price in prices):
            return None
        return sum((price for price in prices[1:] if price is not None), start=prices[0] or Money(0))

    @property
    def next_step(self) -> NextStep | None:
        """What it waits for: a payment of any part before the confirmation of all."""
        steps = {booking.next_step for booking in self.bookings if booking.status is BookingStatus.HELD}
        return NextStep.PAY if NextStep.PAY in steps else NextStep.CONFIRM if steps else None


def check_wishes(wishes: Sequence[VisitWish]) -> None:
    """Refuse no wish at all, and more than a day holds.

    Raises:
        VisitSenseless: so it is.
    """
    if not 1 <= len(wishes) <= MAX_SERVICES:
        raise VisitSenseless(f"A visit has 1 to {MAX_SERVICES} services.")


def check_in_a_row(spans: Sequence[tuple[datetime, datetime]]) -> None:
    """Refuse services that a client would have to have at the same time.

    Raises:
        VisitSenseless: one begins before the one before it is over.
    """
    if not 1 <= len(spans) <= MAX_SERVICES:
        raise VisitSenseless(f"A visit has 1 to {MAX_SERVICES} services.")
    if any(after[0] < before[1] for before, after in pairwise(spans)):
        raise VisitSenseless("The services of a visit follow one another.")


def choose_visits(
    free: Sequence[Sequence[Slot]],
    wishes: Sequence[VisitWish],
    *,
    limit: int,
    max_gap: timedelta = MAX_GAP,
    any_order: bool = False,
    before: datetime | None = None,
) -> list[VisitOffer]:
    """The few chains to show, by time: those with the least waiting, starts half an hour apart as long as there are.

    Args:
        free: free slots of each wish.
        wishes: in the order in which they are to happen.
        limit: so many at most.
        max_gap: between two services the client waits so long at most.
        any_order: whether the services may happen in another order too; of equal chains the order given wins, and equal
            wishes, which have the same free slots, stay in theirs.
        before: the first begins before this instant.
    """
    search = _Search(free, wishes, max_gap=max_gap, any_order=any_order, before=before)
    offers = [VisitOffer(chain) for chain in search.chains()]
    ranked = sorted(offers, key=lambda offer: (offer.wait, offer.starts_at))
    chosen: list[VisitOffer] = []
    for offer in ranked:
        if len(chosen) == limit:
            break
        if all(abs(offer.starts_at - one.starts_at) >= OFFER_GAP for one in chosen):
            chosen.append(offer)
    chosen_starts = {offer.starts_at for offer in chosen}  # there is one chain for each start
    others = (offer for offer in ranked if offer.starts_at not in chosen_starts)
    chosen += islice(others, limit - len(chosen))
    return sorted(chosen, key=lambda offer: offer.starts_at)


class _Tail(NamedTuple):
    """What can follow, best first: little waiting, an early end, the order given. Times in seconds.

    Attributes:
        wait: between its services.
        ends_at: when the client goes.
        order: of the wishes.
        claims: the busy start of each person; an earlier slot of theirs has to be over by then.
        chain: the links themselves.
        starts_at: when the first of them begins.
    """

    wait: int
    ends_at: int
    order: tuple[int, ...]
    claims: tuple[tuple[UUID | None, int], ...]
    chain: tuple[Link, ...]
    starts_at: int


class _Step(NamedTuple):
    """A free slot of a wish in whole seconds, because arithmetic on instants is slow."""

    starts_at: int
    ends_at: int
    busy_until: int
    claim: tuple[UUID | None, int]
    link: Link


class _Search:
    """Chains found backwards: what follows a slot depends on which wishes remain, and not on the order of the others.

    So at most 2^n sets of wishes are looked at instead of n! orders, each once, and of what begins at one instant with
    one person only the best is kept. Equal wishes are interchangeable: the first of them is always had first.
    """

    def __init__(
        self,
        free: Sequence[Sequence[Slot]],
        wishes: Sequence[VisitWish],
        *,
        max_gap: timedelta,
        any_order: bool,
        before: datetime | None,
    ) -> None:
        self._wishes = wishes
        self._any_order = any_order
        self._max_gap = max_gap // SECOND
        self._before = _seconds(before) if before is not None else None
        steps = [
            [_step(slot, number, wish.extra_min) for slot in slots]
            for number, (slots, wish) in enumerate(zip(free, wishes, strict=True))
        ]
        self._steps = [self._in_reach(one, steps) for one in steps]
        self._known: dict[frozenset[int], dict[int, list[_Tail]]] = {}

    def chains(self) -> Iterable[tuple[Link, ...]]:
        """The best chain of all wishes for every start."""
        for starts_at, tails in self._tails(frozenset(range(len(self._wishes)))).items():
            if self._before is None or starts_at < self._before:
                yield tails[0].chain

    def _in_reach(self, own: list[_Step], steps: list[list[_Step]]) -> list[_Step]:
        """Without what lies so late that no chain from the wished time gets there."""
        if self._before is None:
            return own
        longest = sum(max((step.ends_at - step.starts_at for step in one), default=0) for one in steps)
        last = self._before + longest + self._max_gap * (len(steps) - 1)
        return [step for step in own if step.starts_at < last]

    def _tails(self, wanted: frozenset[int]) -> dict[int, list[_Tail]]:
        """What fulfils exactly these wishes, by its start; of one start the best first."""
        known = self._known.get(wanted)
        if known is not None:
            return known
        best: dict[tuple[int, UUID | None], _Tail] = {}
        for first in self._firsts(wanted):
            rest = wanted - {first}
            following = self._following(rest) if rest else None
            for step in self._steps[first]:
                tails = following(step.ends_at) if following is not None else (_END,)
                tail = next((tail for tail in tails if _is_possible(step, tail)), None)
                if tail is None:
                    continue
                longer = _prepend(first, step, tail)
                key = (step.starts_at, step.claim[0])
                present = best.get(key)
                if present is None or longer[:3] < present[:3]:
                    best[key] = longer
        found: dict[int, list[_Tail]] = {}
        for (starts_at, _), tail in best.items():
            found.setdefault(starts_at, []).append(tail)
        for tails in found.values():
            tails.sort(key=itemgetter(0, 1, 2))
        self._known[wanted] = found
        return found

    def _firsts(self, wanted: frozenset[int]) -> list[int]:
        ordered = sorted(wanted)
        if not self._any_order:
            return ordered[:1]
        kinds: dict[VisitWish, int] = {}
        for number in ordered:
            kinds.setdefault(self._wishes[number], number)
        return list(kinds.values())

    def _following(self, rest: frozenset[int]) -> Callable[[int], Sequence[_Tail]]:
        """What may follow a service that ends at an instant, the best first; everybody's services end together."""
        by_start = self._tails(rest)
        starts = sorted(by_start)
        known: dict[int, list[_Tail]] = {}

        def after(ends_at: int) -> list[_Tail]:
            if ends_at not in known:
                near = starts[bisect_left(starts, ends_at) : bisect_right(starts, ends_at + self._max_gap)]
                # the wait before it counts as well; a tail that begins later is not better for its own little waiting
                ranked = [((start + tail.wait, *tail[1:3]), tail) for start in near for tail in by_start[start]]
                known[ends_at] = [tail for _, tail in sorted(ranked, key=itemgetter(0))]
            return known[ends_at]

        return after


_END = _Tail(0, 0, (), (), (), 0)


def _prepend(wish: int, step: _Step, tail: _Tail) -> _Tail:
    gap = tail.starts_at - step.ends_at if tail.chain else 0
    return _Tail(
        gap + tail.wait,
        tail.ends_at if tail.chain else step.ends_at,
        (wish, *tail.order),
        (step.claim, *tail.claims),
        (step.link, *tail.chain),
        step.starts_at,
    )


def _is_possible(step: _Step, tail: _Tail) -> bool:
    """Whether one person who does several of them has cleaned up before preparing the next."""
    staff_id = step.claim[0]
    for other_id, busy_from in tail.claims:
        if other_id == staff_id and staff_id is not None and step.busy_until > busy_from:
            return False
    return True


def _step(slot: Slot, wish: int, extra_min: int) -> _Step:
    link = _link(slot, wish, extra_min)
    return _Step(
        _seconds(slot.starts_at),
        _seconds(link.ends_at),
        _seconds(link.busy_until),
        (slot.staff_id, _seconds(slot.busy.start)),
        link,
    )


def _seconds(at: datetime) -> int:
    return (at - _ZERO) // SECOND


def _link(slot: Slot, wish: int, extra_min: int) -> Link:
    extra = timedelta(minutes=extra_min)
    return Link(slot, wish, slot.ends_at + extra, slot.busy.end + extra)
