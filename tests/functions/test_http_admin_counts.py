"""Counts and consumption at the staff API: what whoever counts is shown, who may do what, and what money is seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from salon.booking import use_cases as booking
from salon.catalog import use_cases as catalog
from salon.catalog.domain import NormDetails, NormUnit
from salon.clients import use_cases as clients
from salon.identity.access import Role
from salon.inventory.ledger import use_cases as ledger
from salon.inventory.ledger.domain import Movement, MovementKind, Source
from salon.platform.ids import new_id
from support.cloud import open_cloud
from support.console import sign_in
from support.factories import free_slots
from support.salon_world import ACTOR

pytestmark = pytest.mark.database
EXPECTED = 7777  # a quantity that stands nowhere else
COUNTS = "/stock/counts"


@pytest.fixture
def cloud(moto, furnished_url):
    with open_cloud("aws", furnished_url, moto, ConsolePerMinute="100000") as cloud:
        yield cloud


@pytest.fixture
def world(furnished):
    return furnished.first


@pytest.fixture
def staff_of(cloud, salons, world):
    return lambda role, name=None: sign_in(cloud, salons, world.tenant_id, role, world.staff.get(name))


@pytest.fixture
def owner(staff_of):
    return staff_of(Role.OWNER)


@pytest.fixture
def paint(owner, salons, world):
    """An item of which the ledger holds EXPECTED millilitres."""
    body = {"name": f"Краска {new_id().hex}", "base_unit": "ml", "pack_quantity": "60", "category": "Краска"}
    item = owner.do("POST", "/stock/items", body, status=201)
    now = datetime.now(UTC)
    movement = Movement(
        item_id=UUID(item["id"]),
        location_id=world.location_id,
        kind=MovementKind.RECEIPT,
        quantity=Decimal(EXPECTED),
        cost_minor=EXPECTED * 10,
        source=Source("invoice_draft", new_id()),
        occurred_at=now - timedelta(hours=1),
    )
    with salons.transaction(world.tenant_id) as session:
        ledger.post(session, [movement], actor=ACTOR, now=now)
    return item["id"]


@pytest.fixture
def visit(salons, world):
    """A booking of Anna's."""
    now = datetime.now(UTC)
    with salons.transaction(world.tenant_id) as session:
        service_id = world.services["Стрижка"]
        slots = free_slots(session, service_id=service_id, now=now, days=14)
        slot = next(one for one in slots if one.staff_id == world.staff["Анна"])
        client = clients.create_client(session, display_name="Лукерья", actor=ACTOR, now=now)
        held = booking.hold_slot(session, slot_id=slot.id, client_id=client.id, channel="console", actor=ACTOR, now=now)
        return booking.confirm_booking(session, held.id, actor=ACTOR, now=now)


@pytest.fixture
def unknown_norm(salons, world, visit):
    """A norm of the visit's service, of something that the stock does not know."""
    details = NormDetails(service_id=visit.service_id, item="Неведомое", quantity=Decimal(40), unit=NormUnit.MILLILITRE)
    with salons.transaction(world.tenant_id) as session:
        return catalog.create_norm(session, details, actor=ACTOR, now=datetime.now(UTC))


def test_nobody_who_counts_learns_what_is_expected_before_it_is_closed(owner, staff_of, world, paint):
    anna, desk = staff_of(Role.STYLIST, "Анна"), staff_of(Role.FRONTDESK)
    body = {"location_id": str(world.location_id), "people": 2}
    count = desk.do("POST", COUNTS, body, status=201)
    one = f"{COUNTS}/{count['id']}"
    heard = []

    def ask(person, method, path, body=None):
        answer = person.ask(method, path, body)
        heard.append(answer.body.decode())
        return answer.json()

    for person, packs in ((anna, "129"), (desk, "100")):
        entry = {"item_id": paint, "packs": packs, "remainder": "20"}
        seen = ask(person, "POST", f"{one}/entries", entry)
        assert Decimal(seen["quantity"]) == int(packs) * 60 + 20
    for person in (anna, desk, owner):
        for path in (
            COUNTS,
            one,
            f"{one}/sheet",
            f"{one}/recount",
            f"{one}/report",
            f"/stock/snapshots?item_id={paint}",
        ):
            ask(person, "GET", path)
        ask(person, "POST", f"{one}/close", {})
        ask(person, "POST", f"{one}/post", {"reason": "Рано"})
    assert not [words for words in heard if str(EXPECTED) in words]
    [line] = [line for line in ask(desk, "GET", f"{one}/sheet")["lines"] if line["item_id"] == paint]
    assert (line["mine"]["packs"], line["counted_by"], line["is_to_recount"]) == ("100.0000", 2, True)
    assert "129" not in heard[-1]  # and nothing of what the other saw
    assert ask(anna, "GET", f"{one}/recount") == {"ids": [paint]}
    assert owner.refused("GET", f"{one}/report") == (409, "COUNT_STILL_OPEN")
    assert desk.refused("POST", f"{one}/close", {}) == (409, "COUNT_UNSETTLED")

    manager = staff_of(Role.MANAGER)
    again = {"item_id": paint, "packs": "128"}
    desk.do("POST", f"{one}/entries", again, status=201)  # one of the two alone settles nothing
    assert desk.refused("POST", f"{one}/close", {}) == (409, "COUNT_UNSETTLED")
    third = staff_of(Role.STYLIST, "Ольга")
    assert third.refused("POST", f"{one}/entries", again) == (403, "SECOND_LOOK_NOT_YOURS")
    manager.do("POST", f"{one}/entries", {"item_id": paint, "packs": "129"}, status=201)
    report = desk.do("POST", f"{one}/close", {})
    [found] = [line["found"] for line in report["lines"]]
    assert (found["expected"], found["variance"], found["is_flagged"]) == ("7777.0000", "-37.0000", True)
    assert (found["variance_minor"], report["shortage_minor"]) == (None, None)
    assert owner.do("GET", f"{one}/report")["shortage_minor"] == 370
    assert anna.refused("GET", f"{one}/report") == (403, "PERMISSION_DENIED")

    assert desk.refused("POST", f"{one}/post", {"reason": "Пролили"}) == (403, "PERMISSION_DENIED")
    assert owner.do("POST", f"{one}/post", {"reason": "Пролили"})["status"] == "posted"
    [past] = owner.do("GET", f"/stock/snapshots?item_id={paint}")["items"]
    assert (past["status"], past["found"]["count_id"]) == ("posted", count["id"])
    assert owner.do("POST", f"{one}/reverse", {"reason": "Нашли"})["status"] == "reversed"
    assert owner.refused("POST", f"{one}/cancel", {"reason": "Поздно"}) == (409, "COUNT_NOT_OPEN")


def test_no_other_page_tells_what_a_blind_count_does_not(owner, staff_of, world, paint):
    """The desk looks beside the sheet, tries to write off too much, and counts the same a second time in the open."""
    desk, manager, place = staff_of(Role.FRONTDESK), staff_of(Role.MANAGER), str(world.location_id)
    level = {"item_id": paint, "location_id": place, "minimum": "9000", "target": "9999"}
    owner.do("PUT", "/stock/minimums", level)
    everywhere = ("on-hand", "on-hand?at=2036-01-01T00:00:00Z", "movements", "batches", "purchase-suggestion")
    pages = [f"/stock/{page}{'&' if '?' in page else '?'}location_id={place}" for page in everywhere]
    shelf = {"location_id": place, "item_ids": [paint], "name": "Нижняя"}
    desk.do("PUT", "/stock/shelves", shelf)
    sections = [{"kind": "shelf", "name": "Нижняя"}]
    blind = f"{COUNTS}/{owner.do('POST', COUNTS, {'location_id': place, 'sections': sections}, status=201)['id']}"

    def heard(person):
        return [person.ask("GET", page).body.decode() for page in pages]

    assert not [words for words in heard(desk) if str(EXPECTED) in words]
    [there] = [one for one in desk.do("GET", pages[0])["items"] if one["item_id"] == paint]
    assert (there["quantity"], there["is_overdrawn"]) == (None, None)
    assert str(EXPECTED) in heard(manager)[0]
    manager.do("POST", f"{blind}/entries", {"item_id": paint, "packs": "1"}, status=201)
    assert not [words for words in heard(manager) if str(EXPECTED) in words]  # now one of those who count
    assert str(EXPECTED) in heard(owner)[0]
    much = {"location_id": place, "reason": "lost", "lines": [{"item_id": paint, "quantity": "9999"}]}
    refused = desk.ask("POST", "/stock/write-offs", much)
    assert (refused.status, str(EXPECTED) in refused.body.decode()) == (409, False)
    little = {**much, "lines": [{"item_id": paint, "quantity": "1"}]}
    assert desk.do("POST", "/stock/write-offs", little, status=201)["items"][0]["on_hand"] is None
    assert desk.refused("PUT", "/stock/shelves", {**shelf, "name": None}) == (409, "BEING_COUNTED")

    second = desk.do("POST", COUNTS, {"location_id": place, "is_blind": False}, status=201)
    open_one = f"{COUNTS}/{second['id']}"
    sheet = desk.do("GET", f"{open_one}/sheet")["lines"]
    assert [line["expected"] for line in sheet if line["item_id"] == paint] == [None]
    desk.do("POST", f"{open_one}/entries", {"item_id": paint, "packs": "1"}, status=201)
    for report in (desk.do("POST", f"{open_one}/close", {}), desk.do("GET", f"{open_one}/report")):
        [found] = [line["found"] for line in report["lines"]]
        assert (found["expected"], found["variance"], found["is_flagged"], found["causes"]) == (None, None, None, [])
        assert Decimal(found["counted"]) == 60
    assert owner.do("GET", f"{open_one}/report")["lines"][0]["found"]["expected"] == "7776.0000"

    owner.do("POST", f"{blind}/cancel", {"reason": "Раздумали"})
    assert "7776" in heard(desk)[0]
    assert desk.do("GET", f"{open_one}/report")["lines"][0]["found"]["expected"] == "7776.0000"


def test_a_section_is_counted_reopened_and_given_up(owner, world, paint):
    shelf = {"location_id": str(world.location_id), "item_ids": [paint], "name": "Верхняя"}
    assert owner.do("PUT", "/stock/shelves", shelf) == {"done": True}
    sections = [{"kind": "shelf", "name": "Верхняя"}]
    body = {"location_id": str(world.location_id), "sections": sections, "is_blind": False}
    one = f"{COUNTS}/{owner.do('POST', COUNTS, body, status=201)['id']}"
    [line] = owner.do("GET", f"{one}/sheet")["lines"]
    assert (line["item_id"], line["expected"], line["shelf"]) == (paint, "7777.0000", "Верхняя")
    seen = {"item_id": paint, "packs": "1", "counted_at": datetime.now(UTC).isoformat()}
    owner.do("POST", f"{one}/entries", seen, status=201)
    assert owner.refused("POST", f"{one}/entries", {**seen, "packs": "-1"})[0] == 422
    owner.do("POST", f"{one}/close", {"leave_out_unsettled": True})
    assert owner.do("POST", f"{one}/reopen", {})["status"] == "open"
    assert owner.do("POST", f"{one}/cancel", {"reason": "Раздумали"})["status"] == "cancelled"
    assert owner.do("GET", f"{COUNTS}?status=cancelled&limit=1")["items"][0]["reason"] == "Раздумали"


def test_a_stylist_says_what_an_own_visit_used(owner, staff_of, unknown_norm, paint, visit):
    anna, other = staff_of(Role.STYLIST, "Анна"), staff_of(Role.STYLIST, "Ольга")
    path = f"/visits/{visit.id}/consumption"
    [line] = anna.do("GET", path)["lines"]
    assert (line["state"], line["norm_quantity"]) == ("unlinked", "40.000")
    [lost] = [
        one for one in owner.do("GET", "/stock/unlinked-norms")["items"] if one["norm"]["id"] == str(unknown_norm.id)
    ]
    assert lost["item_id"] is None
    link = f"/stock/norms/{unknown_norm.id}/link"
    assert owner.do("PUT", link, {"item_id": paint})["linked"]["item_id"] == paint

    body = {"items": [{"item_id": paint, "quantity": "55.5"}], "hair_length": "long"}
    said = anna.do("PUT", path, body)
    assert [(line["used"], line["norm_base"], line["is_actual"]) for line in said["lines"]] == [
        ("55.5000", "60.0000", True)
    ]
    assert other.refused("GET", path) == (404, "BOOKING_NOT_FOUND")
    assert other.refused("PUT", path, body) == (404, "BOOKING_NOT_FOUND")
    assert anna.refused("PUT", path, {"items": body["items"] * 2}) == (400, "ACTUAL_SENSELESS")
    settings = {"content": {"factors": {"long": "99"}}}
    assert owner.refused("PUT", "/settings/consumption", settings)[1] == "CONSUMPTION_SETTINGS_SENSELESS"
