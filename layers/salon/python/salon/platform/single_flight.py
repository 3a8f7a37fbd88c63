"""Timers run one at a time, however many instances the cloud starts (DESIGN law 2)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import String, text
from sqlalchemy.orm import Mapped, mapped_column

from salon.platform.clock import Clock
from salon.platform.db import Base, Database

_TAKE = text("""
INSERT INTO timer_leases AS lease (name, lease_until) VALUES (:name, :until)
ON CONFLICT (name) DO UPDATE SET lease_until = EXCLUDED.lease_until WHERE lease.lease_until <= :now
RETURNING name
""")
_GIVE_BACK = text("UPDATE timer_leases SET lease_until = :now WHERE name = :name AND lease_until = :until")


class TimerLease(Base):
    """Who runs a timer: a name and an instant, nothing of any tenant."""

    __tablename__ = "timer_leases"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    lease_until: Mapped[datetime]


@contextmanager
def single_flight(database: Database, name: str, *, clock: Clock, lease: timedelta) -> Iterator[bool]:
    """Yield True to one caller at a time; the lease ends by itself when that caller dies.

    Args:
        database: where the lease is kept.
        name: of the timer.
        clock: tells the time.
        lease: longer than the function's time-out, or a slow run is overtaken.
    """
    now = clock.now()
    until = now + lease
    with database.without_tenant() as session:
        mine = session.execute(_TAKE, {"name": name, "until": until, "now": now}).scalar_one_or_none() is not None
    try:
        yield mine
    finally:
        if mine:
            with database.without_tenant() as session:
                session.execute(_GIVE_BACK, {"name": name, "until": until, "now": clock.now()})
