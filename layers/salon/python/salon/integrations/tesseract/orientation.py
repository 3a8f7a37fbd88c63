"""The direction that a page stands in, by Tesseract.

A strip of text is read as it lies: letters that are upright are read with confidence. That costs less than Tesseract's
own detection, which is asked only where the strip does not say: it guesses on blurred pages, on dense ones and on wide
tables. Where it is not sure either, the strip is read in the other directions, and the best of all is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import tesserocr
from PIL import Image

from salon.integrations.tesseract.adapter import DPI, words_of

_SIDE = 2600  # smaller letters are guessed at
_SURE = 3.0  # of Tesseract's detection; below it every second answer is wrong
_PIECE = 640  # pixels of the strip: of 448, every tenth has too few letters
_ENOUGH = 60  # letters
_CERTAIN = 0.4  # mean square of their confidence: sideways or upside down 0.29 at most, upright 0.44, sharp above 0.6
_RULE = 60  # pixels that a line of a table is long, and no letter high
_WHITE = 245
_PATCH = 9  # small squares: four rows of text at least
_PACKED = 0.33  # of a fiscal code half is ink, of text a fifth


class Orientation:
    """How a page must be turned to stand upright."""

    def __init__(self, data: str) -> None:
        """Load the models.

        Args:
            data: the folder of the models.
        """
        self._data = data
        self._detector: Any = None
        self._reader = tesserocr.PyTessBaseAPI(path=data, lang="rus", psm=tesserocr.PSM.SINGLE_BLOCK)

    def __call__(self, flat: Any) -> int:
        """Degrees clockwise; 0 when nothing can be said."""
        scale = _SIDE / max(flat.shape)
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        large = cv2.resize(flat, None, fx=scale, fy=scale, interpolation=method)
        piece = _densest(large)
        letters, best = self._letters(piece)
        if _is_upright(letters, best):
            return 0
        guess, confidence = self._detected(large)
        if confidence >= _SURE:
            return guess
        return self._by_reading(piece, tuple(dict.fromkeys((guess, 90, 180, 270))), best)

    def _detected(self, large: Any) -> tuple[int, float]:
        if self._detector is None:
            self._detector = tesserocr.PyTessBaseAPI(path=self._data, lang="osd", psm=tesserocr.PSM.OSD_ONLY)
        self._detector.SetImage(Image.fromarray(large))
        self._detector.SetSourceResolution(DPI)
        found = self._detector.DetectOrientationScript()
        self._detector.Clear()
        return ((360 - int(found["orient_deg"])) % 360, float(found["orient_conf"])) if found else (0, 0.0)

    def _by_reading(self, piece: Any, directions: Sequence[int], unturned: float) -> int:
        best, most = 0, unturned
        for degrees in directions:
            letters, certain = self._letters(np.rot90(piece, -(degrees // 90)))
            if _is_upright(letters, certain):
                return degrees
            if certain > most:
                best, most = degrees, certain
        return best

    def _letters(self, piece: Any) -> tuple[int, float]:
        """How many letters and digits were read, and that again, each by the square of the confidence in its word."""
        self._reader.SetImage(Image.fromarray(np.ascontiguousarray(piece)))
        self._reader.SetSourceResolution(DPI)
        self._reader.Recognize(0)
        counts = [(sum(map(str.isalnum, word.text)), word.confidence) for word in words_of(self._reader)]
        self._reader.Clear()
        return sum(count for count, _ in counts), sum(count * confidence**2 for count, confidence in counts)


def _is_upright(letters: int, certain: float) -> bool:
    return letters >= _ENOUGH and certain > _CERTAIN * letters


def _without_rules(flat: Any) -> Any:
    """The page less the lines of its tables, which weigh as much as text and are read as letters."""
    ink = (flat < 170).astype(np.uint8) * 255  # noqa: PLR2004 - thin lines are grey
    across = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, _RULE), np.uint8))
    down = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((_RULE, 1), np.uint8))
    lines = cv2.dilate(cv2.bitwise_or(across, down), np.ones((5, 5), np.uint8))
    return np.where(lines > 0, np.uint8(_WHITE), flat)


def _densest(large: Any) -> Any:
    """The part of a page that has the most ink, less its rules, and less its fiscal code: text, in all likelihood."""
    bare, scale = _without_rules(large), 200 / max(large.shape)
    ink = _inked(bare, scale)
    ink[cv2.blur(_inked(large, scale), (_PATCH, _PATCH)) > _PACKED] = 0.0
    side = min(round(_PIECE * scale), *ink.shape)
    sums = cv2.boxFilter(np.minimum(ink, 0.25), -1, (side, side), normalize=False, anchor=(0, 0))
    usable = sums[: ink.shape[0] - side + 1, : ink.shape[1] - side + 1]
    top, left = (int(place / scale) for place in np.unravel_index(int(np.argmax(usable)), usable.shape))
    return bare[top : top + _PIECE, left : left + _PIECE]


def _inked(flat: Any, scale: float) -> Any:
    """The share of ink in each small square."""
    return cv2.resize((flat < 130).astype(np.float32), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)  # noqa: PLR2004 - black
