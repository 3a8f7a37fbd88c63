"""The role × route matrix: which role of the salon may call which route of the staff API, and that it is so."""

from __future__ import annotations

import inspect
from contextlib import contextmanager

import pytest

from salon.identity.access import PERMISSIONS, Permission, Role
from support.cloud import open_cloud
from support.console import sign_in
from support.functions import load_routes

# One letter for each role that may: owner, admin, manager, frontdesk, stylist. A visitor of the site may none of it.
LETTERS = {Role.OWNER: "o", Role.ADMIN: "a", Role.MANAGER: "m", Role.FRONTDESK: "f", Role.STYLIST: "s"}
OPEN = {("GET", "/healthz"), ("GET", "/readyz"), ("POST", "/sessions/renew")}
MATRIX = {
    "POST /absences": "oamf",
    "POST /absences/plan": "oamf",
    "GET /audit": "oam",
    "GET /availabilities": "oamf",
    "POST /availabilities": "oamf",
    "DELETE /availabilities/<rule_id>": "oamf",
    "GET /availabilities/<rule_id>": "oamf",
    "PUT /availabilities/<rule_id>": "oamf",
    "GET /bookings": "oamf",
    "POST /bookings": "oamf",
    "GET /bookings/<booking_id>": "oamf",
    "PATCH /bookings/<booking_id>": "oamfs",
    "POST /bookings/<booking_id>/deposit": "oa",
    "GET /bookings/<booking_id>/history": "oamf",
    "GET /bookings/<booking_id>/note": "oamf",
    "PUT /bookings/<booking_id>/note": "oamf",
    "GET /campaigns": "oam",
    "POST /campaigns": "oam",
    "GET /campaigns/<campaign_id>": "oam",
    "PUT /campaigns/<campaign_id>": "oam",
    "POST /campaigns/<campaign_id>/finish": "oam",
    "POST /campaigns/<campaign_id>/pause": "oam",
    "GET /campaigns/<campaign_id>/preview": "oam",
    "GET /campaigns/<campaign_id>/results": "oam",
    "POST /campaigns/<campaign_id>/start": "oam",
    "GET /channels": "oam",
    "POST /channels": "oa",
    "DELETE /channels/<account_id>": "oa",
    "GET /channels/<account_id>": "oam",
    "PUT /channels/<account_id>": "oa",
    "POST /channels/<account_id>/check": "oam",
    "POST /channels/<account_id>/disable": "oa",
    "POST /channels/<account_id>/enable": "oa",
    "PUT /channels/<account_id>/secrets": "oa",
    "GET /channels/<account_id>/templates": "oam",
    "DELETE /channels/<account_id>/templates/<purpose>/<language>": "oa",
    "PUT /channels/<account_id>/templates/<purpose>/<language>": "oa",
    "DELETE /channels/<account_id>/webhook": "oa",
    "POST /channels/<account_id>/webhook": "oa",
    "GET /clients": "oamf",
    "POST /clients": "oamf",
    "DELETE /clients/<client_id>": "oa",
    "GET /clients/<client_id>": "oamf",
    "PUT /clients/<client_id>": "oamf",
    "GET /clients/<client_id>/consents": "oamf",
    "POST /clients/<client_id>/consents": "oamf",
    "POST /clients/<client_id>/merge": "oamf",
    "POST /clients/search": "oamf",
    "GET /dead-letters": "oa",
    "POST /dead-letters/<row_id>/redrive": "oa",
    "POST /dead-letters/redrive": "oa",
    "GET /feedback": "oam",
    "GET /invoices": "oamf",
    "GET /invoices/<invoice_id>": "oamf",
    "PUT /invoices/<invoice_id>": "oamf",
    "POST /invoices/<invoice_id>/confirm": "oamf",
    "POST /invoices/<invoice_id>/discard": "oamf",
    "POST /invoices/<invoice_id>/draft-again": "oamf",
    "POST /invoices/<invoice_id>/lines": "oamf",
    "DELETE /invoices/<invoice_id>/lines/<line_id>": "oamf",
    "PUT /invoices/<invoice_id>/lines/<line_id>": "oamf",
    "POST /invoices/<invoice_id>/lines/<line_id>/accept": "oamf",
    "POST /invoices/<invoice_id>/reverse": "oam",
    "GET /locations": "oamf",
    "POST /locations": "oam",
    "DELETE /locations/<location_id>": "oam",
    "GET /locations/<location_id>": "oamf",
    "PUT /locations/<location_id>": "oam",
    "POST /locations/<location_id>/reactivate": "oam",
    "PUT /locations/<location_id>/services": "oam",
    "GET /me": "oamfs",
    "GET /conversations/<conversation_id>/messages": "oamf",
    "GET /handovers": "oamf",
    "GET /handovers/<handover_id>": "oamf",
    "POST /handovers/<handover_id>/answer": "oamf",
    "POST /handovers/<handover_id>/return": "oamf",
    "POST /handovers/<handover_id>/take": "oamf",
    "POST /me/binding-code": "oamfs",
    "GET /me/contacts": "oamfs",
    "DELETE /me/contacts/<contact_id>": "oamfs",
    "PUT /me/contacts/<contact_id>/notices": "oamfs",
    "POST /users/<user_id>/binding-code": "oa",
    "GET /users/<user_id>/contacts": "oa",
    "DELETE /users/<user_id>/contacts": "oa",
    "DELETE /users/<user_id>/contacts/<contact_id>": "oa",
    "PUT /users/<user_id>/contacts/<contact_id>/notices": "oa",
    "GET /norms": "oamf",
    "POST /norms": "oam",
    "DELETE /norms/<norm_id>": "oam",
    "PUT /norms/<norm_id>": "oam",
    "DELETE /options/<option_id>": "oam",
    "PUT /options/<option_id>": "oam",
    "POST /options/<option_id>/reactivate": "oam",
    "GET /pools": "oamf",
    "POST /pools": "oam",
    "DELETE /pools/<pool_id>": "oam",
    "PUT /pools/<pool_id>": "oam",
    "GET /price-lists": "oamf",
    "POST /price-lists": "oa",
    "DELETE /price-lists/<price_list_id>": "oa",
    "GET /price-lists/<price_list_id>": "oamf",
    "PUT /price-lists/<price_list_id>": "oa",
    "POST /price-lists/<price_list_id>/end": "oa",
    "GET /reports/offers": "oam",
    "GET /resources": "oamf",
    "POST /resources": "oam",
    "DELETE /resources/<resource_id>": "oam",
    "PUT /resources/<resource_id>": "oam",
    "POST /resources/<resource_id>/reactivate": "oam",
    "GET /rule-templates": "oamf",
    "POST /rule-templates": "oamf",
    "DELETE /rule-templates/<template_id>": "oamf",
    "PUT /rule-templates/<template_id>": "oamf",
    "POST /rule-templates/<template_id>/apply": "oamf",
    "POST /rule-templates/<template_id>/unapply": "oamf",
    "GET /salon-file": "oa",
    "POST /salon-file": "oa",
    "GET /schedule": "oamfs",
    "GET /series": "oamf",
    "POST /series": "oamf",
    "GET /series/<series_id>": "oamf",
    "PUT /series/<series_id>": "oamf",
    "POST /series/<series_id>/cancel": "oamf",
    "GET /services": "oamf",
    "POST /services": "oam",
    "DELETE /services/<service_id>": "oam",
    "GET /services/<service_id>": "oamf",
    "PUT /services/<service_id>": "oam",
    "GET /services/<service_id>/options": "oamf",
    "POST /services/<service_id>/options": "oam",
    "GET /services/<service_id>/pools": "oamf",
    "PUT /services/<service_id>/pools": "oam",
    "POST /services/<service_id>/reactivate": "oam",
    "POST /services/search": "oamf",
    "DELETE /sessions/current": "oamfs",
    "GET /settings": "oam",
    "GET /settings/<section>": "oam",
    "PUT /settings/<section>": "oa",
    "GET /shift-proposals": "oamf",
    "POST /shift-proposals": "oamf",
    "DELETE /shift-proposals/<proposal_id>": "oamf",
    "POST /shift-proposals/<proposal_id>/accept": "oamf",
    "POST /shift-proposals/<proposal_id>/decline": "oamf",
    "POST /shift-proposals/find": "oamf",
    "DELETE /shifts": "oamf",
    "PUT /shifts": "oamf",
    "GET /slots": "oamf",
    "GET /slots/<slot_id>": "oamf",
    "POST /slots/<slot_id>/block": "oamf",
    "GET /slots/<slot_id>/history": "oamf",
    "POST /slots/<slot_id>/unblock": "oamf",
    "POST /slots/generate": "oamf",
    "GET /staff": "oamf",
    "POST /staff": "oam",
    "DELETE /staff/<staff_id>": "oam",
    "GET /staff/<staff_id>": "oamf",
    "PUT /staff/<staff_id>": "oam",
    "POST /staff/<staff_id>/reactivate": "oam",
    "GET /staff/<staff_id>/skills": "oamf",
    "PUT /staff/<staff_id>/skills": "oam",
    "GET /stock/batches": "oamf",
    "GET /stock/counts": "oamfs",
    "POST /stock/counts": "oamf",
    "GET /stock/counts/<count_id>": "oamfs",
    "POST /stock/counts/<count_id>/cancel": "oam",
    "POST /stock/counts/<count_id>/close": "oamf",
    "POST /stock/counts/<count_id>/entries": "oamfs",
    "POST /stock/counts/<count_id>/post": "oam",
    "GET /stock/counts/<count_id>/recount": "oamfs",
    "POST /stock/counts/<count_id>/reopen": "oam",
    "GET /stock/counts/<count_id>/report": "oamf",
    "POST /stock/counts/<count_id>/reverse": "oam",
    "GET /stock/counts/<count_id>/sheet": "oamfs",
    "GET /stock/items": "oamf",
    "POST /stock/items": "oam",
    "DELETE /stock/items/<item_id>": "oam",
    "GET /stock/items/<item_id>": "oamf",
    "PUT /stock/items/<item_id>": "oam",
    "POST /stock/items/<item_id>/reactivate": "oam",
    "GET /stock/minimums": "oamf",
    "PUT /stock/minimums": "oam",
    "DELETE /stock/minimums/<item_id>/<location_id>": "oam",
    "GET /stock/movements": "oamf",
    "PUT /stock/norms/<norm_id>/link": "oam",
    "GET /stock/on-hand": "oamf",
    "GET /stock/price-history": "oa",
    "GET /stock/purchase-suggestion": "oamf",
    "PUT /stock/shelves": "oamf",
    "GET /stock/snapshots": "oamf",
    "GET /stock/suppliers": "oamf",
    "POST /stock/suppliers": "oam",
    "PUT /stock/suppliers/<supplier_id>": "oam",
    "POST /stock/transfers": "oamf",
    "POST /stock/transfers/<transfer_id>/reverse": "oamf",
    "GET /stock/unlinked-norms": "oamf",
    "POST /stock/write-offs": "oamf",
    "POST /stock/write-offs/<write_off_id>/reverse": "oamf",
    "GET /texts": "oam",
    "GET /tenant": "oamf",
    "PUT /tenant": "oa",
    "GET /time-off": "oamf",
    "POST /time-off": "oamf",
    "DELETE /time-off/<time_off_id>": "oamf",
    "GET /users": "oa",
    "POST /users": "oa",
    "DELETE /users/<user_id>": "oa",
    "GET /users/<user_id>": "oa",
    "PUT /users/<user_id>": "oa",
    "POST /users/<user_id>/activate": "oa",
    "DELETE /users/<user_id>/sessions": "oa",
    "POST /visits": "oamf",
    "GET /visits/<booking_id>/consumption": "oamfs",
    "PUT /visits/<booking_id>/consumption": "oamfs",
    "GET /visits/<visit_id>": "oamf",
    "POST /visits/<visit_id>/cancel": "oamf",
    "POST /visits/<visit_id>/confirm": "oamf",
    "POST /visits/find": "oamf",
    "GET /waitlist": "oamf",
    "POST /waitlist": "oamf",
    "DELETE /waitlist/<entry_id>": "oamf",
    "GET /waitlist/<entry_id>": "oamf",
    "POST /waitlist/<entry_id>/accept": "oamf",
    "POST /waitlist/<entry_id>/decline": "oamf",
}
ANY_ID = "01900000-0000-7000-8000-00000000dead"


class Asked(Exception):
    """A route has said which permissions it wants."""

    def __init__(self, *permissions: Permission) -> None:
        self.permissions = permissions


class AskingApi:
    """An edge that lets nobody in and tells what it was asked for."""

    def ping(self) -> None: ...

    @contextmanager
    def _ask(self, *permissions, **_):
        raise Asked(*permissions)
        yield

    read = write = touch = _ask


def wanted_by(route) -> tuple[Permission, ...]:
    with pytest.raises(Asked) as asked:
        route.func(**dict.fromkeys(inspect.signature(route.func).parameters))
    return asked.value.permissions


def routes():
    resolver = load_routes(
        "http_admin", AskingApi(), lambda: None, lambda: None
    )  # none gets to messengers and pictures
    for route in [*resolver._static_routes, *resolver._dynamic_routes]:
        key = (route.method, route.path.removeprefix("/admin/v1"))
        if key not in OPEN:
            yield key, route


def roles_with(wanted: tuple[Permission, ...]) -> str:
    return "".join(letter for role, letter in LETTERS.items() if any(one in PERMISSIONS[role] for one in wanted))


def test_every_route_has_its_roles():
    found = {" ".join(key): wanted_by(route) for key, route in routes()}

    assert {route: roles_with(wanted) for route, wanted in found.items()} == MATRIX
    assert not any(set(wanted) & PERMISSIONS[Role.USER] for wanted in found.values())


@pytest.mark.database
def test_what_may_be_read_is_read_and_the_rest_is_refused(moto, furnished, furnished_url, salons):
    world = furnished.first
    needs = {
        "/schedule": f"location_id={world.location_id}&on=2026-01-01",
        "/conversations/<conversation_id>/messages": "purpose=handover",
        "/slots": f"service_id={ANY_ID}&from_at=2026-01-01T00:00:00Z&to_at=2026-01-02T00:00:00Z",
        "/reports/offers": "from_at=2026-01-01T00:00:00Z&to_at=2026-01-02T00:00:00Z",
    }
    with open_cloud("aws", furnished_url, moto, ConsolePerMinute="100000") as cloud:
        people = {
            role: sign_in(cloud, salons, world.tenant_id, role, world.staff["Анна"] if role is Role.STYLIST else None)
            for role in LETTERS
        }
        for row, letters in MATRIX.items():
            method, path = row.split()
            if method != "GET":
                continue
            named = path.replace("<section>", "booking")
            target = "/".join(ANY_ID if part.startswith("<") else part for part in named.split("/"))
            for role, person in people.items():
                answer = person.ask("GET", f"{target}?{needs.get(path, '')}")
                if LETTERS[role] in letters:
                    assert answer.status in {200, 404}, (row, role, answer.body)
                else:
                    assert answer.json()["code"] == "PERMISSION_DENIED", (row, role)
