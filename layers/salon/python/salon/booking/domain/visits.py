"""Several services in a row: which free slots make a chain that a client can sit through. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise, permutations
from uuid import UUID

from salon.availability.domain import OFFER_GAP, Slot
from salon.booking.domain.bookings import Booking, BookingStatus, NextStep
from salon.booking.errors import VisitSenseless
from salon.platform.money import Money

MAX_SERVICES = 5  # a day has no more room, and their orders stay few enough to try them all
MAX_GAP = timedelta(minutes=30)


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
        any_order: whether the services may happen in another order too; of equal chains the order given wins.
        before: the first begins before this instant.
    """
    orders = permutations(range(len(wishes))) if any_order else iter([tuple(range(len(wishes)))])
    best: dict[datetime, VisitOffer] = {}
    for order in orders:
        for offer in _chains(free, wishes, order, max_gap):
            known = best.get(offer.starts_at)
            if before is not None and offer.starts_at >= before:
                continue
            if known is None or _badness(offer) < _badness(known):
                best[offer.starts_at] = offer
    ranked = sorted(best.values(), key=lambda offer: (offer.wait, offer.starts_at))
    chosen: list[VisitOffer] = []
    for offer in ranked:
        if len(chosen) < limit and all(abs(offer.starts_at - one.starts_at) >= OFFER_GAP for one in chosen):
            chosen.append(offer)
    chosen += [offer for offer in ranked if offer not in chosen][: limit - len(chosen)]
    return sorted(chosen, key=lambda offer: offer.starts_at)


def _badness(offer: VisitOffer) -> tuple[timedelta, datetime]:
    return offer.wait, offer.ends_at


def _chains(
    free: Sequence[Sequence[Slot]], wishes: Sequence[VisitWish], order: tuple[int, ...], max_gap: timedelta
) -> Iterable[VisitOffer]:
    """The best chain from every first slot, found backwards: the best from each slot on is the best of what follows."""
    tails: list[tuple[Link, ...]] = [()]
    for number, wish in enumerate(reversed(order)):
        is_last = number == 0
        links = [_link(slot, wish, wishes[wish].extra_min) for slot in free[wish]]
        by_start = sorted(tails, key=lambda tail: tail[0].slot.starts_at) if not is_last else []
        tails = [(link,) for link in links] if is_last else list(_prepend(links, by_start, max_gap))
    yield from (VisitOffer(tail) for tail in tails if tail)


def _prepend(
    links: Iterable[Link], tails: Sequence[tuple[Link, ...]], max_gap: timedelta
) -> Iterable[tuple[Link, ...]]:
    starts = [tail[0].slot.starts_at for tail in tails]
    for link in links:
        near = tails[bisect_left(starts, link.ends_at) : bisect_right(starts, link.ends_at + max_gap)]
        fitting = [(link, *tail) for tail in near if _is_possible(link, tail)]
        if fitting:
            yield min(fitting, key=lambda chain: _badness(VisitOffer(chain)))


def _is_possible(link: Link, tail: tuple[Link, ...]) -> bool:
    """Whether one person who does several of them has cleaned up before preparing the next."""
    return all(
        later.slot.staff_id != link.slot.staff_id
        or link.slot.staff_id is None
        or link.busy_until <= later.slot.busy.start
        for later in tail
    )


def _link(slot: Slot, wish: int, extra_min: int) -> Link:
    extra = timedelta(minutes=extra_min)
    return Link(slot, wish, slot.ends_at + extra, slot.busy.end + extra)
