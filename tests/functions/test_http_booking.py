"""http_booking as the gateways call it: a visitor sees what is free, books it, and nothing of anybody else's."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from salon.identity.domain import system
from salon.identity.use_cases import write_settings
from salon.platform.db import Database
from support.cloud import Answer, Cloud, open_cloud
from support.furnished import Furnished
from support.salon_world import SalonWorld

pytestmark = pytest.mark.database
GENEROUS = {f"{name}PerMinute": "100000" for name in ("Reads", "Bookings", "Changes", "Sessions")}
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


def test_nobody_sees_what_another_session_made(aws):
    mine, other = aws.visitor(), aws.visitor()
    made = mine.hold().json()["id"]

    for method, path in (("GET", ""), ("POST", "/confirm"), ("POST", "/cancel")):
        answer = other.ask(method, f"/v1/bookings/{made}{path}")
        assert (answer.status, answer.json()["code"]) == (404, "BOOKING_NOT_FOUND")
    assert other.ask("GET", "/v1/bookings").json()["bookings"] == []
    stranger = aws.visitor(aws.furnished.second)
    assert stranger.ask("GET", f"/v1/bookings/{made}").status == 404
    assert mine.ask("GET", f"/v1/bookings/{made}").json()["status"] == "held"


def test_a_known_telephone_number_opens_nothing_and_changes_nobody(aws):
    first, second = aws.visitor(), aws.visitor()
    assert first.hold().status == 201
    impostor = {**WHO, "name": "Кто-то Другой", "email": "other@example.test"}
    slot = second.slots(ahead=3).json()["slots"][0]["id"]

    assert second.ask("POST", "/v1/bookings", {"slot_id": slot, "client": impostor}).status == 201

    with aws.database.read(aws.world.tenant_id) as session:
        names = session.scalars(text("SELECT display_name FROM clients ORDER BY created_at, id")).all()
        assert names == [WHO["name"], impostor["name"]]
        assert session.scalars(text("SELECT count(DISTINCT client_id) FROM bookings")).one() == 2


def test_a_session_stays_one_client_until_it_books_for_somebody_else(aws):
    visitor = aws.visitor()
    for ahead, who in ((4, WHO), (3, {"name": WHO["name"]}), (2, {"name": "Дочь"})):
        slot = visitor.slots(ahead=ahead).json()["slots"][0]
        assert visitor.ask("POST", "/v1/bookings", {"slot_id": slot["id"], "client": who}).status == 201
    with aws.database.read(aws.world.tenant_id) as session:
        assert session.scalars(text("SELECT count(*) FROM clients")).one() == 2


def test_a_link_opens_the_page_and_the_calendar_and_nothing_else(site):
    visitor = site.visitor()
    made = visitor.hold().json()
    visitor.ask("POST", f"/v1/bookings/{made['id']}/confirm")

    page = site.request("GET", made["page_path"])
    calendar = site.request("GET", made["calendar_path"])

    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    html = page.body.decode()
    assert "Вы записаны" in html
    assert "ул. Пробная, 1" in html
    assert "calendar.ics?key=" in html
    assert WHO["name"] not in html
    assert "<script" not in html
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert (calendar.status, calendar.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert calendar.body.decode().startswith("BEGIN:VCALENDAR\r\n")
    assert "STATUS:CONFIRMED" in calendar.body.decode()

    path, _, key = made["page_path"].partition("?key=")
    forged = f"{path}?key={key[:-2]}{'00' if key[-2:] != '00' else '11'}"
    assert (site.request("GET", forged).status, site.request("GET", forged).json()["code"]) == (401, "TOKEN_INVALID")
    other = visitor.hold(visitor.slots(ahead=3).json()["slots"][0]["id"]).json()
    assert site.request("GET", other["page_path"].partition("?")[0] + f"?key={key}").status == 401


def test_a_moved_and_a_cancelled_booking(aws):
    visitor = aws.visitor()
    made = visitor.hold().json()
    visitor.ask("POST", f"/v1/bookings/{made['id']}/confirm")
    target = visitor.slots(ahead=3, more=f"&leaving_booking_id={made['id']}").json()["slots"][-1]

    moved = visitor.ask("POST", f"/v1/bookings/{made['id']}/reschedule", {"slot_id": target["id"]})
    assert (moved.status, moved.json()["starts_at"]) == (200, target["starts_at"])
    cancelled = visitor.ask("POST", f"/v1/bookings/{made['id']}/cancel")
    assert (cancelled.status, cancelled.json()["status"]) == (200, "cancelled")
    again = visitor.ask("POST", f"/v1/bookings/{made['id']}/cancel")
    assert (again.status, again.json()["code"]) == (409, "BOOKING_ALREADY_CANCELLED")


def test_two_services_in_a_row(aws):
    visitor = aws.visitor()
    wishes = [{"service_id": str(aws.world.services[name])} for name in ("Стрижка", "Маникюр")]
    on = str((datetime.now(UTC) + timedelta(days=2)).date())

    offers = visitor.ask("POST", "/v1/visits/search", {"wishes": wishes, "on": on}).json()["offers"]
    parts = [{"slot_id": slot["id"]} for slot in offers[0]["slots"]]
    held = visitor.ask("POST", "/v1/visits", {"parts": parts, "client": WHO})
    agreed = visitor.ask("POST", f"/v1/visits/{held.json()['id']}/confirm")

    assert (held.status, agreed.status) == (201, 200)
    assert [one["status"] for one in agreed.json()["bookings"]] == ["confirmed", "confirmed"]
    assert aws.visitor().ask("GET", f"/v1/visits/{held.json()['id']}").status == 404
    over = visitor.ask("POST", f"/v1/visits/{held.json()['id']}/cancel").json()
    assert {one["status"] for one in over["bookings"]} == {"cancelled"}


def test_waiting_with_times_on_the_wall_of_the_salon(aws):
    visitor = aws.visitor()
    day = (datetime.now(UTC) + timedelta(days=2)).date()
    wanted = {
        "client": WHO,
        "service_id": str(aws.world.services["Стрижка"]),
        "from_at": f"{day}T10:00:00",
        "to_at": f"{day}T18:00:00",
    }

    entry = visitor.ask("POST", "/v1/waitlist", wanted)
    elsewhere = visitor.ask("POST", "/v1/waitlist", {**wanted, "timezone": "Asia/Kamchatka"})

    assert (entry.status, entry.json()["from_at"]) == (201, f"{day}T07:00:00Z")  # Moscow
    assert elsewhere.json()["from_at"] == f"{day - timedelta(days=1)}T22:00:00Z"
    assert len(visitor.ask("GET", "/v1/waitlist").json()) == 2
    assert visitor.ask("POST", "/v1/waitlist", {**wanted, "timezone": "Mars/Base"}).json()["code"] == "UNKNOWN_TIMEZONE"
    assert aws.visitor().ask("DELETE", f"/v1/waitlist/{entry.json()['id']}").status == 404
    assert visitor.ask("POST", f"/v1/waitlist/{entry.json()['id']}/accept").json()["code"] == "NOTHING_OFFERED"
    assert visitor.ask("DELETE", f"/v1/waitlist/{entry.json()['id']}").json()["status"] == "withdrawn"


def test_a_repeated_hold_is_one_booking_and_a_taken_slot_stays_refused(aws):
    visitor, rival = aws.visitor(), aws.visitor()
    slot = visitor.slots().json()["slots"][0]["id"]
    body = {"slot_id": slot, "client": WHO}

    first, second = (visitor.ask("POST", "/v1/bookings", body, **{"Idempotency-Key": "tap-0001"}) for _ in range(2))
    lost, lost_again = (rival.ask("POST", "/v1/bookings", body, **{"Idempotency-Key": "tap-0001"}) for _ in range(2))

    assert (first.status, second.status, second.json()) == (201, 201, first.json())
    assert second.headers["Idempotent-Replayed"] == "true"
    assert (lost.status, lost.json()["code"]) == (lost_again.status, lost_again.json()["code"]) == (409, "SLOT_FULL")
    with aws.database.read(aws.world.tenant_id) as session:
        assert session.scalars(text("SELECT count(*) FROM bookings")).one() == 1


def test_bookings_come_in_pages(aws):
    visitor = aws.visitor()
    for ahead in (2, 3, 4):
        assert visitor.hold(visitor.slots(ahead=ahead).json()["slots"][0]["id"]).status == 201

    first = visitor.ask("GET", "/v1/bookings?limit=2").json()
    rest = visitor.ask("GET", f"/v1/bookings?limit=2&cursor={first['next_cursor']}").json()

    starts = [one["starts_at"] for one in first["bookings"] + rest["bookings"]]
    assert starts == sorted(starts, reverse=True)
    assert (len(starts), rest["next_cursor"]) == (3, None)
    assert visitor.ask("GET", "/v1/bookings?cursor=nonsense").json()["code"] == "CURSOR_INVALID"


def test_a_session_is_renewed_and_ended(aws):
    visitor = aws.visitor()
    renewed = aws.request("POST", "/v1/sessions/renew", {"renewal_token": visitor.tokens["renewal_token"]})
    assert (renewed.status, renewed.json()["session_expires_at"]) == (200, visitor.tokens["session_expires_at"])
    wrong = aws.request("POST", "/v1/sessions/renew", {"renewal_token": visitor.tokens["access_token"]})
    assert (wrong.status, wrong.json()["code"]) == (401, "TOKEN_INVALID")
    assert visitor.ask("DELETE", "/v1/sessions/current").status == 200
    assert visitor.ask("GET", "/v1/locations").json()["code"] == "SESSION_REVOKED"
    gone = aws.request("POST", "/v1/sessions/renew", {"renewal_token": visitor.tokens["renewal_token"]})
    assert gone.json()["code"] == "SESSION_REVOKED"


def test_a_client_comes_back_to_a_booking_when_the_session_is_over(site):
    first = site.visitor()
    made = first.hold().json()
    first.ask("POST", f"/v1/bookings/{made['id']}/confirm")
    first.ask("DELETE", "/v1/sessions/current")
    path, key = f"/v1/bookings/{made['id']}/session", {"manage_key": made["manage_key"]}
    look_key = {"manage_key": made["page_path"].partition("key=")[2]}

    refused = [site.request("POST", path, body).json()["code"] for body in (look_key, {"manage_key": "x"})]
    again = Visitor(site, site.request("POST", path, key).json())

    assert refused == ["TOKEN_INVALID", "TOKEN_INVALID"]
    assert again.ask("GET", f"/v1/bookings/{made['id']}").json()["status"] == "confirmed"
    assert again.ask("POST", f"/v1/bookings/{made['id']}/cancel").json()["status"] == "cancelled"
    other = site.visitor().hold().json()["id"]
    assert site.request("POST", f"/v1/bookings/{other}/session", key).status == 401
    assert again.ask("GET", f"/v1/bookings/{other}").status == 404


def test_the_documents_limits_are_the_defaults_and_hold(moto, furnished, furnished_url, salons):
    # Small ones refill slowly: a slow machine changes nothing.
    with open_cloud("aws", furnished_url, moto, ReadsPerMinute="6", BookingsPerMinute="3") as cloud:
        defaults = cloud.blueprint.environment("http_booking", Defaults())
        site = Site(cloud, salons, furnished)
        visitor = site.visitor()
        reads = [visitor.ask("GET", "/v1/locations").status for _ in range(14)]
        posts = [visitor.ask("POST", "/v1/bookings", {"slot_id": str(uuid4()), "client": WHO}) for _ in range(8)]
        unknown = site.request("POST", "/v1/sessions", {"tenant_id": str(uuid4())})

    assert (defaults["READS_PER_MINUTE"], defaults["BOOKINGS_PER_MINUTE"]) == ("60", "10")
    assert (set(reads[:6]), 429 in reads[6:]) == ({200}, True)
    assert [answer.status for answer in posts[:3]] == [404] * 3
    [refused, *_] = [answer for answer in posts[3:] if answer.status == 429]
    assert int(refused.headers["Retry-After"]) >= 1
    assert (unknown.status, unknown.json()["code"]) == (404, "TENANT_NOT_FOUND")


class Defaults(dict[str, str]):
    """Values for what the template leaves open; its own defaults stay."""

    def __contains__(self, name: object) -> bool:
        return False

    def __missing__(self, name: str) -> str:
        return "x"


def test_the_figures_of_the_funnel(aws, capsys):
    visitor = aws.visitor()
    made = visitor.hold().json()["id"]
    visitor.ask("POST", f"/v1/bookings/{made}/confirm")

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"metric"' in line]
    steps = [(line["kind"], line["variant"]) for line in lines if line["metric"] == "booking_funnel"]
    variant = steps[0][1]
    assert steps == [("offered", variant), ("held", variant), ("confirmed", variant)]
    assert any(line["metric"] == "exposed_slots_count" and line["variant"] == variant for line in lines)
    [took] = [line["hold_to_confirm_ms"] for line in lines if line["metric"] == "hold_to_confirm_ms"]
    assert took >= 0


def cursor_of(*position: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


@pytest.mark.parametrize("edge", ["0001-01-01", "1969-12-31", "2201-01-01", "9999-12-31"])
def test_days_beyond_the_calendar_are_told_so(aws, edge):
    visitor, service = aws.visitor(), str(aws.world.services["Стрижка"])
    asked = [
        visitor.ask("GET", f"/v1/slots?service_id={service}&on={edge}"),
        visitor.ask("GET", f"/v1/dates?service_id={service}&from_on={edge}&timezone=Pacific/Kiritimati"),
        visitor.ask("GET", f"/v1/dates?service_id={service}&to_on={edge}&timezone=Pacific/Pago_Pago"),
        visitor.ask("POST", "/v1/visits/search", {"wishes": [{"service_id": service}], "on": edge}),
    ]
    for offset in ("Z", "+14:00", "-14:00", ""):
        wish = {"client": WHO, "service_id": service, "from_at": f"{edge}T00:00:00{offset}"}
        asked.append(visitor.ask("POST", "/v1/waitlist", {**wish, "to_at": "2026-12-01T00:00:00Z"}))

    assert [(answer.status, answer.json()["code"]) for answer in asked] == [(422, "VALIDATION_FAILED")] * len(asked)


def test_the_last_days_of_the_calendar_and_forged_cursors_are_answered(aws):
    visitor, service = aws.visitor(), str(aws.world.services["Стрижка"])
    for edge in ("1970-01-01", "2200-12-31"):
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
            seen = visitor.ask("GET", f"/v1/slots?service_id={service}&on={edge}&timezone={zone}")
            dates = visitor.ask("GET", f"/v1/dates?service_id={service}&from_on={edge}&timezone={zone}")
            assert (seen.status, seen.json()["slots"], dates.status, dates.json()["dates"]) == (200, [], 200, [])
        found = visitor.ask("POST", "/v1/visits/search", {"wishes": [{"service_id": service}], "on": edge})
        assert (found.status, found.json()["offers"]) == (200, [])
    for instant in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        forged = visitor.ask("GET", f"/v1/bookings?cursor={cursor_of(instant, str(uuid4()))}")
        assert (forged.status, forged.json()["code"]) == (400, "CURSOR_INVALID")


def far_starts(site: Site) -> list[str]:
    """Starts that do not touch each other: one person's, every second hour."""
    query = text(
        "SELECT DISTINCT ON (date_trunc('hour', starts_at)) id FROM slot_instances WHERE service_id = :service"
        " AND staff_id = :staff AND starts_at > now() + interval '1 day'"
        " AND mod(CAST(extract(hour FROM starts_at) AS int), 2) = 0"
        " ORDER BY date_trunc('hour', starts_at), starts_at LIMIT 12"
    )
    world = site.world
    with site.database.read(world.tenant_id) as session:
        values = {"service": world.services["Стрижка"], "staff": world.staff["Анна"]}
        return [str(slot) for slot in session.scalars(query, values)]


def test_a_session_holds_five_seats_whatever_names_it_goes_by(aws):
    visitor, slots = aws.visitor(), far_starts(aws)

    def hold(session, number):
        return session.hold(slots[number], client={"name": f"Гостья {number}"})

    held = [hold(visitor, number) for number in range(5)]
    sixth = hold(visitor, 5)
    parts = [{"slot_id": slots[number]} for number in (6, 7)]
    several = visitor.ask("POST", "/v1/visits", {"parts": parts, "client": {"name": "Другая"}})

    assert [answer.status for answer in held] == [201] * 5
    assert (sixth.status, sixth.json()["code"]) == (several.status, several.json()["code"]) == (409, "TOO_MANY_HOLDS")
    assert visitor.ask("POST", f"/v1/bookings/{held[0].json()['id']}/confirm").status == 200
    assert hold(visitor, 6).status == 201
    assert hold(aws.visitor(), 7).status == 201


def test_another_name_is_no_other_client(aws):
    visitor, slots = aws.visitor(), far_starts(aws)
    settings = {"booking": {"max_active_per_client": 2}, "waitlist": {"max_entries": 2}}
    with aws.database.transaction(aws.world.tenant_id) as session:
        for section, values in settings.items():
            write_settings(session, section, values, actor=system("tests"), now=datetime.now(UTC))
    days = [(datetime.now(UTC) + timedelta(days=ahead)).date() for ahead in (2, 3, 4)]

    booked = [visitor.hold(slots[number], client={"name": f"Гостья {number}"}) for number in range(3)]
    waiting = [
        visitor.ask(
            "POST",
            "/v1/waitlist",
            {
                "client": {"name": f"Ждущая {number}"},
                "service_id": str(aws.world.services["Стрижка"]),
                "from_at": f"{on}T10:00:00",
                "to_at": f"{on}T18:00:00",
            },
        )
        for number, on in enumerate(days)
    ]

    assert [answer.status for answer in booked] == [201, 201, 409]
    assert booked[2].json()["code"] == "TOO_MANY_BOOKINGS"
    assert [answer.status for answer in waiting] == [201, 201, 409]
    assert waiting[2].json()["code"] == "WAITLIST_FULL"
    entries = visitor.ask("GET", "/v1/waitlist").json()
    assert [entry["id"] for entry in entries] == [answer.json()["id"] for answer in waiting[:2]]
    assert visitor.hold(slots[4]).json()["code"] == "TOO_MANY_BOOKINGS"
    assert aws.visitor().hold(slots[4]).status == 201


def test_time_that_was_given_up_is_nobodys_to_look_through(aws):
    visitor, [mine, *_] = aws.visitor(), far_starts(aws)
    held = visitor.hold(mine).json()
    on, service, anna = held["local_starts_at"][:10], held["service_id"], held["staff_id"]
    look = f"/v1/slots?service_id={service}&on={on}&staff_id={anna}"

    def total(more=""):
        return visitor.ask("GET", look + more).json()["total"]

    leaving = f"&leaving_booking_id={held['id']}"
    assert total(leaving) > total()
    assert visitor.ask("POST", f"/v1/bookings/{held['id']}/cancel").status == 200
    assert aws.visitor().hold(mine).status == 201
    assert total(leaving) == total()


def test_a_search_for_visits_has_a_limit_of_its_own(moto, furnished, furnished_url, salons):
    with open_cloud("aws", furnished_url, moto) as cloud:
        visitor = Site(cloud, salons, furnished).visitor()
        wish = {"wishes": [{"service_id": str(uuid4())}], "on": "2026-12-01"}
        searches = [visitor.ask("POST", "/v1/visits/search", wish).status for _ in range(20)]
        read = visitor.ask("GET", "/v1/locations").status

    assert searches[:10] == [404] * 10
    assert (429 in searches[10:], read) == (True, 200)
