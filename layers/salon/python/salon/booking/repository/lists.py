"""Queries about many bookings."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from salon.booking.domain import Booking, BookingFilters, BookingStatus, Position, ScheduleEntry
from salon.booking.repository.rows import COLUMNS, booking_of
from salon.platform.db import ReadSession

_UPCOMING = text(f"""
    SELECT {COLUMNS} FROM bookings booking WHERE client_id = :client_id AND ends_at > :now
        AND (status = 'confirmed' OR (status = 'held' AND hold_expires_at > :now))
    ORDER BY starts_at, id LIMIT :limit
""")  # noqa: S608 - the names are ours
_LAST_VISIT = text(f"""
    SELECT {COLUMNS} FROM bookings booking WHERE client_id = :client_id AND status IN ('confirmed', 'completed')
    ORDER BY starts_at DESC, id LIMIT 1
""")  # noqa: S608 - as above


def search_bookings(
    session: ReadSession, filters: BookingFilters, *, after: Position | None, limit: int, newest_first: bool
) -> list[Booking]:
    """Bookings by time from where the last page ended."""
    where, parameters = _conditions(filters)
    order, than = ("DESC", "<") if newest_first else ("ASC", ">")
    if after is not None:
        # the first comparison alone may use an index: a comparison of rows is as good, but the planner cannot see it
        where.append(
            f"booking.starts_at {than}= :after_at AND (booking.starts_at, booking.id) {than} (:after_at, :after)"
        )
        parameters |= {"after_at": after.starts_at, "after": after.booking_id}
    join = "JOIN clients client ON client.id = booking.client_id" if filters.text else ""
    query = text(f"""
        SELECT {COLUMNS} FROM bookings booking {join} WHERE {" AND ".join(where)}
        ORDER BY booking.starts_at {order}, booking.id {order} LIMIT :limit
    """)  # noqa: S608 - the conditions are those below
    return [booking_of(row) for row in session.execute(query, {**parameters, "limit": limit})]


def list_schedule(
    session: ReadSession,
    *,
    from_at: datetime,
    to_at: datetime,
    now: datetime,
    location_id: UUID | None,
    staff_id: UUID | None,
    statuses: Collection[BookingStatus],
    limit: int,
) -> list[ScheduleEntry]:
    """Bookings that have some of their time in a stretch of it, with names, by time, without holds that ran out."""
    filters = BookingFilters(statuses=statuses, location_id=location_id, staff_id=staff_id)
    where, parameters = _conditions(filters)
    query = text(f"""
        SELECT {COLUMNS}, client.display_name AS client_name, service.name AS service_name, staff.name AS staff_name
        FROM bookings booking
        JOIN clients client ON client.id = booking.client_id
        JOIN services service ON service.id = booking.service_id
        LEFT JOIN staff ON staff.id = booking.staff_id
        WHERE {" AND ".join(where)} AND booking.starts_at < :to_at
            AND booking.starts_at >= CAST(:from_at AS timestamptz) - interval '1 day' AND booking.ends_at > :from_at
            AND (booking.status <> 'held' OR booking.hold_expires_at > :now)
        ORDER BY booking.starts_at, booking.id LIMIT :limit
    """)  # noqa: S608 - as above; nothing lasts longer than a day, and the index knows only the start
    return [
        ScheduleEntry(booking_of(row), row.client_name, row.service_name, row.staff_name)
        for row in session.execute(
            query, {**parameters, "from_at": from_at, "to_at": to_at, "now": now, "limit": limit}
        )
    ]


def list_upcoming_for_client(session: ReadSession, client_id: UUID, now: datetime, limit: int) -> list[Booking]:
    """Confirmed bookings and running holds of a client that are not over, by time."""
    rows = session.execute(_UPCOMING, {"client_id": client_id, "now": now, "limit": limit})
    return [booking_of(row) for row in rows]


def find_last_visit(session: ReadSession, client_id: UUID) -> Booking | None:
    """The latest booking of a client that took place or is still to take place."""
    row = session.execute(_LAST_VISIT, {"client_id": client_id}).one_or_none()
    return booking_of(row) if row is not None else None


def _conditions(filters: BookingFilters) -> tuple[list[str], dict[str, Any]]:
    where, parameters = ["true"], dict[str, Any]()
    for name in ("location_id", "staff_id", "service_id", "client_id", "series_id", "session_id"):
        value = getattr(filters, name)
        if value is not None:
            where.append(f"booking.{name} = :{name}")
            parameters[name] = value
    if filters.statuses:
        where.append("booking.status = ANY(CAST(:statuses AS text[]))")
        parameters["statuses"] = sorted(status.value for status in filters.statuses)
    if filters.from_at is not None:
        where.append("booking.starts_at >= :from_at")
        parameters["from_at"] = filters.from_at
    if filters.to_at is not None:
        where.append("booking.starts_at < :to_at")
        parameters["to_at"] = filters.to_at
    if filters.text:
        where.append("strpos(lower(client.display_name), lower(:text)) > 0")
        parameters["text"] = filters.text
    return where, parameters
