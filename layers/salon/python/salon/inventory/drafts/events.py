"""What has happened to invoices. Ids only."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from salon.platform.facts import Fact


class InvoiceDrafted(Fact):
    """A document was read, and waits for a person to look at it.

    Attributes:
        duplicate_of: the invoice that it seems to repeat.
    """

    name: ClassVar[str] = "invoice.drafted"

    draft_id: UUID
    job_id: UUID
    duplicate_of: UUID | None = None


class InvoiceConfirmed(Fact):
    """A person has confirmed an invoice, and its goods are in the stock."""

    name: ClassVar[str] = "invoice.confirmed"

    draft_id: UUID
    location_id: UUID
    supplier_id: UUID | None
    item_ids: tuple[UUID, ...]


class InvoiceReversed(Fact):
    """A confirmed invoice was taken back, and its goods out of the stock."""

    name: ClassVar[str] = "invoice.reversed"

    draft_id: UUID
    location_id: UUID
    item_ids: tuple[UUID, ...]
