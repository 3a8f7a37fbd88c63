"""What the catalogue refuses."""

from __future__ import annotations

from uuid import UUID

from salon.platform.errors import Conflict, Invalid, NotFound


class LocationNotFound(NotFound):
    """No such location in this tenant."""

    code = "LOCATION_NOT_FOUND"

    def __init__(self, location_id: UUID) -> None:
        super().__init__("location", location_id)


class StaffNotFound(NotFound):
    """No such member of staff in this tenant."""

    code = "STAFF_NOT_FOUND"

    def __init__(self, staff_id: UUID) -> None:
        super().__init__("member of staff", staff_id)


class ServiceNotFound(NotFound):
    """No such service in this tenant."""

    code = "SERVICE_NOT_FOUND"

    def __init__(self, service_id: UUID) -> None:
        super().__init__("service", service_id)


class PriceListNotFound(NotFound):
    """No such price list in this tenant."""

    code = "PRICE_LIST_NOT_FOUND"

    def __init__(self, price_list_id: UUID) -> None:
        super().__init__("price list", price_list_id)


class PriceListsOverlap(Conflict):
    """Two price lists of one location (or two of the whole tenant) would be valid on the same day."""

    code = "PRICE_LISTS_OVERLAP"

    def __init__(self) -> None:
        super().__init__("Another price list of the same reach is valid on some of these days.")


class ServicePricedTwice(Invalid):
    """One price list names a service and grade twice."""

    code = "SERVICE_PRICED_TWICE"

    def __init__(self) -> None:
        super().__init__("A price list has one price for each service and grade.")
