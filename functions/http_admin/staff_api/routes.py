"""All routes of the staff API, each resource's loaded when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from salon.identity.edge import Api
from salon.platform.http import ApiResolver, build_resolver

if TYPE_CHECKING:  # what loads much, and few requests need
    from salon.messaging.use_cases.accounts import AccountDesk
    from staff_api.invoices_view import Pictures

MAX_BODY_BYTES = 2_000_000  # a whole salon as one file
PREFIX = "/admin/v1"

SECTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("tenant", "add_tenant_routes", ("me", "sessions", "tenant", "audit", "settings", "users")),
    ("locations", "add_location_routes", ("locations",)),
    ("services", "add_service_routes", ("services", "options")),
    ("resources", "add_resource_routes", ("resources", "pools")),
    ("staff", "add_staff_routes", ("staff",)),
    ("prices", "add_price_routes", ("price-lists", "norms")),
    ("rules", "add_rule_routes", ("availabilities", "rule-templates", "shifts", "time-off")),
    ("slots", "add_slot_routes", ("slots",)),
    ("clients", "add_client_routes", ("clients",)),
    ("bookings", "add_booking_routes", ("bookings",)),
    ("visits", "add_visit_routes", ("visits", "series")),
    ("waiting", "add_waiting_routes", ("waitlist", "shift-proposals", "absences")),
    ("diary", "add_diary_routes", ("schedule", "services/search", "reports")),
    ("salon_file", "add_salon_file_routes", ("salon-file",)),
    ("texts", "add_text_routes", ("texts",)),
    ("consents", "add_consent_routes", ("clients/<client_id>/consents",)),
    ("feedback", "add_feedback_routes", ("feedback",)),
    ("campaigns", "add_campaign_routes", ("campaigns",)),
    ("dead_letters", "add_dead_letter_routes", ("dead-letters",)),
    (
        "binding",
        "add_binding_routes",
        ("me/binding-code", "me/contacts", "users/<user_id>/binding-code", "users/<user_id>/contacts"),
    ),
    ("handovers", "add_handover_routes", ("handovers",)),
    ("conversations", "add_conversation_routes", ("conversations",)),
    ("stock", "add_stock_routes", ("stock",)),
    ("counts", "add_count_routes", ("stock/counts", "stock/shelves", "stock/snapshots")),
    (
        "consumption",
        "add_consumption_routes",
        ("stock/norms", "stock/unlinked-norms", "visits/<booking_id>/consumption"),
    ),
)
"""Module, what adds its routes, and where they lie."""


def build_routes(api: Api, desk: Callable[[], AccountDesk], pictures: Callable[[], Pictures]) -> ApiResolver:
    """The resolver with every route; some speak to the messengers (`desk`) or show documents (`pictures`)."""
    resolver = build_resolver(checks={"api": api.ping}, max_body_bytes=MAX_BODY_BYTES)
    for module, function, places in SECTIONS:
        _add_section(resolver, places, partial(_add_routes, module, function, resolver, api))
    _add_section(resolver, ("channels",), partial(_add_channel_routes, resolver, api, desk))
    _add_section(resolver, ("invoices",), partial(_add_invoice_routes, resolver, api, pictures))
    return resolver


def _add_section(resolver: ApiResolver, places: tuple[str, ...], add: Callable[[], None]) -> None:
    resolver.add_section(*(f"{PREFIX}/{place}" for place in places), add=add)


def _add_routes(module: str, function: str, resolver: ApiResolver, api: Api) -> None:
    add: Callable[[ApiResolver, Api], Any] = getattr(import_module(f"staff_api.{module}"), function)
    add(resolver, api)


def _add_channel_routes(resolver: ApiResolver, api: Api, desk: Callable[[], AccountDesk]) -> None:
    from staff_api.channels import add_channel_routes

    add_channel_routes(resolver, api, desk())


def _add_invoice_routes(resolver: ApiResolver, api: Api, pictures: Callable[[], Pictures]) -> None:
    from staff_api.invoices import add_invoice_routes

    add_invoice_routes(resolver, api, pictures())
