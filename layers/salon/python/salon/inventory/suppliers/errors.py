"""What suppliers refuse."""

from __future__ import annotations

from uuid import UUID

from salon.platform.errors import Conflict, NotFound


class SupplierNotFound(NotFound):
    """No such supplier in this tenant."""

    code = "SUPPLIER_NOT_FOUND"

    def __init__(self, supplier_id: UUID) -> None:
        super().__init__("supplier", supplier_id)


class SupplierTwice(Conflict):
    """Another supplier has this INN, or, where none is known, this name."""

    code = "SUPPLIER_TWICE"

    def __init__(self) -> None:
        super().__init__("This supplier is known already.")
