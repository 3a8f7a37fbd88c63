"""The words for what a salon has."""

from __future__ import annotations

from salon.catalog.domain import Lexicon, NamedThing, Service
from salon.catalog.domain.words import plain, retyped
from salon.catalog.repository import locations, services, staff
from salon.catalog.repository.words import keyboard_layout
from salon.platform.db import ReadSession

MATCHES_SHOWN = 20


def list_lexicon(session: ReadSession) -> Lexicon:
    """All the words for active services, staff and locations: what understanding is given."""
    return Lexicon(
        services=tuple(
            NamedThing(service.id, service.name, service.synonyms)
            for service in services.list_services(session, location_id=None, active_only=True)
        ),
        staff=tuple(
            NamedThing(person.id, person.name)
            for person in staff.list_staff(session, service_id=None, location_id=None, active_only=True)
        ),
        locations=tuple(
            NamedThing(place.id, place.name, (place.address,) if place.address else ())
            for place in locations.list_locations(session, active_only=True)
        ),
    )


def search_services(session: ReadSession, text: str, limit: int = MATCHES_SHOWN) -> list[Service]:
    """Active services whose name or synonym is like the text, the likest first.

    Typos, letter case, «ё» for «е» and the other keyboard layout are forgiven. Nothing looks like nothing.
    """
    words = plain(text)
    found = services.search_services(session, words, limit) if words else []
    other = retyped(words, keyboard_layout())
    if other and not found:
        found = services.search_services(session, other, limit)
    return found
