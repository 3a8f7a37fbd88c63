"""Opening a count and entering what is on the shelves.

Whoever counts is told what to count and what they have entered, and nothing of what anybody expects or has seen. An
entry is of one moment; the ledger's place at that moment is kept with it, so that what moves afterwards is no variance.

Two people count each for themselves. What they differ about is never settled by one of the two alone: either they come
to the same figure (each may look again, and sees nothing of what the other saw), or a third person takes the second
look, which holds. That is somebody who may correct the stock (`stock.adjust`), since it decides what will be posted. Of
the two themselves only an owner, or whoever has an owner's rights over money, may decide: in a salon of two there is
nobody else. What nobody decides can still be left out when the count is closed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from salon.catalog import use_cases as catalog
from salon.identity.domain import Actor
from salon.identity.use_cases import record_audit
from salon.inventory.counts import domain
from salon.inventory.counts.domain import (
    OPEN_FOR,
    CountStatus,
    Entry,
    Place,
    Section,
    SheetLine,
    StockCount,
)
from salon.inventory.counts.errors import (
    BeingCounted,
    CountersComplete,
    CountSenseless,
    ItemNotCounted,
    SecondLookNotYours,
)
from salon.inventory.counts.repository import counts, evidence
from salon.inventory.counts.use_cases.settling import Standing, standing_of
from salon.inventory.items import repository as items
from salon.inventory.ledger import use_cases as ledger
from salon.platform.db import ReadSession, WriteSession
from salon.platform.ids import new_id

MAX_SHELF_CHARS = 100


def open_count(
    session: WriteSession,
    *,
    location_id: UUID,
    sections: Sequence[Section] = (),
    people: int = 1,
    is_blind: bool = True,
    note: str = "",
    actor: Actor,
    now: datetime,
) -> StockCount:
    """Begin to count.

    Args:
        session: the transaction.
        location_id: where.
        sections: categories and shelves; none is everything.
        people: 1, or 2 who each count for themselves.
        is_blind: whether nobody is shown what is expected until it is closed.
        note: for people.
        actor: who.
        now: when.

    Raises:
        LocationNotFound: there is none.
        CountSenseless: nobody could carry it out.
    """
    domain.check_new(sections, people, note)
    catalog.get_location(session, location_id)
    count = StockCount(
        id=new_id(),
        location_id=location_id,
        status=CountStatus.OPEN,
        sections=tuple(sorted(sections)),
        people=people,
        is_blind=is_blind,
        note=note,
        reason="",
        closings=0,
        opened_by=actor.id,
        opened_at=now,
        expires_at=now + OPEN_FOR,
        closed_at=None,
        posted_at=None,
        ended_at=None,
        version=1,
    )
    counts.add_count(session, count)
    about = {"location_id": str(location_id), "people": people, "is_blind": is_blind, "sections": len(sections)}
    record_audit(session, action="count.opened", subject="count", subject_id=count.id, actor=actor, now=now, data=about)
    return count


def get_count(session: ReadSession, count_id: UUID) -> StockCount:
    """A count.

    Raises:
        CountNotFound: there is none.
    """
    return counts.get_count(session, count_id)


def list_counts(
    session: ReadSession,
    *,
    location_id: UUID | None = None,
    statuses: Collection[CountStatus] = (),
    before: UUID | None = None,
    limit: int = 50,
) -> list[StockCount]:
    """Counts, the newest first; no statuses means all."""
    return counts.list_counts(session, location_id=location_id, statuses=statuses, before=before, limit=limit)


def enter_count(
    session: WriteSession,
    count_id: UUID,
    *,
    item_id: UUID,
    packs: Decimal,
    remainder: Decimal = Decimal(0),
    counted_at: datetime | None = None,
    may_settle: bool = False,
    may_settle_own: bool = False,
    actor: Actor,
    now: datetime,
) -> Entry:
    """Say what is there of one item: closed packs, and base units in what is opened.

    What the same person said of it before is replaced. Where the two people differ, whoever may decide between them
    settles it with what they enter now.

    Args:
        session: the transaction.
        count_id: of the count.
        item_id: that was counted.
        packs: closed ones; of what is sold in single pieces, the pieces.
        remainder: base units beside them.
        counted_at: when it was seen, where it is entered later; None for now.
        may_settle: whether they may decide about what two others differ about.
        may_settle_own: whether they may although they are one of the two.
        actor: who counted.
        now: when it is entered.

    Raises:
        CountNotFound: there is no such count.
        CountExpired, CountNotOpen: the counting is over.
        ItemNotCounted: the item is not part of the count.
        EntrySenseless: a quantity or a moment that cannot be.
        CountersComplete: as many people as are to count have begun.
        SecondLookNotYours: two people differ about it, or did, and it is not theirs to decide.
    """
    count = counts.lock_count(session, count_id)
    domain.check_open(count, now)
    domain.check_entry(count, packs=packs, remainder=remainder, counted_at=counted_at or now, now=now)
    place = next(iter(counts.list_places(session, count.location_id, [item_id])), None)
    if place is None or not place.is_in(count.sections):
        raise ItemNotCounted(item_id)
    is_recount = _is_recount(session, count, item_id, actor, may_settle=may_settle, may_settle_own=may_settle_own)
    entry = Entry(
        id=new_id(),
        item_id=item_id,
        counter_id=actor.id,
        packs=packs,
        remainder=remainder,
        quantity=domain.seen_quantity(packs, remainder, place.pack_quantity),
        is_recount=is_recount,
        ledger_seq=evidence.ledger_seq(session, counted_at),
        counted_at=counted_at or now,
        entered_at=now,
    )
    counts.add_entry(session, count, entry)
    return entry


def list_hidden(session: ReadSession, *, counter_id: str | None = None) -> frozenset[tuple[UUID, UUID]]:
    """(item, location) of which an open blind count is under way: how much there is stays untold to those who count.

    Whoever may not correct the stock is not shown the ledger's quantities of these anywhere, nor what another count of
    them found: otherwise the page beside the sheet tells what the sheet does not. Who posts what counts find has to see
    the stock all the same, unless they take part in the count themselves.

    Args:
        session: to read in.
        counter_id: only of counts that this person has entered something in; None for all.
    """
    return counts.list_counted_blindly(session, counter_id)


@dataclass(frozen=True, slots=True)
class CountSheet:
    """What is to be counted."""

    count: StockCount
    lines: tuple[SheetLine, ...]


def get_sheet(
    session: ReadSession,
    count_id: UUID,
    *,
    counter_id: str,
    may_see_expected: bool,
    hidden: Collection[tuple[UUID, UUID]] = (),
) -> CountSheet:
    """What there is to count, and what this person has entered.

    Args:
        session: reading is enough.
        count_id: of the count.
        counter_id: whoever asks.
        may_see_expected: whether they may know what the ledger says; nobody may while the count is blind and open.
        hidden: what they may not know of all the same (`list_hidden`), because another count of it is.

    Raises:
        CountNotFound: there is none.
    """
    count = counts.get_count(session, count_id)
    standing = standing_of(session, count)
    places = [
        place
        for place in counts.list_places(session, count.location_id)
        if place.is_in(count.sections) and (place.is_there or count.sections or place.item_id in standing.entries)
    ]
    on_hand: Mapping[UUID, Decimal] = {}
    if may_see_expected and not count.hides_expected:
        found = ledger.stock_on_hand(session, [place.item_id for place in places], count.location_id)
        on_hand = {one.item_id: one.quantity for one in found}
    recounts = set(standing.to_recount())
    lines = [_sheet_line(place, standing, counter_id, is_to_recount=place.item_id in recounts) for place in places]
    if may_see_expected and not count.hides_expected:
        lines = [
            line
            if (line.item_id, count.location_id) in hidden
            else replace(line, expected=on_hand.get(line.item_id, Decimal(0)))
            for line in lines
        ]
    return CountSheet(count, tuple(lines))


def list_recounts(session: ReadSession, count_id: UUID) -> list[UUID]:
    """Items about which the two people differ: which, and not by how much.

    Raises:
        CountNotFound: there is none.
    """
    return standing_of(session, counts.get_count(session, count_id)).to_recount()


def put_on_shelf(
    session: WriteSession,
    location_id: UUID,
    item_ids: Collection[UUID],
    name: str | None,
    *,
    actor: Actor,
    now: datetime,
    hidden: Collection[tuple[UUID, UUID]] = (),
) -> None:
    """Say on which shelf items stand in a location, so that it can be counted by itself; None takes it back.

    Args:
        session: the transaction.
        location_id: where.
        item_ids: what.
        name: of the shelf.
        actor: who.
        now: when.
        hidden: what they may not know of now (`list_hidden`), and so may not take out of the count either.

    Raises:
        LocationNotFound, ItemNotFound: there is none.
        BeingCounted: something of it is hidden.
        CountSenseless: a shelf without a name, or with too long a one.
    """
    if name is not None and not 0 < len(name.strip()) <= MAX_SHELF_CHARS:
        raise CountSenseless(f"A shelf's name has 1 to {MAX_SHELF_CHARS} characters.")
    catalog.get_location(session, location_id)
    items.require_items(session, item_ids)
    counted = [item_id for item_id in item_ids if (item_id, location_id) in hidden]
    if counted:
        raise BeingCounted(counted)
    counts.put_on_shelf(session, location_id, item_ids, name.strip() if name is not None else None)
    record_audit(
        session,
        action="stock_shelf.changed",
        subject="location",
        subject_id=location_id,
        actor=actor,
        now=now,
        data={"items": len(item_ids)},
    )


def _is_recount(
    session: WriteSession, count: StockCount, item_id: UUID, actor: Actor, *, may_settle: bool, may_settle_own: bool
) -> bool:
    """Whether what somebody enters now decides between two; refuses whoever is one too many, or may not decide."""
    standing = standing_of(session, count, item_id)  # of all of them, every entry would cost more than the one before
    people = counts.list_counters(session, count.id)
    is_own = actor.id in people
    is_disputed = standing.was_recounted(item_id) or item_id in standing.to_recount()
    is_recount = is_disputed and (may_settle_own if is_own else may_settle)
    if is_disputed and not is_recount and (not is_own or standing.was_recounted(item_id)):
        raise SecondLookNotYours(item_id)
    if not is_disputed and not is_own and len(people) >= count.people:
        raise CountersComplete(count.people)
    return is_recount


def _sheet_line(place: Place, standing: Standing, counter_id: str, *, is_to_recount: bool) -> SheetLine:
    entries = standing.entries.get(place.item_id, [])
    mine = [entry for entry in entries if entry.counter_id == counter_id]
    return SheetLine(
        item_id=place.item_id,
        name=place.name,
        category=place.category,
        shelf=place.shelf,
        base_unit=place.base_unit,
        pack_quantity=place.pack_quantity,
        mine=mine[-1] if mine else None,
        counted_by=len({entry.counter_id for entry in entries}),
        is_to_recount=is_to_recount,
    )
