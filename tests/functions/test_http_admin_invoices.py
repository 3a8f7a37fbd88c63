"""Invoices through the staff API: beside their pictures, corrected, confirmed; who sees sums."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from salon.identity.access import Role
from salon.intake.documents.domain import Box, Flag, Read
from support.cloud import open_cloud
from support.console import sign_in
from support.invoices import INN, InvoiceDesk, document, line

pytestmark = pytest.mark.database
DYE = line("Крем-краска Londa 6/0 60 мл", "шт", 10, "250.50")


@pytest.fixture
def cloud(moto, furnished_url):
    with open_cloud("aws", furnished_url, moto, ConsolePerMinute="100000") as cloud:
        yield cloud


@pytest.fixture
def intake(salons, furnished):
    return InvoiceDesk(salons, furnished.first.tenant_id, datetime.now(UTC))


@pytest.fixture
def desk(cloud, salons, furnished):
    return sign_in(cloud, salons, furnished.first.tenant_id, Role.FRONTDESK)


@pytest.fixture
def owner(cloud, salons, furnished):
    return sign_in(cloud, salons, furnished.first.tenant_id)


def body_of(shown, line, **changes):
    names = (
        "name", "unit", "quantity", "price", "sum_minor", "vat_rate", "vat_minor", "sum_with_vat_minor",
        "base_per_unit", "is_excluded", "lot", "expires_on",
    )  # fmt: skip
    return {"version": shown["version"], **{name: line[name] for name in names}, **changes}


def test_a_photo_becomes_stock(intake, desk, owner):
    boxed = replace(
        DYE, name=Read("Крем-краска Londa 6/0 60 мл", 0.81, Box(0, 0.1, 0.2, 0.5, 0.22), (Flag.NAME_UNSURE,))
    )
    invoice = f"/invoices/{intake.read(document(boxed))}"
    shown = desk.do("GET", invoice)
    [page] = shown["pages"]
    assert f"previews/{intake.tenant_id}/{shown['job_id']}/0.jpg?" in page["url"]
    [read] = shown["lines"]
    assert read["boxes"]["name"] == {"page": 0, "left": 0.1, "top": 0.2, "right": 0.5, "bottom": 0.22}
    assert (read["confidence"]["name"], read["flags"], read["questions"]) == (0.81, ["name_unsure"], ["item", "check"])
    assert (read["quantity"], read["price"], read["sum_minor"]) == ("10", "250.5", 250_500)
    assert (read["read"]["quantity"], read["read"]["sum_minor"]) == (10, 250_500)
    assert shown["read"]["supplier_inn"] == INN
    where = {"version": shown["version"], "location_id": str(intake.location_id)}
    assert desk.refused("POST", f"{invoice}/confirm", where) == (409, "INVOICE_INCOMPLETE")

    accepted = desk.do("POST", f"{invoice}/lines/{read['id']}/accept", {"version": shown["version"]})
    assert accepted["pages"][0]["url"] is None  # an answer that is kept holds no key to the bucket
    assert accepted["lines"][0]["questions"] == ["check"]
    new = {key: value for key, value in read["proposal"].items() if key != "confidence"}
    changed = desk.do(
        "PUT", f"{invoice}/lines/{read['id']}", body_of(accepted, read, new_item={**new, "name": "Краска 6/0"})
    )
    assert desk.refused("POST", f"{invoice}/confirm", where) == (409, "INVOICE_OUTDATED")
    where["version"] = changed["version"]
    assert desk.do("POST", f"{invoice}/confirm", where)["status"] == "confirmed"

    [there] = owner.do("GET", f"/stock/on-hand?location_id={intake.location_id}")["items"]
    assert (there["name"], float(there["quantity"]), there["value_minor"]) == ("Краска 6/0", 600, 250_500)
    assert desk.refused("POST", f"{invoice}/reverse", {}) == (403, "PERMISSION_DENIED")
    assert owner.do("POST", f"{invoice}/reverse", {"reason": "не то"})["status"] == "reversed"
    again = desk.do("POST", f"{invoice}/draft-again", status=201)
    assert desk.do("GET", f"/invoices/{again['id']}")["lines"][0]["item"]["name"] == "Краска 6/0"
    assert desk.refused("POST", f"{invoice}/draft-again") == (409, "INVOICE_STILL_STANDS")

    intake.read(document(DYE, number="Другая"))
    of_job = desk.do("GET", f"/invoices?job_id={shown['job_id']}")["items"]  # the latest first
    assert [(one["id"], one["status"]) for one in of_job] == [(again["id"], "draft"), (shown["id"], "reversed")]


def test_sums_of_what_is_settled_are_for_whoever_may_see_money(intake, desk, owner):
    draft_id = intake.read(document(DYE, number="Т-1"))
    intake.accept_all(draft_id)
    assert desk.do("GET", f"/invoices/{draft_id}")["total_minor"] == 250_500
    intake.confirm(draft_id)
    next_id = intake.read(document(DYE, number="Т-2"))

    hidden, seen = desk.do("GET", f"/invoices/{draft_id}"), owner.do("GET", f"/invoices/{draft_id}")
    assert (seen["total_minor"], len(seen["pages"]), seen["lines"][0]["price"]) == (250_500, 1, "250.5")
    assert (hidden["total_minor"], hidden["lines_minor"], hidden["pages"]) == (None, None, [])
    money = ("price", "sum_minor", "vat_minor", "sum_with_vat_minor")
    for part in (hidden["lines"][0], hidden["lines"][0]["read"]):
        assert [part[name] for name in money] == [None] * 4
    assert hidden["read"]["total_minor"] is None
    assert "2505" not in str(hidden)

    assert owner.do("GET", f"/invoices/{next_id}")["lines"][0]["price_hint"]["last_unit_cost_minor"] == "417.5"
    assert desk.do("GET", f"/invoices/{next_id}")["lines"][0]["price_hint"] is None
    listed = {one["id"]: one["total_minor"] for one in desk.do("GET", "/invoices")["items"]}
    assert (listed[str(draft_id)], listed[str(next_id)]) == (None, 250_500)


def test_a_draft_is_corrected_line_by_line(intake, desk):
    invoice = f"/invoices/{intake.read(document(DYE, number='Л-1'))}"
    shown = desk.do("GET", invoice)
    more = {
        "version": shown["version"], "name": "Воск", "unit": "кг", "quantity": "0.5", "sum_minor": 10_000,
        "new_item": {"name": "Воск плёночный", "base_unit": "g"},
    }  # fmt: skip
    added = desk.do("POST", f"{invoice}/lines", more, status=201)
    wax = added["lines"][1]
    assert (wax["read"], wax["base_quantity"], added["difference_minor"]) == (None, "500", 10_000)
    assert desk.refused("DELETE", f"{invoice}/lines/{wax['id']}?version={shown['version']}")[1] == "INVOICE_OUTDATED"
    removed = desk.do("DELETE", f"{invoice}/lines/{wax['id']}?version={added['version']}")
    assert len(removed["lines"]) == 1
    header = {"version": removed["version"], "supplier_name": "ИП Ветрова", "number": "77", "issued_on": "2026-03-01"}
    changed = desk.do("PUT", invoice, header)
    assert (changed["supplier_name"], changed["issued_on"], changed["total_minor"]) == (
        "ИП Ветрова",
        "2026-03-01",
        None,
    )
    assert desk.refused("PUT", invoice, {**header, "version": changed["version"], "supplier_inn": "12"})[0] == 400
    assert desk.refused("POST", f"{invoice}/lines", {**more, "quantity": "NaN"})[0] == 422
    assert desk.do("POST", f"{invoice}/discard", {"version": changed["version"]})["status"] == "discarded"
    assert desk.refused("POST", f"{invoice}/discard", {"version": changed["version"]}) == (409, "INVOICE_SETTLED")


def test_a_batch_that_a_person_reads_off_the_box_reaches_the_stock(intake, desk):
    invoice = f"/invoices/{intake.read(document(DYE, DYE, number='П-1'))}"
    shown = desk.do("GET", invoice)
    soon = (intake.now + timedelta(days=200)).date().isoformat()
    for read, batch in zip(
        shown["lines"], ({"lot": " A-17 ", "expires_on": soon}, {"expires_on": "2025-03-01"}), strict=True
    ):
        path, new = f"{invoice}/lines/{read['id']}", {**read["proposal"]}
        new.pop("confidence")
        for wrong in ({"expires_on": "2062-03-01"}, {"lot": "\u200b"}):
            body = body_of(shown, read, new_item=new, **batch) | wrong
            assert desk.refused("PUT", path, body) == (400, "LINE_SENSELESS")
        assert (
            desk.ask("PUT", path, body_of(shown, read, new_item=new, **batch) | {"expires_on": "31.12"}).status == 422
        )
        shown = desk.do("PUT", path, body_of(shown, read, new_item=new, **batch))
    fresh, stale = shown["lines"]
    assert (fresh["lot"], fresh["expires_on"], fresh["flags"]) == ("A-17", soon, [])
    assert (stale["lot"], stale["expires_on"], stale["flags"]) == ("", "2025-03-01", ["expired"])
    again = desk.do("PUT", f"{invoice}/lines/{stale['id']}", body_of(shown, stale, new_item=new, is_checked=False))
    assert again["lines"][1]["questions"] == ["check"]  # whoever has not looked at it is asked to
    shown = desk.do("PUT", f"{invoice}/lines/{stale['id']}", body_of(again, again["lines"][1], new_item=new))

    where = {"version": shown["version"], "location_id": str(intake.location_id)}
    desk.do("POST", f"{invoice}/confirm", where)
    batches = desk.do("GET", f"/stock/batches?location_id={intake.location_id}")["items"]
    assert [(one["lot"], one["expires_on"], one["quantity"]) for one in batches] == [
        ("", "2025-03-01", "600.0000"),
        ("A-17", soon, "600.0000"),
    ]


def test_lists_page_by_status(intake, desk):
    made = [str(intake.read(document(DYE, number=f"С-{n}"))) for n in range(3)]
    first = desk.do("GET", "/invoices?status=draft&limit=2")
    rest = desk.do("GET", f"/invoices?status=draft&limit=100&cursor={first['next_cursor']}")
    ids = [one["id"] for one in (*first["items"], *rest["items"])]
    assert ids[:3] == made[::-1]
    assert len(set(ids)) == len(ids)
    assert desk.refused("GET", "/invoices/01900000-0000-7000-8000-00000000dead") == (404, "INVOICE_NOT_FOUND")


def test_settings_say_what_goods_cost(intake, owner):
    senseless = {"content": {"costing": "free"}, "version": 0}
    assert owner.refused("PUT", "/settings/invoices", senseless) == (400, "INVOICE_SETTING_SENSELESS")
    owner.do("PUT", "/settings/invoices", {"content": {"costing": "without_vat"}, "version": 0})
    taxed = line("Воск 1 кг", "шт", 1, 100, vat_rate=Read(22), vat_minor=Read(22_00), sum_with_vat_minor=Read(122_00))
    draft_id = intake.read(document(taxed))
    intake.accept_all(draft_id)
    intake.confirm(draft_id)
    [there] = owner.do("GET", f"/stock/on-hand?location_id={intake.location_id}")["items"]
    assert there["value_minor"] == 100_00
