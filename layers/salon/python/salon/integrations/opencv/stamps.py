"""Takes the blue of stamps and pens off a page whose letters are black.

A stamp lies over the last rows of a table and their sum, and its ring is read along with them. Its ink is seen through:
black letters under it stay black in every channel, while its own strokes are nearly as bright in blue as the paper.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from salon.integrations.opencv import light

Pixels = Any
_SMALL = 1000  # the long side that stamps are looked for at
_PATCH = 9  # pixels there, over which the noise of a dark photograph evens out
_BLUE = 8.0  # of a patch over that of the page
_AROUND = 25  # pixels there: a stamp's strokes are finer than its colour
_STAMPED = (0.0022, 0.045)  # of the page: less is noise, more is a form filled in with a blue pen
_PAPER = 245.0
_TINGED = (10.0, 26.0)  # blue over the darkest channel: nothing is taken off below, all above
_BRIGHT = (105.0, 165.0)  # blue itself: letters that are only tinged are darker


def without_stamps(read: Pixels, colour: Pixels) -> Pixels:
    """The page less its blue ink; as it is where there is none.

    Args:
        read: grey, evenly lit.
        colour: the same in RGB, as photographed.
    """
    near = _stamped(colour)
    if near is None:
        return read
    red, green, blue = _channels(colour)
    tinge = np.where(blue > green, blue - np.minimum(red, green), 0.0)
    tinge = cv2.GaussianBlur(cv2.dilate(tinge, np.ones((5, 5), np.uint8)), (0, 0), 1.0)  # JPEG keeps colours coarsely
    taken = _ramp(tinge, _TINGED) * _ramp(blue, _BRIGHT) * near
    return (read + taken * np.maximum(0.0, _PAPER - read)).astype(np.uint8)


def _stamped(colour: Pixels) -> Pixels | None:
    """1 where a stamp or a pen was, 0 elsewhere; None when there is none, or too much of it."""
    shrink = min(1.0, _SMALL / max(colour.shape[:2]))
    small = cv2.resize(colour, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    red, green, blue = _channels(small)
    patches = cv2.blur(blue - (red + green) / 2, (_PATCH, _PATCH))
    top, left = small.shape[0] // 30, small.shape[1] // 30
    inside = patches[top : -top or None, left : -left or None]
    level = float(np.median(inside)) + _BLUE
    if not _STAMPED[0] <= float(np.mean(inside > level)) <= _STAMPED[1]:
        return None
    near = cv2.dilate((patches > level).astype(np.uint8), np.ones((_AROUND, _AROUND), np.uint8))
    return cv2.resize(near, (colour.shape[1], colour.shape[0]), interpolation=cv2.INTER_NEAREST)


def _channels(colour: Pixels) -> tuple[Pixels, Pixels, Pixels]:
    """Red, green and blue, each evenly lit: the colour of the lamp goes with the light."""
    red, green, blue = (light.flatten(np.ascontiguousarray(colour[:, :, i])).astype(np.float32) for i in range(3))
    return red, green, blue


def _ramp(values: Pixels, ends: tuple[float, float]) -> Pixels:
    """0 below, 1 above, and evenly between."""
    return np.clip((values - ends[0]) / (ends[1] - ends[0]), 0.0, 1.0)
