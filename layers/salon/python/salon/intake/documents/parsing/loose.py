"""A table without rules: columns are where the figures of its rows stand one below the other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from math import inf
from statistics import median

from salon.intake.documents.parsing.barred import counted_apart, without_bars
from salon.intake.documents.parsing.figures import clean, digits_for, is_money
from salon.intake.documents.parsing.rows import Row, bounds, line_height, rows_of, text_in_order
from salon.intake.documents.parsing.tables import Slot, Table, has_letters, is_total
from salon.intake.documents.parsing.units import unit_of
from salon.intake.documents.parsing.words import Cell, Page, Word

_WIDE = 1.9
_CLOSER = 0.85
_NEARER = 0.97
_NAME_ROWS = 3.2  # heights of a line: how far the third row of a name is from the first
_LONGEST = 5.4  # the fourth row, where it is sure whose it is
_VOLUME = re.compile(r"\d\s?[A-Za-zА-Яа-я]{1,3}\.?$")  # «12х10мл», «100 шт»: the last row of a name
_ROWS_ABOVE = 6.0  # heights of a line: where a first row may stand of which no sum was read


def loose_table(page: Page, words: Sequence[Word] | None = None) -> Table | None:
    """A table without rules: columns are where the figures of its rows stand one below the other."""
    used = _slim(page.words if words is None else words)
    height = line_height(used)
    used, bars = without_bars(used, height) if not page.grid else (used, [])
    used = counted_apart(used, height)
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
    lines = sorted([*lines, *_half_read(rows, lines, columns, height)], key=lambda row: row.middle)
    spans = max(_with_text_columns(lines, columns), _between(bars, lines, columns), key=len)
    return _loose(page, rows, lines, spans, height)


def _between(
    bars: Sequence[float], lines: Sequence[Row], columns: Sequence[tuple[float, float]]
) -> list[tuple[float, float]]:
    """The columns that bars part, where words stand in them; none without bars. Between figures a bar may be lost."""
    if not bars:
        return []
    words = [word for line in lines for word in line.words]
    gaps = [(end, start) for (_, end), (start, _) in pairwise(columns)]
    lost = [(end + start) / 2 for end, start in gaps if not any(end - 6 < bar < start + 6 for bar in bars)]
    edges = [-inf, *sorted([*bars, *lost]), inf]
    spans = [(left, right) for left, right in pairwise(edges) if any(left <= word.centre < right for word in words)]
    left, right = min(word.left for word in words) - 1, max(word.right for word in words) + 1
    return [(max(start, left), min(end, right)) for start, end in spans]


def _slim(words: Sequence[Word]) -> list[Word]:
    """Figures whose place reaches into the next column put back to the width that their digits have elsewhere."""
    digits = [word.width / len(word.text) for word in words if re.fullmatch(r"\d[\d.,\-]{2,}", word.text)]
    usual = median(digits) if digits else 0.0
    return [
        replace(word, right=word.left + usual * len(word.text))
        if re.fullmatch(r"\d[\d.,\-]{2,}", word.text) and word.width > _WIDE * usual * len(word.text)
        else word
        for word in words
    ]


def _half_read(
    rows: Sequence[Row], lines: Sequence[Row], columns: Sequence[tuple[float, float]], height: float
) -> list[Row]:
    """Rows of goods of which one figure was misread: something stands in each of three columns.

    The last has a sum, or it and two others have digits («6 | 546,22 | В 27/32»). The first row may be such a one.
    """
    found = []
    end = _end(rows, lines)
    for row in rows:
        if any(row is line for line in lines) or is_total(row.text) or not has_letters(row.text):
            continue
        if row.middle < lines[0].middle - _ROWS_ABOVE * height:
            continue
        filled = [
            [word for word in row.words if min(word.right, right) - max(word.left, left) > 0.3 * word.width]
            for left, right in columns
        ]
        has_sum = any(is_money(word.text) for word in filled[-1]) and row.middle > lines[0].middle
        digits = [words for words in filled[-3:] if any(re.search(r"\d", word.text) for word in words)]
        is_numbered = row.middle < end and _is_number(filled[0]) and row.words[0] is filled[0][0]
        if len(digits) >= 3 or (has_sum and (is_numbered or sum(bool(words) for words in filled) >= 3)):  # noqa: PLR2004 - quantity, price, sum
            found.append(row)
    return found


def _end(rows: Sequence[Row], lines: Sequence[Row]) -> float:
    """Where the totals begin."""
    return min((row.middle for row in rows if row.middle > lines[-1].middle and is_total(row.text)), default=inf)


def _is_number(words: Sequence[Word]) -> bool:
    """Whether it is the number of a row: «8.», «12»."""
    return len(words) == 1 and bool(re.fullmatch(r"\W*\d{1,3}\W{0,2}", words[0].text))


def _loose(
    page: Page, rows: Sequence[Row], lines: Sequence[Row], spans: list[tuple[float, float]], height: float
) -> Table:
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
    unread = _unread(rows, lines, spans, height)
    used = [*lines, *unread]
    more = [row for row in rows if not any(row is line for line in used) and _goes_on(row, spans[-1][0])]
    more = [row for row in more if first - 0.9 * height <= row.middle <= last + min(1.7 * height, reach)]
    are_above = _stand_above(lines, more)
    for row in more:
        over = sum(line.middle < row.middle for line in lines) - 1
        owner = over if are_above and over >= 0 else _owner(row, lines, more)
        if abs(lines[owner].middle - row.middle) < (_LONGEST if are_above else _NAME_ROWS) * height:
            owned[owner].extend(row.words)
    for words in owned:
        cell = bounds(words)
        table.rows.append(_spread(words, spans, cell))
    table.weak = [_spread(list(row.words), spans, row.cell) for row in unread]
    for row in rows:
        if row.middle > first and is_total(row.text) and _figures_of(row):
            table.totals.append(_spread(list(row.words), spans, row.cell))
    return table


def _unread(
    rows: Sequence[Row], lines: Sequence[Row], spans: Sequence[tuple[float, float]], height: float
) -> list[Row]:
    """Numbered rows of goods of which no figure was read: under a stamp, in the shade of a fold."""
    left, right = spans[0]
    numbered = sum(_is_number([word for word in line.words if left <= word.centre < right]) for line in lines)
    if len(spans) < 4 or numbered * 2 < len(lines):  # noqa: PLR2004 - number, name, price, sum
        return []
    end = _end(rows, lines)
    return [
        row for row in rows
        if not any(row is line for line in lines) and not is_total(row.text) and has_letters(row.text)
        and lines[0].middle - _ROWS_ABOVE * height < row.middle < min(end, lines[-1].middle + _ROWS_ABOVE * height)
        and re.fullmatch(r"\W*\d{1,3}\W{0,2}", digits_for(row.words[0].text))
        and left - 2 * height < row.words[0].centre < right
        and not any(is_money(word.text) for word in row.words)
    ]  # fmt: skip


def _goes_on(row: Row, sums: float) -> bool:
    """Whether a row without figures may belong to a name: it has words, or a unit alone, left of the sums."""
    is_named = has_letters(row.text) or unit_of(clean(row.text)) or _VOLUME.search(row.text)
    if is_total(row.text) or not is_named or row.cell.left > sums:
        return False
    return not any(is_money(word.text) and word.centre > sums for word in row.words)  # «9.16» is a shade


def _stand_above(lines: Sequence[Row], more: Sequence[Row]) -> bool:
    """Whether figures stand beside the first row of their name: it goes on below, nearer to it than to the next."""
    ordered = sorted([*lines, *more], key=lambda each: each.middle)
    before = after = nearer = 0
    for one, row, other in zip(ordered, ordered[1:], ordered[2:], strict=False):
        if any(row is each for each in more):
            above, below = row.middle - one.middle, other.middle - row.middle
            before += above < _NEARER * below
            after += below < _NEARER * above
            nearer += below < _CLOSER * above
    if not more or more[0].middle <= lines[0].middle:
        return False
    return (before > 0 and before >= 3 * after) or (not nearer and more[-1].middle > lines[-1].middle)


def _owner(row: Row, lines: Sequence[Row], more: Sequence[Row]) -> int:
    """Whose name goes on in a row: rows of one name stand closer than names do; where they do not, the nearest's."""
    ordered = sorted([*lines, *more], key=lambda each: each.middle)
    at, seen = row, {id(row)}
    while True:
        here = next(i for i, each in enumerate(ordered) if each is at)
        before = at.middle - ordered[here - 1].middle if here else inf
        after = ordered[here + 1].middle - at.middle if here + 1 < len(ordered) else inf
        if min(before, after) > _CLOSER * max(before, after):
            break
        at = ordered[here - 1] if before < after else ordered[here + 1]
        found = next((i for i, line in enumerate(lines) if line is at), None)
        if found is not None:
            return found
        if id(at) in seen:
            break
        seen.add(id(at))
    return min(range(len(lines)), key=lambda i: (abs(lines[i].middle - at.middle), i))


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
