"""The generator of supplier documents: a reader is judged by it, so its own arithmetic and truth must be exact."""

from __future__ import annotations

import io
import json
import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from random import Random

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from lxml import etree
from PIL import Image, ImageOps

from support.documents import demo_invoice
from support.documents.__main__ import main
from support.documents.content import KINDS
from support.documents.firms import inn, inn_is_right
from support.documents.numbers import Figures, amount_in_words
from support.documents.papers import make_paper
from support.documents.photograph import CONDITIONS, EXTRA, photograph
from support.documents.text_pdf import text_pdf
from support.documents.upd_xml import upd_xml
from support.documents.writing import write

KOPECK = Decimal("0.01")


def exact(number):
    """A number of the truth file as it is written there."""
    return Decimal(json.dumps(number))


def rounded(value):
    return value.quantize(KOPECK, ROUND_HALF_UP)


@pytest.mark.parametrize("kind", KINDS)
def test_the_truth_adds_up_to_the_kopeck_and_stands_on_the_paper(kind):
    seen_rates, dated, discounts, decimals = set(), set(), 0, set()
    for seed in range(30):
        paper = make_paper(kind, seed)
        truth = json.loads(json.dumps(paper.truth()))
        printed = truth["full_text"]
        figures = paper.content.figures
        total = Decimal(0)
        for item in truth["items"]:
            price, amount = exact(item["price"]), exact(item["sum"])
            assert rounded(exact(item["qty"]) * price) == amount, (seed, item)
            total += exact(item["sum_vat"]) if "sum_vat" in item else amount
            if kind in {"torg12", "upd"}:
                rate = item["vat_rate"]
                part = Decimal(rate.rstrip("%")) / 100 if rate != "без НДС" else Decimal(0)
                assert exact(item["vat"]) == rounded(amount * part)
                assert exact(item["sum_vat"]) == amount + exact(item["vat"])
                seen_rates.add(rate)
            for value in (figures.rubles(price), figures.rubles(amount), figures.quantity(exact(item["qty"]))):
                assert value.replace("\u00a0", " ").replace("\u2009", " ") in printed, (seed, value)
            words = item["name"].split()
            assert all(word in printed for word in words if kind != "cash_receipt"), (seed, item["name"])
            decimals.add(max(0, -price.as_tuple().exponent))
        assert exact(truth["total"]) == total
        assert [item["n"] for item in truth["items"]] == list(range(1, len(truth["items"]) + 1))
        assert inn_is_right(truth["supplier"]["inn"])
        assert truth["supplier"]["inn"] in printed
        assert truth["supplier"]["inn"][:2] in {"00", "98"}  # nobody's
        assert truth["number"] in printed
        dated.add(truth["date"][-4:])
        if truth["date"][-4:] == "2025":
            assert "22%" not in {item.get("vat_rate") for item in truth["items"]}
        discounts += any(line.discount for line in paper.content.lines)
    assert dated == {"2025", "2026"}
    if kind in {"torg12", "upd"}:
        assert seen_rates == {"22%", "20%", "10%", "без НДС"}
    assert bool(discounts) == (kind == "sales_receipt")
    assert (max(decimals) > 2) == (kind == "upd")


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0.05", "Ноль рублей 05 копеек"),
        ("1", "Один рубль 00 копеек"),
        ("2002.01", "Две тысячи два рубля 01 копейка"),
        ("11012.12", "Одиннадцать тысяч двенадцать рублей 12 копеек"),
        ("1021344.90", "Один миллион двадцать одна тысяча триста сорок четыре рубля 90 копеек"),
        ("300000.42", "Триста тысяч рублей 42 копейки"),
    ],
)
def test_amounts_in_words(amount, words):
    assert amount_in_words(Decimal(amount)) == words


def test_figures_as_each_paper_writes_them():
    assert Figures().rubles(Decimal("1234567.5")) == "1 234 567,50"
    assert Figures("\u00a0", ".").rubles(Decimal("368.852459")) == "368.852459"
    assert Figures("", ",", 3).quantity(Decimal(12)) == "12,000"
    assert Figures(" ", ",").quantity(Decimal("0.25")) == "0,25"


def test_check_digits_are_those_of_the_tax_service():
    assert inn("770708389") == "7707083893"  # known good numbers, of a bank and of the rule's own example
    assert inn("5001007322") == "500100732259"
    assert not inn_is_right("7707083892")


def test_a_long_goods_note_goes_over_pages_whose_subtotals_make_the_total():
    paper = make_paper("torg12", 1, lines=(30, 30))
    assert len(paper.pages) >= 2
    headed = [page.reading_order() for page in paper.pages if "Итого" in page.reading_order()]
    assert len(headed) >= 2
    assert all("Цена" in text and "Товар" in text for text in headed)
    figure = re.compile(r"X ([\d  \u00a0\u2009]+[.,]\d\d)")
    digits = [re.sub(r"\D", "", figure.search(text[text.index("Итого") :]).group(1)) for text in headed]
    assert sum(map(int, digits)) == paper.content.net * 100


def test_the_same_seed_is_the_same_photograph_and_another_seed_is_not():
    def taken(seed):
        paper = make_paper("sales_receipt", seed)
        return photograph(paper.pages[0], "creased", dpi=paper.looks.dpi, seed=seed).jpeg()

    assert taken(3) == taken(3)
    assert taken(3) != taken(4)


@pytest.mark.parametrize("condition", [*CONDITIONS, *EXTRA])
def test_what_each_condition_does_to_the_picture(condition):
    paper = make_paper("cash_receipt", 6)
    page, dpi = paper.pages[0], paper.looks.dpi
    shot = photograph(page, condition, dpi=dpi, seed=condition)
    jpeg = shot.jpeg()
    picture = Image.open(io.BytesIO(jpeg))
    grey = np.asarray(picture.convert("L"))
    assert 640 <= max(picture.size) <= 3200
    assert (max(picture.size) == 1280) == (condition == "telegram")
    assert (np.percentile(grey, 75) < 170) == (condition in {"low_light", "combined"})
    assert len(jpeg) < 3_000_000
    codes = zxingcpp.read_barcodes(grey)
    assert [code.text for code in codes] == [paper.truth()["qr"]]
    assert Decimal(re.search(r"&s=([\d.]+)&", codes[0].text).group(1)) == paper.content.total
    if condition == "noisy":
        still = photograph(page, "clean", dpi=dpi, seed=condition).picture
        assert np.std(shot.picture.astype(int) - still) > 10


def test_a_pdf_with_a_text_layer_says_what_the_paper_says():
    paper = make_paper("upd", 2)
    document = pypdfium2.PdfDocument(text_pdf(paper.pages))
    assert len(document) == len(paper.pages)
    said = " ".join(page.get_textpage().get_text_bounded() for page in document)
    # pdfium maps the hyphen's glyph to the soft hyphen, as word processors' PDFs do, too
    said = said.replace("\u00ad", "-").replace("\ufffe", "-").replace("\u00a0", " ")
    words = set(paper.truth()["full_text"].split())
    missing = {word for word in words if word not in said and not word.endswith("-")}
    assert missing == set()


def test_a_upd_as_xml_carries_the_same_lines():
    paper = make_paper("upd", 8)
    truth = paper.truth()
    data = upd_xml(paper.content, Random(1))
    data.decode("windows-1251")
    told = etree.fromstring(data)
    assert told.get("ВерсФорм") == "5.03"
    assert told.find("Документ/СвСчФакт").attrib == {"НомерДок": truth["number"], "ДатаДок": truth["date"]}
    lines = told.findall("Документ/ТаблСчФакт/СведТов")
    assert [
        (
            line.get("НаимТов"),
            Decimal(line.get("КолТов")),
            Decimal(line.get("ЦенаТов")),
            Decimal(line.get("СтТовБезНДС")),
        )
        for line in lines
    ] == [(item["name"], exact(item["qty"]), exact(item["price"]), exact(item["sum"])) for item in truth["items"]]
    assert Decimal(told.find("Документ/ТаблСчФакт/ВсегоОпл").get("СтТовУчНалВсего")) == exact(truth["total"])
    paid = told.iterfind("Документ/ТаблСчФакт/СведТов/СумНал/СумНал")
    assert sum(Decimal(each.text) for each in paid) == paper.content.vat


def test_the_command_writes_pictures_beside_their_truth(tmp_path, monkeypatch, capsys):
    asked = [
        "documents",
        "--out",
        str(tmp_path),
        "--seed",
        "5",
        "--documents",
        "4",
        "--conditions",
        "clean",
        "xml",
        "png",
    ]
    monkeypatch.setattr("sys.argv", asked)
    main()
    assert "4 documents" in capsys.readouterr().out
    written = {path.name for path in tmp_path.iterdir()}
    assert {f"inv{number:02d}.json" for number in range(4)} <= written
    assert {name for name in written if name.endswith(".xml")} == {"inv01_xml.xml"}
    assert {f"inv{number:02d}_png.png" for number in range(4)} <= written
    truth = json.loads((tmp_path / "inv00.json").read_text("utf-8"))
    assert truth["doc_type"] == "torg12"
    assert date(*map(int, reversed(truth["date"].split("."))))


def test_a_phone_s_sideways_picture_says_how_to_turn_it(tmp_path):
    paper = make_paper("cash_receipt", 2)
    (path,) = write(paper, "exif", tmp_path / "phone", seed=1)
    stored = Image.open(path)
    assert stored.width > stored.height
    upright = np.asarray(ImageOps.exif_transpose(stored).convert("L"), dtype=int)
    taken = photograph(paper.pages[0], "perspective", dpi=paper.looks.dpi, seed="1:0").picture
    assert np.abs(upright - np.asarray(Image.fromarray(taken).convert("L"), dtype=int)).mean() < 3


def test_papers_of_several_pages_are_one_file(tmp_path):
    paper = make_paper("upd", 1, lines=(28, 28))
    (path,) = write(paper, "telegram", tmp_path / "long", seed=1)
    assert path.name == "long.pdf"
    assert len(pypdfium2.PdfDocument(path)) == len(paper.pages) >= 2


def test_the_demo_salon_s_invoice_is_the_one_that_this_code_draws():
    paper = demo_invoice.demo_paper()
    assert json.loads(demo_invoice.TRUTH.read_text("utf-8")) == json.loads(json.dumps(paper.truth()))
    picture = Image.open(demo_invoice.PICTURE)
    assert 1600 <= max(picture.size) <= 2000
    assert demo_invoice.PICTURE.stat().st_size <= 400_000
    drawn = Image.open(io.BytesIO(demo_invoice.demo_photograph(paper)))
    assert drawn.size == picture.size
    apart = np.abs(np.asarray(drawn.convert("L"), dtype=int) - np.asarray(picture.convert("L"), dtype=int))
    assert apart.mean() < 4  # another version of a library may round otherwise
