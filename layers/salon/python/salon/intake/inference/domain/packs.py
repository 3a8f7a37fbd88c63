"""The grammar of volumes and packs: «60 мл», «12х60мл», «уп. 100 шт», «50 пар», «0,5 кг», «№50».

A number counts only with a unit of volume, weight or pieces beside it. Shades («8/1»), percentages, sizes («30х40 см»)
and powers have none, and stay in the name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from salon.intake.inference.domain.values import BaseUnit

_DIGITS = r"[0-9ОоOoЗзlI|бQ]"
_AMOUNT = rf"(?:(?<!№)(?<!№ )(?:1 [05]00|\d{{1,2}} 000)|{_DIGITS}{{1,6}})(?:[.,]{_DIGITS}{{1,3}})?"
_NUMBER = rf"(?<![\w.,%+-])(?<!\d/){_AMOUNT}"
_GLUED = r"(?<=[A-Za-zА-Яа-я]{3})\d{1,4}(?:[.,]\d{1,2})?"
_COUNT = r"(?<![\w.,+-])(?<!\d/)[0-9ОоOoЗзlIб]{1,5}"
_END = r"(?![\w])\.?"
_UNITS: tuple[tuple[str, BaseUnit, str], ...] = (
    (r"мл|ml|mл|мl|милл?илитр\w*|мп|мn|ил|нл|м[ij1]л|ми\b", BaseUnit.MILLILITRE, "1"),
    (r"кг|kg|кr|kг|[кk]i?г|килограмм\w*", BaseUnit.GRAM, "1000"),
    (r"литр\w*|л|l|lt|ltr", BaseUnit.MILLILITRE, "1000"),
    (r"грамм\w*|гр|г|gr|g|rp|гp|r", BaseUnit.GRAM, "1"),
)
_MEASURE = "|".join(f"(?:{words})" for words, _, _ in _UNITS)
_PIECES = r"штук\w*|шт|pcs|wt|шг|шm|um|[mwщм]т"
_HOLDERS = (
    r"амп(?:ул\w*)?|капс(?:ул\w*)?|саше|флак\w*|фл|туб\w*|пакет\w*|банок|банк\w*|доз\w*|стик\w*|монодоз\w*|"
    r"бут(?:ыл\w*)?"
)
_SINGLES = r"лист(?:ов|а)?|салфет\w*|таб(?:л|лет\w*)?|патч\w*|спонж\w*|полос\w*"
_PAIRS = r"пары|пара|пар"
_BOXES = (
    r"уп(?:ак\w*)?|кор(?:об\w*)?|пачк\w*|пач|бл(?:ок\w*)?|рул(?:он\w*)?|наб(?:ор\w*)?|кейс\w*|ящ(?:ик\w*)?|pack|box"
)
_TIMES = r"\s*(?:[xх×*]|по)\s*"
_I = re.IGNORECASE

_MANY_OF_VOLUME = re.compile(
    rf"({_COUNT})\s*(?:(?:{_PIECES}|{_HOLDERS}|{_BOXES}){_END}\s*)?(?:[xх×*]|по)\s*"
    rf"({_AMOUNT})\s*({_MEASURE}){_END}",
    _I,
)
_VOLUME_BY_MANY = re.compile(
    rf"({_NUMBER})\s*({_MEASURE}){_END}\s*[xх×*]\s*({_DIGITS}{{1,4}})(?![\w,.]?\d)(?!\s*(?:см|мм|м)\b)"
    rf"(?:\s*(?:{_PIECES}|{_HOLDERS}){_END})?",
    _I,
)
_PACKS_OF_PIECES = re.compile(
    rf"({_COUNT})\s*(?:{_BOXES}){_END}{_TIMES}({_DIGITS}{{1,5}})\s*({_PIECES}|{_PAIRS}|{_SINGLES}){_END}", _I
)
_VOLUME = re.compile(rf"({_NUMBER}|{_GLUED})\s*[|_.-]?\s*({_MEASURE}){_END}(?!\s*/\s*(?:мин|час|кг|м)\b)", _I)
_BOXED = re.compile(
    rf"(?:в\s+)?(?:{_BOXES})(?:\.|\b)\s*[/:=-]?\s*(?:по\s+)?({_DIGITS}{{1,5}})(?![\w,.]?\d)"
    rf"(?!\s*(?:(?:{_MEASURE}|см|мм|м|%){_END}|[xх×*]\s*\d))"
    rf"(?:\s*({_PIECES}|{_PAIRS}|{_SINGLES}|{_HOLDERS}){_END})?",
    _I,
)
_PIECES_BOXED = re.compile(
    rf"({_COUNT})\s*({_PIECES}|{_PAIRS}|{_SINGLES}|{_HOLDERS})?\.?\s*(?:/|\sв\s|\bв\s)\s*(?:{_BOXES})(?:\.|\b)", _I
)
_COUNTED = re.compile(rf"({_COUNT})\s*(?:({_PAIRS})|({_HOLDERS})|{_PIECES}|{_SINGLES}){_END}", _I)
_NUMBERED = re.compile(r"(?:№|N[oо°]?\.?)\s?(\d{2,4})(?![\w/.,-]*\d)")
_FIXED = str.maketrans({"О": "0", "о": "0", "O": "0", "o": "0", "Q": "0", "З": "3", "з": "3", "l": "1", "I": "1",
                        "|": "1", "б": "6"})  # fmt: skip
_MOST_LITRES = 50
_YEARS = range(2015, 2041)


@dataclass(frozen=True, slots=True)
class Pack:
    """What a name says about how much there is.

    Attributes:
        unit: of `quantity`; None where the name says nothing.
        quantity: base units in one pack.
        packs: how many of them are sold together («12×60 мл»).
        boxed: how many are in a box, where the box may not be what is invoiced («60 мл (12 шт/кор)»); else None.
        numbered: N of «№N», a count only for things that are sold by number.
        is_sure: false where there is a second reading.
        spans: where it stands in the text.
    """

    unit: BaseUnit | None = None
    quantity: Decimal | None = None
    packs: int = 1
    boxed: int | None = None
    numbered: int | None = None
    is_sure: bool = True
    spans: tuple[tuple[int, int], ...] = ()


def read_pack(text: str) -> Pack:
    """Read what is in one selling unit; the first way of saying it that fits decides."""
    pack = _read(text)
    return replace(pack, spans=_merged(pack.spans))


def without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with a blank in the place of each span; they are in order and apart, as `Pack.spans` are."""
    for start, end in reversed(spans):
        text = f"{text[:start]} {text[end:]}"
    return text


def _merged(spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _read(text: str) -> Pack:
    if many := _read_many(text):
        return many
    volumes = _volumes(text)
    rest = _blanked(text, [span for _, _, span in volumes])
    boxed = _boxed(rest)
    if volumes:
        return _with_volume(text, rest, volumes, boxed)
    if found := _PACKS_OF_PIECES.search(text):
        packs, count = _whole(found[1]), _whole(found[2])
        if packs and count:
            return Pack(BaseUnit.PIECE, Decimal(count * _pair(found[3])), packs, spans=(found.span(),))
    if boxed:
        count, span = boxed
        return Pack(BaseUnit.PIECE, Decimal(count), spans=(span, *_echoes(rest, count)))
    counts = [(_counted(found), found.span()) for found in _COUNTED.finditer(text) if _whole(found[1])]
    if counts:
        values = {count for count, _ in counts}
        return Pack(
            BaseUnit.PIECE, Decimal(counts[0][0]), is_sure=len(values) == 1, spans=tuple(span for _, span in counts)
        )
    if found := _NUMBERED.search(text):
        return Pack(numbered=int(found[1]), spans=(found.span(),))
    return Pack()


def _read_many(text: str) -> Pack | None:
    if found := _MANY_OF_VOLUME.search(text):
        packs, amount = _whole(found[1]), _amount(found[2], found[3])
    elif found := _VOLUME_BY_MANY.search(text):
        packs, amount = _whole(found[3]), _amount(found[1], found[2])
    else:
        return None
    if not packs or amount is None:
        return None
    return Pack(amount[0], amount[1], packs, spans=(found.span(),))


def _with_volume(
    text: str,
    rest: str,
    volumes: list[tuple[BaseUnit, Decimal, tuple[int, int]]],
    boxed: tuple[int, tuple[int, int]] | None,
) -> Pack:
    spans = [span for _, _, span in volumes]
    by_unit: dict[BaseUnit, set[Decimal]] = {}
    for unit, quantity, _ in volumes:
        by_unit.setdefault(unit, set()).add(quantity)
    if len(by_unit[volumes[0][0]]) > 1 or "+" in text[spans[0][1] : spans[-1][0]]:
        return Pack(BaseUnit.PIECE, Decimal(1), is_sure=False)  # a kit: its volumes belong to its name
    unit, quantity, _ = volumes[0]
    if boxed:
        return Pack(unit, quantity, boxed=boxed[0], spans=(*spans, boxed[1]))
    counted = next((found for found in _COUNTED.finditer(rest) if _whole(found[1])), None)
    if counted is None:
        return Pack(unit, quantity, is_sure=len(by_unit) == 1, spans=tuple(spans))
    if counted[3]:  # «10 ампул, 5 мл» is ten times five
        return Pack(unit, quantity, _whole(counted[1]) or 1, spans=(*spans, counted.span()))
    return Pack(unit, quantity, boxed=_counted(counted), is_sure=False, spans=(*spans, counted.span()))


def _volumes(text: str) -> list[tuple[BaseUnit, Decimal, tuple[int, int]]]:
    found = []
    for one in _VOLUME.finditer(text):
        amount = _amount(one[1], one[2])
        if amount is not None:
            found.append((*amount, one.span()))
    return found


def _boxed(text: str) -> tuple[int, tuple[int, int]] | None:
    for pattern in (_PIECES_BOXED, _BOXED):
        for found in pattern.finditer(text):
            count = _whole(found[1])
            if count:
                return count * _pair(found[2]), found.span()
    return None


def _echoes(text: str, count: int) -> list[tuple[int, int]]:
    """Where the same count is said again: «100 шт/уп (50 пар)»."""
    return [found.span() for found in _COUNTED.finditer(text) if _whole(found[1]) and _counted(found) == count]


def _amount(number: str, unit: str) -> tuple[BaseUnit, Decimal] | None:
    value = _decimal(number)
    if value is None or value <= 0:
        return None
    for words, base, times in _UNITS:
        if re.fullmatch(words, unit, _I):
            if words.startswith("литр") and value > _MOST_LITRES:  # «100 л» are sheets
                return None
            if base is BaseUnit.GRAM and times == "1" and value in _YEARS and not number.endswith("0"):
                return None  # «2026 г.» is a year
            return base, (value * Decimal(times)).quantize(Decimal("0.0001")).normalize() + 0
    return None


def _decimal(number: str) -> Decimal | None:
    if not any(letter.isdigit() for letter in number) and len(number) < 2:  # noqa: PLR2004 - a lone «о» is a letter
        return None
    plain = number.translate(_FIXED).replace(" ", "").replace(",", ".")
    return Decimal(plain) if re.fullmatch(r"\d+(?:\.\d+)?", plain) else None


def _whole(number: str) -> int | None:
    value = _decimal(number)
    return int(value) if value is not None and value > 0 and value == value.to_integral_value() else None


def _counted(found: re.Match[str]) -> int:
    return (_whole(found[1]) or 0) * (2 if found[2] else 1)


def _pair(word: str | None) -> int:
    return 2 if word and re.fullmatch(_PAIRS, word, _I) else 1


def _blanked(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text
