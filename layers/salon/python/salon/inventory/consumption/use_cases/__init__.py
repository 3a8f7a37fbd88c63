"""Making the ledger agree with what visits used, saying what they used, and linking norms with the stock."""

from __future__ import annotations

from salon.inventory.consumption.use_cases.balancing import BALANCE
from salon.inventory.consumption.use_cases.linking import LinkOutcome, link_norm, list_unlinked
from salon.inventory.consumption.use_cases.saying import ConsumptionView, get_consumption, say_consumption
from salon.inventory.consumption.use_cases.settling import (
    SOURCE,
    norms_of,
    on_visit_changed,
    policy_of,
    settle_visit,
    work_out_now,
)

__all__ = [
    "BALANCE",
    "SOURCE",
    "ConsumptionView",
    "LinkOutcome",
    "get_consumption",
    "link_norm",
    "list_unlinked",
    "norms_of",
    "on_visit_changed",
    "policy_of",
    "say_consumption",
    "settle_visit",
    "work_out_now",
]
