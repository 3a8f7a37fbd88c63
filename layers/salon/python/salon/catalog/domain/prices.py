"""Versioned price lists. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from salon.catalog.domain.names import require_grade, require_name
from salon.platform.errors import Invalid
from salon.platform.money import Money

MAX_MINOR = 2**31 - 1  # what the column holds


@dataclass(frozen=True, slots=True)
class PriceItem:
    """The price of a service, for one grade of staff or, without one, for all."""

    service_id: UUID
    price: Money
    staff_grade: str | None = None

    def __post_init__(self) -> None:
        """Refuse a negative price."""
        require_grade(self.staff_grade)
        if not 0 <= self.price.minor <= MAX_MINOR:
            raise Invalid("A price cannot be negative, nor beyond twenty million roubles.")


@dataclass(frozen=True, slots=True)
class OptionPrice:
    """What an option adds to the price of its service, for one grade or for all; negative when it makes it cheaper."""

    option_id: UUID
    price: Money
    staff_grade: str | None = None

    def __post_init__(self) -> None:
        """Refuse what the column cannot hold."""
        require_grade(self.staff_grade)
        if abs(self.price.minor) > MAX_MINOR:
            raise Invalid("A price is below twenty million roubles.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceListDetails:
    """One version of the prices.

    Attributes:
        valid_from: first day, at the location.
        valid_to: last day, included; None until a newer list replaces it.
        location_id: None for the whole tenant; a location's own list goes before it.
        items: of services.
        option_items: of options; an option without a price adds nothing.
    """

    name: str
    valid_from: date
    valid_to: date | None = None
    location_id: UUID | None = None
    items: tuple[PriceItem, ...] = ()
    option_items: tuple[OptionPrice, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a list that ends before it starts, or in two currencies."""
        require_name(self.name)
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise Invalid("A price list cannot end before it starts.")
        currencies = {item.price.currency for item in self.items} | {item.price.currency for item in self.option_items}
        if len(currencies) > 1:
            raise Invalid("A price list has one currency.")

    def is_valid_on(self, day: date) -> bool:
        """Whether it says what things cost on a local day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList(PriceListDetails):
    """A stored version of the prices."""

    id: UUID
