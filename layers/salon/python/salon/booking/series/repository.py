"""Every query about series."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, Table, insert, select, text, update

from salon.booking.domain import BookingStatus
from salon.booking.models import BookingRow, BookingSeriesRow
from salon.booking.series.domain import Series, SeriesStatus
from salon.booking.series.errors import SeriesNotFound
from salon.platform.db import ReadSession, WriteSession, tenant_of

_series = cast("Table", BookingSeriesRow.__table__)
_bookings = cast("Table", BookingRow.__table__)


def _from_row(row: Row[Any]) -> Series:
    return Series(
        id=row.id,
        client_id=row.client_id,
        location_id=row.location_id,
        service_id=row.service_id,
        staff_id=row.staff_id,
        option_ids=tuple(row.option_ids),
        first_on=row.first_on,
        local_time=row.local_time,
        every_days=row.every_days,
        occurrences=row.occurrences,
        tried=row.tried,
        tolerance_min=row.tolerance_min,
        status=SeriesStatus(row.status),
        channel=row.channel,
        created_at=row.created_at,
    )


def _values(series: Series) -> dict[str, Any]:
    return {
        "client_id": series.client_id,
        "location_id": series.location_id,
        "service_id": series.service_id,
        "staff_id": series.staff_id,
        "option_ids": list(series.option_ids),
        "first_on": series.first_on,
        "local_time": series.local_time,
        "every_days": series.every_days,
        "occurrences": series.occurrences,
        "tried": series.tried,
        "tolerance_min": series.tolerance_min,
        "status": series.status,
        "channel": series.channel,
        "created_at": series.created_at,
    }


def add_series(session: WriteSession, series: Series) -> None:
    """Store a new series."""
    session.execute(insert(_series).values(id=series.id, tenant_id=tenant_of(session), **_values(series)))


def update_series(session: WriteSession, series: Series) -> None:
    """Store what a locked series is now."""
    session.execute(update(_series).where(_series.c.id == series.id).values(**_values(series)))


def get_series(session: ReadSession, series_id: UUID) -> Series:
    """A series.

    Raises:
        SeriesNotFound: there is none.
    """
    row = session.execute(select(_series).where(_series.c.id == series_id)).one_or_none()
    if row is None:
        raise SeriesNotFound(series_id)
    return _from_row(row)


def lock_series(session: WriteSession, series_id: UUID) -> Series:
    """A series, locked. A series is locked before slots.

    Raises:
        SeriesNotFound: there is none.
    """
    row = session.execute(select(_series).where(_series.c.id == series_id).with_for_update()).one_or_none()
    if row is None:
        raise SeriesNotFound(series_id)
    return _from_row(row)


def list_series(
    session: ReadSession,
    *,
    client_id: UUID | None,
    location_id: UUID | None,
    statuses: Collection[SeriesStatus],
    after: UUID | None,
    limit: int,
) -> list[Series]:
    """Series, the oldest first, after the one called `after`."""
    query = select(_series)
    if client_id is not None:
        query = query.where(_series.c.client_id == client_id)
    if location_id is not None:
        query = query.where(_series.c.location_id == location_id)
    if statuses:
        query = query.where(_series.c.status.in_(sorted(statuses)))
    if after is not None:
        query = query.where(_series.c.id > after)
    return [_from_row(row) for row in session.execute(query.order_by(_series.c.id).limit(limit))]


def list_booking_ids(session: ReadSession, series_id: UUID) -> list[UUID]:
    """All bookings that a series made, by time."""
    query = select(_bookings.c.id).where(_bookings.c.series_id == series_id)
    return list(session.scalars(query.order_by(_bookings.c.starts_at, _bookings.c.id)))


def list_coming(session: ReadSession, series_id: UUID, from_at: datetime) -> list[tuple[UUID, UUID]]:
    """(booking, slot) of confirmed visits of a series that begin at an instant or later, by time."""
    query = select(_bookings.c.id, _bookings.c.slot_id).where(
        _bookings.c.series_id == series_id,
        _bookings.c.status == BookingStatus.CONFIRMED,
        _bookings.c.starts_at >= from_at,
    )
    return [(row.id, row.slot_id) for row in session.execute(query.order_by(_bookings.c.starts_at, _bookings.c.id))]


def list_due(session: ReadSession, until: date, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant, series) of all tenants whose next visit lies on this day or before: for the timer."""
    rows = session.execute(
        text("SELECT tenant_id, id FROM due_series(:until, :limit)"), {"until": until, "limit": limit}
    )
    return [(row.tenant_id, row.id) for row in rows]
