"""The test matrix of requirements/3, row by row and by name, through the APIs that the document describes.

Each row has its deeper tests beside what it is about; these say that the row holds for whoever calls.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from infra.migrations import database as migrations
from salon.availability import use_cases as availability
from salon.booking import use_cases as booking
from salon.booking.domain import BookingStatus
from salon.identity.access import Role
from support.cloud import open_cloud
from support.consistency import find_contradictions
from support.console import ACTOR, sign_in

pytestmark = pytest.mark.database
GENEROUS = {f"{name}PerMinute": "100000" for name in ("Reads", "Bookings", "Changes", "Sessions", "Console")}
WHO = {"name": "Лукерья Пробная", "phone": "+7 900 000-01-01"}


@pytest.fixture
def cloud(moto, furnished_url):
    with open_cloud("aws", furnished_url, moto, **GENEROUS) as cloud:
        yield cloud


@pytest.fixture
def world(furnished):
    return furnished.first


@pytest.fixture
def rows_of(furnished_url):
    """Sees through row-level security, to look for contradictions."""
    engine = create_engine(migrations.with_driver(furnished_url))
    yield engine
    engine.dispose()


@pytest.fixture
def visit(cloud, world):
    """A visitor of the site; `ask` is one request."""

    def open_session():
        body = json.dumps({"tenant_id": str(world.tenant_id)}).encode()
        json_type = {"Content-Type": "application/json"}
        opened = cloud.request("http_booking", "POST", "/v1/sessions", body=body, headers=json_type).json()

        def ask(method, path, body=None, key=None, **headers):
            sent = {"Authorization": f"Bearer {opened['access_token']}", **json_type, **headers}
            sent["Idempotency-Key"] = key or str(uuid4())
            content = json.dumps(body).encode() if body is not None else b""
            return cloud.request("http_booking", method, f"/v1{path}", body=content, headers=sent)

        return ask

    return open_session


def slots_on(ask, world, ahead=2, **headers):
    on = (datetime.now(UTC) + timedelta(days=ahead)).date()
    return ask("GET", f"/slots?service_id={world.services['Стрижка']}&on={on}", **headers).json()


def test_slot_exposure_fairness_and_determinism(visit, world):
    people = [visit() for _ in range(12)]
    shown = [slots_on(ask, world) for ask in people]

    assert [slots_on(ask, world)["slots"] for ask in people] == [one["slots"] for one in shown]
    assert {len(one["slots"]) for one in shown} <= {3, 4, 5}
    starts = {slot["starts_at"] for one in shown for slot in one["slots"]}
    assert len(starts) > 5  # others see others
    for one in shown:
        hours = [int(slot["local_starts_at"][11:13]) for slot in one["slots"]]
        assert {min(2, (hour >= 12) + (hour >= 17)) for hour in hours} == {0, 1, 2}  # morning, afternoon, evening


def test_concurrency_50_parallel_holds_limited_by_capacity(salons, world, rows_of):
    with salons.transaction(world.tenant_id) as session:
        now = datetime.now(UTC)
        from_at = now + timedelta(days=2)
        free = availability.list_free_slots(
            session, service_id=world.services["Маникюр"], from_at=from_at, to_at=from_at + timedelta(days=1), now=now
        )
        session.execute(text("UPDATE slot_instances SET capacity = 3 WHERE id = :id"), {"id": free[0].id})
        people = session.scalars(
            text(
                "INSERT INTO clients (id, tenant_id, display_name, language, created_at) SELECT gen_random_uuid(),"
                " :tenant, 'Проба', 'ru', now() FROM generate_series(1, 50) RETURNING id"
            ),
            {"tenant": world.tenant_id},
        ).all()

    def hold(client_id):
        try:
            with salons.transaction(world.tenant_id) as session:
                booking.hold_slot(
                    session, slot_id=free[0].id, client_id=client_id, channel="site", actor=ACTOR, now=now
                )
        except Exception as error:  # noqa: BLE001 - what is refused is looked at below
            return getattr(error, "code", repr(error))
        return "held"

    with ThreadPoolExecutor(25) as pool:
        outcomes = list(pool.map(hold, people))

    assert (outcomes.count("held"), outcomes.count("SLOT_FULL")) == (3, 47)
    assert not find_contradictions(rows_of)


def test_idempotency_repeated_post_with_same_key_yields_same_booking(visit, world):
    ask = visit()
    body = {"slot_id": slots_on(ask, world)["slots"][0]["id"], "client": WHO}

    first, again = (ask("POST", "/bookings", body, key="one") for _ in range(2))

    assert (first.status, again.status, again.json()) == (201, 201, first.json())
    assert len(ask("GET", "/bookings").json()["bookings"]) == 1
    other = ask("POST", "/bookings", {**body, "note": "иначе"}, key="one")
    assert (other.status, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


def test_expiry_held_bookings_auto_expire_and_restore_capacity(cloud, salons, visit, world, rows_of):
    ask = visit()
    slot = slots_on(ask, world)["slots"][0]["id"]
    held = ask("POST", "/bookings", {"slot_id": slot, "client": WHO}).json()
    with salons.transaction(world.tenant_id) as session:
        session.execute(text("UPDATE bookings SET hold_expires_at = now() - interval '1 second'"))
        session.execute(text("UPDATE busy_intervals SET expires_at = now() - interval '1 second'"))

    late = ask("POST", f"/bookings/{held['id']}/confirm")
    cloud.tick("timer_holds")

    assert (late.status, late.json()["code"]) == (409, "HOLD_EXPIRED")
    assert ask("GET", f"/bookings/{held['id']}").json()["status"] == BookingStatus.EXPIRED
    assert visit()("POST", "/bookings", {"slot_id": slot, "client": WHO}).status == 201
    assert not find_contradictions(rows_of)


def test_admin_validation_overlapping_rules_slot_generation_idempotency(cloud, salons, world):
    owner = sign_in(cloud, salons, world.tenant_id)
    rule = owner.do("GET", f"/availabilities?location_id={world.location_id}")["items"][0]
    again = {name: rule[name] for name in ("location_id", "kind", "days_of_week", "start_time", "end_time")}
    today = datetime.now(UTC).date()
    stretch = {
        "location_id": str(world.location_id),
        "from_on": today.isoformat(),
        "to_on": (today + timedelta(days=5)).isoformat(),
    }

    assert owner.refused("POST", "/availabilities", again) == (409, "RULES_OVERLAP")
    owner.do("POST", "/slots/generate", stretch)
    second = owner.do("POST", "/slots/generate", stretch)
    assert second == {"created": 0, "changed": 0, "removed": 0, "blocked": 0}


def test_security_role_based_gating_pii_redaction(cloud, salons, visit, world, capfd):
    ask = visit()
    desk = sign_in(cloud, salons, world.tenant_id, Role.FRONTDESK)
    stylist = sign_in(cloud, salons, world.tenant_id, Role.STYLIST, world.staff["Анна"])
    body = {"slot_id": slots_on(ask, world)["slots"][0]["id"], "client": WHO}
    made = ask("POST", "/bookings", body).json()

    assert desk.do("GET", f"/bookings/{made['id']}")["status"] == "held"
    assert stylist.refused("GET", f"/bookings/{made['id']}") == (403, "PERMISSION_DENIED")
    assert desk.refused("GET", "/users") == (403, "PERMISSION_DENIED")
    assert visit()("GET", f"/bookings/{made['id']}").status == 404
    desk.do("POST", "/clients/search", {"text": WHO["phone"]})
    logged = "".join(capfd.readouterr())
    for secret in (WHO["name"], WHO["phone"], "79000000101"):
        assert secret not in logged
