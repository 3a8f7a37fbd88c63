"""The staff' API answers as its committed document says, whatever it is asked (support/conformance.py)."""

from __future__ import annotations

import pytest

from support.conformance import operations_of, served

pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def api(cluster, furnished, moto):
    with served("admin", cluster=cluster, furnished=furnished, moto=moto) as found:
        yield found


globals().update(operations_of("admin"))
