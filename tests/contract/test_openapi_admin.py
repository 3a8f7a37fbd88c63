"""The staff' API answers as its committed document says, whatever it is asked (support/conformance.py)."""

from __future__ import annotations

import pytest

from support.conformance import SETTINGS, ask, document, served

pytestmark = pytest.mark.database
schema = document("admin")


@pytest.fixture(scope="module")
def api(cluster, furnished, moto):
    with served("admin", cluster=cluster, furnished=furnished, moto=moto) as found:
        yield found


@schema.parametrize()
@SETTINGS
def test_it_keeps_its_document(case, api):
    ask(case, api)
