"""Taking back what a source has posted: never by editing, always by mirrors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from salon.identity.domain import Actor
from salon.inventory.ledger.domain import (
    QUANTITY_STEP,
    LedgerEntry,
    MovementKind,
    Position,
    Posted,
    Source,
    replay,
)
from salon.inventory.ledger.errors import NotEnoughInBatch, NotEnoughStock
from salon.inventory.ledger.repository import posting
from salon.inventory.ledger.repository.posting import NewEntry, Place
from salon.inventory.ledger.use_cases import telling
from salon.inventory.ledger.use_cases.posting import NOTHING, posted_of, variance_of
from salon.platform.db import WriteSession
from salon.platform.ids import new_id


def reverse(
    session: WriteSession,
    source: Source,
    *,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
    note: str | None = None,
    is_covered: bool = False,
) -> tuple[Posted, ...]:
    """Post the mirror of everything that a source has posted and that still stands; a second time does nothing.

    The stock is then worth what it would be had the source never posted; where its goods were used meanwhile, a
    variance says the difference. A mirror happened when its original did, so that a question about stock at an earlier
    moment is answered as if the mistake had not been made; it was entered now. Unless it is to be covered, a
    reversal is always possible: stock whose goods have gone on becomes less than nothing, and is flagged.

    Args:
        session: whose transaction it is.
        source: its kind and id; every round of it is taken back.
        actor: who answers for it.
        now: when it is entered.
        reason: a code.
        note: somebody's own words.
        is_covered: refuse to take back what is not there any more.

    Returns:
        The mirrors; none when nothing stood.

    Raises:
        NotEnoughStock, NotEnoughInBatch: it is to be covered, and is not.
    """
    posting.lock_head(session)
    standing = posting.list_standing(session, source.kind, source.id)
    if not standing:
        return ()
    by_place: dict[Place, list[LedgerEntry]] = {}
    for entry in standing:
        by_place.setdefault((entry.item_id, entry.location_id), []).append(entry)
    before = posting.read_positions(session, by_place)
    entries: list[NewEntry] = []
    posted: list[Posted] = []
    after: dict[Place, Position] = {}
    for place, originals in sorted(by_place.items()):
        history = posting.list_standing_at(session, place)
        after[place] = replay(history, without=(entry.id for entry in originals))
        mirrors = [_mirror(original, reason, note) for original in originals]
        worth = after[place].value_minor - before.get(place, NOTHING).value_minor
        variance_minor = worth - sum(mirror.value_minor for mirror in mirrors)
        entries += mirrors
        if variance_minor:
            entries.append(variance_of(mirrors[-1], variance_minor))
        posted += [posted_of(mirror, variance_minor if mirror is mirrors[-1] else 0) for mirror in mirrors]
    if is_covered:
        _check_covered(session, entries, after)
    telling.write_ahead(session, entries, actor=actor, now=now)
    places = posting.append(session, entries, actor=actor, now=now)
    posting.write_positions(session, after, now)
    found = _numbered(posted, places, after)
    telling.tell_reversed(session, source, found, [entry.kind for entry in standing], now)
    telling.tell_minimums(session, before, after, now)
    return found


def _check_covered(session: WriteSession, entries: Sequence[NewEntry], after: Mapping[Place, Position]) -> None:
    """Refuse mirrors that would take more than is there, of a place or of a batch."""
    at_places: dict[Place, Decimal] = {}
    of_batches: dict[tuple[UUID, UUID, UUID], Decimal] = {}
    for entry in entries:
        place = (entry.item_id, entry.location_id)
        at_places[place] = at_places.get(place, Decimal(0)) + entry.quantity
        if entry.batch_id is not None:
            key = (entry.batch_id, entry.location_id, entry.item_id)
            of_batches[key] = of_batches.get(key, Decimal(0)) + entry.quantity
    for place, taken in at_places.items():
        if taken < 0 and after[place].quantity < 0:
            raise NotEnoughStock(place[0], after[place].quantity - taken)
    drawn = {key: taken for key, taken in of_batches.items() if taken < 0}
    left = posting.sum_batches(session, {batch_id for batch_id, _, _ in drawn}) if drawn else {}
    for (batch_id, location_id, item_id), taken in drawn.items():
        there = left.get((batch_id, location_id), Decimal(0))
        if there + taken < 0:
            raise NotEnoughInBatch(item_id, there)


def _mirror(original: LedgerEntry, reason: str | None, note: str | None) -> NewEntry:
    return NewEntry(
        id=new_id(),
        item_id=original.item_id,
        location_id=original.location_id,
        kind=MovementKind.REVERSAL,
        quantity=-original.quantity,
        value_minor=-original.value_minor,
        source=original.source,
        line=original.line,
        occurred_at=original.occurred_at,
        batch_id=original.batch_id,
        supplier_id=original.supplier_id,
        reverses_id=original.id,
        reason=reason,
        note=note,
    )


def _numbered(posted: Sequence[Posted], places: dict[UUID, int], after: dict[Place, Position]) -> tuple[Posted, ...]:
    def on_hand(one: Posted) -> Decimal:
        return after[one.item_id, one.location_id].quantity.quantize(QUANTITY_STEP)

    return tuple(replace(one, seq=places[one.id], on_hand=on_hand(one)) for one in posted)
