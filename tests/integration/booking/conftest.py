from __future__ import annotations

import pytest

from support.factories import make_salon


@pytest.fixture
def salon(database, tenant_id, clock):
    """Two people, three afternoons of six one-hour slots each (12:00 to 18:00 in Moscow)."""
    return make_salon(database, tenant_id, now=clock.now(), staff_names=("Анна", "Борис"))


@pytest.fixture
def act(salon):
    """Call a use case in a transaction of its own."""

    def call(use_case, *arguments, **keywords):
        with salon.database.transaction(salon.tenant_id) as session:
            return use_case(session, *arguments, **keywords)

    return call
