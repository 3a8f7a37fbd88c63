"""Queries about offers: what was shown, and where a service is sold."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Table, select, text
from sqlalchemy.dialects.postgresql import insert

from salon.availability.models import ExposureRow
from salon.availability.offers.domain import Question
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.ids import new_id

_exposures = cast("Table", ExposureRow.__table__)

_PLACES = text("""
SELECT location.id, location.timezone, array_agg(DISTINCT sold.duration_min + sold.buffer_before_min
    + sold.buffer_after_min) AS minutes
FROM location_services asked
JOIN locations location ON location.id = asked.location_id
JOIN location_services offered ON offered.location_id = location.id
JOIN services sold ON sold.id = offered.service_id AND sold.is_active
WHERE asked.service_id = :service_id AND (CAST(:location_id AS uuid) IS NULL OR location.id = :location_id)
GROUP BY location.id, location.timezone
""")


@dataclass(frozen=True, slots=True)
class Place:
    """A location that sells the service.

    Attributes:
        minutes: how long the services that it sells keep somebody busy, buffers included.
    """

    timezone: str
    minutes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A set that was shown."""

    id: UUID
    slot_ids: tuple[UUID, ...]
    expires_at: datetime


def list_places(session: ReadSession, service_id: UUID, location_id: UUID | None) -> dict[UUID, Place]:
    """The locations that offer a service."""
    rows = session.execute(_PLACES, {"service_id": service_id, "location_id": location_id})
    return {row.id: Place(row.timezone, tuple(sorted(row.minutes))) for row in rows}


def lock_question(session: WriteSession, key: str) -> None:
    """Let one transaction at a time answer a question; the lock ends with it (poolers allow no other kind)."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(current_setting('app.tenant_id') || :key, 0))"),
        {"key": f"exposure:{key}"},
    )


def find_latest(session: ReadSession, keys: Collection[str], since: datetime) -> dict[str, Shown]:
    """The newest set shown under each key since an instant; keys without any are not in the answer."""
    query = (
        select(_exposures.c.id, _exposures.c.key, _exposures.c.slot_ids, _exposures.c.expires_at)
        .where(_exposures.c.key.in_(keys), _exposures.c.expires_at > since)
        .order_by(_exposures.c.created_at, _exposures.c.id)
    )
    return {row.key: Shown(row.id, tuple(row.slot_ids), row.expires_at) for row in session.execute(query)}


def find_shown(session: ReadSession, *, subject: str, slot_id: UUID, since: datetime) -> tuple[UUID, str] | None:
    """Id and variant of the newest set with a slot that somebody was shown since an instant."""
    query = (
        select(_exposures.c.id, _exposures.c.variant)
        .where(
            _exposures.c.subject == subject,
            _exposures.c.created_at > since,
            _exposures.c.slot_ids.any_() == slot_id,
        )
        .order_by(_exposures.c.created_at.desc(), _exposures.c.id.desc())
        .limit(1)
    )
    row = session.execute(query).one_or_none()
    return (row.id, row.variant) if row is not None else None


def add_exposure(
    session: WriteSession,
    question: Question,
    *,
    key: str | None,
    variant: str,
    round_: int,
    slot_ids: Iterable[UUID],
    total: int,
    now: datetime,
    expires_at: datetime,
) -> Shown:
    """Record a set that is shown; without a key it is never found again by its question."""
    shown = Shown(new_id(), tuple(slot_ids), expires_at)
    session.execute(
        insert(_exposures).values(
            id=shown.id,
            tenant_id=tenant_of(session),
            key=key or shown.id.hex,
            subject=question.subject,
            variant=variant,
            location_id=question.location_id,
            service_id=question.service_id,
            staff_id=question.staff_id,
            on_date=question.on,
            round=round_,
            slot_ids=list(shown.slot_ids),
            total=total,
            created_at=now,
            expires_at=expires_at,
        )
    )
    return shown
