"""Whether two invoices are one piece of paper. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from salon.inventory.drafts.domain.drafts import LIVE, Draft, DraftStatus
from salon.inventory.drafts.domain.matching import Similarity
from salon.inventory.suppliers.domain import is_valid_inn, supplier_key

SAME_SUPPLIER = 0.8


def find_twin(draft: Draft, others: Iterable[Draft], alike: Similarity) -> Draft | None:
    """The invoice that a draft repeats: one that is confirmed, else one that was there first; None if there is none.

    Args:
        draft: what is to be drafted or confirmed.
        others: invoices of the same tenant.
        alike: how alike two names are.
    """
    twins = [other for other in others if other.status in LIVE and is_same_paper(draft, other, alike)]
    confirmed = [twin for twin in twins if twin.status is DraftStatus.CONFIRMED]
    earlier = [twin for twin in twins if twin.id < draft.id]
    return next(iter([*confirmed, *earlier]), None)


def is_same_paper(one: Draft, other: Draft, alike: Similarity) -> bool:
    """Whether the fiscal code is the same, or supplier, number and day are."""
    if one.id == other.id:
        return False
    if one.fiscal_key is not None and other.fiscal_key is not None:
        return one.fiscal_key == other.fiscal_key
    is_same_number = bool(one.number_key) and one.number_key == other.number_key
    has_same_day = one.issued_on is not None and one.issued_on == other.issued_on
    return is_same_number and has_same_day and _has_same_supplier(one, other, alike)


def _has_same_supplier(one: Draft, other: Draft, alike: Similarity) -> bool:
    """Unless they are known to differ: a supplier that could not be read is no reason to take the goods in twice."""
    if one.supplier_id is not None and other.supplier_id is not None:
        return one.supplier_id == other.supplier_id
    if is_valid_inn(one.supplier_inn) and is_valid_inn(other.supplier_inn):
        return one.supplier_inn == other.supplier_inn
    if not one.supplier_name or not other.supplier_name:
        return True
    return alike(supplier_key(one.supplier_name), supplier_key(other.supplier_name)) >= SAME_SUPPLIER
