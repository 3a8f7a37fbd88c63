"""What the salon is told about its stock: that something runs out, what is left, and what to order."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from salon.catalog import use_cases as catalog
from salon.inventory.items import use_cases as items
from salon.inventory.ledger import use_cases as ledger
from salon.inventory.ledger.events import StockBelowMinimum
from salon.inventory.suppliers import use_cases as suppliers
from salon.messaging.people.domain import Notice, NoticeKind
from salon.messaging.people.use_cases.notices import tell_salon
from salon.platform.db import WriteSession
from salon.platform.facts import Fact
from salon.platform.rate_buckets import Bucket, take_all
from salon.platform.rate_limits import Limit

AGAIN = Limit(capacity=1, per_second=1 / 3600)
"""One thing at one place: a visit whose actuals are corrected takes it over the level and below it again."""


def on_stock_fact(session: WriteSession, fact: Fact, now: datetime) -> None:
    """A subscriber to `stock.below_minimum`: whoever wants to know is told, unless it is there again by now."""
    if not isinstance(fact, StockBelowMinimum):
        return
    short = [one for one in ledger.suggest_purchase(session, fact.location_id) if one.item_id == fact.item_id]
    if not short or take_all(session, [Bucket(f"notice:stock:{fact.item_id}:{fact.location_id}", AGAIN)], now=now):
        return
    [line] = short
    item = items.get_item(session, fact.item_id)
    supplier = "none"
    if line.supplier_id is not None:
        supplier = suppliers.get_supplier(session, line.supplier_id).name
    state = "left" if line.on_hand > 0 else "overdrawn" if line.on_hand < 0 else "gone"
    notice = Notice(
        NoticeKind.STOCK,
        "stock-notice-below-minimum",
        {
            "item": item.name,
            "location": catalog.get_location(session, fact.location_id).name,
            "state": state,
            "left": _plain(abs(line.on_hand)),
            "minimum": _plain(line.minimum),
            "unit": item.base_unit.value,
            "packs": line.packs,
            "bought": _plain(line.quantity) if item.pack_quantity != 1 else "none",
            "supplier": supplier,
        },
    )
    tell_salon(session, notice, now)


def _plain(quantity: Decimal) -> str:
    """«560», «12,5»."""
    return f"{quantity.normalize():f}".replace(".", ",")
