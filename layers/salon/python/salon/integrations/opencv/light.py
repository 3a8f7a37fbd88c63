"""Evens the light out, measures noise, and levels the lines of text."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

Pixels = Any
NOISY = 0.043
"""Noise to contrast; above it the page is smoothed. Grainy pages (0.025 to 0.06) gain every thirtieth word by it, but
photographs from a dark room (0.025 to 0.042) lose words by it and now and then whole rows."""
_BACKGROUND = 480  # the long side that the background is found at
_LEVEL = 1000  # the long side that lines are levelled at
_DARK = 150


def flatten(grey: Pixels) -> Pixels:
    """Divide by the background: shadows and dim corners go, paper becomes white."""
    scale = _BACKGROUND / max(grey.shape)
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    small = cv2.medianBlur(cv2.dilate(small, np.ones((9, 9), np.uint8)), 21)
    background = cv2.resize(small, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR)
    return cv2.divide(grey, np.maximum(background, 8), scale=245)


def stretch(flat: Pixels) -> Pixels:
    """Make the ink black: low light leaves it grey."""
    dark = float(np.percentile(flat[::4, ::4], 0.7))
    if dark <= 10:  # noqa: PLR2004 - black already
        return flat
    table = np.clip((np.arange(256, dtype=np.float32) - dark) * 245.0 / (245.0 - min(dark, 200.0)), 0, 255)
    return cv2.LUT(flat, table.astype(np.uint8))


def noise(flat: Pixels) -> float:
    """Noise of the paper in proportion to the contrast of the ink.

    The spread within small blocks of bare paper. What a filter for single pixels sees will not do: a hard JPEG leaves
    nothing of those, but blots of its own that are read as letters just the same.
    """
    side = 8
    top, left = flat.shape[0] // 8, flat.shape[1] // 8
    high, wide = 3 * flat.shape[0] // 4 // side, 3 * flat.shape[1] // 4 // side
    middle = flat[top : top + high * side, left : left + wide * side]
    blocks = middle.reshape(high, side, wide, side).astype(np.float32)
    means, spreads = blocks.mean(axis=(1, 3)), blocks.std(axis=(1, 3))
    dark, light = np.percentile(flat[::4, ::4], (1.0, 90.0))
    return float(np.median(spreads[means >= np.percentile(means, 40)])) / max(20.0, float(light - dark))


def smooth(flat: Pixels) -> Pixels:
    """Take the noise away as far as letters allow."""
    return cv2.GaussianBlur(flat, (0, 0), 0.7)


def sharpen(flat: Pixels) -> Pixels:
    """Take back some blur: of a camera that was not in focus, of a messenger's compression and of the enlargement.

    The radius suits letters of the size that pages are enlarged to. Without it 89 of 100 lines of blurred pictures have
    the right figures, with it 94; twice as much is no better, and invents letters in noise.
    """
    return cv2.addWeighted(flat, 2.0, cv2.GaussianBlur(flat, (0, 0), 3.0), -1.0, 0)


def skew(flat: Pixels, *, widest: float = 9.0) -> float:
    """Degrees that the lines of text rise by (turning the picture by it levels them).

    Args:
        flat: evenly lit.
        widest: the most that is looked for.
    """
    scale = min(1.0, _LEVEL / max(flat.shape))
    small = cv2.resize(flat, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    ink = np.where(small < _DARK + 40, 255 - small, 0).astype(np.uint8)
    coarse = max(np.arange(-widest, widest + 0.01, 0.75), key=lambda angle: _sharpness(ink, angle))
    return float(max(np.arange(coarse - 0.75, coarse + 0.76, 0.15), key=lambda angle: _sharpness(ink, angle)))


def _sharpness(ink: Pixels, degrees: float) -> float:
    height, width = ink.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), float(degrees), 1.0)
    turned = cv2.warpAffine(ink, matrix, (width, height), flags=cv2.INTER_NEAREST)
    profile = turned.sum(axis=1, dtype=np.float64)
    return float(np.square(np.diff(profile)).sum())
