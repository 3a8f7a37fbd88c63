"""What every change of the catalogue leaves behind: a line in the audit log, and word that slots have moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from salon.catalog.events import CatalogChanged
from salon.identity.domain import Actor
from salon.identity.use_cases import record_audit
from salon.platform.db import WriteSession
from salon.platform.outbox import emit

_GATHERED = "catalog.changed"


def audit(session: WriteSession, action: str, subject_id: UUID, actor: Actor, now: datetime, **data: object) -> None:
    """Append `catalog.<action>` to the audit log; the subject is what stands before the last dot of `action`."""
    subject = action.partition(".")[0]
    record_audit(
        session, action=f"catalog.{action}", subject=subject, subject_id=subject_id, actor=actor, now=now, data=data
    )


def tell_slots_moved(session: WriteSession, location_ids: Iterable[UUID], now: datetime) -> None:
    """Emit `catalog.changed` for these locations; without any, nobody's slots have moved and nothing is emitted."""
    moved = set(location_ids)
    gathered: set[UUID] | None = session.info.get(_GATHERED)
    if gathered is not None:
        gathered |= moved
    elif moved:
        emit(session, CatalogChanged(occurred_at=now, location_ids=tuple(sorted(moved))))


@contextmanager
def gather_changes(session: WriteSession, *, now: datetime) -> Iterator[set[UUID]]:
    """Make many changes and tell them in one `catalog.changed` at the end, as an import of a whole salon does.

    Yields:
        The locations whose slots have moved so far. Whoever generates the slots itself empties the set, and nothing
        is told.
    """
    gathered: set[UUID] = set()
    around = session.info.get(_GATHERED)
    session.info[_GATHERED] = gathered
    try:
        yield gathered
    finally:
        session.info[_GATHERED] = around
    tell_slots_moved(session, gathered, now)
