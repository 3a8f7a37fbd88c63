"""Queries of reports: they read what other modules keep."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from salon.insights.domain import VariantFunnel
from salon.platform.db import ReadSession

# The window bounds bookings too: nobody books from a set before it was shown.
_FUNNEL = text("""
WITH shown AS MATERIALIZED (
    SELECT id, variant, subject FROM exposures WHERE created_at >= :from_at AND created_at < :to_at
),
looked AS (
    SELECT variant, count(*) AS exposures, count(DISTINCT subject) AS subjects FROM shown GROUP BY variant
),
booked AS (
    SELECT shown.variant, count(*) AS holds, count(*) FILTER (WHERE booking.confirmed_at IS NOT NULL) AS confirmed
    FROM bookings booking JOIN shown ON shown.id = booking.exposure_id
    WHERE booking.created_at >= :from_at GROUP BY shown.variant
)
SELECT looked.variant, looked.exposures, looked.subjects, coalesce(booked.holds, 0) AS holds,
    coalesce(booked.confirmed, 0) AS confirmed
FROM looked LEFT JOIN booked ON booked.variant = looked.variant ORDER BY looked.variant
""")


def count_funnel(session: ReadSession, from_at: datetime, to_at: datetime) -> list[VariantFunnel]:
    """Sets shown from `from_at` to before `to_at` and what became of them, by variant."""
    return [
        VariantFunnel(
            variant=row.variant,
            exposures=row.exposures,
            subjects=row.subjects,
            holds=row.holds,
            confirmed=row.confirmed,
        )
        for row in session.execute(_FUNNEL, {"from_at": from_at, "to_at": to_at})
    ]
