from __future__ import annotations

import pytest

from support.factories import make_salon


@pytest.fixture
def salon(database, tenant_id, clock):
    return make_salon(database, tenant_id, now=clock.now())


def test_smoke(salon):
    slots = salon.slots()
    assert len(slots) == 18
    b = salon.book(slots[0].id, salon.client())
    assert salon.booking(b.id) == b
    assert len(salon.slots()) == 17
