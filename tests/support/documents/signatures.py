"""Pen and stamp: blue things below the table, as on any signed paper. They carry no text that the truth knows."""

from __future__ import annotations

import math
from random import Random

from .paper import Ink, Page


def sign(page: Page, random: Random, x: float, y: float, *, stamp_at: tuple[float, float] | None = None) -> None:
    """A signature at (x, y) and, on most papers, a round stamp without words."""
    if random.random() < 0.75:
        points = [(x, y + 6)]
        points += [
            (x + step * 1.1 + random.uniform(-2, 2), y + 5 + random.uniform(-4, 4) * math.exp(-step / 18))
            for step in range(24)
        ]
        page.ink.append(Ink(tuple(points), 0.35))
    if stamp_at and random.random() < 0.6:
        (left, top), radius = stamp_at, random.uniform(15, 19)
        for ring in (radius, radius - 1.2, radius * 0.62):
            circle = [(left + ring * math.cos(turn / 30 * math.pi), top + ring * math.sin(turn / 30 * math.pi))
                      for turn in range(61)]  # fmt: skip
            page.ink.append(Ink(tuple(circle), random.uniform(0.25, 0.5)))
