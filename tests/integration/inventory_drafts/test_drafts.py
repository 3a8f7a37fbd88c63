"""From a read document to a draft, and to the stock; what is refused on the way, and what is learned."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from salon.identity.use_cases import write_settings
from salon.intake.documents.domain import Flag, Read
from salon.inventory.counts import use_cases as counts
from salon.inventory.drafts import use_cases as drafts
from salon.inventory.drafts.domain.drafts import DraftStatus, HeaderDetails, LineDetails, NewItem, Question
from salon.inventory.drafts.domain.matching import MatchMethod
from salon.inventory.drafts.errors import (
    InvoiceCounted,
    InvoiceDiffers,
    InvoiceDuplicate,
    InvoiceEmpty,
    InvoiceIncomplete,
    InvoiceLineNotFound,
    InvoiceNotConfirmed,
    InvoiceNotFound,
    InvoiceOutdated,
    InvoicePredatesCount,
    InvoiceSettled,
    InvoiceStillStands,
    LineSenseless,
)
from salon.inventory.items import use_cases as items
from salon.inventory.items.domain import BaseUnit, ItemDetails
from salon.inventory.items.errors import ItemInDraft, ItemNameTaken, ItemNotFound
from salon.inventory.suppliers import use_cases as suppliers
from salon.platform.ids import new_id
from salon.platform.metrics import OCR_FIELDS, MemoryMetrics
from support.factories import ACTOR
from support.fixtures import make_tenant
from support.invoices import INN, ISSUED_ON, OTHER_INN, OTHER_SUPPLIER, InvoiceDesk, details_of, document, fiscal, line

pytestmark = pytest.mark.database
DYE = line("Крем-краска Londa 6/0 60 мл", "шт", 10, "250.50")
BOX = line("Окислитель Estel 6% 12 × 60 мл", "кор", 2, 720)
GLOVES = line("Перчатки нитриловые M", "уп", 3, 900)


def count(owner_engine, table):
    with owner_engine.connect() as owner:
        return owner.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608 - our own word


def test_unknown_wares_are_proposed_and_come_into_the_stock_when_confirmed(desk, owner_engine):
    draft_id = desk.read(document(DYE, BOX))
    dye, box = desk.lines(draft_id)
    assert (dye.match_method, dye.item_id, dye.base_per_unit) == (MatchMethod.NEW, None, 60)
    assert (box.proposal.base_unit, box.proposal.pack_quantity, box.base_per_unit) == (BaseUnit.MILLILITRE, 60, 720)
    assert desk.view(draft_id).questions == {one.id: (Question.ITEM,) for one in (dye, box)}
    with pytest.raises(InvoiceIncomplete):
        desk.confirm(draft_id)

    desk.accept_all(draft_id)
    assert (desk.stock(), count(owner_engine, "inventory_ledger")) == ({}, 0)  # nothing before it is confirmed

    confirmed = desk.confirm(draft_id).draft
    assert (confirmed.status, confirmed.location_id) == (DraftStatus.CONFIRMED, desk.location_id)
    assert desk.stock() == {
        dye.proposal.name: (Decimal(600), 250_500),
        box.proposal.name: (Decimal(1440), 144_000),
    }
    with desk.database.read(desk.tenant_id) as session:
        [supplier] = suppliers.list_suppliers(session)
    assert (supplier.inn, confirmed.supplier_id) == (INN, supplier.id)


def test_the_second_delivery_needs_no_question(desk):
    draft_id = desk.read(document(DYE, GLOVES))
    desk.accept_all(draft_id)
    desk.change(draft_id, 2, base_per_unit=Decimal(100))  # a person knows what a pack of gloves holds
    desk.confirm(draft_id)

    again = desk.read(document(DYE, replace(GLOVES, name=Read("Перчатки нитриловыс M")), number="УТ-119"))
    dye, gloves = desk.lines(again)
    assert (dye.match_method, dye.base_per_unit) == (MatchMethod.ALIAS, 60)
    assert (gloves.match_method, gloves.base_per_unit) == (MatchMethod.ALIAS_ALIKE, 100)
    assert desk.view(again).questions == {}
    desk.confirm(again)
    assert {quantity for quantity, _ in desk.stock().values()} == {Decimal(1200), Decimal(600)}


def test_another_supplier_has_learned_nothing(desk):
    draft_id = desk.read(document(GLOVES))
    desk.change(draft_id, 1, new_item=NewItem("Перчатки M", BaseUnit.PIECE), base_per_unit=Decimal(100))
    desk.confirm(draft_id)
    other = desk.read(document(GLOVES, supplier=OTHER_SUPPLIER, inn=OTHER_INN))
    [gloves] = desk.lines(other)
    assert (gloves.match_method, gloves.item_id) == (MatchMethod.NONE, None)
    assert len(gloves.candidates) == 1

    header = HeaderDetails(supplier_name="Ромашка-Опт", supplier_inn=INN, number="7", total_minor=270_000)
    changed = desk.do(drafts.change_header, other, header)  # it was the first one after all
    assert changed.draft.lines[0].match_method is MatchMethod.ALIAS


def test_a_job_has_one_draft(desk, owner_engine):
    read = document(DYE)
    draft_id = desk.read(read)
    draft = desk.view(draft_id).draft
    desk.do(drafts.discard_invoice, draft_id)
    assert desk.read(read, job=(draft.job_id, draft.result_id)) == draft_id
    assert count(owner_engine, "invoice_drafts") == 1


def test_a_document_without_lines_can_be_filled_in_by_hand(desk):
    draft_id = desk.read(document(qr=fiscal(50_000), total_minor=50_000, number=None, supplier="", inn=None))
    with pytest.raises(InvoiceEmpty):
        desk.confirm(draft_id)
    said = LineDetails(
        name="Воск", unit="кг", quantity=Decimal("1.5"), sum_minor=50_000, new_item=NewItem("Воск", BaseUnit.GRAM)
    )
    [wax] = desk.do(drafts.add_line, draft_id, said).draft.lines
    assert (wax.position, wax.read, wax.base_per_unit) == (1, None, 1000)
    assert desk.confirm(draft_id).draft.supplier_id is None
    assert desk.stock() == {"Воск": (Decimal(1500), 50_000)}


def test_every_open_question_is_named(desk):
    kept = desk.item("Краска Londa 6/0", pack=60)
    nothing = line("Краска Londa 6/0", "уп", 1, 1, sum_minor=None, flags=(Flag.INCOMPLETE,))
    draft_id = desk.read(document(replace(nothing, qty=Read(None), price=Read(None)), total_minor=None))
    [one] = desk.lines(draft_id)
    assert desk.view(draft_id).questions[one.id] == (Question.QUANTITY, Question.SUM, Question.CHECK)
    assert one.item_id == kept.id
    desk.change(draft_id, 1, quantity=Decimal(2), sum_minor=0, is_checked=False)
    assert desk.view(draft_id).questions[one.id] == (Question.BASE_QUANTITY, Question.CHECK)
    with pytest.raises(InvoiceIncomplete, match="line 1: base_quantity, check"):
        desk.confirm(draft_id)
    desk.change(draft_id, 1, base_per_unit=Decimal(720))
    desk.confirm(draft_id)
    assert desk.stock() == {kept.name: (Decimal(1440), 0)}


def test_a_flagged_line_is_looked_at_first(desk):
    desk.item("Краска Londa 6/0", pack=60)
    derived = replace(DYE, qty=Read(Decimal(10), 0.5, None, (Flag.DERIVED_QUANTITY,)))
    draft_id = desk.read(document(derived))
    [one] = desk.lines(draft_id)
    assert (one.flags, desk.view(draft_id).questions[one.id]) == (("derived_quantity",), (Question.CHECK,))
    desk.change(draft_id, 1)
    desk.confirm(draft_id)


def test_what_is_not_for_the_stock_stays_on_the_paper(desk):
    delivery = line("Доставка", "усл", 1, 500)
    phantom = line("Итого", "", 1, 0)
    draft_id = desk.read(document(DYE, delivery, phantom))
    desk.accept_all(draft_id)
    desk.change(draft_id, 2, new_item=None, is_excluded=True)
    desk.do(drafts.remove_line, draft_id, desk.lines(draft_id)[2].id)
    draft = desk.confirm(draft_id).draft
    assert (draft.difference_minor, len(draft.lines), len(desk.stock())) == (0, 2, 1)
    assert draft.accuracy["fields"]["line"] == {"right": 2, "wrong": 1}
    with pytest.raises(InvoiceLineNotFound):
        desk.do(drafts.remove_line, desk.read(document(DYE, number="2")), draft.lines[0].id)


def test_lines_that_do_not_make_the_total_need_a_word(desk):
    draft_id = desk.read(document(DYE, total_minor=250_600))
    desk.accept_all(draft_id)
    with pytest.raises(InvoiceDiffers) as refused:
        desk.confirm(draft_id)
    assert refused.value.difference_minor == -100
    desk.confirm(draft_id, despite_difference=True)


@pytest.mark.parametrize(
    ("first", "second", "is_twin"),
    [
        ({}, {}, True),
        ({}, {"number": "ут 118"}, True),
        ({}, {"inn": None, "supplier": "Ромашка Опт"}, True),
        ({}, {"inn": "9901001233", "supplier": ""}, True),  # a digit misread, no name: the rest says enough
        ({}, {"number": "УТ-119"}, False),
        ({}, {"on": ISSUED_ON + timedelta(days=1)}, False),
        ({}, {"inn": OTHER_INN, "supplier": OTHER_SUPPLIER}, False),
        ({"number": None}, {"number": None}, False),
        ({"qr": fiscal(1), "number": None}, {"qr": fiscal(1), "on": None}, True),
        ({"qr": fiscal(1)}, {"qr": fiscal(1, number="12346")}, False),
    ],
)
def test_the_same_paper_twice_needs_a_word(desk, first, second, is_twin):
    first_id = desk.read(document(DYE, **first))
    second_id = desk.read(document(DYE, **second))
    for draft_id in (first_id, second_id):
        desk.accept_all(draft_id)
    assert desk.view(second_id).draft.duplicate_of == (first_id if is_twin else None)
    if not is_twin:
        desk.confirm(second_id)
        return
    with pytest.raises(InvoiceDuplicate) as refused:
        desk.confirm(second_id)
    assert refused.value.twin_id == first_id
    desk.confirm(second_id, despite_duplicate=True)
    with pytest.raises(InvoiceDuplicate):  # now the first one would be the second time
        desk.confirm(first_id)


def test_a_discarded_twin_is_none(desk):
    first_id = desk.read(document(DYE))
    desk.do(drafts.discard_invoice, first_id)
    second_id = desk.read(document(DYE))
    assert desk.view(second_id).draft.duplicate_of is None
    header = HeaderDetails(supplier_name="Ромашка", supplier_inn=INN, number="9", total_minor=1)
    third_id = desk.read(document(DYE, number="9"))
    desk.do(drafts.change_header, second_id, replace(header, issued_on=ISSUED_ON))
    assert desk.view(second_id).draft.duplicate_of is None  # it was there first
    assert desk.view(third_id).draft.duplicate_of is None
    desk.do(drafts.change_header, third_id, replace(header, issued_on=ISSUED_ON))
    assert desk.view(third_id).draft.duplicate_of == second_id


def test_a_confirmed_invoice_is_reversed_and_never_edited(desk):
    draft_id = desk.read(document(DYE))
    desk.accept_all(draft_id)
    with pytest.raises(InvoiceNotConfirmed):
        desk.reverse(draft_id)
    with pytest.raises(InvoiceStillStands):
        again(desk, draft_id)
    desk.confirm(draft_id)
    for refused in (
        lambda: desk.change(draft_id, 1, quantity=Decimal(9)),
        lambda: desk.confirm(draft_id),
        lambda: desk.do(drafts.discard_invoice, draft_id),
        lambda: desk.do(drafts.remove_line, draft_id, desk.lines(draft_id)[0].id),
        lambda: desk.do(drafts.change_header, draft_id, HeaderDetails(number="1")),
    ):
        with pytest.raises(InvoiceSettled):
            refused()
    with pytest.raises(InvoiceStillStands):
        again(desk, draft_id)

    assert desk.reverse(draft_id).draft.status is DraftStatus.REVERSED
    assert set(desk.stock().values()) == {(Decimal(0), 0)}
    with pytest.raises(InvoiceNotConfirmed):
        desk.reverse(draft_id)

    new_draft = desk.view(again(desk, draft_id)).draft
    assert (new_draft.revision, new_draft.duplicate_of) == (2, None)
    assert [one.match_method for one in new_draft.lines] == [MatchMethod.ALIAS]
    desk.confirm(new_draft.id)
    assert set(desk.stock().values()) == {(Decimal(600), 250_500)}


def again(desk, draft_id):
    with desk.database.transaction(desk.tenant_id) as session:
        return drafts.draft_again(session, draft_id, actor=ACTOR, now=desk.now)


def test_goods_that_a_count_has_missed_are_not_taken_back_a_second_time(desk):
    draft_id = desk.read(document(DYE, line("Перчатки нитриловые M", "шт", 3, 900)))
    desk.accept_all(draft_id)
    desk.confirm(draft_id)
    dye, gloves = (one.item_id for one in desk.lines(draft_id))
    count = post_count(desk, dye, found=Decimal(0))  # they never came
    with pytest.raises(InvoiceCounted) as refused:
        desk.reverse(draft_id)
    assert refused.value.item_ids == (dye,)
    assert desk.stock()["Крем-краска Londa 6/0"] == (0, 0)
    with desk.database.transaction(desk.tenant_id) as session:
        counts.reverse_count(session, count.id, reason="По накладной", actor=ACTOR, now=desk.now)
    assert desk.reverse(draft_id).draft.status is DraftStatus.REVERSED
    assert {quantity for quantity, _ in desk.stock().values()} == {0}

    second = again(desk, draft_id)
    desk.confirm(second)
    post_count(desk, gloves, found=Decimal(1))  # and two were used: the invoice has nothing to do with it
    with desk.database.transaction(desk.tenant_id) as session:
        drafts.reverse_invoice(session, second, actor=ACTOR, now=desk.now, despite_count=True)
    assert desk.stock()["Крем-краска Londa 6/0"] == (0, 0)


def test_goods_that_may_have_been_counted_already_need_a_word(desk):
    first = desk.read(document(DYE))
    desk.accept_all(first)
    desk.confirm(first)
    dye = desk.lines(first)[0].item_id
    day = desk.now.date()
    early, late, undated = (
        desk.read(document(DYE, number=number, on=on))
        for number, on in (("УТ-1", day), ("УТ-2", day + timedelta(days=1)), ("УТ-3", None))
    )
    assert desk.view(early).counted == ()
    count = post_count(desk, dye, found=Decimal(1200))  # somebody has counted the second delivery with the first
    [seen] = desk.view(early).counted
    assert (seen.item_id, seen.count_id, seen.location_id, seen.counted_on) == (dye, count.id, desk.location_id, day)
    for draft_id in (early, late, undated):  # what was handed in before was there before, whatever day it bears
        with pytest.raises(InvoicePredatesCount) as refused:
            desk.confirm(draft_id)
        assert (refused.value.item_ids, refused.value.counted_on) == ((dye,), day)
    assert {quantity for quantity, _ in desk.stock().values()} == {1200}
    elsewhere = InvoiceDesk(desk.database, desk.tenant_id, desk.now)
    elsewhere.confirm(undated)  # nobody has counted there

    desk.confirm(late, despite_count=True)
    with desk.database.transaction(desk.tenant_id) as session:
        counts.reverse_count(session, count.id, reason="С накладной", actor=ACTOR, now=desk.now)
    assert desk.view(early).counted == ()
    desk.confirm(early)
    desk.now += timedelta(days=3)
    post_count(desk, dye, found=Decimal(0))
    younger = desk.read(document(DYE, number="УТ-4", on=day + timedelta(days=4)))
    assert [one.counted_on for one in desk.view(younger).counted] == [day + timedelta(days=3)]  # it is here today
    desk.now += timedelta(days=1)
    assert desk.view(desk.read(document(DYE, number="УТ-5", on=day + timedelta(days=4)))).counted == ()


def test_what_a_count_has_left_out_or_a_new_name_hides_is_told_apart(desk):
    first = desk.read(document(DYE))
    desk.accept_all(first)
    desk.confirm(first)
    dye = desk.lines(first)[0].item_id
    post_count(desk, dye, found=Decimal(1200), leave_out=[dye])  # looked at, and nothing of it came into the books
    again = desk.read(document(DYE, number="УТ-2"))
    assert desk.view(again).counted == ()
    post_count(desk, dye, found=Decimal(600))
    desk.change(
        again, 1, item_id=None, new_item=NewItem("Крем-краска Londa 6/0", BaseUnit.MILLILITRE, "", "", Decimal(60))
    )
    assert [one.item_id for one in desk.view(again).counted] == [dye]  # no new item at all
    with pytest.raises(InvoicePredatesCount):
        desk.confirm(again)
    desk.change(again, 1, is_excluded=True)
    assert desk.view(again).counted == ()


def test_a_count_that_is_not_yet_posted_has_seen_the_goods_too(desk):
    first = desk.read(document(DYE))
    desk.accept_all(first)
    desk.confirm(first)
    dye = desk.lines(first)[0].item_id
    draft_id = desk.read(document(DYE, number="УТ-9", on=desk.now.date()))
    desk.accept_all(draft_id)
    known = {"actor": ACTOR, "now": desk.now}
    with desk.database.transaction(desk.tenant_id) as session:
        count = counts.open_count(session, location_id=desk.location_id, **known)
    assert desk.view(draft_id).counted == ()  # nobody has looked at that shelf
    with desk.database.transaction(desk.tenant_id) as session:
        counts.enter_count(session, count.id, item_id=dye, packs=Decimal(0), remainder=Decimal(600), **known)
    with pytest.raises(InvoicePredatesCount):
        desk.confirm(draft_id)
    with desk.database.transaction(desk.tenant_id) as session:
        counts.close_count(session, count.id, **known)
    with pytest.raises(InvoicePredatesCount):
        desk.confirm(draft_id)
    with desk.database.transaction(desk.tenant_id) as session:
        counts.cancel_count(session, count.id, reason="Не тот день", **known)
    desk.confirm(draft_id)


def post_count(desk, item_id, *, found, leave_out=()):
    """Somebody counts one item later, and the ledger is corrected."""
    with desk.database.transaction(desk.tenant_id) as session:
        desk.now += timedelta(minutes=1)
        known = {"actor": ACTOR, "now": desk.now}
        count = counts.open_count(session, location_id=desk.location_id, **known)
        counts.enter_count(session, count.id, item_id=item_id, packs=Decimal(0), remainder=found, **known)
        counts.close_count(session, count.id, **known)
        return counts.post_count(session, count.id, reason="Пересчитали", leave_out=leave_out, **known)


def test_whoever_makes_the_paper_say_less_is_on_record(desk, owner_engine):
    draft_id = desk.read(document(DYE, BOX))
    desk.change(draft_id, 1, quantity=Decimal(8), sum_minor=200_400)
    desk.do(drafts.remove_line, draft_id, desk.lines(draft_id)[1].id)
    desk.do(drafts.change_header, draft_id, HeaderDetails(supplier_name=OTHER_SUPPLIER, total_minor=200_400))
    with owner_engine.connect() as connection:
        found = connection.execute(
            text("SELECT action, data FROM audit_log WHERE subject_id = :draft ORDER BY at, id"), {"draft": draft_id}
        )
        data = {row.action: row.data for row in found}
    assert data["invoice.line_changed"]["changes"] == {"quantity": ["10.0000", "8"], "sum_minor": [250_500, 200_400]}
    assert data["invoice.line_removed"]["was"]["sum_minor"] == 144_000
    assert data["invoice.header_changed"]["changes"]["total_minor"] == [394_500, 200_400]


def test_an_item_of_an_open_draft_stays_what_it_is(desk):
    item = desk.item("Крем-краска Londa 6/0", "ml", 60)
    draft_id = desk.read(document(DYE))
    desk.change(draft_id, 1, item_id=item.id)
    pieces = ItemDetails(name=item.name, base_unit=BaseUnit.PIECE)
    with desk.database.transaction(desk.tenant_id) as session:
        with pytest.raises(ItemInDraft):
            items.archive_item(session, item.id, actor=ACTOR, now=desk.now)
        with pytest.raises(ItemInDraft):
            items.change_item(session, item.id, pieces, actor=ACTOR, now=desk.now)
        renamed = ItemDetails(name="Краска 6/0", base_unit=BaseUnit.MILLILITRE, pack_quantity=Decimal(60))
        assert items.change_item(session, item.id, renamed, actor=ACTOR, now=desk.now).name == "Краска 6/0"
    desk.do(drafts.discard_invoice, draft_id)
    with desk.database.transaction(desk.tenant_id) as session:
        assert items.change_item(session, item.id, pieces, actor=ACTOR, now=desk.now).base_unit is BaseUnit.PIECE
        assert not items.archive_item(session, item.id, actor=ACTOR, now=desk.now).is_active


def test_nobody_overwrites_anothers_work(desk):
    draft_id = desk.read(document(DYE))
    seen = desk.view(draft_id).draft
    desk.change(draft_id, 1, name="Краска")
    for act, more in (
        (drafts.change_line, (seen.lines[0].id, details_of(seen.lines[0]))),
        (drafts.change_header, (HeaderDetails(),)),
        (drafts.discard_invoice, ()),
    ):
        with pytest.raises(InvoiceOutdated):
            desk.do(act, draft_id, *more, version=seen.version)
    with pytest.raises(InvoiceOutdated):
        desk.confirm(draft_id, version=seen.version)


def test_a_price_that_jumped_is_looked_at(desk):
    kept = desk.item("Краска Londa 6/0", pack=60)
    desk.confirm(desk.read(document(DYE)))
    dearer = line("Крем-краска Londa 6/0 60 мл", "шт", 10, 320)
    usual = desk.view(desk.read(document(dearer, number="2")))
    [hint] = usual.hints.values()
    assert (hint.has_jumped, usual.questions) == (False, {})
    assert round(hint.last_unit_cost_minor * 60) == 25_050

    draft_id = desk.read(document(line("Крем-краска Londa 6/0 60 мл", "шт", 10, 330), number="3"))
    [one] = desk.lines(draft_id)
    assert one.item_id == kept.id
    assert desk.view(draft_id).questions == {one.id: (Question.CHECK,)}
    with pytest.raises(InvoiceIncomplete, match="line 1: check"):
        desk.confirm(draft_id)
    desk.change(draft_id, 1)
    desk.confirm(draft_id)


@pytest.mark.parametrize(("costing", "expected"), [(None, 122_00), ("with_vat", 122_00), ("without_vat", 100_00)])
def test_the_goods_cost_what_was_paid(desk, costing, expected):
    if costing is not None:
        with desk.database.transaction(desk.tenant_id) as session:
            write_settings(session, "invoices", {"costing": costing}, actor=ACTOR, now=desk.now)
    taxed = line("Воск 1 кг", "шт", 1, 100, vat_rate=Read(22), vat_minor=Read(22_00), sum_with_vat_minor=Read(122_00))
    draft_id = desk.read(document(taxed))
    desk.accept_all(draft_id)
    desk.confirm(draft_id)
    assert list(desk.stock().values()) == [(Decimal(1000), expected)]


def test_what_was_read_is_compared_with_what_was_confirmed(desk):
    draft_id = desk.read(document(DYE, line("IIIамлунь Estel Curex 1 л", "wт", 2, 500), number="УТ118"))
    desk.accept_all(draft_id)
    desk.change(draft_id, 1, quantity=Decimal(10), price=Decimal("250.5"))
    desk.change(
        draft_id,
        2,
        name="Шампунь Estel Curex 1 л",
        unit="шт",
        new_item=NewItem("Шампунь Curex", BaseUnit.MILLILITRE, pack_quantity=Decimal(1000)),
    )
    draft = desk.view(draft_id).draft
    header = HeaderDetails(
        supplier_name=draft.supplier_name,
        supplier_inn=INN,
        number="УТ-118/1",
        issued_on=draft.issued_on,
        total_minor=draft.total_minor,
    )
    desk.do(drafts.change_header, draft_id, header)
    confirmed = desk.confirm(draft_id)
    fields = confirmed.draft.accuracy["fields"]
    assert {name: (found["right"], found["wrong"]) for name, found in fields.items()} == {
        "line": (2, 0), "name": (1, 1), "unit": (1, 1), "quantity": (2, 0), "price": (2, 0), "sum": (2, 0),
        "supplier": (1, 0), "inn": (1, 0), "number": (0, 1), "date": (1, 0), "total": (1, 0),
    }  # fmt: skip
    metrics = MemoryMetrics()
    drafts.count_accuracy(metrics, confirmed)
    assert metrics.total(OCR_FIELDS, outcome="right") == 14
    assert metrics.total(OCR_FIELDS, kind="name", outcome="wrong") == 1

    misread = line("IIIамлунь Estel Curex 1 л", "wт", 2, 500)
    [learned] = desk.lines(desk.read(document(misread, number="3")))
    assert (learned.name, learned.unit) == ("Шампунь Estel Curex 1 л", "шт")  # as a person left it
    assert (learned.match_method, learned.base_per_unit) == (MatchMethod.ALIAS, 1000)


def test_what_a_person_says_of_a_line_makes_sense(desk):
    kept = desk.item("Воск", "g", 1)
    draft_id = desk.read(document(DYE))
    with pytest.raises(ItemNotFound):
        desk.change(draft_id, 1, item_id=new_id())
    with desk.database.transaction(desk.tenant_id) as session:
        items.archive_item(session, kept.id, actor=ACTOR, now=desk.now)
    with pytest.raises(ItemNotFound):
        desk.change(draft_id, 1, item_id=kept.id)
    for nonsense in (
        {"name": " "}, {"quantity": Decimal(0)}, {"quantity": Decimal("0.00001")}, {"quantity": Decimal("NaN")},
        {"sum_minor": -1}, {"vat_rate": 101}, {"base_per_unit": Decimal(-1)}, {"price": Decimal(10**10)},
        {"item_id": new_id(), "new_item": NewItem("Воск", BaseUnit.GRAM)},
    ):  # fmt: skip
        with pytest.raises(LineSenseless):
            desk.change(draft_id, 1, **nonsense)
    with pytest.raises(LineSenseless):
        NewItem(" ", BaseUnit.GRAM)


def test_a_line_may_be_another_item_or_none(desk):
    dye = desk.item("Краска Londa 6/0", pack=60)
    other = desk.item("Краска Londa 6/1", pack=60)
    draft_id = desk.read(document(DYE))
    [found] = desk.lines(draft_id)
    assert (found.item_id, found.match_method) == (dye.id, MatchMethod.NAME)
    [chosen] = desk.change(draft_id, 1, item_id=other.id, base_per_unit=None).draft.lines
    assert (chosen.match_method, chosen.base_per_unit) == (MatchMethod.PERSON, 60)
    [none] = desk.change(draft_id, 1, item_id=None).draft.lines
    assert (none.item_id, none.match_method) == (None, MatchMethod.NONE)
    [renamed] = desk.change(draft_id, 1, name="Краска Londa 6/1 60 мл").draft.lines
    assert (renamed.item_id, renamed.match_method) == (other.id, MatchMethod.NAME)


def test_a_new_size_of_a_known_name_is_another_item(desk):
    desk.item("Крем-краска Londa 6/0", pack=60)
    draft_id = desk.read(document(line("Крем-краска Londa 6/0 100 мл", "шт", 1, 300)))
    [one] = desk.lines(draft_id)
    assert (one.item_id, one.proposal.name) == (None, "Крем-краска Londa 6/0 100 мл")
    desk.change(draft_id, 1, new_item=NewItem("Крем-краска Londa 6/0", BaseUnit.MILLILITRE, pack_quantity=Decimal(100)))
    with pytest.raises(ItemNameTaken):
        desk.confirm(draft_id)


def test_a_new_item_on_two_lines_is_made_once(desk):
    draft_id = desk.read(document(DYE, DYE))
    desk.accept_all(draft_id)
    desk.confirm(draft_id)
    assert list(desk.stock().values()) == [(Decimal(1200), 501_000)]


def test_figures_that_no_stock_can_hold_are_left_to_a_person(desk):
    wild = line("Воск 1 кг", "шт", 1, 1, sum_minor=10**15)
    read = document(replace(wild, qty=Read(Decimal("1e12")), price=Read(Decimal("0.00000049"))), total_minor=10**20)
    draft = desk.view(desk.read(read)).draft
    [one] = draft.lines
    assert (one.quantity, one.price, one.sum_minor, draft.total_minor) == (None, Decimal(0), None, None)


def test_letters_that_no_text_can_hold_are_left_out(desk):
    read = document(line("Во\x00ск\ud800 1 кг", "ш\x00т", 1, 1), number="1\x00", supplier="\x00")
    with desk.database.transaction(desk.tenant_id) as session:
        draft_id = drafts.draft_from_result(
            session, job_id=new_id(), result_id=new_id(), document=read, predictions=(), actor=ACTOR, now=desk.now
        )
    draft = desk.view(draft_id).draft
    [one] = draft.lines
    assert (one.name, one.unit, one.read["name"], draft.number, draft.supplier_name) == (
        "Воск 1 кг", "шт", "Воск 1 кг", "1", "",
    )  # fmt: skip
    assert (one.proposal, one.match_method) == (None, MatchMethod.NONE)  # nobody has predicted anything


def test_tenants_know_nothing_of_each_other(desk, database, clock):
    draft_id = desk.read(document(DYE))
    desk.accept_all(draft_id)
    desk.confirm(draft_id)
    other = InvoiceDesk(database, make_tenant(database, clock.now()), clock.now())
    with pytest.raises(InvoiceNotFound):
        other.view(draft_id)
    with pytest.raises(InvoiceNotFound), database.transaction(other.tenant_id) as session:
        drafts.reverse_invoice(session, draft_id, actor=ACTOR, now=clock.now())
    theirs = other.read(document(DYE))
    assert other.view(theirs).draft.duplicate_of is None
    assert [one.match_method for one in other.lines(theirs)] == [MatchMethod.NEW]
    with database.read(other.tenant_id) as session:
        assert [one.id for one in drafts.list_invoices(session)] == [theirs]


def test_lists_go_back_in_time(desk):
    made = [desk.read(document(DYE, number=str(n))) for n in range(3)]
    desk.do(drafts.discard_invoice, made[1])
    with desk.database.read(desk.tenant_id) as session:
        found = drafts.list_invoices(session, status=DraftStatus.DRAFT, limit=1)
        rest = drafts.list_invoices(session, status=DraftStatus.DRAFT, before_id=found[-1].id)
    assert [one.id for one in (*found, *rest)] == [made[2], made[0]]
    assert found[0].issued_on == date(2026, 3, 9)
