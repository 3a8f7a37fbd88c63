"""The chain: every row's hash covers its own values and its predecessor's hash. Pure.

Says what the trigger `chain_ledger` of migration 0013 says in SQL; a test compares the two on rows of every form.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from salon.inventory.ledger.domain.costing import SCALE
from salon.inventory.ledger.domain.movements import LedgerEntry
from salon.platform.errors import Invalid

NO_HASH = bytes(32)
"""What the first row of a chain has before it."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VERSION = "v1"


@dataclass(frozen=True, slots=True)
class Head:
    """The last row of a tenant's chain, as it is kept elsewhere: a chain whose tail was cut off holds all the same."""

    seq: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash.hex()}"

    @classmethod
    def parse(cls, written: str) -> Head:
        """What `str` wrote.

        Raises:
            Invalid: it is of another form.
        """
        seq, _, digits = written.strip().partition(":")
        try:
            head = cls(int(seq), bytes.fromhex(digits))
        except ValueError:
            head = cls(0, b"")
        if head.seq < 1 or len(head.hash) != len(NO_HASH):
            raise Invalid("Write a head as SEQ:HASH, with 64 hexadecimal digits.")
        return head


START = Head(0, NO_HASH)


@dataclass(frozen=True, slots=True)
class ChainLink:
    """A row and its place in the chain."""

    tenant_id: UUID
    entry: LedgerEntry
    prev_hash: bytes
    hash: bytes


def link_hash(link: ChainLink) -> bytes:
    """The hash that the row must have."""
    return hashlib.sha256(link.prev_hash + canonical(link.tenant_id, link.entry).encode()).digest()


def canonical(tenant_id: UUID, entry: LedgerEntry) -> str:
    """The row as one text, in forms that no type, setting or language changes."""
    return "|".join(
        (
            _VERSION,
            str(tenant_id),
            str(entry.seq),
            str(entry.id),
            str(entry.item_id),
            str(entry.location_id),
            entry.kind.value,
            str(int(entry.quantity * SCALE)),
            str(entry.value_minor),
            _or_dash(entry.batch_id),
            _or_dash(entry.supplier_id),
            _hex(entry.source.kind),
            str(entry.source.id),
            str(entry.source.round),
            str(entry.line),
            _or_dash(entry.reverses_id),
            "-" if entry.reason is None else _hex(entry.reason),
            "-" if entry.note is None else _hex(entry.note),
            _hex(entry.actor_kind),
            _hex(entry.actor_id),
            str(_microseconds(entry.occurred_at)),
            str(_microseconds(entry.at)),
        )
    )


def _or_dash(key: UUID | None) -> str:
    return "-" if key is None else str(key)


def _hex(words: str) -> str:
    return words.encode().hex()


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)


class BreakKind(StrEnum):
    """What is wrong with a ledger."""

    ROW_MISSING = "row_missing"  # a place in the chain is empty
    NOT_CHAINED = "not_chained"  # a row names another predecessor than it has
    ROW_CHANGED = "row_changed"  # a row is not what it was when it was appended
    TAIL_CUT = "tail_cut"  # rows are missing at the end, or the head was moved
    NOT_AS_EXPECTED = "not_as_expected"  # the chain holds, and is another one than was kept elsewhere
    POSITION_DIFFERS = "position_differs"  # what is kept as stock on hand is not the sum of the movements


@dataclass(frozen=True, slots=True)
class Break:
    """The first thing that is wrong.

    Attributes:
        seq: the place in the chain; None where a position is concerned.
        subject_id: the row, or the item.
        what: in words, for whoever runs the check.
    """

    kind: BreakKind
    what: str
    seq: int | None = None
    subject_id: UUID | None = None


def find_break(links: Iterable[ChainLink], after: Head) -> tuple[Head, Break | None]:
    """Walk rows that follow `after`; the last one that holds, and what is wrong with the one behind it."""
    for link in links:
        entry = link.entry
        if entry.seq != after.seq + 1:
            what = f"row {after.seq + 1} is missing: {entry.seq} follows {after.seq}"
            return after, Break(BreakKind.ROW_MISSING, what, after.seq + 1, entry.id)
        if link.prev_hash != after.hash:
            what = f"row {entry.seq} ({entry.id}) does not name the hash of the row before it"
            return after, Break(BreakKind.NOT_CHAINED, what, entry.seq, entry.id)
        if link.hash != link_hash(link):
            what = f"row {entry.seq} ({entry.id}) is not what it was when it was appended"
            return after, Break(BreakKind.ROW_CHANGED, what, entry.seq, entry.id)
        after = Head(entry.seq, link.hash)
    return after, None
