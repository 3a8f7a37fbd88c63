"""Counting: open, enter, close, look at what it found, post it, and undo each."""

from __future__ import annotations

from salon.inventory.counts.use_cases.closing import (
    CountReport,
    ReportLine,
    close_count,
    get_report,
    list_history,
    reopen_count,
)
from salon.inventory.counts.use_cases.counting import (
    CountSheet,
    enter_count,
    get_count,
    get_sheet,
    list_counts,
    list_hidden,
    list_recounts,
    open_count,
    put_on_shelf,
)
from salon.inventory.counts.use_cases.posting import (
    SOURCE,
    cancel_count,
    expire_count,
    list_stale,
    post_count,
    reverse_count,
)

__all__ = [
    "SOURCE",
    "CountReport",
    "CountSheet",
    "ReportLine",
    "cancel_count",
    "close_count",
    "enter_count",
    "expire_count",
    "get_count",
    "get_report",
    "get_sheet",
    "list_counts",
    "list_hidden",
    "list_history",
    "list_recounts",
    "list_stale",
    "open_count",
    "post_count",
    "put_on_shelf",
    "reopen_count",
    "reverse_count",
]
