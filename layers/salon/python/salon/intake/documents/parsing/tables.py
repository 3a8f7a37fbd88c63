"""Tables: a ruled one from its cells, another from the places of its words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from salon.intake.documents.parsing.figures import clean, digits_for, is_money
from salon.intake.documents.parsing.rows import Row, bounds, line_height, rows_of, text_in_order
from salon.intake.documents.parsing.words import Cell, Page, Word

_LETTERS = re.compile(r"[A-Za-zА-Яа-яЁё]{3,}")
_TOTAL = re.compile(r"^\W*(итог|всего|итого|ит[оo]г|bcero|сумма|к оплате|в том числе)", re.IGNORECASE)
_LEAST_COLUMNS = 3


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


def ruled_table(page: Page) -> Table | None:
    """The table with the most figures among the ruled cells; None when there is none."""
    bands = _bands(page.grid)
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
    for top, bottom in _gaps(bands, first):
        _add(table, _slots(page.words, columns, top, bottom, ()))
    table.rows.sort(key=lambda row: row[0].cell.top)
    return table if table.rows or table.totals else None


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
    """Whether it is a row of figures, of totals or of numbers of columns; put there then."""
    texts = [clean(slot.text) for slot in slots]
    if _is_numbers(texts):
        table.numbered = texts
        return True
    figures = sum(bool(re.search(r"\d", digits_for(text))) and len(re.sub(r"[^\d]", "", text)) > 0 for text in texts)
    money_like = sum(is_money(text) for text in texts)
    wordy = [text for text in texts if has_letters(text)]
    if any(is_total(text) for text in wordy) or (money_like and not wordy):
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
        own = next((cell for cell in band if abs(cell.left - left) < 14 and abs(cell.right - right) < 14), None)  # noqa: PLR2004
        cell = own or Cell(left, top, right, bottom)
        slots.append(Slot(cell, _within(words, cell)))
    return slots


def _place(page: Page, columns: Sequence[tuple[float, float]], top: float, bottom: float) -> list[str]:
    return [clean(slot.text) for slot in _slots(page.words, columns, top, bottom, ())]


def _is_numbering(page: Page, band: Sequence[Cell]) -> bool:
    return _is_numbers([clean(text_in_order(_within(page.words, cell))) for cell in band])


def _is_numbers(texts: Sequence[str]) -> bool:
    """«1 | 2 | 3 …», «А | 1 | 1а | 1б | 2 | 2а …»: at least five short marks that rise."""
    short = [text for text in texts if len(text) <= 3]  # noqa: PLR2004 - «10а»
    if len(texts) < 5 or len(short) < len(texts) - 1:  # noqa: PLR2004
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


def loose_table(page: Page, words: Sequence[Word] | None = None) -> Table | None:
    """A table without rules: columns are where the figures of its rows stand one below the other."""
    used = list(page.words if words is None else words)
    height = line_height(used)
    lines_of_words = rows_of(used, height)
    space = _space(lines_of_words, height)
    rows = [_joined(row, space) for row in lines_of_words]
    body = [row for row in rows if _figures_of(row) and sum(is_money(word.text) for word in row.words) >= 2]  # noqa: PLR2004 - price, sum
    lines = [row for row in body if not is_total(row.text)]
    if not lines:
        return None
    columns = _columns(lines, max(1.1 * height, 1.6 * space))
    if len(columns) < 2:  # noqa: PLR2004 - price and sum at least
        return None
    return _loose(page, rows, lines, columns, height)


def _loose(
    page: Page, rows: Sequence[Row], lines: Sequence[Row], columns: list[tuple[float, float]], height: float
) -> Table:
    spans = _with_text_columns(lines, columns)
    first, last = lines[0].middle, lines[-1].middle
    header = [row for row in rows if first - 7 * height < row.middle < first - 0.6 * height]
    table = Table(page.number, [""] * len(spans))
    above = [word for row in header for word in row.words]
    if above:
        table.headers = [
            text_in_order([word for word in above if min(word.right, right) - max(word.left, left) > 0.3 * word.width])
            for left, right in spans
        ]
    owned: list[list[Word]] = [list(line.words) for line in lines]
    reach = median([b.middle - a.middle for a, b in pairwise(lines)] or [2.2 * height])
    for row in rows:
        if any(row is line for line in lines) or not has_letters(row.text) or is_total(row.text):
            continue
        if not first - 0.9 * height <= row.middle <= last + min(1.7 * height, reach):
            continue
        if sum(is_money(word.text) for word in row.words) > 0 or row.cell.left > spans[-1][0]:
            continue
        nearest = min(range(len(lines)), key=lambda i: (abs(lines[i].middle - row.middle), i))
        if abs(lines[nearest].middle - row.middle) < 2.6 * height:
            owned[nearest].extend(row.words)
    for words in owned:
        cell = bounds(words)
        table.rows.append(_spread(words, spans, cell))
    for row in rows:
        if row.middle > first and is_total(row.text) and _figures_of(row):
            table.totals.append(_spread(list(row.words), spans, row.cell))
    return table


def _spread(words: list[Word], spans: Sequence[tuple[float, float]], cell: Cell) -> list[Slot]:
    slots = []
    for left, right in spans:
        own = tuple(word for word in words if left <= word.centre < right)
        slots.append(Slot(bounds(own) if own else Cell(left, cell.top, right, cell.bottom), own))
    return slots


def _figures_of(row: Row) -> list[Word]:
    return [word for word in row.words if re.fullmatch(r"[\d\s.,%\-]+", clean(digits_for(word.text)))]


def _space(rows: Sequence[Row], height: float) -> float:
    """How far apart words of one phrase stand: wide fonts have wide spaces."""
    gaps = [b.left - a.right for row in rows for a, b in pairwise(row.words)]
    near = [gap for gap in gaps if 0 < gap < 1.6 * height]
    return max(0.55 * height, median(near) if near else 0.0)


def _joined(row: Row, space: float) -> Row:
    """Thousands joined with what follows: «62» «400,00», only when the gap is small and kopecks end it."""
    words: list[Word] = []
    for word in row.words:
        last = words[-1] if words else None
        if last is not None and word.left - last.right < 1.4 * space and _continues(last.text, word.text):
            merged = last.union(word)
            words[-1] = Word(
                merged.left, merged.top, merged.right, merged.bottom,
                text=f"{last.text.strip(' |')} {word.text.strip(' |')}",
                confidence=min(last.confidence, word.confidence),
            )  # fmt: skip
        else:
            words.append(word)
    kept = []
    for word in words:  # a thousands group that no kopecks end is two words again
        parts = clean(word.text).split(" ")
        if len(parts) > 1 and not is_money(word.text):
            kept.extend(_split(word, parts))
        else:
            kept.append(word)
    return Row(tuple(kept))


def _continues(last: str, text: str) -> bool:
    """Whether the one is thousands or roubles, and the other what follows them."""
    if re.fullmatch(r"\d[\d ]*[.,]", last.strip(" |")):
        return bool(re.fullmatch(r"\d{2}", clean(text)))
    is_thousands = re.fullmatch(r"\d{1,3}(?: \d{3})*", clean(last))
    return bool(is_thousands and re.fullmatch(r"\d{3}(?:[.,\-](?:\d{2})?)?", text.strip(" |]}")))


def _split(word: Word, parts: Sequence[str]) -> list[Word]:
    length = sum(map(len, parts)) + len(parts) - 1
    at, words = 0, []
    for part in parts:
        left = word.left + word.width * at / length
        right = word.left + word.width * (at + len(part)) / length
        words.append(Word(left, word.top, right, word.bottom, text=part, confidence=word.confidence))
        at += len(part) + 1
    return words


def _columns(lines: Sequence[Row], apart: float) -> list[tuple[float, float]]:
    """Where figures of several rows overlap."""
    spans: list[list[Word]] = []
    figures = [word for line in lines for word in _apart(line, apart)]
    for word in sorted(figures, key=lambda word: word.right):
        for span in spans:
            cell = bounds(span)
            if min(cell.right, word.right) - max(cell.left, word.left) > 0.3 * min(cell.width, word.width):
                span.append(word)
                break
        else:
            spans.append([word])
    least = max(1, round(0.4 * len(lines)))
    cells = sorted((bounds(span) for span in spans if len(span) >= least), key=lambda cell: cell.left)
    return [(cell.left, cell.right) for cell in cells]


def _apart(line: Row, gap: float) -> list[Word]:
    """Figures that stand by themselves: «500» of «500 мл» is a part of a name."""
    apart = []
    for before, word in zip((None, *line.words), line.words, strict=False):
        is_figure = bool(re.fullmatch(r"[\d\s.,%\-]+", clean(digits_for(word.text))))
        if is_figure and (before is None or word.left - before.right > (0.72 * gap if is_money(word.text) else gap)):
            apart.append(word)
    return apart


def _with_text_columns(lines: Sequence[Row], figures: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Figure columns widened to the middle of the gaps, and text columns between them where words stand."""
    words = [word for line in lines for word in line.words]
    left = min(word.left for word in words) - 1
    right = max(word.right for word in words) + 1
    spans: list[tuple[float, float, bool]] = []
    at = left
    for start, end in figures:
        between = [word for word in words if at <= word.centre < start]
        if len(between) >= max(1, 0.3 * len(lines)):
            spans.append((at, start, False))
        spans.append((start, end, True))
        at = end
    if any(word.centre >= at for word in words):
        spans.append((at, right, False))
    edges = [left]
    for (_, end, _), (start, _, _) in pairwise(spans):
        edges.append((end + start) / 2)
    edges.append(right)
    return list(pairwise(edges))
