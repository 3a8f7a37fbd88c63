"""All routes of the staff API."""

from __future__ import annotations

from salon.identity.edge import Api
from salon.messaging.use_cases.accounts import AccountDesk
from salon.platform.http import ApiResolver, build_resolver
from staff_api.binding import add_binding_routes
from staff_api.bookings import add_booking_routes
from staff_api.campaigns import add_campaign_routes
from staff_api.channels import add_channel_routes
from staff_api.clients import add_client_routes
from staff_api.consents import add_consent_routes
from staff_api.consumption import add_consumption_routes
from staff_api.conversations import add_conversation_routes
from staff_api.counts import add_count_routes
from staff_api.dead_letters import add_dead_letter_routes
from staff_api.diary import add_diary_routes
from staff_api.feedback import add_feedback_routes
from staff_api.handovers import add_handover_routes
from staff_api.invoices import add_invoice_routes
from staff_api.invoices_view import Pictures
from staff_api.locations import add_location_routes
from staff_api.prices import add_price_routes
from staff_api.resources import add_resource_routes
from staff_api.rules import add_rule_routes
from staff_api.salon_file import add_salon_file_routes
from staff_api.services import add_service_routes
from staff_api.slots import add_slot_routes
from staff_api.staff import add_staff_routes
from staff_api.stock import add_stock_routes
from staff_api.tenant import add_tenant_routes
from staff_api.texts import add_text_routes
from staff_api.visits import add_visit_routes
from staff_api.waiting import add_waiting_routes

MAX_BODY_BYTES = 2_000_000  # a whole salon as one file


def build_routes(api: Api, desk: AccountDesk, pictures: Pictures) -> ApiResolver:
    """The resolver with every route; some speak to the messengers (`desk`) or show documents (`pictures`)."""
    resolver = build_resolver(checks={"api": api.ping}, max_body_bytes=MAX_BODY_BYTES)
    for add_routes in (
        add_tenant_routes,
        add_location_routes,
        add_service_routes,
        add_resource_routes,
        add_staff_routes,
        add_price_routes,
        add_rule_routes,
        add_slot_routes,
        add_client_routes,
        add_booking_routes,
        add_visit_routes,
        add_waiting_routes,
        add_diary_routes,
        add_salon_file_routes,
        add_text_routes,
        add_consent_routes,
        add_feedback_routes,
        add_campaign_routes,
        add_dead_letter_routes,
        add_binding_routes,
        add_handover_routes,
        add_conversation_routes,
        add_stock_routes,
        add_count_routes,
        add_consumption_routes,
    ):
        add_routes(resolver, api)
    add_channel_routes(resolver, api, desk)
    add_invoice_routes(resolver, api, pictures)
    return resolver
