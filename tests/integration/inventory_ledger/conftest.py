"""What the tests of the ledger share."""

from __future__ import annotations

import pytest

from support.shelf import Shelf, make_shelf


@pytest.fixture
def shelf(database, tenant_id, clock) -> Shelf:
    return make_shelf(database, clock.now(), tenant_id)
