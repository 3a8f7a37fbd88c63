"""What the catalogue refuses."""

from __future__ import annotations

from datetime import date
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

    def __init__(self, name: str | None = None, valid_from: date | None = None) -> None:
        which = f"Price list «{name}», from {valid_from}," if name else "Another price list of the same reach"
        super().__init__(f"{which} is valid on some of these days.")


class SkillTwice(Invalid):
    """A member of staff was given the same skill twice."""

    code = "SKILL_TWICE"

    def __init__(self) -> None:
        super().__init__("A service stands among somebody's skills once.")


class ServicePricedTwice(Invalid):
    """One price list names a service and grade twice."""

    code = "SERVICE_PRICED_TWICE"

    def __init__(self) -> None:
        super().__init__("A price list has one price for each service and grade.")


class ServiceLengthImpossible(Invalid):
    """With somebody's own time, the options and the processing time, a visit would be too short or too long."""

    code = "SERVICE_LENGTH_IMPOSSIBLE"

    def __init__(self, minutes: int, shortest: int) -> None:
        super().__init__(f"A visit would come to {minutes} minutes; it takes {shortest} at least and a day at most.")


class OptionNotFound(NotFound):
    """The service has no such option."""

    code = "OPTION_NOT_FOUND"

    def __init__(self, option_id: UUID) -> None:
        super().__init__("option of this service", option_id)


class OptionNotOffered(Conflict):
    """The option is out of use."""

    code = "OPTION_NOT_OFFERED"

    def __init__(self, option_id: UUID) -> None:
        super().__init__(f"Option {option_id} is not offered any more.")


class OptionsExclusive(Invalid):
    """Two options of one choice were taken together."""

    code = "OPTIONS_EXCLUSIVE"

    def __init__(self, choice: str) -> None:
        super().__init__(f"Of «{choice}» only one can be chosen.")


class OptionNameTaken(Conflict):
    """The service has an option of this choice and name."""

    code = "OPTION_NAME_TAKEN"

    def __init__(self) -> None:
        super().__init__("The service has an option of this name already.")


class OptionPricedTwice(Invalid):
    """One price list names an option and grade twice."""

    code = "OPTION_PRICED_TWICE"

    def __init__(self) -> None:
        super().__init__("A price list has one price for each option and grade.")


class PriceListInUse(Conflict):
    """The price list is valid already: bookings may have been made by it. A new version replaces it."""

    code = "PRICE_LIST_IN_USE"

    def __init__(self, price_list_id: UUID) -> None:
        super().__init__(f"Price list {price_list_id} has begun; publish a new version from a later day.")


class PoolNotFound(NotFound):
    """No such pool of resources in this tenant."""

    code = "RESOURCE_POOL_NOT_FOUND"

    def __init__(self, pool_id: UUID) -> None:
        super().__init__("pool of resources", pool_id)


class PoolNameTaken(Conflict):
    """Another pool has this name."""

    code = "RESOURCE_POOL_NAME_TAKEN"

    def __init__(self) -> None:
        super().__init__("Another pool of resources has this name.")


class PoolInUse(Conflict):
    """Units belong to the pool, or a service needs it."""

    code = "RESOURCE_POOL_IN_USE"

    def __init__(self, pool_id: UUID) -> None:
        super().__init__(f"Pool {pool_id} has units, or a service needs it.")


class ResourceNotFound(NotFound):
    """No such chair, room or device in this tenant."""

    code = "RESOURCE_NOT_FOUND"

    def __init__(self, resource_id: UUID) -> None:
        super().__init__("resource", resource_id)


class ResourceNameTaken(Conflict):
    """Another resource of the location has this name."""

    code = "RESOURCE_NAME_TAKEN"

    def __init__(self) -> None:
        super().__init__("Another resource of this location has this name.")


class NormNotFound(NotFound):
    """No such consumption norm in this tenant."""

    code = "NORM_NOT_FOUND"

    def __init__(self, norm_id: UUID) -> None:
        super().__init__("consumption norm", norm_id)


class NormTwice(Conflict):
    """There is a norm for this item, service, option and person."""

    code = "NORM_TWICE"

    def __init__(self) -> None:
        super().__init__("There is a norm for this already.")
