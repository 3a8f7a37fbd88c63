"""What a visitor can have, and what it costs today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from salon.catalog import use_cases as catalog
from salon.catalog.domain import Service, ServiceOption
from salon.platform.db import ReadSession
from salon.platform.money import Money
from salon.platform.timeranges import zone


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A service at a location.

    Attributes:
        price: the general one there today; colleagues of another grade may cost another sum. None when no list says.
        options: each with what it adds there today.
    """

    location_id: UUID
    service: Service
    price: Money | None
    options: tuple[tuple[ServiceOption, Money | None], ...]


def list_menu(session: ReadSession, *, location_id: UUID | None, now: datetime) -> list[MenuItem]:
    """What the locations offer, by location, category and name.

    Raises:
        LocationNotFound: there is no such location.
    """
    places = [catalog.get_location(session, location_id)] if location_id else catalog.list_locations(session)
    options: dict[UUID, list[ServiceOption]] = {}
    menu = []
    for place in places:
        today = now.astimezone(zone(place.timezone)).date()
        prices = catalog.price_list_of(session, place.id, today)
        extra = catalog.option_prices_of(session, place.id, today)
        for service in catalog.list_services(session, location_id=place.id):
            if service.id not in options:
                options[service.id] = catalog.list_options(session, service.id)
            priced = tuple((one, extra.get((one.id, None))) for one in options[service.id] if one.is_active)
            menu.append(MenuItem(place.id, service, prices.get((service.id, None)), priced))
    return menu
