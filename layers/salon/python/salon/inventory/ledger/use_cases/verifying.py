"""Proving that the ledger is what was posted, and that the stock on hand follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from salon.inventory.ledger.domain import (
    MADE_BY_THE_LEDGER,
    START,
    Break,
    BreakKind,
    Head,
    Position,
    find_break,
    follow,
)
from salon.inventory.ledger.repository import reading
from salon.inventory.ledger.repository.posting import Place
from salon.platform.db import ReadSession

ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a tenant's ledger stands.

    Attributes:
        head: the last row that holds; keep it elsewhere, and compare it next time.
        broken: the first thing that is wrong; None when all is well.
    """

    head: Head
    broken: Break | None = None


def verify_ledger(session: ReadSession, expected: Head | None = None) -> Verdict:
    """Walk a tenant's chain from its first row, and reckon its stock anew.

    The head and the positions are read first, by one statement; the rows up to that head never change. So the check may
    run while people post.

    Args:
        session: of that tenant; a reading one will do.
        expected: a head that was kept elsewhere; it proves that no tail was cut off, and no chain was made anew.
    """
    kept, positions = reading.read_head_and_positions(session)
    taken_back = reading.list_reversed_ids(session, until_seq=kept.seq)
    reckoned: dict[Place, Position] = {}
    values: dict[Place, int] = {}
    head = START
    while links := reading.list_links(session, after_seq=head.seq, until_seq=kept.seq, limit=ROWS_AT_ONCE):
        head, broken = find_break(links, head)
        if broken is not None:
            return Verdict(head=head, broken=broken)
        for entry in (link.entry for link in links):
            place = (entry.item_id, entry.location_id)
            values[place] = values.get(place, 0) + entry.value_minor
            position = reckoned.setdefault(place, Position())
            if entry.kind not in MADE_BY_THE_LEDGER and entry.id not in taken_back:
                reckoned[place] = follow(position, entry)
    broken = _check_end(session, kept, head) or _check_expected(session, expected)
    return Verdict(head=head, broken=broken or _compare(positions, reckoned, values))


def list_tenants(session: ReadSession) -> list[UUID]:
    """Every tenant, for the check that walks all of them."""
    return reading.list_tenants(session)


def _check_end(session: ReadSession, kept: Head, head: Head) -> Break | None:
    if head.seq != kept.seq:
        what = f"row {head.seq + 1} is missing: the chain ends before it, and row {kept.seq} was the last"
        return Break(BreakKind.TAIL_CUT, what, head.seq + 1)
    if head.hash != kept.hash:
        what = f"row {head.seq} has another hash than the head that was kept in the database"
        return Break(BreakKind.TAIL_CUT, what, head.seq)
    last = reading.last_seq(session)
    if last > kept.seq and reading.read_head_and_positions(session)[0] == kept:
        what = f"the head says that row {kept.seq} is the last, and row {last} is there"
        return Break(BreakKind.TAIL_CUT, what, last)
    return None


def _check_expected(session: ReadSession, expected: Head | None) -> Break | None:
    if expected is None or reading.find_link(session, expected.seq) == expected:
        return None
    what = f"row {expected.seq} is not the one whose hash was kept elsewhere, or is not there any more"
    return Break(BreakKind.NOT_AS_EXPECTED, what, expected.seq)


def _compare(
    positions: Mapping[Place, Position], reckoned: Mapping[Place, Position], values: Mapping[Place, int]
) -> Break | None:
    for place in sorted({*positions, *reckoned}):
        kept, found = positions.get(place, Position()), reckoned.get(place, Position())
        if kept == found and kept.value_minor == values.get(place, 0):
            continue
        what = (
            f"of item {place[0]} at location {place[1]} {kept.quantity} worth {kept.value_minor} is kept,"
            f" and {found.quantity} worth {found.value_minor} was posted"
        )
        return Break(BreakKind.POSITION_DIFFERS, what, None, place[0])
    return None
