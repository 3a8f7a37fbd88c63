"""Queries about services."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Float, column, select, text, update

from salon.catalog.domain import Service, ServiceDetails
from salon.catalog.errors import ServiceNotFound
from salon.catalog.models import LocationServiceRow, ServiceRow
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.ids import new_id

# Like at all, and not much less than the best one. The other way round, because «мужская стрижка машинкой недорого»
# holds a name; less then, the more else it holds.
_LIKE = (
    text("""
    SELECT id, likeness + whole / 100 AS likeness FROM (
        SELECT service.id, word.likeness, word.whole, max(word.likeness) OVER () AS best
        FROM services service CROSS JOIN LATERAL (
            SELECT max(greatest(direct, 0.4 * reverse + 0.4 * whole)) AS likeness, max(whole) AS whole
            FROM (
                SELECT word_similarity(:words, name) AS direct, word_similarity(name, :words) AS reverse,
                    similarity(:words, name) AS whole
                FROM (
                    SELECT replace(lower(word), 'ё', 'е') AS name FROM unnest(service.synonyms || service.name) word
                ) said
            ) compared
        ) word
        WHERE service.is_active
    ) ranked
    WHERE likeness >= 0.3 AND likeness >= best - 0.25 ORDER BY 2 DESC LIMIT :limit
""")
    .columns(column("id", ServiceRow.id.type), column("likeness", Float))
    .subquery("alike")
)


def _service(row: ServiceRow) -> Service:
    return Service(
        id=row.id,
        name=row.name,
        category=row.category,
        synonyms=tuple(row.synonyms),
        duration_min=row.duration_min,
        buffer_before_min=row.buffer_before_min,
        buffer_after_min=row.buffer_after_min,
        requires_staff=row.requires_staff,
        processing_from_min=row.processing_from_min,
        processing_min=row.processing_min,
        min_notice_min=row.min_notice_min,
        is_active=row.is_active,
    )


def _service_values(details: ServiceDetails) -> dict[str, Any]:
    return {
        "name": details.name,
        "category": details.category,
        "synonyms": list(details.synonyms),
        "duration_min": details.duration_min,
        "buffer_before_min": details.buffer_before_min,
        "buffer_after_min": details.buffer_after_min,
        "requires_staff": details.requires_staff,
        "processing_from_min": details.processing_from_min,
        "processing_min": details.processing_min,
        "min_notice_min": details.min_notice_min,
    }


def add_service(session: WriteSession, details: ServiceDetails, now: datetime) -> Service:
    """Store a new service."""
    row = ServiceRow(
        id=new_id(), tenant_id=tenant_of(session), is_active=True, created_at=now, **_service_values(details)
    )
    session.add(row)
    session.flush()
    return _service(row)


def get_service(session: ReadSession, service_id: UUID) -> Service:
    """A service.

    Raises:
        ServiceNotFound: there is none.
    """
    row = session.get(ServiceRow, service_id)
    if row is None:
        raise ServiceNotFound(service_id)
    return _service(row)


def list_services(session: ReadSession, *, location_id: UUID | None, active_only: bool) -> list[Service]:
    """Services by category and name; with a location, those it offers."""
    query = select(ServiceRow).order_by(ServiceRow.category, ServiceRow.name, ServiceRow.id)
    if location_id is not None:
        offered = select(LocationServiceRow.service_id).where(LocationServiceRow.location_id == location_id)
        query = query.where(ServiceRow.id.in_(offered))
    if active_only:
        query = query.where(ServiceRow.is_active)
    return [_service(row) for row in session.scalars(query)]


def update_service(session: WriteSession, service_id: UUID, details: ServiceDetails) -> None:
    """Store what changed.

    Raises:
        ServiceNotFound: there is none.
    """
    query = update(ServiceRow).where(ServiceRow.id == service_id).values(**_service_values(details))
    if session.execute(query.returning(ServiceRow.id)).first() is None:
        raise ServiceNotFound(service_id)


def set_service_active(session: WriteSession, service_id: UUID, *, is_active: bool) -> bool:
    """Store whether it is sold; whether that is news.

    Raises:
        ServiceNotFound: there is none.
    """
    row = session.get(ServiceRow, service_id)
    if row is None:
        raise ServiceNotFound(service_id)
    changed, row.is_active = row.is_active != is_active, is_active
    session.flush()
    return changed


def lock_services(session: WriteSession, service_ids: Iterable[UUID]) -> dict[UUID, Service]:
    """Services, locked in the order of their ids, so that their lengths are judged by one transaction at a time.

    Raises:
        ServiceNotFound: one of them does not exist.
    """
    wanted = set(service_ids)
    query = (
        select(ServiceRow)
        .where(ServiceRow.id.in_(wanted))
        .order_by(ServiceRow.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    found = {row.id: _service(row) for row in session.scalars(query)} if wanted else {}
    for service_id in wanted - set(found):
        raise ServiceNotFound(service_id)
    return found


def require_services(session: ReadSession, service_ids: Iterable[UUID]) -> None:
    """Refuse ids of services that do not exist.

    Raises:
        ServiceNotFound: naming one of them.
    """
    wanted = set(service_ids)
    known = set(session.scalars(select(ServiceRow.id).where(ServiceRow.id.in_(wanted)))) if wanted else set()
    for service_id in sorted(wanted - known):
        raise ServiceNotFound(service_id)


def search_services(session: ReadSession, words: str, limit: int) -> list[Service]:
    """Active services whose name or synonym is like `words`, the likest first; no index: a salon has hundreds."""
    rows = session.scalars(
        select(ServiceRow).join(_LIKE, _LIKE.c.id == ServiceRow.id).order_by(_LIKE.c.likeness.desc(), ServiceRow.name),
        {"words": words, "limit": limit},
    )
    return [_service(row) for row in rows]
