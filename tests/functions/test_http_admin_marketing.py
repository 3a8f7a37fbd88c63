"""http_admin: campaigns, feedback, consents and habits through the staff API, as the gateway calls it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from salon.booking.feedback import use_cases as feedback
from salon.clients import use_cases as clients
from salon.identity.domain import system
from support.cloud import open_cloud
from support.console import sign_in

pytestmark = pytest.mark.database
NOBODY = "01900000-0000-7000-8000-00000000dead"
ACTOR = system("tests")
NEWS = {"name": "Весна", "kind": "one_off", "wording": {"ru": {"text": "{name}, ждём вас!"}}}


@pytest.fixture
def cloud(moto, furnished_url):
    with open_cloud("aws", furnished_url, moto, ConsolePerMinute="100000") as cloud:
        yield cloud


@pytest.fixture
def owner(cloud, salons, furnished):
    return sign_in(cloud, salons, furnished.first.tenant_id)


@pytest.fixture
def stranger(cloud, salons, furnished):
    """The owner of the other salon."""
    return sign_in(cloud, salons, furnished.second.tenant_id)


@pytest.fixture
def client(owner):
    return owner.do("POST", "/clients", {"display_name": "Лукерья Пробная"}, status=201)["id"]


def test_a_campaign_lives_its_whole_life(owner, stranger, client):
    made = owner.do("POST", "/campaigns", NEWS, status=201)
    one = f"/campaigns/{made['id']}"
    assert (made["status"], made["version"], made["wording"]["ru"]["link"]) == ("draft", 1, "")
    assert stranger.refused("GET", one) == (404, "CAMPAIGN_NOT_FOUND")

    assert owner.refused("POST", f"{one}/start") == (400, "CAMPAIGN_SENSELESS")  # it does not say when
    soon = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    changed = {**NEWS, "send_at": soon, "segment": {"min_visits": 1, "last_visit_after": "2026-01-31"}, "version": 1}
    assert owner.do("PUT", one, changed)["version"] == 2
    assert owner.refused("PUT", one, changed) == (409, "CAMPAIGN_OUTDATED")
    preview = owner.do("GET", f"{one}/preview")
    assert client not in preview["client_ids"]  # has never come
    everybody = owner.do("POST", "/campaigns", NEWS, status=201)["id"]
    preview = owner.do("GET", f"/campaigns/{everybody}/preview")
    assert preview["count"] >= 1
    assert len(preview["client_ids"]) == min(preview["count"], 20)

    assert owner.do("POST", f"{one}/start")["status"] == "active"
    assert owner.refused("PUT", one, changed) == (409, "CAMPAIGN_NOT_IN_STATE")
    assert owner.do("POST", f"{one}/pause")["status"] == "paused"
    assert owner.do("POST", f"{one}/start")["status"] == "active"
    assert owner.do("GET", f"{one}/results")["skipped"] == {}
    assert owner.do("POST", f"{one}/finish")["status"] == "finished"
    assert owner.refused("POST", f"{one}/start") == (409, "CAMPAIGN_NOT_IN_STATE")

    first = owner.do("GET", "/campaigns?limit=1")
    rest = owner.do("GET", f"/campaigns?limit=1&cursor={first['next_cursor']}")
    assert [first["items"][0]["id"], rest["items"][0]["id"]] == [everybody, made["id"]]
    assert [item["id"] for item in owner.do("GET", "/campaigns?status=draft")["items"]] == [everybody]
    assert stranger.do("GET", "/campaigns")["items"] == []


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({"wording": {"ru": {"text": "{nobody}"}}}, (400, "CAMPAIGN_SENSELESS")),
        ({"kind": "win_back"}, (400, "CAMPAIGN_SENSELESS")),
        ({"wording": {"ru": {"text": ""}}}, (422, "VALIDATION_FAILED")),
        ({"wording": {"ru": {"text": "a", "html": "b"}}}, (422, "VALIDATION_FAILED")),
        ({"segment": {"min_rating": 6}}, (422, "VALIDATION_FAILED")),
        ({"segment": {"rating": 5}}, (422, "VALIDATION_FAILED")),
        ({"kind": "spam"}, (422, "VALIDATION_FAILED")),
    ],
)
def test_what_makes_no_sense_is_refused(owner, changed, refused):
    answered = owner.refused("POST", "/campaigns", {**NEWS, **changed})
    assert answered[0] == refused[0]
    if refused[0] == 400:
        assert answered == refused


def test_consents_are_told_at_the_desk(owner, stranger, client):
    all_of = f"/clients/{client}/consents"
    assert owner.do("GET", all_of)["items"] == []
    body = {"purpose": "marketing", "is_given": True, "wording_version": "anketa-2026"}
    said = owner.do("POST", all_of, body, status=201)
    assert (said["channel"], said["actor_kind"], said["is_given"]) == ("desk", "user", True)
    owner.do("POST", all_of, {**body, "is_given": False}, status=201)
    assert [one["is_given"] for one in owner.do("GET", all_of)["items"]] == [False, True]
    assert stranger.refused("GET", all_of) == (404, "CLIENT_NOT_FOUND")
    assert owner.refused("POST", all_of, {**body, "purpose": "anything"})[0] == 422
    owner.do("DELETE", f"/clients/{client}")
    assert owner.refused("POST", all_of, body) == (409, "CLIENT_ERASED")


def test_feedback_is_listed_and_narrowed(owner, stranger, salons, furnished, client):
    world = furnished.first
    visits = []
    for stars in (5, 2):
        visits.append(_visit(salons, world, client))
        with salons.transaction(world.tenant_id) as session:
            feedback.rate_visit(session, visits[-1], stars, channel="telegram", actor=ACTOR, now=datetime.now(UTC))
    with salons.transaction(world.tenant_id) as session:
        feedback.comment_visit(session, visits[1], "Долго ждала", now=datetime.now(UTC))

    first = owner.do("GET", "/feedback?limit=1")
    assert (first["items"][0]["rating"], first["items"][0]["comment"]) == (2, "Долго ждала")
    rest = owner.do("GET", f"/feedback?limit=1&cursor={first['next_cursor']}")
    assert (rest["items"][0]["rating"], rest["items"][0]["comment"]) == (5, None)
    for query, stars in (
        ("min_rating=3", [5]),
        ("max_rating=3", [2]),
        ("has_comment=true", [2]),
        (f"client_id={client}", [2, 5]),
        (f"staff_id={NOBODY}", []),
        ("from_at=2200-01-01T00:00:00Z", []),
    ):
        assert [one["rating"] for one in owner.do("GET", f"/feedback?{query}")["items"]] == stars, query
    assert owner.refused("GET", "/feedback?cursor=nonsense") == (400, "CURSOR_INVALID")
    assert stranger.do("GET", "/feedback")["items"] == []

    owner.do("DELETE", f"/clients/{client}")
    assert [one["comment"] for one in owner.do("GET", "/feedback")["items"]] == [None, None]


def _visit(salons, world, client_id):
    """A visit of an hour ago that took place."""
    from sqlalchemy import text

    from salon.platform.ids import new_id

    visit_id, now = new_id(), datetime.now(UTC)
    with salons.transaction(world.tenant_id) as session:
        session.execute(
            text(
                "INSERT INTO bookings (id, tenant_id, client_id, location_id, service_id, staff_id, starts_at, ends_at,"
                " status, channel, created_at, version) VALUES (:id, :tenant, :client, :location, :service, :staff,"
                " :from_at, :to_at, 'completed', 'telegram', :from_at, 1)"
            ),
            {
                "id": visit_id,
                "tenant": world.tenant_id,
                "client": client_id,
                "location": world.location_id,
                "service": world.services["Стрижка"],
                "staff": world.staff["Анна"],
                "from_at": now - timedelta(hours=2),
                "to_at": now - timedelta(hours=1),
            },
        )
    return visit_id


def test_habits_are_a_section_of_the_settings(owner):
    habits = {"reminders": [{"kind": "soon", "lead_min": 90}], "marketing_per_month": 2}
    assert owner.do("PUT", "/settings/messaging", {"content": habits})["content"] == habits
    assert owner.refused("PUT", "/settings/messaging", {"content": {"low_rating": 9}}) == (400, "HABIT_SENSELESS")


def test_clients_are_the_same_people_as_in_the_register(salons, furnished, client):
    with salons.read(furnished.first.tenant_id) as session:
        assert clients.list_same_person(session, client) == [clients.get_client(session, client).id]
