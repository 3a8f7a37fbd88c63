"""The page by its edges, where its brightness does not tell it from the table.

In a dark room with a shadow across the paper the lit table is brighter than the shaded paper, so no one level parts
them; but along its own edge paper is brighter than what lies beside it.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import cv2
import numpy as np

Pixels = Any
_STEEP = 12.0  # of 255 logarithmic steps, over four pixels
_SLOPES = np.tan(np.radians(np.arange(-12.0, 12.1, 0.5)))
_KEPT = 3  # lines a side
_SUPPORT = 0.3  # of the side's length that votes for a line at least
_BESIDE = 6.0  # pixels from the edge that brightness is compared at


def quads(logs: Pixels) -> list[Pixels]:
    """Quadrilaterals (clockwise from the top left) whose every side is brighter within, the largest first.

    Args:
        logs: logarithm of the brightness, 0..255, small.
    """
    bare = cv2.medianBlur(cv2.morphologyEx(logs, cv2.MORPH_CLOSE, np.ones((13, 13), np.uint8)), 5).astype(np.float32)
    across, down = np.zeros_like(bare), np.zeros_like(bare)
    across[:, 2:-2] = bare[:, 4:] - bare[:, :-4]
    down[2:-2] = bare[4:] - bare[:-4]
    left, right = _lines(across), _lines(-across)
    top, bottom = _lines(down.T), _lines(-down.T)
    found = []
    for sides in product(left, top, right, bottom):
        west, north, east, south = sides
        quad = np.array([_cross(west, north), _cross(east, north), _cross(east, south), _cross(west, south)])
        if west[0] < east[0] and north[0] < south[0] and is_edged(bare, quad):
            found.append(quad)
    return sorted(found, key=lambda quad: -cv2.contourArea(quad.astype(np.float32)))


def is_edged(logs: Pixels, quad: Pixels) -> bool:
    """Whether the inside is brighter along the greater part of every side."""
    height, width = logs.shape
    centre = quad.mean(axis=0)
    for start, end in zip(quad, np.roll(quad, -1, axis=0), strict=True):
        along = end - start
        inwards = np.array([-along[1], along[0]]) / max(1e-6, float(np.linalg.norm(along)))
        if float(inwards @ (centre - start)) < 0:
            inwards = -inwards
        points = start + np.linspace(0.04, 0.96, 50)[:, None] * along
        within = _sampled(logs, points + _BESIDE * inwards, width, height)
        without = _sampled(logs, points - _BESIDE * inwards, width, height)
        if float(np.mean(within - without > _STEEP)) < 0.6:  # noqa: PLR2004 - a thumb or a shadow hides some
            return False
    return True


def _lines(rise: Pixels) -> list[tuple[float, float]]:
    """Steep lines that run down: (x where it crosses the middle row, x per y), those with the most votes."""
    height, width = rise.shape
    rows, columns = np.nonzero(rise > _STEEP)
    if len(rows) < _SUPPORT * height:
        return []
    middle = rows - height / 2
    votes = np.stack([
        np.bincount(np.clip((columns - slope * middle).round().astype(int), 0, width - 1), minlength=width)
        for slope in _SLOPES
    ])  # fmt: skip
    lines: list[tuple[float, float]] = []
    for _ in range(_KEPT):
        slope, place = np.unravel_index(int(np.argmax(votes)), votes.shape)
        if votes[slope, place] < _SUPPORT * height:
            break
        lines.append((float(place), float(_SLOPES[slope])))
        votes[:, max(0, int(place) - 18) : int(place) + 19] = 0
    return [(place - slope * height / 2, slope) for place, slope in lines]


def _cross(upright: tuple[float, float], level: tuple[float, float]) -> tuple[float, float]:
    """Where x = a + b·y meets y = c + d·x."""
    (a, b), (c, d) = upright, level
    x = (a + b * c) / (1 - b * d)
    return x, c + d * x


def _sampled(logs: Pixels, points: Pixels, width: int, height: int) -> Pixels:
    x = np.clip(points[:, 0].round().astype(int), 0, width - 1)
    y = np.clip(points[:, 1].round().astype(int), 0, height - 1)
    return logs[y, x].astype(np.float32)
