"""Amounts in words, units, alphabets, tax numbers, fiscal codes and the wire format."""

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salon.intake.documents.codec import fiscal_of, from_json, to_json
from salon.intake.documents.domain import (
    Box,
    DocumentKind,
    Flag,
    LineRead,
    PageInfo,
    Read,
    RecognisedDocument,
    SourceKind,
    SupplierRead,
)
from salon.intake.documents.parsing.amounts import kopecks_in_words
from salon.intake.documents.parsing.assemble import is_said_by
from salon.intake.documents.parsing.header import date_in, is_inn
from salon.intake.documents.parsing.scripts import put_right
from salon.intake.documents.parsing.units import unit_of

_ONES = """ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать
пятнадцать шестнадцать семнадцать восемнадцать девятнадцать"""
_TENS = "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто"
_HUNDREDS = "сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот"


def _below_thousand(number: int, *, feminine: bool) -> list[str]:
    words = []
    if number >= 100:
        words.append(_HUNDREDS.split()[number // 100 - 1])
    rest = number % 100
    if rest >= 20:
        words.append(_TENS.split()[rest // 10 - 2])
        rest %= 10
    if rest:
        words.append({1: "одна", 2: "две"}.get(rest, _ONES.split()[rest]) if feminine else _ONES.split()[rest])
    return words


def _in_words(roubles: int, kopecks: int) -> str:
    words = []
    if roubles >= 1000:
        words += [*_below_thousand(roubles // 1000, feminine=True), "тысяч"]
    words += _below_thousand(roubles % 1000, feminine=False)
    return " ".join([*words, "рублей", f"{kopecks:02d}", "копеек"]).capitalize()


@settings(max_examples=200, deadline=None)
@given(roubles=st.integers(1, 999_999), kopecks=st.integers(0, 99))
def test_an_amount_in_words_is_read(roubles, kopecks):
    assert kopecks_in_words(f"Всего отпущено на сумму {_in_words(roubles, kopecks)}") == roubles * 100 + kopecks


def test_an_amount_with_misread_letters_is_read():
    assert kopecks_in_words("Пятьдесят девять тысяч сто четырнадцать рублен 41 копейка") == 5_911_441


def test_an_amount_without_its_head_says_nothing_and_one_without_its_beginning_contradicts_nothing():
    assert kopecks_in_words("тысяч сто четырнадцать рублей 41 копейка") is None
    assert kopecks_in_words("Тысяча сто четырнадцать рублей 41 копейка") == 111_441
    assert is_said_by(2_047_160, 2_047_160)
    assert is_said_by(2_047_160, 7_160)  # «семьдесят один рубль 60 копеек» is what a stamp has left
    assert not is_said_by(2_047_160, 7_260)
    assert not is_said_by(2_047_160, 12_047_160)

    assert kopecks_in_words("Семь порядковых номеров записей") is None


@pytest.mark.parametrize(
    ("read", "unit"), [("шт.", "шт"), ("wt", "шт"), ("yn", "уп"), ("упак.", "уп"), ("Kr", "кг"), ("x-9", None)]
)
def test_units(read, unit):
    found = unit_of(read)
    assert (found[0] if found else None) == unit


@pytest.mark.parametrize(
    ("read", "name"),
    [
        ("Macka Londa Color Radiance 750 mn", "Маска Londa Color Radiance 750 мл"),
        ("Apex Тор № Wipe 12 мл", "Apex Top No Wipe 12 мл"),
        ("Kpacutenb бровей RefectoCil №3 15 мл", "Краситель бровей RefectoCil №3 15 мл"),
        ("Топ без липкого слоя Polimirra 12 мл", "Топ без липкого слоя Polimirra 12 мл"),
        ("Гель-лак Kodi №120 8 мл", "Гель-лак Kodi №120 8 мл"),
    ],
)
def test_words_are_put_into_their_own_alphabet(read, name):
    assert put_right(read) == name


def test_tax_numbers():
    assert is_inn("7707083893")
    assert is_inn("500100732259")
    assert not is_inn("7707083894")
    assert not is_inn("500100732258")
    assert not is_inn("77070838")


def test_dates():
    assert date_in("Товарный чек № 5 от 16.01.2026") == date(2026, 1, 16)
    assert date_in("НАКЛАДНАЯ 3468 «5» марта 2026 г.") == date(2026, 3, 5)
    assert date_in("31.02.2026") is None
    assert date_in("РАСХОДНАЯ НАКЛАДНАЯ № 600 от4 апреля 2026 г.") == date(2026, 4, 4)


def test_a_fiscal_code_is_read_and_another_code_is_not():
    text = "t=20260319T1056&s=19369.60&fn=9960440300123456&i=123&fp=3456789012&n=1"
    found = fiscal_of(text)
    assert found is not None
    assert (found.at, found.sum_minor, found.text) == ("2026-03-19T10:56", 1_936_960, text)
    assert fiscal_of("https://example.test/?t=1&s=2") is None
    assert fiscal_of(text.replace("19369.60", "19369.605")) is None


def test_the_wire_format_comes_back_as_it_went():
    line = LineRead(
        1, Read("Крем"), Read("шт"), Read(Decimal("1.5"), 0.7, Box(0, 0.1, 0.2, 0.3, 0.4), (Flag.CORRECTED,)),
        Read(Decimal("3057.787")), Read(458_668), Read(22), Read(1), Read(None), (Flag.UNVERIFIED,),
    )  # fmt: skip
    document = RecognisedDocument(
        DocumentKind.UPD, Read("УТ-1"), Read(date(2026, 1, 2)), SupplierRead(Read("ООО"), Read(None)), (line,),
        Read(458_668), Read(None), None, "текст", (Flag.TOTAL_MISSING,), (PageInfo(10, 20, 90, 0.5),), SourceKind.PHOTO,
        "tesseract", "5",
    )  # fmt: skip
    wire = json.loads(json.dumps(to_json(document)))

    assert from_json(wire) == document
    assert wire["items"][0]["sum"] == 4586.68
    assert not wire["items"][0]["accepted"]
