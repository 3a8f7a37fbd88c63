"""The stock through the staff API: who may see what it costs, and what a person moves by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from salon.identity.access import Role
from salon.inventory.ledger import use_cases as ledger
from salon.inventory.ledger.domain import BatchRef, Movement, MovementKind, Source
from salon.platform.ids import new_id
from salon.platform.pagination import encode_cursor
from support.cloud import open_cloud
from support.console import ACTOR, sign_in

pytestmark = pytest.mark.database
DYE = {
    "name": "Краска 7/0",
    "base_unit": "ml",
    "pack_quantity": "60",
    "category": "Красители",
    "barcode": "4600000000001",
}
NOBODY = "01900000-0000-7000-8000-00000000dead"


@pytest.fixture
def cloud(moto, furnished_url):
    with open_cloud("aws", furnished_url, moto, ConsolePerMinute="100000") as cloud:
        yield cloud


@pytest.fixture
def world(furnished):
    return furnished.first


@pytest.fixture
def owner(cloud, salons, world):
    return sign_in(cloud, salons, world.tenant_id)


@pytest.fixture
def frontdesk(cloud, salons, world):
    return sign_in(cloud, salons, world.tenant_id, Role.FRONTDESK)


@pytest.fixture
def stylist(cloud, salons, world):
    return sign_in(cloud, salons, world.tenant_id, Role.STYLIST, world.staff["Анна"])


@pytest.fixture
def there(owner):
    details = {"name": "Салон на Пресне", "timezone": "Europe/Moscow", "address": "ул. Пробная, 2"}
    return owner.do("POST", "/locations", details, status=201)["id"]


@pytest.fixture
def dye(owner, salons, world, furnished):
    """An item of which 120 ml were received for 600 roubles."""
    item_id = owner.do("POST", "/stock/items", DYE, status=201)["id"]
    receipt = Movement(
        item_id=UUID(item_id),
        location_id=world.location_id,
        kind=MovementKind.RECEIPT,
        quantity=Decimal(120),
        cost_minor=60_000,
        batch=BatchRef("A1", date(2026, 4, 1)),
        source=Source("test", new_id()),
        occurred_at=furnished.now,
    )
    with salons.transaction(world.tenant_id) as session:
        ledger.post(session, [receipt], actor=ACTOR, now=furnished.now)
    return item_id


def test_an_item_lives_its_life(owner, frontdesk):
    item = owner.do("POST", "/stock/items", DYE, status=201)
    path = f"/stock/items/{item['id']}"
    assert owner.refused("POST", "/stock/items", DYE) == (409, "ITEM_NAME_TAKEN")
    assert frontdesk.refused("POST", "/stock/items", DYE)[1] == "PERMISSION_DENIED"
    assert frontdesk.do("GET", "/stock/items?barcode=4600000000001")["items"] == [item]
    assert owner.do("PUT", path, {**DYE, "pack_quantity": "90.5"})["pack_quantity"] == "90.5000"
    assert owner.do("DELETE", path)["is_active"] is False
    assert owner.do("GET", "/stock/items")["items"] == []
    assert len(owner.do("GET", "/stock/items?include_inactive=true")["items"]) == 1
    assert owner.do("POST", f"{path}/reactivate")["is_active"] is True
    assert owner.do("GET", path)["name"] == DYE["name"]
    assert owner.refused("GET", f"/stock/items/{NOBODY}") == (404, "ITEM_NOT_FOUND")
    for wrong in (
        {"base_unit": "kg"},
        {"pack_quantity": "0"},
        {"pack_quantity": "NaN"},
        {"pack_quantity": "1_000"},
        {"pack_quantity": "٦٠"},
        {"name": "\u200b"},
        {"pack_quantity": "1e-9"},
        {"x": 1},
    ):
        assert owner.ask("POST", "/stock/items", {**DYE, "name": "Иное", **wrong}).status in {400, 422}, wrong


def test_what_lies_where_and_what_it_costs(owner, frontdesk, dye, world, furnished):
    [line] = owner.do("GET", f"/stock/on-hand?location_id={world.location_id}&item_id={dye}")["items"]
    assert (line["name"], line["base_unit"], line["quantity"]) == (DYE["name"], "ml", "120.0000")
    assert (line["value_minor"], line["unit_cost_minor"], line["is_overdrawn"]) == (60_000, "500.0000", False)
    [line] = frontdesk.do("GET", "/stock/on-hand")["items"]
    assert (line["quantity"], line["value_minor"], line["unit_cost_minor"]) == ("120.0000", None, None)
    before = (furnished.now - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert owner.do("GET", f"/stock/on-hand?at={before}")["items"] == []
    assert owner.do("GET", f"/stock/on-hand?item_id={NOBODY}")["items"] == []
    [price] = owner.do("GET", f"/stock/price-history?item_id={dye}")["items"]
    assert (price["cost_minor"], price["unit_cost_minor"]) == (60_000, "500.0000")
    assert frontdesk.refused("GET", "/stock/price-history")[1] == "PERMISSION_DENIED"
    assert [one["lot"] for one in frontdesk.do("GET", "/stock/batches?expires_by=2026-04-01")["items"]] == ["A1"]
    assert frontdesk.do("GET", "/stock/batches?expires_by=2026-03-31")["items"] == []


def test_the_front_desk_carries_and_writes_off(owner, frontdesk, dye, there, world):
    here = str(world.location_id)
    body = {"from_location_id": here, "to_location_id": there, "lines": [{"item_id": dye, "quantity": "20.5"}]}
    out, into = frontdesk.do("POST", "/stock/transfers", body, status=201)["items"]
    assert (out["quantity"], into["quantity"], into["on_hand"], into["value_minor"]) == (
        "-20.5000",
        "20.5000",
        "20.5000",
        None,
    )
    gone = {"location_id": here, "reason": "expired", "lines": [
        {"item_id": dye, "quantity": 10, "batch": {"lot": "A1", "expires_on": "2026-04-01"}}
    ]}  # fmt: skip
    [written_off] = owner.do("POST", "/stock/write-offs", gone, status=201)["items"]
    assert (written_off["value_minor"], written_off["on_hand"]) == (-5_000, "89.5000")
    too_much = [{"item_id": dye, "quantity": "1000"}]
    assert frontdesk.refused("POST", "/stock/transfers", {**body, "lines": too_much}) == (409, "NOT_ENOUGH_STOCK")
    no_such = [{"item_id": dye, "quantity": "1", "batch": {"lot": "Z"}}]
    assert frontdesk.refused("POST", "/stock/write-offs", {**gone, "lines": no_such}) == (409, "NOT_ENOUGH_IN_BATCH")
    for wrong in (
        {"reason": "other"},
        {"lines": []},
        {"lines": [{"item_id": dye, "quantity": "0"}]},
        {"lines": [{"item_id": dye, "quantity": "-1"}]},
        {"lines": [{"item_id": dye, "quantity": "0.00001"}]},
        {"lines": [{"item_id": dye, "quantity": "1e9999999"}]},
        {"lines": [{"item_id": dye, "quantity": "1", "batch": {}}]},
    ):
        assert frontdesk.ask("POST", "/stock/write-offs", {**gone, **wrong}).status in {400, 422}, wrong
    assert owner.refused("DELETE", f"/stock/items/{dye}") == (409, "ITEM_IN_STOCK")


def test_what_was_moved_by_mistake_is_taken_back(*, owner, frontdesk, stylist, dye, there, world):
    here, lines = str(world.location_id), [{"item_id": dye, "quantity": "20"}]
    carried = {"from_location_id": here, "to_location_id": there, "lines": lines}
    gone = {"location_id": here, "reason": "lost", "lines": lines}
    why = {"reason": "Нашлась"}
    for path, body in (("transfers", carried), ("write-offs", gone)):
        source_id = frontdesk.do("POST", f"/stock/{path}", body, status=201)["items"][0]["source_id"]
        undo = f"/stock/{path}/{source_id}/reverse"
        assert stylist.refused("POST", undo, why) == (403, "PERMISSION_DENIED")
        assert frontdesk.ask("POST", undo, {}).status == 422
        assert frontdesk.refused("POST", undo, {**why, "despite_count": True}) == (403, "PERMISSION_DENIED")
        mirrors = frontdesk.do("POST", undo, why)["items"]
        assert {one["kind"] for one in mirrors} == {"reversal"}
        assert owner.refused("POST", undo, why) == (409, "ALREADY_REVERSED")
        listed = owner.do("GET", f"/stock/movements?source_id={source_id}")["items"]
        assert [one["is_reversed"] for one in listed] == [False] * len(mirrors) + [True] * len(mirrors)
        assert [one["note"] for one in listed[: len(mirrors)]] == ["Нашлась"] * len(mirrors)
    [place] = owner.do("GET", f"/stock/on-hand?location_id={here}")["items"]
    assert (place["quantity"], place["value_minor"]) == ("120.0000", 60_000)
    nothing = f"/stock/write-offs/{NOBODY}/reverse"
    assert owner.refused("POST", nothing, why) == (404, "MOVEMENT_NOT_FOUND")


def test_movements_page_by_page(owner, frontdesk, dye, there, world):
    body = {"from_location_id": str(world.location_id), "to_location_id": there, "note": "на Пресню",
            "lines": [{"item_id": dye, "quantity": "1"}]}  # fmt: skip
    owner.do("POST", "/stock/transfers", body, status=201)
    first = owner.do("GET", f"/stock/movements?item_id={dye}&limit=2")
    rest = owner.do("GET", f"/stock/movements?item_id={dye}&limit=2&cursor={first['next_cursor']}")
    seen = [*first["items"], *rest["items"]]
    assert [one["kind"] for one in seen] == ["transfer_in", "transfer_out", "receipt"]
    assert (rest["next_cursor"], seen[0]["note"], seen[2]["value_minor"]) == (None, "на Пресню", 60_000)
    assert frontdesk.do("GET", "/stock/movements?kind=receipt")["items"][0]["value_minor"] is None
    assert owner.refused("GET", f"/stock/movements?cursor={encode_cursor('x', UUID(NOBODY))}")[1] == "CURSOR_INVALID"


def test_levels_and_what_to_buy(owner, frontdesk, dye, world):
    place = {"item_id": dye, "location_id": str(world.location_id)}
    level = {**place, "minimum": "150", "target": "300"}
    assert owner.do("PUT", "/stock/minimums", level)["target"] == "300.0000"
    assert [one["minimum"] for one in frontdesk.do("GET", "/stock/minimums")["items"]] == ["150.0000"]
    [line] = owner.do("GET", "/stock/purchase-suggestion")["items"]
    assert (line["packs"], line["quantity"], line["cost_minor"]) == (3, "180.0000", 90_000)
    [line] = frontdesk.do("GET", f"/stock/purchase-suggestion?location_id={world.location_id}")["items"]
    assert (line["packs"], line["pack_cost_minor"], line["cost_minor"]) == (3, None, None)
    assert owner.ask("PUT", "/stock/minimums", {**level, "target": "1"}).status in {400, 422}
    path = f"/stock/minimums/{dye}/{world.location_id}"
    owner.do("DELETE", path)
    assert owner.refused("DELETE", path) == (404, "MINIMUM_NOT_FOUND")


def test_suppliers(owner, frontdesk):
    made = owner.do("POST", "/stock/suppliers", {"name": "ООО «Проба»", "inn": "7830002293"}, status=201)
    assert made["inn_valid"] is True
    again = {"name": "Иное", "inn": "7830002293"}
    assert owner.refused("POST", "/stock/suppliers", again) == (409, "SUPPLIER_TWICE")
    changed = owner.do("PUT", f"/stock/suppliers/{made['id']}", {"name": "Проба", "inn": "7830002294"})
    assert (changed["name"], changed["inn_valid"]) == ("Проба", False)
    assert frontdesk.do("GET", "/stock/suppliers")["items"] == [changed]
    assert owner.refused("PUT", f"/stock/suppliers/{NOBODY}", {"name": "Х"}) == (404, "SUPPLIER_NOT_FOUND")


def test_another_salon_sees_nothing_of_it(cloud, salons, furnished, dye):
    stranger = sign_in(cloud, salons, furnished.second.tenant_id)
    assert stranger.refused("GET", f"/stock/items/{dye}") == (404, "ITEM_NOT_FOUND")
    for path in ("items", "on-hand", "movements", "batches", "price-history"):
        assert stranger.do("GET", f"/stock/{path}")["items"] == []
    line = {"item_id": dye, "quantity": "1"}
    body = {"location_id": str(furnished.second.location_id), "reason": "lost", "lines": [line]}
    assert stranger.refused("POST", "/stock/write-offs", body) == (404, "ITEM_NOT_FOUND")
