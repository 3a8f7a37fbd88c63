"""Movements of stock: what a person or an event says, and what stands in the ledger. Values only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from salon.inventory.ledger.errors import StockBeyondBelief
from salon.platform.errors import Invalid

QUANTITY_STEP = Decimal("0.0001")
MAX_QUANTITY = Decimal(10**9)
MAX_COST_MINOR = 10**12  # ten thousand million roubles for one line
MAX_UNIT_COST_MINOR = 10**11  # a thousand million roubles for one millilitre
MAX_WORDS = 1_000
MAX_LOT_CHARS = 100
_SOURCE_KIND = re.compile(r"[a-z][a-z_]{0,31}", re.ASCII)


class MovementKind(StrEnum):
    """Why stock moved."""

    RECEIPT = "receipt"
    CONSUMPTION = "consumption"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    WRITE_OFF = "write_off"
    CORRECTION = "correction"
    REVERSAL = "reversal"  # the mirror of another row; made by `reverse` alone
    COST_VARIANCE = "cost_variance"  # no goods, only worth; made by the posting itself


COSTED = frozenset({MovementKind.RECEIPT, MovementKind.TRANSFER_IN})
"""Bring their own cost with them, and so change what a piece costs on average."""
INCOMING = COSTED
OUTGOING = frozenset({MovementKind.CONSUMPTION, MovementKind.TRANSFER_OUT, MovementKind.WRITE_OFF})
COVERED = frozenset({MovementKind.TRANSFER_OUT, MovementKind.WRITE_OFF})
"""Never take more than is there; consumption may, because a salon forgets to enter invoices."""
MADE_BY_THE_LEDGER = frozenset({MovementKind.REVERSAL, MovementKind.COST_VARIANCE})


class WriteOffReason(StrEnum):
    """Why something is written off."""

    EXPIRED = "expired"
    DAMAGED = "damaged"
    LOST = "lost"
    USED_UNINVOICED = "used_uninvoiced"  # used or sold, and nobody entered it
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Source:
    """What a movement comes from.

    Attributes:
        kind: small letters and underscores: `invoice_draft`, `booking`, `count`, `transfer`, `write_off`.
        id: of that thing.
        round: which time it posts. A visit that was completed, reopened and completed again consumes twice, and is
            told from a repeated event by this; `booking.version` will do.
    """

    kind: str
    id: UUID
    round: int = 0

    def __post_init__(self) -> None:
        """Refuse a kind that is no plain word."""
        if not _SOURCE_KIND.fullmatch(self.kind):
            raise Invalid("A source's kind is a word of small Latin letters and underscores, up to 32.")


@dataclass(frozen=True, slots=True)
class BatchRef:
    """Pieces that were made together: the supplier's lot, or the expiry date alone with an empty lot."""

    lot: str = ""
    expires_on: date | None = None

    def __post_init__(self) -> None:
        """Refuse a batch that nothing tells from others."""
        if not self.lot.strip() and self.expires_on is None:
            raise Invalid("A batch has a lot, or an expiry date.")
        if len(self.lot) > MAX_LOT_CHARS:
            raise Invalid(f"A lot has at most {MAX_LOT_CHARS} characters.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """What is to be posted.

    Attributes:
        quantity: signed, in the item's base unit, to a ten-thousandth: more than nothing comes in, less goes out.
        cost_minor: of a receipt: what the whole line cost, kopecks; None takes the average. Of anything else: None.
        line: of the source, so that one document may move an item twice; with source, kind and batch it makes the key
            by which a repeat is recognised.
        reason: a code, such as `WriteOffReason`; the list is the caller's.
        note: somebody's own words.
        occurred_at: when it happened, which may be before it is entered.
    """

    item_id: UUID
    location_id: UUID
    kind: MovementKind
    quantity: Decimal
    source: Source
    occurred_at: datetime
    line: int = 0
    cost_minor: int | None = None
    batch: BatchRef | None = None
    supplier_id: UUID | None = None
    reason: str | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        """Refuse what the ledger could not hold, or nobody may say.

        Raises:
            Invalid: that; `StockBeyondBelief` for a unit that costs more than anything does.
        """
        if self.kind in MADE_BY_THE_LEDGER:
            raise Invalid("Reversals and variances are made by the ledger itself.")
        require_quantity(self.quantity)
        is_coming = self.quantity > 0
        if self.quantity == 0 or self.kind in (OUTGOING if is_coming else INCOMING):
            raise Invalid("Receipts bring something in, consumption and write-offs take something out.")
        if self.cost_minor is not None and (
            self.kind is not MovementKind.RECEIPT or not 0 <= self.cost_minor <= MAX_COST_MINOR
        ):
            raise Invalid("A receipt alone has a cost of its own; it is nothing or more, and not beyond belief.")
        if self.cost_minor is not None and self.cost_minor > MAX_UNIT_COST_MINOR * self.quantity:
            raise StockBeyondBelief
        if any(len(words or "") > MAX_WORDS or "\x00" in (words or "") for words in (self.reason, self.note)):
            raise Invalid(f"At most {MAX_WORDS} characters.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A movement that stands in the ledger.

    Attributes:
        value_minor: by how much it changed the worth of the stock, kopecks; less than nothing for what went out.
        variance_minor: what was added to the worth beside it, because stock had been used before it was received.
        on_hand: how much lay there after everything that was posted together.
        is_repeat: it had been posted before, and nothing was done.
        is_reversed: it had been posted before, and was taken back since.
    """

    id: UUID
    seq: int
    item_id: UUID
    location_id: UUID
    kind: MovementKind
    quantity: Decimal
    value_minor: int
    on_hand: Decimal
    source: Source
    line: int
    batch_id: UUID | None = None
    variance_minor: int = 0
    is_repeat: bool = False
    is_reversed: bool = False

    @property
    def is_overdrawn(self) -> bool:
        """Whether more was used than had been received: somebody forgot an invoice."""
        return self.on_hand < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One row of the ledger."""

    id: UUID
    seq: int
    item_id: UUID
    location_id: UUID
    kind: MovementKind
    quantity: Decimal
    value_minor: int
    batch_id: UUID | None
    supplier_id: UUID | None
    source: Source
    line: int
    reverses_id: UUID | None
    reason: str | None
    note: str | None
    actor_kind: str
    actor_id: str
    occurred_at: datetime
    at: datetime


def require_quantity(quantity: Decimal) -> None:
    """Refuse a quantity that is too fine or too large for the ledger.

    Raises:
        Invalid: it is one.
    """
    if not quantity.is_finite() or not -MAX_QUANTITY <= quantity <= MAX_QUANTITY:  # `abs` would overflow
        raise Invalid("A quantity is a number, and not more than a thousand million.")
    if quantity != quantity.quantize(QUANTITY_STEP):
        raise Invalid("A quantity is given to a ten-thousandth at most.")
