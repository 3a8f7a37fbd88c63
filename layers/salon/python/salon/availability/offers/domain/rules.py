"""What a set of offers goes by: rule sets, the question and its chance, what is shown. Pure.

DESIGN §7 settles it: a score makes a pool, the draw takes from the pool's top; the score demotes, it never hides the
last slots. Chance is a hash of who asks for what in which hour, so the same question has the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from hashlib import blake2b
from uuid import UUID

from salon.availability.domain import Slot
from salon.availability.offers.errors import RoundOutOfRange, UnknownVariant
from salon.platform.dayparts import Daypart, spread_part
from salon.platform.money import Money

SHOW_ALL = 5
"""So many free slots or fewer are all shown (requirements/3, «Slot Exposure»)."""

ROUNDS = 3
"""Sets that «ещё варианты» goes through (facts/domain.md §4.1: small sets in sequence fill more than one)."""

STICKY_FOR = timedelta(minutes=7)
"""How long the same question gets the same set (requirements/3)."""

REFILL_BELOW = 2
"""A sticky set that others have taken from is filled up again when fewer are left: one slot is no choice."""

POOL_SHARE = 0.3
POOL_PER_PLACE = 2
"""The pool that is drawn from: the best 30 % of the slots, and twice the places of the set at least."""

DRAW_POINTS = 30.0
"""Points of the packing score that make a slot of the pool 2.7 times less likely to be drawn."""

NEAR_WISH = timedelta(hours=2)
"""When the client named a time, what lies further away comes after all that lies nearer."""


class DayPart(StrEnum):
    """Parts of the local day among which a set is spread (requirements/3); the night belongs to none."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


_NAMED = {Daypart.MORNING: DayPart.MORNING, Daypart.DAY: DayPart.AFTERNOON, Daypart.EVENING: DayPart.EVENING}
"""The document's names for the parts whose borders `platform.dayparts` has."""


def day_part(local: datetime) -> DayPart | None:
    """The part of the day by the clock on the location's wall; None at night."""
    part = spread_part(local.time())
    return None if part is None else _NAMED[part]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """How a set is chosen: a variant of an experiment.

    Attributes:
        name: what `X-Exposure-Variant` says.
        sizes: how many slots a set has, with what probability.
        packs: ranks by the packing score; otherwise all slots are equally good.
        draws: draws from the pool; otherwise takes the best.
        explores: share of places drawn from all slots and not from the pool, so that none waits for ever.
    """

    name: str
    sizes: tuple[tuple[int, float], ...] = ((3, 0.70), (4, 0.15), (5, 0.15))
    packs: bool = True
    draws: bool = True
    explores: float = 0.05


CONTROL = "control"
VARIANTS: Mapping[str, RuleSet] = {
    rules.name: rules
    for rules in (
        RuleSet(CONTROL),
        RuleSet("random", packs=False),
        RuleSet("packed", draws=False, explores=0.0),
        RuleSet("wide", sizes=((5, 1.0),)),
    )
}


def rules_of(variant: str) -> RuleSet:
    """The rule set called `variant`.

    Raises:
        UnknownVariant: there is none.
    """
    rules = VARIANTS.get(variant)
    if rules is None:
        raise UnknownVariant(variant, VARIANTS)
    return rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Who asks for what; equal questions get equal answers, as long as the sticky time and the hour last.

    Attributes:
        subject: the client, user or session that looks.
        on: the local day; for offers over several days the first.
        wish: the local time that was named.
        leaving_slot_id: the slot of a booking that is being moved.
    """

    tenant_id: UUID
    subject: str
    service_id: UUID
    on: date
    staff_id: UUID | None = None
    location_id: UUID | None = None
    extra_min: int = 0
    wish: time | None = None
    leaving_slot_id: UUID | None = None

    @property
    def wished(self) -> datetime | None:
        """The wall time that was named, naive."""
        return datetime.combine(self.on, self.wish) if self.wish is not None else None

    def draw(self, variant: str, now: datetime) -> Draw:
        """The chance of this question in this UTC hour: the hour is the salt that rotates (requirements/3)."""
        about = (
            self.subject,
            self.on,
            self.service_id,
            self.staff_id or "all",
            self.tenant_id,
            self.location_id or "all",
        )
        return Draw(_digest(*about, variant, f"{now:%Y-%m-%dT%H}"))

    def key(self, variant: str, round_: int) -> str:
        """Under which its answer is kept: no salt, so that the answer outlives the hour."""
        about = (
            self.subject,
            self.on,
            self.service_id,
            self.staff_id or "all",
            self.tenant_id,
            self.location_id or "all",
        )
        more = (self.extra_min, self.wish or "any", self.leaving_slot_id or "none")
        return _digest(*about, variant, *more, round_).hex()


@dataclass(frozen=True, slots=True)
class Draw:
    """Chance that is a function of its seed: the same words give the same number."""

    seed: bytes

    def fraction(self, *about: object) -> float:
        """Above 0 and below 1, evenly."""
        number = blake2b(_joined(about), key=self.seed, digest_size=8).digest()
        return (int.from_bytes(number) + 0.5) / 2.0**64

    def size(self, rules: RuleSet) -> int:
        """How many slots the set has: one draw (the document's pseudocode draws anew for the second comparison)."""
        left = self.fraction("size")
        for size, probability in rules.sizes:
            left -= probability
            if left < 0:
                return size
        return rules.sizes[-1][0]


def share_of(subject: str, tenant_id: UUID) -> float:
    """Where a subject stands between 0 and 1 in all experiments of a tenant; never changes."""
    return Draw(_digest("experiment", tenant_id)).fraction(subject)


def check_round(asked: int) -> None:
    """Refuse a round that there is not.

    Raises:
        RoundOutOfRange: it is not 1 to 3.
    """
    if not 1 <= asked <= ROUNDS:
        raise RoundOutOfRange(asked, ROUNDS)


@dataclass(frozen=True, slots=True)
class Option:
    """A free slot that could be shown.

    Attributes:
        local: its start by the clock on the location's wall, naive.
        cost: of the packing score, lower is better; 0 when it is not scored.
    """

    slot: Slot
    local: datetime
    cost: float = 0.0

    @property
    def starts_at(self) -> datetime:
        """When the client sits down, UTC."""
        return self.slot.starts_at


@dataclass(frozen=True, slots=True)
class Offer:
    """A slot that is shown.

    Attributes:
        incentive: what is taken off the price of whoever comes then; None is nothing.
    """

    slot: Slot
    incentive: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a slot that somebody takes was chosen from; the names are those of `booking.use_cases.hold_slot`.

    Attributes:
        exposure_id: the set in which it was shown last; None when it was not.
        variant: the rule set that chose that set.
        incentive_minor: minor units off the price, for coming in quiet hours.
    """

    exposure_id: UUID | None = None
    variant: str | None = None
    incentive_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """A set as it is shown.

    Attributes:
        offers: by time.
        total: how many slots are free, shown or not.
        has_more: whether the next round would show others.
        exposure_id: of the record; a booking names it as where it was chosen from.
        variant: the rule set that chose.
        expires_at: until when the same question gets the same set.
    """

    offers: tuple[Offer, ...]
    total: int
    has_more: bool
    exposure_id: UUID
    variant: str
    round: int
    expires_at: datetime

    @property
    def slots(self) -> list[Slot]:
        """What is shown, by time."""
        return [offer.slot for offer in self.offers]


def _digest(*about: object) -> bytes:
    return blake2b(_joined(about), digest_size=32).digest()


def _joined(about: Iterable[object]) -> bytes:
    """Words with their lengths, so that no two lists of words look alike."""
    words = [word if isinstance(word, bytes) else str(word).encode() for word in about]
    return b"".join(len(word).to_bytes(4) + word for word in words)
