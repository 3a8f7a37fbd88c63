"""What a salon has decided about its invoices. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from salon.inventory.drafts.domain.drafts import Costing
from salon.inventory.drafts.errors import InvoiceSettingSenseless

SETTINGS = "invoices"
"""The section of the tenant's settings."""
MAX_JUMP_PERCENT = 1_000


@dataclass(frozen=True, slots=True)
class InvoicePolicy:
    """How invoices are taken in.

    Attributes:
        costing: what of an invoice is the cost of the goods: with VAT where the salon cannot deduct it, which is what
            most salons pay taxes by.
        price_jump_percent: by how much a price may differ from the last one before somebody has to look.
    """

    costing: Costing = Costing.WITH_VAT
    price_jump_percent: int = 30


def policy_from(content: Mapping[str, Any]) -> InvoicePolicy:
    """The policy that the settings say; what they do not say is as above.

    Raises:
        InvoiceSettingSenseless: naming the value that makes no sense.
    """
    for name in sorted(content.keys() - InvoicePolicy.__dataclass_fields__.keys()):
        raise InvoiceSettingSenseless(name, "is no setting of this section")
    default = InvoicePolicy()
    costing, percent = (
        content.get("costing", default.costing),
        content.get("price_jump_percent", default.price_jump_percent),
    )
    if costing not in set(Costing):
        raise InvoiceSettingSenseless("costing", "is with_vat or without_vat")
    if not isinstance(percent, int) or isinstance(percent, bool) or not 1 <= percent <= MAX_JUMP_PERCENT:
        raise InvoiceSettingSenseless("price_jump_percent", f"is a whole number from 1 to {MAX_JUMP_PERCENT}")
    return InvoicePolicy(Costing(costing), percent)
