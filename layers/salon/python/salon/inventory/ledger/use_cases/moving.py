"""What a person does with stock by hand: carry it to another location, write it off, and take either back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from salon.catalog import use_cases as catalog
from salon.identity.domain import Actor
from salon.identity.use_cases import record_audit
from salon.inventory.ledger.domain import (
    BatchRef,
    Movement,
    MovementKind,
    Posted,
    Source,
    WriteOffReason,
    require_quantity,
)
from salon.inventory.ledger.errors import AlreadyReversed, MovedAndCounted, MovementNotFound
from salon.inventory.ledger.repository import posting
from salon.inventory.ledger.use_cases.posting import post
from salon.inventory.ledger.use_cases.reversing import reverse
from salon.platform.db import WriteSession
from salon.platform.errors import Invalid
from salon.platform.ids import new_id

TRANSFER, WRITE_OFF = "transfer", "write_off"
"""The kinds of the ledger's sources."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLine:
    """So much of an item.

    Attributes:
        quantity: base units, more than nothing.
        batch: of this batch; None where nobody looked.
    """

    item_id: UUID
    quantity: Decimal
    batch: BatchRef | None = None

    def __post_init__(self) -> None:
        """Refuse to move nothing, or what the ledger could not hold; before anybody reckons with it."""
        require_quantity(self.quantity)
        if not self.quantity > 0:
            raise Invalid("A quantity is more than nothing here.")


def transfer_stock(
    session: WriteSession,
    lines: Sequence[StockLine],
    *,
    from_location_id: UUID,
    to_location_id: UUID,
    actor: Actor,
    now: datetime,
    note: str | None = None,
) -> tuple[Posted, ...]:
    """Carry stock from one location to another, at what it is worth; for each line the row out and the row in.

    Raises:
        Invalid: nowhere to, or nothing.
        LocationNotFound, ItemNotFound: there is none.
        NotEnoughStock, NotEnoughInBatch: more than is there.
    """
    if from_location_id == to_location_id:
        raise Invalid("A transfer leads to another location.")
    _require_lines(lines)
    for location_id in (from_location_id, to_location_id):
        catalog.get_location(session, location_id)
    source = Source(TRANSFER, new_id())
    movements = [
        Movement(
            item_id=line.item_id,
            location_id=location_id,
            kind=kind,
            quantity=sign * line.quantity,
            source=source,
            line=number,
            batch=_plain(line.batch),
            note=note,
            occurred_at=now,
        )
        for number, line in enumerate(lines)
        for kind, location_id, sign in (
            (MovementKind.TRANSFER_OUT, from_location_id, -1),
            (MovementKind.TRANSFER_IN, to_location_id, 1),
        )
    ]
    return post(session, movements, actor=actor, now=now)


def write_off_stock(
    session: WriteSession,
    lines: Sequence[StockLine],
    *,
    location_id: UUID,
    reason: WriteOffReason,
    actor: Actor,
    now: datetime,
    note: str | None = None,
) -> tuple[Posted, ...]:
    """Take stock out of the books, and say why.

    Raises:
        Invalid: nothing; or another reason, without words.
        LocationNotFound, ItemNotFound: there is none.
        NotEnoughStock, NotEnoughInBatch: more than is there.
    """
    _require_lines(lines)
    if reason is WriteOffReason.OTHER and not (note or "").strip():
        raise Invalid("Another reason needs words.")
    catalog.get_location(session, location_id)
    source = Source(WRITE_OFF, new_id())
    movements = [
        Movement(
            item_id=line.item_id,
            location_id=location_id,
            kind=MovementKind.WRITE_OFF,
            quantity=-line.quantity,
            source=source,
            line=number,
            batch=_plain(line.batch),
            reason=reason.value,
            note=note,
            occurred_at=now,
        )
        for number, line in enumerate(lines)
    ]
    return post(session, movements, actor=actor, now=now)


def take_back(
    session: WriteSession,
    source: Source,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    despite_count: bool = False,
) -> tuple[Posted, ...]:
    """Take a transfer or a write-off back, all its lines: the goods are where they were before.

    Whoever finds what was written off as lost may have counted it meanwhile; that needs a word of its own, as it does
    for an invoice.

    Args:
        session: whose transaction it is.
        source: of its movements: `TRANSFER` or `WRITE_OFF`, and the id.
        reason: why, in somebody's words; the ledger and the audit log keep it.
        actor: who answers for it.
        now: when it is entered.
        despite_count: although a count has settled some of it since.

    Raises:
        Invalid: no reason is given.
        MovementNotFound: there is no such transfer or write-off.
        AlreadyReversed: it was taken back before.
        MovedAndCounted: a count has settled some of it since, and nobody said that it is right all the same.
        NotEnoughStock, NotEnoughInBatch: the goods are not there any more, where they were carried to.
    """
    if not reason.strip():
        raise Invalid("Say why it is taken back.")
    posting.lock_head(session)  # of two who take it back at once, the second sees what the first has done
    if not posting.list_of_sources(session, [source]):
        raise MovementNotFound(source.kind, source.id)
    if not posting.list_standing(session, source.kind, source.id):
        raise AlreadyReversed(source.kind, source.id)
    counted = posting.list_counted_since(session, source.kind, source.id)
    if counted and not despite_count:
        raise MovedAndCounted(counted)
    record_audit(
        session,
        action=f"{source.kind}.reversed",
        subject=source.kind,
        subject_id=source.id,
        actor=actor,
        now=now,
        data={"reason": reason, "despite_count": bool(counted)},
    )
    return reverse(session, source, actor=actor, now=now, note=reason, is_covered=True)


def _plain(batch: BatchRef | None) -> BatchRef | None:
    """The batch without whatever a body of the API has made of it: batches are compared."""
    return None if batch is None else BatchRef(batch.lot, batch.expires_on)


def _require_lines(lines: Sequence[StockLine]) -> None:
    if not lines:
        raise Invalid("Something is to be moved.")
