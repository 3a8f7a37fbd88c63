"""What the tests of invoice drafts share."""

from __future__ import annotations

import pytest

from support.invoices import InvoiceDesk


@pytest.fixture
def desk(database, tenant_id, clock) -> InvoiceDesk:
    return InvoiceDesk(database, tenant_id, clock.now())
