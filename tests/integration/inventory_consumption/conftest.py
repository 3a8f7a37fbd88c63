from __future__ import annotations

import pytest

from support.stock_world import make_stock_world


@pytest.fixture
def world(database, tenant_id, clock):
    return make_stock_world(database, tenant_id, now=clock.now())
