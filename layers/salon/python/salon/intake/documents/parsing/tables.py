"""Tables: what they are, and a ruled one from its cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from salon.intake.documents.parsing.figures import clean, digits_for, is_money
from salon.intake.documents.parsing.rows import line_height, rows_of, text_in_order
from salon.intake.documents.parsing.words import Cell, Page, Word

_LETTERS = re.compile(r"[A-Za-zА-Яа-яЁё]{3,}")
_TOTAL = re.compile(
    r"^\W*(итог|всего|ит[оo]г|bcero|сумма|в том числе)|\bк\s+оплате\b|\bпо\s+накладной\b|\bитого\b", re.IGNORECASE
)
_TITLES = (
    re.compile(r"наимен|товар", re.IGNORECASE),
    re.compile(r"кол[\s\-.]*в|коли|\bкол\b", re.IGNORECASE),
    re.compile(r"цена|тариф", re.IGNORECASE),
    re.compile(r"сумм|стоим", re.IGNORECASE),
)
_CROSSED = re.compile(r"[xхXХ×]{1,2}")
_LEAST_COLUMNS = 3
_LEAST_TITLES = 3


@dataclass(frozen=True, slots=True)
class Slot:
    """One cell of a table and what was read in it."""

    cell: Cell
    words: tuple[Word, ...] = ()

    @property
    def text(self) -> str:
        """In reading order."""
        return text_in_order(self.words)

    @property
    def confidence(self) -> float:
        """Of its least certain word; 0 for an empty one."""
        return min((word.confidence for word in self.words), default=0.0)


@dataclass(slots=True)
class Table:
    """Rows of equal length, and what stands above them.

    Attributes:
        page: number of the page.
        headers: text above each column.
        rows: those that hold figures.
        totals: rows that sum up.
        numbered: what the form's own numbers of columns («1», «1а», «2») say, by column.
        is_ruled: whether the cells are those on paper, so each can be read again by itself.
        weak: ruled rows among the others in which hardly anything was read.
    """

    page: int
    headers: list[str]
    rows: list[list[Slot]] = field(default_factory=list)
    totals: list[list[Slot]] = field(default_factory=list)
    numbered: list[str] = field(default_factory=list)
    is_ruled: bool = False
    weak: list[list[Slot]] = field(default_factory=list)

    @property
    def width(self) -> int:
        """Columns."""
        return len(self.headers)


def has_letters(text: str) -> bool:
    """Whether there is a word in it."""
    return bool(_LETTERS.search(text))


def is_total(text: str) -> bool:
    """Whether a row says of itself that it sums up."""
    return bool(_TOTAL.match(text))


def are_titles(texts: Sequence[str]) -> bool:
    """Whether cells are titles of columns: three of the four of any invoice stand side by side, and no money."""
    titled = sum(any(title.search(text) for text in texts) for title in _TITLES)
    return titled >= _LEAST_TITLES and not any(is_money(text) for text in texts)


def ruled_table(page: Page) -> Table | None:
    """The table with the most figures among the ruled cells; None when there is none."""
    bands = [part for band in _bands(page.grid) for part in _parted(page, band)]
    shapes = Counter(len(band) for band in bands if len(band) >= _LEAST_COLUMNS)
    moneyed = [band for band in bands if _money_cells(page, band)]
    widths = Counter(len(band) for band in moneyed if len(band) >= _LEAST_COLUMNS) or shapes
    if not widths:
        return None
    width = max(widths, key=lambda count: (widths[count], count))
    model = [band for band in (moneyed or bands) if len(band) == width]
    columns = [(median(band[i].left for band in model), median(band[i].right for band in model)) for i in range(width)]
    columns = _without_folds(columns, page.words, model)
    first = min(band[0].top for band in (moneyed or model) if len(band) >= width // 2)
    table = Table(page.number, _headers(page, columns, first, bands), is_ruled=True)
    for band in bands:
        top, bottom = min(cell.top for cell in band), max(cell.bottom for cell in band)
        if bottom <= first - 2 or not _overlaps(band, columns):
            if len(band) >= width - 1 and _is_numbering(page, band):
                table.numbered = _place(page, columns, top, bottom)
            continue
        slots = _slots(page.words, columns, top, bottom, band)
        if not _add(table, slots) and len(band) >= width - 1 and top >= first - 2:
            table.weak.append(slots)
    for top, bottom in (*_above(page, columns, bands, first), *_gaps(bands, first)):
        _add(table, _slots(page.words, columns, top, bottom, ()))
    table.rows = _without_doubles(sorted(table.rows, key=lambda row: row[0].cell.top))
    return table if table.rows or table.totals else None


def _without_doubles(rows: Sequence[list[Slot]]) -> list[list[Slot]]:
    """A fold makes two bands of one row: words stand in one row only, in that which has most of them."""
    kept: list[tuple[list[Slot], set[int]]] = []
    for row in rows:
        words = {id(word) for slot in row for word in slot.words}
        double = next((i for i, (_, own) in enumerate(kept) if len(own & words) * 2 > min(len(own), len(words))), None)
        if double is None:
            kept.append((row, words))
        elif len(words) > len(kept[double][1]):
            kept[double] = (row, words)
    return [row for row, _ in kept]


def _without_folds(
    columns: list[tuple[float, float]], words: Sequence[Word], model: Sequence[Sequence[Cell]]
) -> list[tuple[float, float]]:
    """A fold of the paper looks like a rule; but words run across it, which they never do across a rule."""
    top, bottom = min(band[0].top for band in model), max(band[0].bottom for band in model)
    inside = [word for word in words if top <= word.middle <= bottom and len(word.text) > 2]  # noqa: PLR2004 - marks do
    kept = [columns[0]]
    for left, right in columns[1:]:
        edge = (kept[-1][1] + left) / 2
        across = sum(word.left < edge - 10 and word.right > edge + 10 and has_letters(word.text) for word in inside)
        if across >= max(2, 0.3 * len(model)):
            kept[-1] = (kept[-1][0], right)
        else:
            kept.append((left, right))
    return kept


def _add(table: Table, slots: list[Slot]) -> bool:
    """Whether it is a row of figures, of totals, of titles or of numbers of columns; put there then."""
    texts = [clean(slot.text) for slot in slots]
    if are_titles(texts):
        if not are_titles(table.headers):
            table.headers = texts
        return True
    if _is_numbers(texts):
        table.numbered = texts
        return True
    figures = sum(bool(re.search(r"\d", digits_for(text))) and len(re.sub(r"[^\d]", "", text)) > 0 for text in texts)
    money_like = sum(is_money(text) for text in texts)
    wordy = [text for text in texts if has_letters(text)]
    crossed = any(_CROSSED.fullmatch(text) for text in texts)  # what cannot be summed up is crossed out
    if any(is_total(text) for text in (*wordy, " ".join(texts))) or (money_like and (crossed or not wordy)):
        table.totals.append(slots)
    elif money_like or (figures >= 3 and wordy):  # noqa: PLR2004 - number, quantity, and one more
        table.rows.append(slots)
    else:
        return False
    return True


def _bands(cells: Sequence[Cell]) -> list[list[Cell]]:
    """Cells side by side, with equal tops and bottoms."""
    bands: list[list[Cell]] = []
    for cell in sorted(cells, key=lambda cell: cell.left):
        for band in bands:
            last = band[-1]
            near = max(9.0, 0.36 * min(cell.height, last.height))
            if (
                abs(last.top - cell.top) <= near
                and abs(last.bottom - cell.bottom) <= near
                and cell.left > last.right - 6
            ):
                band.append(cell)
                break
        else:
            bands.append([cell])
    return sorted(bands, key=lambda band: band[0].top)


def _parted(page: Page, band: list[Cell]) -> list[list[Cell]]:
    """A band without rules between its rows of goods, cut into them; itself where it holds one.

    Each row has money in the last cells. A name begins beside its figures, or ends beside them, or is centred on them.
    """
    if len(band) < _LEAST_COLUMNS:
        return [band]
    inside = [_within(page.words, cell) for cell in band]
    money = [rows_of([word for word in words if is_money(word.text)]) for words in inside]
    counted = [rows for rows in money if len(rows) > 1]
    if len(counted) < 2:  # noqa: PLR2004 - price, sum
        return [band]
    rows = max(counted, key=len)
    words = [word for words in inside for word in words if has_letters(word.text)]
    height = line_height(page.words)
    if not words:
        return [band]
    middles = [row.middle for row in rows]
    near = 0.6 * height
    if abs(min(word.middle for word in words) - middles[0]) < near:
        edges = [min(word.top for word in row.words) - 0.15 * height for row in rows[1:]]
    elif abs(max(word.middle for word in words) - middles[-1]) < near:
        edges = [max(word.bottom for word in row.words) + 0.15 * height for row in rows[:-1]]
    else:
        edges = [(one + other) / 2 for one, other in pairwise(middles)]
    top, bottom = min(cell.top for cell in band), max(cell.bottom for cell in band)
    return [
        [Cell(cell.left, first, cell.right, last) for cell in band] for first, last in pairwise((top, *edges, bottom))
    ]


def _within(words: Sequence[Word], cell: Cell) -> tuple[Word, ...]:
    return tuple(
        word for word in words if cell.left <= word.centre <= cell.right and cell.top <= word.middle <= cell.bottom
    )


def _money_cells(page: Page, band: Sequence[Cell]) -> int:
    return sum(is_money(text_in_order(_within(page.words, cell))) for cell in band)


def _overlaps(band: Sequence[Cell], columns: Sequence[tuple[float, float]]) -> bool:
    left, right = columns[0][0], columns[-1][1]
    return min(band[-1].right, right) - max(band[0].left, left) > 0.25 * (right - left)


def _slots(
    words: Sequence[Word], columns: Sequence[tuple[float, float]], top: float, bottom: float, band: Sequence[Cell]
) -> list[Slot]:
    slots = []
    for left, right in columns:
        own = next((cell for cell in band if abs(cell.left - left) < 14 and abs(cell.right - right) < 14), None)  # noqa: PLR2004 - pixels
        cell = own or Cell(left, top, right, bottom)
        slots.append(Slot(cell, _within(words, cell)))
    return slots


def _place(page: Page, columns: Sequence[tuple[float, float]], top: float, bottom: float) -> list[str]:
    return [clean(slot.text) for slot in _slots(page.words, columns, top, bottom, ())]


def _is_numbering(page: Page, band: Sequence[Cell]) -> bool:
    return _is_numbers([clean(text_in_order(_within(page.words, cell))) for cell in band])


def _is_numbers(texts: Sequence[str]) -> bool:
    """«1 | 2 | 3 …», «А | 1 | 1а | 1б | 2 | 2а …»: at least five short marks that rise, and no name among them."""
    short = [text for text in texts if len(text) <= 3]  # noqa: PLR2004 - «10а»
    if len(texts) < 5 or len(short) < len(texts) - 1 or any(map(has_letters, texts)):  # noqa: PLR2004 - as said above
        return False
    values = [int(match[0]) for text in texts if (match := re.match(r"\d+", text))]
    return len(values) >= max(4, len(texts) // 2) and sum(a <= b for a, b in pairwise(values)) >= (len(values) - 2)


def _headers(
    page: Page, columns: Sequence[tuple[float, float]], first: float, bands: Sequence[Sequence[Cell]]
) -> list[str]:
    """What stands above each column, within the table."""
    tops = [cell.top for band in bands for cell in band if cell.bottom <= first + 4]
    start = min((top for top in tops if top > first - 0.3 * page.height), default=first - 6 * line_height(page.words))
    above = [cell for band in bands for cell in band if cell.top >= start - 2 and cell.bottom <= first + 6]
    headers = []
    for left, right in columns:
        centre = (left + right) / 2
        own = [cell for cell in above if cell.left - 4 <= centre <= cell.right + 4]
        if own:
            headers.append(" ".join(text_in_order(_within(page.words, cell)) for cell in own))
        else:
            headers.append(text_in_order(_within(page.words, Cell(left, start, right, first))))
    return headers


def _above(
    page: Page, columns: Sequence[tuple[float, float]], bands: Sequence[Sequence[Cell]], first: float
) -> list[tuple[float, float]]:
    """The first row of goods, where a fold took its rules and it was found in one cell with the headers."""
    typical = median([band[0].height for band in bands if band[0].top >= first - 2] or [0.0])
    cell = Cell(columns[0][0], first - 1.2 * typical, columns[-1][1], first)
    inside = _within(page.words, cell)
    if sum(is_money(word.text) for word in inside) < 2:  # noqa: PLR2004 - price, sum
        return []
    return [(min(word.top for word in inside) - 2, first)]


def _gaps(bands: Sequence[Sequence[Cell]], first: float) -> list[tuple[float, float]]:
    """Stretches of a table where no cells were found: their rules were broken."""
    spans = sorted((min(cell.top for cell in band), max(cell.bottom for cell in band)) for band in bands)
    heights = [bottom - top for top, bottom in spans if top >= first - 2]
    if not heights:
        return []
    typical = median(heights)
    gaps: list[tuple[float, float]] = []
    end: float | None = None
    for top, bottom in spans:
        if end is not None and top >= first and typical * 0.7 < top - end < typical * 2.5:
            gaps.append((end, top))
        end = bottom if end is None else max(end, bottom)
    return gaps
