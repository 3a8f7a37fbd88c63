"""The account API answers as its committed document says, whatever it is asked (support/conformance.py)."""

from __future__ import annotations

import pytest

from support.conformance import operations_of, served

pytestmark = [
    pytest.mark.database,
    # Schemathesis makes no pictures and no PDF; files of the types that it can make are enough.
    pytest.mark.filterwarnings("ignore:Skipped test cases with unsupported payload media types"),
]


@pytest.fixture(scope="module")
def api(cluster, furnished, moto):
    with served("account", cluster=cluster, furnished=furnished, moto=moto) as found:
        yield found


globals().update(operations_of("account"))
