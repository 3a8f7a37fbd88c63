"""Whom a segment means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from salon.messaging.campaigns.domain import Segment
from salon.platform.db import ReadSession

# A visit took place when the salon said so, or when nobody said anything about one that is over.
_TOOK_PLACE = "(visit.status = 'completed' OR (visit.status = 'confirmed' AND visit.ends_at <= :now))"
_PEOPLE = f"""
    FROM clients client
    LEFT JOIN LATERAL (
        SELECT count(DISTINCT coalesce(visit.visit_id, visit.id)) AS visits, max(visit.starts_at) AS last_at
        FROM bookings visit WHERE visit.client_id = client.id AND {_TOOK_PLACE}
    ) been ON TRUE
    WHERE client.erased_at IS NULL AND client.merged_into_id IS NULL
"""  # noqa: S608 - the words are ours
_LAST_RATING = """
    (SELECT rated.rating FROM feedback rated JOIN bookings visit ON visit.id = rated.booking_id
     WHERE visit.client_id = client.id ORDER BY rated.rated_at DESC, rated.id DESC LIMIT 1)
"""
_AGREED = """
    coalesce((SELECT said.is_given FROM consents said
        WHERE said.purpose = 'marketing' AND said.client_id IN (
            SELECT client.id UNION SELECT same.id FROM clients same WHERE same.merged_into_id = client.id
        ) ORDER BY said.at DESC, said.id DESC LIMIT 1), FALSE)
    AND EXISTS (SELECT 1 FROM conversations chat WHERE chat.client_id = client.id AND NOT chat.is_group
        AND NOT EXISTS (SELECT 1 FROM channel_contacts contact WHERE contact.client_id = client.id
            AND contact.account_id = chat.account_id AND contact.chat_id = chat.chat_id AND contact.is_blocked))
"""


@dataclass(frozen=True, slots=True)
class Meant:
    """Somebody whom a segment means.

    Attributes:
        timezone: their own; None takes the salon's.
        last_visit_at: when their last visit began.
    """

    client_id: UUID
    timezone: str | None
    birth_day: str | None
    last_visit_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """A segment's days as instants, by the salon's clock.

    Attributes:
        last_visit_before, last_visit_after: midnights of these days, UTC.
        birth_days: under which `MM-DD` those are found who have their birthday in time; None asks for none.
    """

    now: datetime
    last_visit_before: datetime | None = None
    last_visit_after: datetime | None = None
    birth_days: Sequence[str] | None = None


def list_meant(
    session: ReadSession, segment: Segment, bounds: Bounds, *, after: UUID | None, limit: int
) -> list[Meant]:
    """The next people after the one called `after`, in the order of their ids."""
    where, values = _conditions(segment, bounds)
    if after is not None:
        where.append("client.id > :after")
        values["after"] = after
    query = text(
        f"SELECT client.id, client.timezone, client.birth_day, been.last_at {_PEOPLE} {_all(where)}"
        " ORDER BY client.id LIMIT :limit"
    )
    return [
        Meant(row.id, row.timezone, row.birth_day, row.last_at)
        for row in session.execute(query, {**values, "limit": limit})
    ]


def count_meant(session: ReadSession, segment: Segment, bounds: Bounds) -> tuple[int, int]:
    """How many people, and how many of them agreed to marketing and have a chat that is not blocked."""
    where, values = _conditions(segment, bounds)
    query = text(f"SELECT count(*) AS meant, count(*) FILTER (WHERE {_AGREED}) AS reachable {_PEOPLE} {_all(where)}")
    row = session.execute(query, values).one()
    return row.meant, row.reachable


def has_come_since(session: ReadSession, client_ids: Sequence[UUID], since: datetime, now: datetime) -> bool:
    """Whether a person came after that visit, or is going to come."""
    query = text(
        "SELECT EXISTS (SELECT 1 FROM bookings visit WHERE visit.client_id = ANY(CAST(:ids AS uuid[]))"
        " AND visit.starts_at > :since AND (visit.status IN ('confirmed', 'completed')"
        " OR (visit.status = 'held' AND visit.hold_expires_at > :now)))"
    )
    return bool(session.execute(query, {"ids": _array(client_ids), "since": since, "now": now}).scalar_one())


def _all(where: Sequence[str]) -> str:
    return "".join(f" AND {one}" for one in where)


def _array(ids: Sequence[UUID]) -> list[str]:
    return [str(one) for one in ids]


def _conditions(segment: Segment, bounds: Bounds) -> tuple[list[str], dict[str, Any]]:
    where: list[str] = []
    values: dict[str, Any] = {"now": bounds.now}
    simple: tuple[tuple[str, str, object], ...] = (
        ("been.last_at < :before", "before", bounds.last_visit_before),
        ("been.last_at >= :from_at", "from_at", bounds.last_visit_after),
        ("been.visits >= :min_visits", "min_visits", segment.min_visits),
        (f"{_LAST_RATING} >= :min_rating", "min_rating", segment.min_rating),
        (f"{_LAST_RATING} <= :max_rating", "max_rating", segment.max_rating),
        ("client.language = :language", "language", segment.language),
    )
    for condition, name, value in simple:
        if value is not None:
            where.append(condition)
            values[name] = value
    if segment.idle_days is not None:
        where.append("been.last_at < :idle_since")
        where.append(
            "NOT EXISTS (SELECT 1 FROM bookings visit WHERE visit.client_id = client.id AND visit.ends_at > :now"
            " AND (visit.status = 'confirmed' OR (visit.status = 'held' AND visit.hold_expires_at > :now)))"
        )
        values["idle_since"] = bounds.now - timedelta(days=segment.idle_days)
    for column in ("service_id", "staff_id", "location_id"):
        ids: tuple[UUID, ...] = getattr(segment, f"{column}s")
        if ids:
            where.append(
                f"EXISTS (SELECT 1 FROM bookings visit WHERE visit.client_id = client.id AND {_TOOK_PLACE}"  # noqa: S608 - as above
                f" AND visit.{column} = ANY(CAST(:{column}s AS uuid[])))"
            )
            values[f"{column}s"] = _array(ids)
    if bounds.birth_days is not None:
        where.append("client.birth_day = ANY(CAST(:birth_days AS text[]))")
        values["birth_days"] = list(bounds.birth_days)
    return where, values
