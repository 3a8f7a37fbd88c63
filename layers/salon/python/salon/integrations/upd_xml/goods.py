"""The lines and the totals of an УПД."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from salon.intake.documents.domain import Flag, LineRead, Read
from salon.intake.documents.parsing.figures import KOPECK, product
from salon.intake.documents.parsing.lines import rate_of
from salon.intake.documents.parsing.units import OKEI, unit_of
from salon.integrations.upd_xml.tree import child, figure, said
from salon.platform.money import to_minor

_MOST = Decimal(10) ** 9
"""Of a quantity and of a price: the format allows more, a salon's supplier has no such goods."""
_MOST_MONEY = Decimal(10) ** 12
_FINEST = Decimal("0.000001")
"""Of both: the format allows eleven decimals, our own JSON fifteen digits in all."""
_OKEI_DIGITS = 3


@dataclass(frozen=True, slots=True)
class _Vat:
    """What stands in the column of the tax.

    Attributes:
        rate: percent; None for «без НДС», or where it is not said.
        amount: roubles; None where none is told.
        is_none: it says that there is no tax.
    """

    rate: int | None
    amount: Decimal | None
    is_none: bool


@dataclass(frozen=True, slots=True)
class _Sums:
    """What a line costs, roubles.

    Attributes:
        is_derived: what is missing in the file was made from the other figures and the rate.
    """

    net: Decimal | None
    gross: Decimal | None
    is_derived: bool = False


def line_of(row: Any, n: int) -> LineRead:
    """A line; what does not add up, is missing or is below zero is flagged.

    Args:
        row: `СведТов`.
        n: its place, from 1; numbers in the file repeat.
    """
    qty, price = _fine(figure(said(row, "КолТов"), _MOST)), _fine(figure(said(row, "ЦенаТов"), _MOST))
    vat = _vat(row)
    sums = _sums(row, vat, qty, price)
    is_price_derived = price is None and not said(row, "ЦенаТов") and bool(qty) and sums.net is not None
    if is_price_derived and qty and sums.net is not None:
        made = _fine(sums.net / qty)
        price = made if made is not None and made < _MOST else None
    name = said(row, "НаимТов")
    of_sum = (Flag.DERIVED_SUM,) if sums.is_derived else ()
    of_price = (Flag.DERIVED_PRICE,) if is_price_derived and price else ()  # a gift costs nothing: that is sure
    return LineRead(
        n=n,
        name=Read(name, 1.0, None, () if name else (Flag.NAME_UNSURE,)),
        unit=Read(_unit(row)),
        qty=Read(qty),
        price=Read(price, flags=of_price),
        sum_minor=Read(_kopecks(sums.net), flags=of_sum),
        vat_rate=Read(vat.rate),
        vat_minor=Read(_kopecks(vat.amount)),
        sum_with_vat_minor=Read(_kopecks(sums.gross)),
        flags=_flags(row, qty, price, sums, vat),
    )


def totals_of(table: Any, lines: tuple[LineRead, ...]) -> tuple[int | None, int | None, tuple[Flag, ...]]:
    """To pay and the tax in it, kopecks, and what is wrong with them.

    Args:
        table: `ТаблСчФакт`.
        lines: what was read from it.
    """
    place = child(table, "ВсегоОпл")
    amounts = [line.amount_minor for line in lines]
    known = [amount for amount in amounts if amount is not None]
    made = sum(known) if lines and len(known) == len(amounts) else None
    flags = () if lines else (Flag.LINES_MISSING,)
    vat = _kopecks(_tax(child(place, "СумНалВсего")))
    told = said(place, "СтТовУчНалВсего")
    if not told:
        return made, vat, (*flags, Flag.TOTAL_MISSING)
    total = _kopecks(figure(told, _MOST_MONEY))
    return total, vat, flags if total is not None and total == made else (*flags, Flag.TOTAL_MISMATCH)


def _vat(row: Any) -> _Vat:
    place, spelt = child(row, "СумНал"), said(row, "НалСт")
    rate = rate_of(spelt)
    is_none = child(place, "БезНДС") is not None or (rate == 0 and not spelt.startswith("0"))
    return _Vat(None if is_none and rate == 0 else rate, _tax(place), is_none)


def _tax(place: Any) -> Decimal | None:
    """Of `СумНал` or `СумНалВсего`: it holds `СумНал`, `БезНДС` or `ДефНДС`, a dash."""
    inner = child(place, "СумНал")
    return None if inner is None else figure(inner.text or "", _MOST_MONEY)


def _sums(row: Any, vat: _Vat, qty: Decimal | None, price: Decimal | None) -> _Sums:
    """The cost without and with tax; of the two, and of quantity × price, one is enough to know the others."""
    net, gross = figure(said(row, "СтТовБезНДС"), _MOST_MONEY), figure(said(row, "СтТовУчНал"), _MOST_MONEY)
    if (said(row, "СтТовБезНДС") and net is None) or (said(row, "СтТовУчНал") and gross is None):
        return _Sums(net, gross)  # below zero, or no figure: nothing is made of that
    is_derived = False
    if net is None and gross is None and qty and price is not None and qty * price < _MOST_MONEY:
        net, is_derived = product(qty, price), True
    rate = vat.rate or 0
    if net is None and gross is not None:
        if vat.amount is not None and vat.amount <= gross:
            return _Sums(gross - vat.amount, gross)
        net = (gross * 100 / (100 + rate)).quantize(KOPECK, ROUND_HALF_UP)
        return _Sums(net, gross, is_derived=rate > 0)
    if gross is None and net is not None:
        if vat.amount is not None:
            return _Sums(net, net + vat.amount, is_derived)
        if rate:
            gross = (net * (100 + rate) / 100).quantize(KOPECK, ROUND_HALF_UP)
            return _Sums(net, gross, is_derived=True)
    return _Sums(net, gross, is_derived)


def _flags(row: Any, qty: Decimal | None, price: Decimal | None, sums: _Sums, vat: _Vat) -> tuple[Flag, ...]:
    inner = child(child(row, "СумНал"), "СумНал")
    is_tax_odd = inner is not None and vat.amount is None
    is_gross_odd = bool(said(row, "СтТовУчНал")) and sums.gross is None
    if not qty or price is None or sums.net is None or is_tax_odd or is_gross_odd:
        return (Flag.INCOMPLETE,)
    is_off = abs(product(qty, price) - sums.net) > max(KOPECK, qty * KOPECK / 2)  # a price is rounded to the kopeck
    if sums.gross is not None:
        is_off |= abs(sums.net + (vat.amount or 0) - sums.gross) > KOPECK and (vat.amount is not None or vat.is_none)
    return (Flag.ARITHMETIC_MISMATCH,) if is_off else ()


def _unit(row: Any) -> str:
    """By its name (5.01 keeps it with what else is told of the goods) or, where that is not a unit, by its code."""
    spelt = said(row, "НаимЕдИзм") or said(child(row, "ДопСведТов"), "НаимЕдИзм")
    known = unit_of(spelt)
    if known and known[1]:
        return known[0]
    code = said(row, "ОКЕИ_Тов")
    return OKEI.get(code) or OKEI.get(code.zfill(_OKEI_DIGITS)) or spelt


def _fine(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(_FINEST, ROUND_HALF_UP).normalize() + 0


def _kopecks(roubles: Decimal | None) -> int | None:
    return None if roubles is None else to_minor(roubles)
