"""Ruled tables that wrap their names, repeat their header and go over pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from .paper import Page, Style, wrap


@dataclass(frozen=True)
class Column:
    """`title` may hold line ends; `group` joins neighbours under one heading."""

    key: str
    title: str
    width: float
    align: str = "right"
    group: str = ""
    number: str = ""


def fitted(
    columns: Sequence[Column],
    rows: Sequence[dict[str, str]],
    style: Style,
    *,
    padding: float,
    room: float,
    free: str = "name",
) -> list[Column]:
    """The columns wide enough for their figures and headings' words, which are never broken.

    The column `free` takes what is left.
    """
    widths = {}
    for column in columns:
        texts = [*column.title.split(), *(row.get(column.key, "") for row in rows)]
        widths[column.key] = max(column.width, *(style.width(text) + 2 * padding + 0.3 for text in texts))
    widths[free] = room - sum(width for key, width in widths.items() if key != free)
    return [replace(column, width=widths[column.key]) for column in columns]


@dataclass
class Table:
    """Where and how a table stands. `padding` in mm."""

    columns: Sequence[Column]
    left: float
    style: Style
    header_style: Style
    padding: float = 0.8
    ruled: bool = True
    numbered: bool = False
    middle: bool = False
    """Cells are centred vertically, as 1C's forms at times do."""
    gap: float = 0.5
    edges: list[float] = field(init=False)

    def __post_init__(self) -> None:
        self.edges = [self.left]
        for column in self.columns:
            self.edges.append(self.edges[-1] + column.width)

    @property
    def right(self) -> float:
        return self.edges[-1]

    def draw_header(self, page: Page, top: float) -> float:
        """The headings, in one or two storeys, and the row of column numbers; returns the y below."""
        style = self.header_style
        grouped = any(column.group for column in self.columns)
        titles = [self._wrapped(column.title, style, column.width) for column in self.columns]
        upper = self._group_height(style) if grouped else 0.0
        lower = max(len(lines) * style.line for lines, column in zip(titles, self.columns, strict=True)
                    if column.group or not grouped) + 2 * self.gap  # fmt: skip
        free = [len(lines) * style.line + 2 * self.gap for lines, column in zip(titles, self.columns, strict=True)
                if not column.group]  # fmt: skip
        bottom = top + max([upper + lower, *free])
        for index, (column, lines) in enumerate(zip(self.columns, titles, strict=True)):
            cell_top = top + upper if column.group else top
            self._cell(page, index, lines, style, top=cell_top, bottom=bottom, align="center", middle=True)
        if grouped:
            self._groups(page, top, top + upper, style)
        if self.ruled:
            page.line(self.left, top, self.right, top)
        if not self.numbered:
            return bottom
        below = bottom + style.line + self.gap
        for index, column in enumerate(self.columns):
            self._cell(page, index, [column.number], style, top=bottom, bottom=below, align="center")
        return below

    def _group_height(self, style: Style) -> float:
        heights = [len(self._wrapped(name, style, self.edges[last] - self.edges[first])) * style.line
                   for first, last, name in self._spans()]  # fmt: skip
        return max(heights) + 2 * self.gap

    def _spans(self) -> list[tuple[int, int, str]]:
        spans: list[tuple[int, int, str]] = []
        for index, column in enumerate(self.columns):
            if not column.group:
                continue
            if spans and spans[-1][1] == index and spans[-1][2] == column.group:
                spans[-1] = (spans[-1][0], index + 1, column.group)
            else:
                spans.append((index, index + 1, column.group))
        return spans

    def _groups(self, page: Page, top: float, bottom: float, style: Style) -> None:
        for first, last, name in self._spans():
            left, right = self.edges[first], self.edges[last]
            y = top + self.gap
            for line in self._wrapped(name, style, right - left):
                page.write(left, y, line, style, align="center", width=right - left)
                y += style.line
            if self.ruled:
                page.box(left, top, right, bottom)

    def _wrapped(self, text: str, style: Style, width: float) -> list[str]:
        return [line for part in text.split("\n") for line in wrap(part, style, width - 2 * self.padding)]

    def row_height(self, cells: dict[str, str], style: Style | None = None) -> float:
        style = style or self.style
        return max(len(self._wrapped(cells.get(column.key, ""), style, column.width)) for column in self.columns) \
            * style.line + 2 * self.gap  # fmt: skip

    def draw_row(self, page: Page, top: float, cells: dict[str, str], style: Style | None = None) -> float:
        """One row of the table; returns the y below."""
        style = style or self.style
        bottom = top + self.row_height(cells, style)
        for index, column in enumerate(self.columns):
            lines = self._wrapped(cells.get(column.key, ""), style, column.width)
            self._cell(page, index, lines, style, top=top, bottom=bottom, align=column.align, middle=self.middle)
        return bottom

    def draw_total(
        self, page: Page, top: float, label: str, cells: dict[str, str], style: Style | None = None
    ) -> float:
        """A row without cells to the left of its figures: «Итого»."""
        style = style or self.style
        bottom = top + style.line + 2 * self.gap
        filled = [index for index, column in enumerate(self.columns) if cells.get(column.key)]
        start = self.edges[filled[0]]
        page.write(self.left, top + self.gap, label, style, align="right", width=start - self.left - self.padding)
        for index in range(filled[0], len(self.columns)):
            column = self.columns[index]
            self._cell(page, index, [cells.get(column.key, "")], style, top=top, bottom=bottom, align=column.align)
        return bottom

    def _cell(
        self,
        page: Page,
        index: int,
        lines: list[str],
        style: Style,
        *,
        top: float,
        bottom: float,
        align: str,
        middle: bool = False,
    ) -> None:
        left, width = self.edges[index], self.columns[index].width
        y = top + self.gap
        if middle:
            y = top + (bottom - top - len(lines) * style.line) / 2
        for line in lines:
            page.write(left + self.padding, y, line, style, align=align, width=width - 2 * self.padding)
            y += style.line
        if self.ruled:
            page.box(left, top, left + width, bottom)


@dataclass
class Sheets:
    """Pages of one size with margins, and what stands atop each but the first."""

    width: float
    height: float
    margin: float
    pages: list[Page] = field(default_factory=list)
    y: float = 0

    def __post_init__(self) -> None:
        self.turn_over()

    @property
    def page(self) -> Page:
        return self.pages[-1]

    def turn_over(self) -> None:
        """A fresh page."""
        self.pages.append(Page(self.width, self.height))
        self.y = self.margin

    def room(self) -> float:
        return self.height - self.margin - self.y

    def rows(self, table: Table, rows: Sequence[dict[str, str]], *, tail: float,
             close_page: Callable[[int, int], None], open_page: Callable[[], None]) -> None:  # fmt: skip
        """The rows, over as many pages as they need; `tail` mm stay free below the last one.

        `close_page(first, last)` writes a page's subtotal under its rows, `open_page` the next page's header.
        """
        first = 0
        for number, cells in enumerate(rows):
            needs = table.row_height(cells) + (tail if number == len(rows) - 1 else 2 * table.style.line + 2)
            if self.room() < needs and number > first:
                close_page(first, number)
                self.turn_over()
                open_page()
                first = number
            self.y = table.draw_row(self.page, self.y, cells)
        close_page(first, len(rows))
