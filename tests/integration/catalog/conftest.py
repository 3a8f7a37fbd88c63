"""A tenant's transaction for the tests of the catalogue."""

from __future__ import annotations

import pytest
from sqlalchemy import text


@pytest.fixture
def now(clock):
    return clock.now()


@pytest.fixture
def session(database, tenant_id):
    with database.transaction(tenant_id) as session:
        yield session


@pytest.fixture
def told(session):
    """The location ids of every `catalog.changed` since the last call."""
    seen = 0

    def since():
        nonlocal seen
        rows = session.execute(
            text("SELECT payload FROM outbox WHERE kind = 'catalog.changed' ORDER BY sequence OFFSET :seen"),
            {"seen": seen},
        ).all()
        seen += len(rows)
        return [set(row.payload["location_ids"]) for row in rows]

    return since
