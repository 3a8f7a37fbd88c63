"""http_booking as the gateways call it: a visitor sees what is free, books it, and nothing of anybody else's."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from salon.platform.db import Database
from support.functions import Answer, Cloud, Furnished, open_cloud
from support.salon_world import SalonWorld

pytestmark = pytest.mark.database
GENEROUS = {
    f"{name}PerMinute": "100000" for name in ("Reads", "Bookings", "Changes", "Sessions")
}
WHO = {"name": "Лукерья Пробная", "phone": "+7 900 000-01-01", "email": "proba@example.test"}


@dataclass
class Site:
    """The site's side of the API."""

    cloud: Cloud
    database: Database
    furnished: Furnished
    function: str = "http_booking"

    @property
    def world(self) -> SalonWorld:
        return self.furnished.first

    def request(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        sent = {"Content-Type": "application/json", **headers}
        content = json.dumps(body).encode() if body is not None else b""
        return self.cloud.request(self.function, method, path, body=content, headers=sent)

    def visitor(self, world: SalonWorld | None = None) -> Visitor:
        answer = self.request("POST", "/v1/sessions", {"tenant_id": str((world or self.world).tenant_id)})
        assert answer.status == 201, answer.body
        return Visitor(self, answer.json())


@dataclass
class Visitor:
    """Somebody on the site."""

    site: Site
    tokens: dict[str, Any]
    keys: int = field(default=0)

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        if method != "GET" and "Idempotency-Key" not in headers:
            headers["Idempotency-Key"] = str(uuid4())
        return self.site.request(method, path, body, Authorization=f"Bearer {self.tokens['access_token']}", **headers)

    def slots(self, service: str = "Стрижка", *, ahead: int = 2, more: str = "", **headers: str) -> Answer:
        on = (datetime.now(UTC) + timedelta(days=ahead)).date()
        return self.ask("GET", f"/v1/slots?service_id={self.site.world.services[service]}&on={on}{more}", **headers)

    def hold(self, slot_id: str | None = None, **more: Any) -> Answer:
        chosen = slot_id or self.slots().json()["slots"][0]["id"]
        return self.ask("POST", "/v1/bookings", {"slot_id": chosen, "client": WHO, **more})


@pytest.fixture(params=["aws", "yandex"])
def site(request, moto, furnished, furnished_url, salons):
    with open_cloud(request.param, furnished_url, moto, **GENEROUS) as cloud:
        yield Site(cloud, salons, furnished)


@pytest.fixture
def aws(moto, furnished, furnished_url, salons):
    with open_cloud("aws", furnished_url, moto, **GENEROUS) as cloud:
        yield Site(cloud, salons, furnished)


def test_a_visitor_looks_holds_confirms_and_sees_it(site):
    visitor = site.visitor()

    [place] = visitor.ask("GET", "/v1/locations").json()
    services = {one["name"]: one for one in visitor.ask("GET", "/v1/services").json()}
    staff = visitor.ask("GET", f"/v1/staff?service_id={services['Стрижка']['id']}").json()
    dates = visitor.ask("GET", f"/v1/dates?service_id={services['Стрижка']['id']}").json()
    shown = visitor.slots()

    assert (place["timezone"], services["Стрижка"]["price"]) == (
        "Europe/Moscow",
        {"minor": 250_000, "currency": "RUB"},
    )
    assert {one["name"] for one in staff} == {"Анна", "Мария"}
    assert len(dates["dates"]) >= 4
    offer = shown.json()
    assert 2 <= len(offer["slots"]) <= 5 < offer["total"]
    assert (offer["has_more"], offer["variant"]) == (True, shown.headers["X-Exposure-Variant"])
    assert visitor.slots().json()["slots"] == offer["slots"]

    held = visitor.hold(offer["slots"][0]["id"], note="У меня кудри")
    assert (held.status, held.json()["status"], held.json()["next_step"]) == (201, "held", "confirm")
    confirmed = visitor.ask("POST", f"/v1/bookings/{held.json()['id']}/confirm")
    assert (confirmed.status, confirmed.json()["status"]) == (200, "confirmed")
    assert visitor.ask("GET", f"/v1/bookings/{held.json()['id']}").json() == confirmed.json()
    assert [one["id"] for one in visitor.ask("GET", "/v1/bookings").json()["bookings"]] == [held.json()["id"]]
    with site.database.read(site.world.tenant_id) as session:
        row = session.execute(text("SELECT channel, exposure_id, variant FROM bookings")).one()
    assert (row.channel, str(row.exposure_id), row.variant) == ("site", offer["exposure_id"], offer["variant"])
