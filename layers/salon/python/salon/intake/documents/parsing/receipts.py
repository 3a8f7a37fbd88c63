"""Lines of a till's receipt: «2 x 150,00 = 300,00», with the name beside, above or below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from salon.intake.documents.domain import Box, Flag, LineRead, Read
from salon.intake.documents.parsing.counted import for_quantity
from salon.intake.documents.parsing.figures import Figure, digits_for, readings
from salon.intake.documents.parsing.judge import Evidence, judge
from salon.intake.documents.parsing.lines import Style, figures_of
from salon.intake.documents.parsing.names import Reread, box_of, certainty, name_of
from salon.intake.documents.parsing.rows import Row, bounds, line_height, rows_of
from salon.intake.documents.parsing.scripts import is_known
from salon.intake.documents.parsing.tables import has_letters, is_total
from salon.intake.documents.parsing.units import PIECE, unit_of
from salon.intake.documents.parsing.words import Cell, Hint, Page, Word
from salon.platform.money import to_minor

_NUMBER = r"(?:\d{1,3}(?: \d{3})+|\d+)(?:\s?[.,]\s?\d{1,3})?"
_TIMES = r"(?:[xхXХ×*]|(?<=\s)[°^\"'«»#+~©@&”“](?=\s))"
_PATTERN = re.compile(
    rf"(?P<a>{_NUMBER})\s*(?P<unit>[А-Яа-яA-Za-z]{{1,5}}\.?)?\s*{_TIMES}\s*[\-—]?\s*(?P<b>{_NUMBER})(?:\s*(?P<rest>.*))?$"
)
_PRICE_FIRST = re.compile(
    rf"(?P<a>(?:\d{{1,3}}(?: \d{{3}})+|\d+)\s?[.,]\s?\d{{2}})(?P<unit>)\s*{_TIMES}\s*(?P<b>\d{{1,4}}(?:[.,]\d{{3}})?)"
    r"(?:\s+(?P<rest>[=\s]*\d.*))?$"
)
_LETTER = re.compile(r"(?<!\S)\d{0,2}[зЗбБlI|SBВ](?=\s?(?i:шт|уп|фл|кг|мл|л|г)?\.?\s?[xхXХ×*]\s?\d)")
_AFTER = re.compile(r"(?<=\d\s[xхXХ×*])\s?[зЗбБlI|SBВ]\s?(?=(?:шт|уп|фл|кг|мл|бан|кор|кан|туб|рул|наб)\b)")
_UNIT_AFTER = re.compile(r"\W*([А-Яа-яЁёA-Za-z]{1,6})(?=[\s.=]+\S*\d)")
_SUM = re.compile(r"(\d[\d ]*[.,]\s?\d{2})\D{0,4}$")
_STOP = re.compile(
    r"^\W*(итог|всего|итого|к оплате|кассов|приход|чек\b|инн|смена|кассир|налич|безнал|сно\b|спасибо|место|адрес|сайт"
    r"|зн ккт"
    r"|рн ккт|фн\b|фд\b|фп\b|карт|оплат|скидк|ндс|сумма|в т\.?ч|наименование|электрон|получено|сдача|дата|товар\b)",
    re.IGNORECASE,
)
_TOTAL = re.compile(r"^\W*(итог|всего|к оплате|безнал|налич|картой)", re.IGNORECASE)
_TAX = re.compile(
    r"^\W*(?:[НHN][ДAАLЛOО][СC]\W*(?:\d{1,2}\s?%|не обл|$)"
    r"|[A-ZА-Я]{3}\W*(?:5|7|10|18|20|22)\s?(?:%\W*$|/\s?1(?:05|07|10|18|20|22)\b))",  # «НДС 22/122 =151.48»
    re.IGNORECASE,
)
_MARKED = re.compile(r"=\s?\d[\d ]*[.,]\s?\d{2}\W{0,2}$")
_NOISE = 0.35
_SURE_WORD = 0.6
_MONEY_STYLE = Style(kopecks=True, thousandths=False)


@dataclass(slots=True)
class _Found:
    row: int
    qty: str
    price: str
    total: str
    unit: str
    name: list[Word]
    figures: list[Word]
    is_either: bool = False  # nothing tells quantity from price


def receipt_lines(page: Page, reread: Reread | None) -> list[tuple[LineRead, Evidence]]:
    """The lines of a receipt, each with what it was made of; empty when the page is none."""
    height = line_height(page.words)
    rows = rows_of(page.words, height)
    found = _patterns(rows, height)
    if not found:
        return []
    _name_them(found, rows, height)
    return [_line(item, page, reread, n) for n, item in enumerate(found, 1)]


def _patterns(rows: Sequence[Row], height: float) -> list[_Found]:
    found = [item for i in range(len(rows)) if (item := _whole(rows, i))]
    torn = list(_torn_rows(rows, found, height))
    if not found or len(torn) <= len(found):  # else it is a table with a stray «75x150»
        found += torn
    found.sort(key=lambda item: item.row)
    _order(found)
    return found


def _whole(rows: Sequence[Row], i: int) -> _Found | None:
    """A row whose figures are all there."""
    row = rows[i]
    at, text = _indexed(row)
    text = _normal(text)
    match = _PRICE_FIRST.search(text) or _PATTERN.search(text)
    if (
        not match
        or is_total(text)
        or not (re.search(r"[.,]", match["b"] + match["a"]) or re.search(r"[.,]\d\d\W*$", match["rest"] or ""))
    ):
        return None
    rest = match["rest"] or ""
    total = _SUM.search(rest) or (_SUM.search(rows[i + 1].text) if not rest and i + 1 < len(rows) else None)
    if not total and not rest:
        return None
    start = match.start("a")
    name = [word for word, begin in at if begin + len(word.text) <= start]
    figures = [word for word, begin in at if begin + len(word.text) > start]
    qty, price = _which(match["a"], match["b"])
    return _Found(i, qty, price, total[1] if total else rest, _unit_in(match), name, figures)


def _unit_in(match: re.Match[str]) -> str:
    """The unit beside the quantity: before the sign, or after it where the price stands first."""
    after = _UNIT_AFTER.match(match["rest"] or "")
    return match["unit"] or (after[1] if after else "")


def _normal(text: str) -> str:
    """With what is often misread around the sign put right; every letter stays in its place."""
    text = re.sub(r"(?<=\d)(?![.,]\s\d{2}(?!\d))[:;)\]|.,](?=\s)", " ", text)  # specks
    for misread in (_LETTER, _AFTER):  # a digit beside the sign is read as a letter
        text = misread.sub(lambda found: digits_for(found[0]), text)
    return re.sub(r"(?<=\d\s[xх])[зЗ](?=\s\d{3}[.,])", "3", text)


def _torn_rows(rows: Sequence[Row], found: Sequence[_Found], height: float) -> Iterator[_Found]:
    """Rows that end with a sum where the others end, under a name, though the figures before could not be read."""
    whole = {item.row for item in found}
    marked = {i for i, row in enumerate(rows) if _MARKED.search(row.text) and _is_figures(row, row.text)}
    if not whole and len(marked) < 2:  # noqa: PLR2004 - one may be anything
        return
    edge = median(rows[i].cell.right for i in whole or marked)
    first, last_row = min(whole or marked), max(whole or marked)
    end = next((i for i in range(first + 1, len(rows)) if _TOTAL.match(rows[i].text)), last_row + 4)
    for i, row in enumerate(rows[:end]):
        if i in whole:
            continue
        text = _normal(row.text)
        if not whole and i not in marked:
            continue
        last = re.search(r"(?:^|[\s=])=?\s?(\d{1,3}(?: \d{3})+[.,]\s?\d{2}|\d+[.,]\s?\d{2})\W{0,2}$", text)
        if not last or abs(row.cell.right - edge) > 2 * height or not _is_figures(row, text):
            continue
        above = [word for other in rows[max(0, i - 4, *(k + 1 for k in whole if k < i)) : i] if not _ends_names(other)
                 for word in other.words]  # fmt: skip
        if not has_letters(" ".join(word.text for word in above)):
            continue
        pieces = re.findall(r"\d+[.,]\s?\d{1,3}", text[: last.start(1)])
        counted = re.match(r"\W*(\d{1,3}(?:[.,]\d{3})?)\s", text[: last.start(1)])
        price = pieces[-1] if pieces and (not counted or len(pieces) > 1 or pieces[-1] != counted[1]) else ""
        yield _Found(i, counted[1] if counted else "", price, last[1], "", [], list(row.words))


def _is_figures(row: Row, text: str) -> bool:
    """Whether a row holds no words, so that it is no name, no tax and no total."""
    sure = [word for word in row.words if word.confidence > _SURE_WORD and re.search("[А-Яа-яЁё]{4}", word.text)]
    return not sure and not is_total(text) and not _ends_names(row, with_sums=False)


def _order(found: Sequence[_Found]) -> None:
    """Where both figures have two decimals, the order is that of the lines in which only one of them has kopecks."""
    both = [item for item in found if all(re.search(r"[.,]\s?\d{2}$", text.strip()) for text in (item.qty, item.price))]
    odd = [(_has_kopecks(item.qty), _has_kopecks(item.price)) for item in both]
    price_first, price_second = odd.count((True, False)), odd.count((False, True))
    for item in both:
        if price_first > price_second:
            item.qty, item.price = item.price, item.qty
        item.is_either = bool(price_first) == bool(price_second)


def _has_kopecks(text: str) -> bool:
    return not text.strip().endswith("00")


def _which(first: str, second: str) -> tuple[str, str]:
    """Quantity and price: kopecks make a price, and three decimals a quantity."""
    price_first = re.search(r"[.,]\s?\d{2}$", first.strip()) and not re.search(r"[.,]\s?\d{2}$", second.strip())
    no_point = re.fullmatch(r"\d{4,}", first.strip()) and re.fullmatch(r"\d{1,3}", second.strip())
    return (second, first) if price_first or no_point else (first, second)


def _indexed(row: Row) -> tuple[list[tuple[Word, int]], str]:
    at, text = [], ""
    for word in row.words:
        at.append((word, len(text)))
        text += word.text + " "
    return at, text.rstrip()


def _name_them(found: list[_Found], rows: Sequence[Row], height: float) -> None:
    """Names stand above the figures, or beside them and go on below: the same on the whole receipt."""
    beside = sum(has_letters(" ".join(word.text for word in item.name)) for item in found) * 2 > len(found)
    for k, item in enumerate(found):
        if beside:
            end = found[k + 1].row if k + 1 < len(found) else min(len(rows), item.row + 3)
            edge = max((word.right for word in item.name), default=0.0) + 3 * height
            for row in rows[item.row + 1 : end]:
                if _ends_names(row) or row.cell.left > edge or row.middle - rows[item.row].middle > 4 * height:
                    break
                item.name.extend(_without_sums(row.words))
            continue
        start = found[k - 1].row + 1 if k else max(0, item.row - 4)
        above: list[Word] = []
        for row in reversed(rows[start : item.row]):
            if _is_speck(row, height):
                continue
            if _ends_names(row) and not _is_scrap(row, height):
                break
            above = [*row.words, *above]
            if re.match(r"^\W*\d{1,3}[.)]\s", row.text) and k == 0:
                break
        item.name = _without_sums([*above, *item.name])


def _is_speck(row: Row, height: float) -> bool:
    """Whether it is no row of text: a line of dashes is wider."""
    return not re.search(r"\w", row.text) and row.cell.width < 2 * height


def _is_scrap(row: Row, height: float) -> bool:
    """Whether it is a letter or two that did not fit into the row above, though hardly read: «г» of «500 г»."""
    return bool(re.fullmatch(r"[^\W\d_]{1,2}\W?", row.text)) and row.cell.width < 2 * height


def _without_sums(words: Sequence[Word]) -> list[Word]:
    """Without sums of other lines that stand in a row with a name when the paper is bent."""
    return [word for word in words if not re.fullmatch(r"=\s?\d[\d ]*[.,]?(?:\d\d)?", word.text)]


def _ends_names(row: Row, *, with_sums: bool = True) -> bool:
    """Whether a row is no part of a name.

    Args:
        row: which.
        with_sums: a row of nothing but sums is none, either.
    """
    is_word = any(len(word.text) >= 4 and is_known(word.text) for word in row.words)  # noqa: PLR2004 - «для»
    if len(row.words) > 2 and certainty(row.words) < _NOISE and not is_word:  # noqa: PLR2004 - asterisks read as letters
        return True
    letters = re.sub(r"[\W\d_]", "", row.text).lower()
    if len(letters) >= 10 and len(set(letters)) <= 5:  # noqa: PLR2004 - a line of asterisks or dashes
        return True
    if re.search(r"кассир|смена|\b\d\d[./]\d\d[./](?:20)?\d\d\b|\b\d\d:\d\d\b", row.text, re.IGNORECASE):
        return True
    if re.search(r"\d\s?%\D{0,3}[\d ]+[.,]\s?\d\d\W*$", row.text):  # the line's VAT
        return True
    return (
        bool(_STOP.match(row.text))
        or not (re.search(r"[A-Za-zА-Яа-яЁё0-9]{2}", row.text) or _is_rest(row))
        or bool(_TAX.match(row.text))
        or (with_sums and bool(re.fullmatch(r"[=\s\d.,]+", row.text) and re.search(r"[.,]\s?\d\d", row.text)))
    )


def _is_rest(row: Row) -> bool:
    """Whether it is the unit that did not fit into the row above: «м», «№1 8 г»."""
    return any(re.search(r"[^\W_]", word.text) and word.confidence > _SURE_WORD for word in row.words)


def _line(item: _Found, page: Page, reread: Reread | None, n: int) -> tuple[LineRead, Evidence]:
    texts = [(item.qty, item.price, item.total)]
    evidence = _evidence(texts, page)
    verdict = judge(evidence)
    units = [item.unit] if item.unit else []
    cell = bounds(item.figures)
    if reread and (verdict.flags or verdict.cost > 1):
        pad = 0.3 * cell.height
        [(text, _)] = reread(
            [(Cell(cell.left - 2 * pad, cell.top - pad, cell.right + 2 * pad, cell.bottom + pad), Hint.TEXT)]
        )
        text = _normal(text)
        match = _PRICE_FIRST.search(text) or _PATTERN.search(text)
        total = _SUM.search(match["rest"] or "") if match else None
        if match and total:
            texts.insert(0, (*_which(match["a"], match["b"]), total[1]))
            units.append(_unit_in(match))
            evidence = _evidence(texts, page)
            verdict = judge(evidence)
    if reread and not verdict.holds and (more := _digits_again(item, reread)):
        texts += more
        evidence = _evidence(texts, page)
        verdict = judge(evidence)
    around = bounds(item.name) if item.name else cell
    again = Cell(around.left - 6, around.top - 6, around.right + 6, around.bottom + 6)
    name = name_of(item.name, around, page, n, reread=reread if item.name else None, again=again)
    box = box_of(cell, page)
    weight = 0.97 if verdict.holds and not verdict.flags else 0.5
    line = LineRead(
        n=n,
        name=name,
        unit=for_quantity(_unit(units, verdict.qty, box), verdict.qty),
        qty=_read(verdict.qty, weight, box),
        price=_read(verdict.price, weight, box),
        sum_minor=Read(None if verdict.total is None else to_minor(verdict.total), weight, box),
        flags=(*verdict.flags, Flag.ALTERNATIVE_READING) if item.is_either else verdict.flags,
    )
    return line, evidence


def _unit(texts: Sequence[str], qty: Decimal | None, box: Box | None) -> Read[str]:
    """The unit that one of the readings says; pieces where none is printed.

    A single letter is a unit when it is one beyond doubt, or stands beside a weighed quantity.
    """
    is_weighed = qty is not None and qty != qty.to_integral_value()
    for text in texts:
        said = unit_of(text)
        if said and (said[1] or is_weighed or len(text.strip(".")) > 1):
            return Read(said[0], 0.8, box)
    return Read(PIECE, 0.6)


def _digits_again(item: _Found, reread: Reread) -> list[tuple[str, str, str]]:
    """Quantity and price before the sum, read as nothing but digits: the sign between them gets lost."""
    cell, last = bounds(item.figures), item.figures[-1]
    if last.left - cell.left < cell.height:
        return []
    left = Cell(cell.left - 6, cell.top - 4, last.left - 4, cell.bottom + 4)
    [(text, _)] = reread([(left, Hint.MONEY)])
    prices = re.findall(r"\d+[.,]\s?\d{2}(?!\d)", text)
    counts = re.findall(r"(?<![\d.,])\d{1,3}(?![\d.,])", text)
    return [(counts[0] if counts else "", price, item.total) for price in prices[:1]]


def _read(value: Decimal | None, weight: float, box: Box | None) -> Read[Decimal | None]:
    return Read(value, weight if value is not None else 0.0, box)


def _evidence(texts: Sequence[tuple[str, str, str]], page: Page) -> Evidence:
    def merged(index: int, *, is_quantity: bool) -> tuple[Figure, ...]:
        found: dict[Decimal, int] = {}
        for option in texts:
            bare = re.sub(r"(?<=[.,])\s|\s(?=[.,])", "", option[index])
            several = (
                readings(bare, is_quantity=True)
                if is_quantity
                else figures_of(bare, is_quantity=False, style=_MONEY_STYLE)
            )
            for figure in several:
                found[figure.value] = min(figure.cost, found.get(figure.value, 9))
        return tuple(Figure(value, cost) for value, cost in sorted(found.items(), key=lambda pair: pair[1]))

    return Evidence(
        merged(0, is_quantity=True), merged(1, is_quantity=False), merged(2, is_quantity=False), exact=page.is_exact
    )
