"""Cells of a ruled table: what lies between its lines."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from salon.intake.documents.parsing.words import Cell

Pixels = Any
_INK = 170
_FAINT = 190
_PAPER = 245
_LEAST_CELLS = 8
_NEAR = 8
_BESIDE = 1.5  # pixels of ink above and below each pixel of a line: of a row of dots 1.2 at most, of letters 2.3


def rules(grey: Pixels) -> tuple[Pixels, Pixels]:
    """Masks of the horizontal and of the vertical lines."""
    ink = (grey < _INK).astype(np.uint8) * 255
    across = cv2.morphologyEx(
        cv2.dilate(ink, np.ones((3, 1), np.uint8)), cv2.MORPH_OPEN, np.ones((1, max(60, grey.shape[1] // 22)), np.uint8)
    )
    down = cv2.morphologyEx(cv2.dilate(ink, np.ones((1, 3), np.uint8)), cv2.MORPH_OPEN, np.ones((44, 1), np.uint8))
    return across, down


def without_dots(grey: Pixels) -> Pixels:
    """The page less its dotted and dashed lines; solid ones stay.

    Tesseract takes rows of dots for text or for a picture, and loses the rows of the table between them with it.
    """
    ink = (grey < _FAINT).astype(np.uint8) * 255
    closed = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, 15), np.uint8))
    thin = cv2.subtract(closed, cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((8, 1), np.uint8)))
    lines = cv2.morphologyEx(thin, cv2.MORPH_OPEN, np.ones((1, 150), np.uint8))
    if not lines.any():
        return grey
    clean = grey
    _, labels, stats, _ = cv2.connectedComponentsWithStats(lines)
    for number, (left, top, wide, high, area) in enumerate(stats.tolist()):
        if number == 0 or high > max(12, wide // 100):  # the page; no line, not even a slightly sloping one
            continue
        first, last = max(0, top - _NEAR), top + high + _NEAR
        around = (labels[first:last, left : left + wide] == number).astype(np.uint8)
        inky = ink[first:last, left : left + wide] > 0
        if np.count_nonzero(inky & (around > 0)) > 0.9 * area or _inked_beside(around, inky) > _BESIDE * wide:
            continue  # a solid line; the tops of letters
        own = around[top - first : top - first + high] > 0
        clean = grey.copy() if clean is grey else clean
        upper, start = max(0, top - 2), max(0, left - 2)
        fat = cv2.dilate(np.pad(own.astype(np.uint8), 2), np.ones((5, 5), np.uint8))[
            2 - (top - upper) :, 2 - (left - start) :
        ]
        place = clean[upper : top + high + 2, start : left + wide + 2]
        place[fat[: place.shape[0], : place.shape[1]] > 0] = _PAPER
    return clean


def _inked_beside(line: Pixels, inky: Pixels) -> int:
    """Pixels of ink above and below a line, which may slope."""
    near = cv2.dilate(line, np.ones((2 * _NEAR + 1, 1), np.uint8)) - cv2.dilate(line, np.ones((5, 1), np.uint8))
    return int(np.count_nonzero(inky & (near > 0)))


def find_grid(grey: Pixels) -> tuple[Cell, ...]:
    """The cells, from top to bottom; empty when nothing is ruled."""
    across, down = rules(grey)
    if not across.any() or not down.any():
        return ()
    across = cv2.morphologyEx(across, cv2.MORPH_CLOSE, np.ones((1, 41), np.uint8))
    down = cv2.morphologyEx(down, cv2.MORPH_CLOSE, np.ones((31, 1), np.uint8))
    lines = cv2.dilate(cv2.bitwise_or(across, down), np.ones((3, 3), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats((lines == 0).astype(np.uint8), connectivity=4)
    height, width = grey.shape
    cells = []
    for i in range(1, count):
        left, top, wide, high, area = (int(value) for value in stats[i])
        if wide < 14 or high < 16 or high > 0.35 * height or wide > 0.9 * width:  # noqa: PLR2004 - a letter's inside, the page
            continue
        if left <= 1 or top <= 1 or left + wide >= width - 1 or top + high >= height - 1:
            continue
        if area >= 0.7 * wide * high:
            cells.append(Cell(left, top, left + wide, top + high))
    if len(cells) < _LEAST_CELLS:
        return ()
    return tuple(sorted(cells, key=lambda cell: (cell.top, cell.left)))
