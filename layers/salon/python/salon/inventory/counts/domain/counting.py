"""A count's life, and what is entered in it. Values only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from salon.inventory.counts.errors import CountExpired, CountNotOpen, CountSenseless, EntrySenseless

STEP = Decimal("0.0001")
MAX_QUANTITY = Decimal(10**9)
MAX_WORDS = 1_000
MAX_SECTIONS = 50
OPEN_FOR = timedelta(hours=48)
"""After so long an open count is stale: nobody knows any more which part of the shelves was seen when."""


class CountStatus(StrEnum):
    """open ⇄ closed → posted → reversed; or cancelled, or expired."""

    OPEN = "open"
    CLOSED = "closed"
    POSTED = "posted"
    REVERSED = "reversed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class SectionKind(StrEnum):
    """What a part of the shelves is told by."""

    CATEGORY = "category"
    SHELF = "shelf"


@dataclass(frozen=True, slots=True, order=True)
class Section:
    """A part of what a location has."""

    kind: SectionKind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StockCount:
    """Somebody counts what is on the shelves of a location.

    Attributes:
        sections: what is counted; empty is everything.
        people: how many count, each for themselves: 1 or 2.
        is_blind: whether nobody is shown what is expected before it is closed.
        closings: how often it was closed; each closing has snapshots of its own, the last of which hold.
        expires_at: when it is stale if it is still open.
        ended_at: when it was reversed, cancelled or expired.
    """

    id: UUID
    location_id: UUID
    status: CountStatus
    sections: tuple[Section, ...]
    people: int
    is_blind: bool
    note: str
    reason: str
    closings: int
    opened_by: str
    opened_at: datetime
    expires_at: datetime
    closed_at: datetime | None
    posted_at: datetime | None
    ended_at: datetime | None
    version: int

    @property
    def hides_expected(self) -> bool:
        """Whether nobody may be told now what is expected."""
        return self.is_blind and self.status is CountStatus.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What somebody saw of one item at one moment.

    Attributes:
        packs: closed packs.
        remainder: what is in the opened ones, base units.
        quantity: both together, base units.
        is_recount: entered after the two people were found to differ.
        ledger_seq: the last movement that the ledger held at that moment.
        counted_at: the moment.
    """

    id: UUID
    item_id: UUID
    counter_id: str
    packs: Decimal
    remainder: Decimal
    quantity: Decimal
    is_recount: bool
    ledger_seq: int
    counted_at: datetime
    entered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLine:
    """An item to count, as it may be shown to whoever counts: no word about how much there should be.

    Attributes:
        mine: what whoever asks has entered last; None for nothing yet.
        counted_by: how many people have counted it.
        is_to_recount: the two people differ.
        expected: by the ledger now; always None while the count is blind and open.
    """

    item_id: UUID
    name: str
    category: str
    shelf: str
    base_unit: str
    pack_quantity: Decimal
    mine: Entry | None
    counted_by: int
    is_to_recount: bool
    expected: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An item as it stands in a location."""

    item_id: UUID
    name: str
    category: str
    brand: str
    shelf: str
    base_unit: str
    pack_quantity: Decimal
    is_there: bool  # something of it lay there once, or it has a shelf there

    def is_in(self, sections: Collection[Section]) -> bool:
        """Whether it is counted with these sections; with none, everything is."""
        if not sections:
            return True
        return any(
            section.name == (self.category if section.kind is SectionKind.CATEGORY else self.shelf)
            for section in sections
        )


def check_new(sections: Collection[Section], people: int, *words: str) -> None:
    """Refuse a count that nobody could carry out.

    Raises:
        CountSenseless: it is one.
    """
    if people not in {1, 2}:
        raise CountSenseless("A count is by one person or by two.")
    if len(set(sections)) != len(sections) or len(sections) > MAX_SECTIONS:
        raise CountSenseless(f"Up to {MAX_SECTIONS} sections, each of them once.")
    if any(not section.name.strip() or len(section.name) > MAX_WORDS for section in sections):
        raise CountSenseless("A section has a name.")
    if any(len(word) > MAX_WORDS for word in words):
        raise CountSenseless(f"At most {MAX_WORDS} characters.")


def check_open(count: StockCount, now: datetime) -> None:
    """Refuse to go on counting when it is over.

    Raises:
        CountExpired: it was left open for too long.
        CountNotOpen: it is closed, posted, cancelled or reversed.
    """
    if count.status is CountStatus.EXPIRED or (count.status is CountStatus.OPEN and count.expires_at <= now):
        raise CountExpired(count.id)
    check_status(count, CountStatus.OPEN)


def check_status(count: StockCount, *allowed: CountStatus) -> None:
    """Refuse a step that does not follow.

    Raises:
        CountNotOpen: the count stands elsewhere.
    """
    if count.status not in allowed:
        raise CountNotOpen(count.id, count.status)


def check_entry(count: StockCount, *, packs: Decimal, remainder: Decimal, counted_at: datetime, now: datetime) -> None:
    """Refuse what cannot have been seen.

    Raises:
        EntrySenseless: less than nothing, more than the ledger holds, too fine; or not during the count.
    """
    for seen in (packs, remainder):
        if not seen.is_finite() or not 0 <= seen <= MAX_QUANTITY or seen != seen.quantize(STEP):
            raise EntrySenseless("Packs and remainder are nothing or more, to a ten-thousandth at most.")
    if not count.opened_at <= counted_at <= now:
        raise EntrySenseless("It was counted after the count was opened, and not in the future.")


def seen_quantity(packs: Decimal, remainder: Decimal, pack_quantity: Decimal) -> Decimal:
    """Packs and what is beside them, in base units.

    Raises:
        EntrySenseless: more than the ledger holds.
    """
    quantity = (packs * pack_quantity + remainder).quantize(STEP)
    if quantity > MAX_QUANTITY:
        raise EntrySenseless("So much cannot be: look at the packs once more.")
    return quantity
