"""What is done with invoices: drafted from what was read, corrected by a person, confirmed, reversed, discarded."""

from __future__ import annotations

from salon.inventory.drafts.use_cases.closing import (
    confirm_invoice,
    count_accuracy,
    discard_invoice,
    reverse_invoice,
)
from salon.inventory.drafts.use_cases.correcting import (
    accept_proposal,
    add_line,
    change_header,
    change_line,
    remove_line,
)
from salon.inventory.drafts.use_cases.drafting import draft_again, draft_from_result
from salon.inventory.drafts.use_cases.reading import get_invoice, list_invoices, read_policy

__all__ = [
    "accept_proposal",
    "add_line",
    "change_header",
    "change_line",
    "confirm_invoice",
    "count_accuracy",
    "discard_invoice",
    "draft_again",
    "draft_from_result",
    "get_invoice",
    "list_invoices",
    "read_policy",
    "remove_line",
    "reverse_invoice",
]
