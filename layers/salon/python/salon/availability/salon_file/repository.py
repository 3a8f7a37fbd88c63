"""Queries of the import."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import func, select
from sqlalchemy.orm import SessionTransaction

from salon.platform.db import WriteSession, tenant_of


def lock_salon(session: WriteSession) -> None:
    """Let one import at a time change a tenant."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"salon_file:{tenant_of(session)}", 0))))


@contextmanager
def attempt(session: WriteSession) -> Iterator[SessionTransaction]:
    """What is done inside can be undone by itself: when it raises, or by the yielded savepoint's `rollback`."""
    with session.begin_nested() as savepoint:
        yield savepoint
