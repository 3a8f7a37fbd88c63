"""The routes of http_booking."""

from __future__ import annotations

from routes.bookings import add_bookings
from routes.catalogue import add_catalogue
from routes.links import add_links
from routes.offers import add_offers
from routes.sessions import add_sessions
from routes.visits import add_visits
from routes.waiting import add_waiting
from salon.identity.edge import Api
from salon.platform.http import ApiResolver, build_resolver

MAX_BODY_BYTES = 20_000


def build_routes(api: Api) -> ApiResolver:
    """Everything below /v1."""
    resolver = build_resolver(checks={"database": api.ping}, max_body_bytes=MAX_BODY_BYTES)
    add_sessions(resolver, api)
    add_catalogue(resolver, api)
    add_offers(resolver, api)
    add_bookings(resolver, api)
    add_visits(resolver, api)
    add_waiting(resolver, api)
    add_links(resolver, api)
    return resolver
