"""What people and events do with the stock, and what they ask about it."""

from __future__ import annotations

from salon.inventory.ledger.use_cases.moving import (
    TRANSFER,
    WRITE_OFF,
    StockLine,
    take_back,
    transfer_stock,
    write_off_stock,
)
from salon.inventory.ledger.use_cases.posting import post
from salon.inventory.ledger.use_cases.reading import (
    average_cost,
    ledger_head,
    list_batches,
    list_movements,
    list_reversed,
    list_standing,
    price_history,
    spread_over_batches,
    stock_on_hand,
    suggest_batches,
    suggest_purchase,
)
from salon.inventory.ledger.use_cases.reversing import reverse
from salon.inventory.ledger.use_cases.verifying import Verdict, list_tenants, verify_ledger

__all__ = [
    "TRANSFER",
    "WRITE_OFF",
    "StockLine",
    "Verdict",
    "average_cost",
    "ledger_head",
    "list_batches",
    "list_movements",
    "list_reversed",
    "list_standing",
    "list_tenants",
    "post",
    "price_history",
    "reverse",
    "spread_over_batches",
    "stock_on_hand",
    "suggest_batches",
    "suggest_purchase",
    "take_back",
    "transfer_stock",
    "verify_ledger",
    "write_off_stock",
]
