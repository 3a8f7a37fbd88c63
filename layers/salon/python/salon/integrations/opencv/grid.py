"""Cells of a ruled table: what lies between its lines."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from salon.intake.documents.parsing.words import Cell

Pixels = Any
_INK = 170
_LEAST_CELLS = 8


def rules(grey: Pixels) -> tuple[Pixels, Pixels]:
    """Masks of the horizontal and of the vertical lines."""
    ink = (grey < _INK).astype(np.uint8) * 255
    across = cv2.morphologyEx(
        cv2.dilate(ink, np.ones((3, 1), np.uint8)), cv2.MORPH_OPEN, np.ones((1, max(60, grey.shape[1] // 22)), np.uint8)
    )
    down = cv2.morphologyEx(cv2.dilate(ink, np.ones((1, 3), np.uint8)), cv2.MORPH_OPEN, np.ones((44, 1), np.uint8))
    return across, down


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
