"""Posting what a count found, and undoing it; giving a count up."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from salon.identity.domain import Actor, system
from salon.identity.use_cases import record_audit
from salon.inventory.consumption.use_cases import BALANCE
from salon.inventory.counts import domain
from salon.inventory.counts.domain import CountStatus, Entry, Snapshot, StockCount
from salon.inventory.counts.errors import CountOutdated, CountSenseless
from salon.inventory.counts.events import StockCounted
from salon.inventory.counts.repository import counts, evidence
from salon.inventory.ledger import use_cases as ledger
from salon.inventory.ledger.domain import Movement, MovementKind, Source
from salon.inventory.ledger.repository import posting
from salon.platform.db import ReadSession, WriteSession
from salon.platform.outbox import emit

SOURCE = "count"
MAX_REASON_CHARS = 1_000


def post_count(
    session: WriteSession,
    count_id: UUID,
    *,
    reason: str,
    leave_out: Collection[UUID] = (),
    actor: Actor,
    now: datetime,
) -> StockCount:
    """Correct the ledger by what a closed count found.

    A correction happened when the item was counted: what has moved since stays as it is.

    Args:
        session: the transaction.
        count_id: of the count.
        reason: why, in somebody's words; the ledger and the audit log keep it.
        leave_out: items that are not to be corrected.
        actor: who answers for it.
        now: when.

    Raises:
        CountNotFound: there is none.
        CountNotOpen: it is not closed.
        CountSenseless: no reason is given.
        CountOutdated: something was corrected by another count since, or became known that had happened before: close
            the count anew.
    """
    _check_reason(reason)
    count = _lock(session, count_id)
    domain.check_status(count, CountStatus.CLOSED)
    taken = [one for one in counts.list_snapshots(session, count) if one.item_id not in leave_out]
    outdated = _outdated(session, count, taken)
    if outdated:
        raise CountOutdated(outdated)
    ledger.post(session, _corrections(count, taken, reason), actor=actor, now=now)
    count = _step(session, count, CountStatus.POSTED, reason, actor=actor, now=now)
    worths = [one.variance_minor or 0 for one in taken]
    emit(
        session,
        StockCounted(
            occurred_at=now,
            count_id=count.id,
            location_id=count.location_id,
            items=len(taken),
            flagged=sum(one.is_flagged for one in taken),
            shortage_minor=-sum(min(worth, 0) for worth in worths),
            surplus_minor=sum(max(worth, 0) for worth in worths),
        ),
    )
    return count


def reverse_count(session: WriteSession, count_id: UUID, *, reason: str, actor: Actor, now: datetime) -> StockCount:
    """Take back what a count has corrected, and what was corrected for its sake when visits changed afterwards.

    Raises:
        CountNotFound: there is none.
        CountNotOpen: it is not posted.
        CountSenseless: no reason is given.
        CountOutdated: a later count has corrected or confirmed the same things, and stands on this one.
    """
    _check_reason(reason)
    count = _lock(session, count_id)
    domain.check_status(count, CountStatus.POSTED)
    corrected = {one.item_id: one.seq for one in ledger.list_standing(session, SOURCE, count.id)}
    later = set(evidence.list_corrected(session, count.location_id, count.id, corrected))
    balanced = {one.item_id for one in ledger.list_standing(session, BALANCE, count.id)}
    places = {(item_id, count.location_id) for item_id in balanced | corrected.keys()}
    settlements = evidence.list_settlements(session, places)
    later |= {item_id for (item_id, _), same in settlements.items() if same[-1].count_id != count.id}
    if later:
        raise CountOutdated(sorted(later))
    for source in (SOURCE, BALANCE):
        ledger.reverse(session, Source(source, count.id), actor=actor, now=now, note=reason)
    return _step(session, count, CountStatus.REVERSED, reason, actor=actor, now=now)


def cancel_count(session: WriteSession, count_id: UUID, *, reason: str, actor: Actor, now: datetime) -> StockCount:
    """Give a count up before it is posted.

    Raises:
        CountNotFound: there is none.
        CountNotOpen: it is posted, or over.
        CountSenseless: no reason is given.
    """
    _check_reason(reason)
    count = counts.lock_count(session, count_id)
    domain.check_status(count, CountStatus.OPEN, CountStatus.CLOSED)
    return _step(session, count, CountStatus.CANCELLED, reason, actor=actor, now=now)


def list_stale(session: ReadSession, *, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant, count) of open counts that were left for too long, over all tenants."""
    return counts.list_stale(session, now=now, limit=limit)


def expire_count(session: WriteSession, count_id: UUID, *, now: datetime) -> bool:
    """End an open count that was left for too long; whether it was so.

    Raises:
        CountNotFound: there is none.
    """
    count = counts.lock_count(session, count_id)
    if count.status is not CountStatus.OPEN or count.expires_at > now:
        return False
    _step(session, count, CountStatus.EXPIRED, "", actor=system("inventory.counts"), now=now)
    return True


def _lock(session: WriteSession, count_id: UUID) -> StockCount:
    """A count, and the ledger: nothing moves between looking at it and correcting it."""
    count = counts.lock_count(session, count_id)
    posting.lock_head(session)
    return count


def _outdated(session: ReadSession, count: StockCount, taken: Collection[Snapshot]) -> Collection[UUID]:
    """Items of which the ledger says something else about the moment of counting than it did at the closing."""
    if not taken:
        return ()
    others = evidence.list_corrected(
        session, count.location_id, count.id, {one.item_id: one.ledger_seq for one in taken}
    )
    entries = [_moment(one) for one in taken]
    held = evidence.held_at(session, count.location_id, entries)
    moved = {one.item_id for one in taken if held[one.item_id].quantity != one.expected}
    return sorted(moved | set(others))


def _corrections(count: StockCount, taken: Sequence[Snapshot], note: str) -> list[Movement]:
    """What makes the ledger say what was found; a line's number is its place among all that was taken."""
    return [
        Movement(
            item_id=one.item_id,
            location_id=count.location_id,
            kind=MovementKind.CORRECTION,
            quantity=one.variance,
            source=Source(SOURCE, count.id, count.closings),
            line=line,
            reason=one.causes[0].kind.value if one.causes else None,
            note=note,
            occurred_at=one.counted_at,
        )
        for line, one in enumerate(taken)
        if one.variance != 0
    ]


def _moment(snapshot: Snapshot) -> Entry:
    """The moment of a snapshot as `held_at` takes it."""
    return Entry(
        id=snapshot.item_id,
        item_id=snapshot.item_id,
        counter_id="",
        packs=snapshot.counted,
        remainder=snapshot.counted,
        quantity=snapshot.counted,
        is_recount=False,
        ledger_seq=snapshot.ledger_seq,
        counted_at=snapshot.counted_at,
        entered_at=snapshot.taken_at,
    )


def _step(
    session: WriteSession, count: StockCount, status: CountStatus, reason: str, *, actor: Actor, now: datetime
) -> StockCount:
    is_posted = status is CountStatus.POSTED
    count = replace(
        count,
        status=status,
        reason=reason,
        posted_at=now if is_posted else count.posted_at,
        ended_at=None if is_posted else now,
        version=count.version + 1,
    )
    counts.update_count(session, count)
    record_audit(
        session,
        action=f"count.{status}",
        subject="count",
        subject_id=count.id,
        actor=actor,
        now=now,
        data={"reason": reason},
    )
    return count


def _check_reason(reason: str) -> None:
    if not 0 < len(reason.strip()) <= MAX_REASON_CHARS:
        raise CountSenseless(f"Say why, in 1 to {MAX_REASON_CHARS} characters.")
