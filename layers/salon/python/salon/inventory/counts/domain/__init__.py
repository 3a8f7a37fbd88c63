"""Counts, what they find, and what the difference may come from. Pure."""

from __future__ import annotations

from salon.inventory.counts.domain.causes import (
    Cause,
    CauseKind,
    Evidence,
    Hint,
    OpenVisits,
    ReceiptSeen,
    ServiceUse,
    Sibling,
    explain,
)
from salon.inventory.counts.domain.comparing import Compared, Settled, Snapshot, Unsettled, agree, settle
from salon.inventory.counts.domain.counting import (
    MAX_QUANTITY,
    OPEN_FOR,
    CountStatus,
    Entry,
    Place,
    Section,
    SectionKind,
    SheetLine,
    StockCount,
    check_entry,
    check_new,
    check_open,
    check_status,
    seen_quantity,
)

__all__ = [
    "MAX_QUANTITY",
    "OPEN_FOR",
    "Cause",
    "CauseKind",
    "Compared",
    "CountStatus",
    "Entry",
    "Evidence",
    "Hint",
    "OpenVisits",
    "Place",
    "ReceiptSeen",
    "Section",
    "SectionKind",
    "ServiceUse",
    "Settled",
    "SheetLine",
    "Sibling",
    "Snapshot",
    "StockCount",
    "Unsettled",
    "agree",
    "check_entry",
    "check_new",
    "check_open",
    "check_status",
    "explain",
    "seen_quantity",
    "settle",
]
