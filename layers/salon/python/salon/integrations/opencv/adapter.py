"""The port `PageStraightener` by OpenCV."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from salon.intake.documents.ports import Raster, Straight
from salon.integrations.opencv import light
from salon.integrations.opencv.grid import find_grid, without_dots
from salon.integrations.opencv.page import seen_from_above
from salon.integrations.opencv.stamps import without_stamps
from salon.integrations.opencv.warp import drawn, quarter_turned, scaled, tilted

Pixels = Any
_LETTER = 21.0  # pixels that a small letter is enlarged to: where Tesseract reads best for its time
_BY_INK = 1.05  # bold and capital letters have more of the ink
_LARGEST = 3400  # the long side of what is read
_SCALES = (0.5, 3.2)
_PREVIEW = 1800
_QUALITY = 80


class OpenCvStraightener:
    """Rectifies, lights evenly, turns upright, levels and enlarges."""

    def __init__(self, orientation: Callable[[Pixels], int]) -> None:
        """Take what knows up from down.

        Args:
            orientation: tells by how many degrees clockwise (0, 90, 180, 270) an evenly lit grey picture must be turned
                to stand upright.
        """
        self._orientation = orientation

    def straighten(self, raster: Raster, *, page: int) -> Straight:
        """The page (see the port)."""
        del page
        colour = raster.pixels
        grey = cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)
        matrix, size = seen_from_above(grey)  # of a PDF's pages, too: many are photographs
        flat = light.flatten(drawn(grey, matrix, size, 1.0))
        is_noisy = light.noise(flat) > light.NOISY
        flat = light.stretch(light.smooth(flat) if is_noisy else flat)
        turned = self._orientation(flat)
        matrix, size = quarter_turned(matrix, size, turned)
        flat = np.ascontiguousarray(np.rot90(flat, -(turned // 90)))
        angle = light.skew(flat)
        if abs(angle) > 0.1:  # noqa: PLR2004 - degrees, as exact as it is measured
            matrix, size = tilted(matrix, size, angle)
        scale = enlargement(flat)
        matrix, size = scaled(matrix, size, scale)
        read = light.flatten(drawn(grey, matrix, size, scale))
        read = without_stamps(read, drawn(colour, matrix, size, scale))
        read = light.stretch(light.smooth(read) if is_noisy else read)
        shrink = min(1.0, _PREVIEW / max(size))
        small = drawn(colour, *scaled(matrix, size, shrink), scale * shrink)
        preview, width, height = _jpeg(small)
        sharp = light.sharpen(without_dots(read))
        return Straight(sharp, preview, width, height, turned, find_grid(read), is_noisy=is_noisy)

    def preview(self, raster: Raster) -> tuple[bytes, int, int]:
        """JPEG, width and height (see the port)."""
        return _jpeg(raster.pixels)


def _jpeg(colour: Pixels) -> tuple[bytes, int, int]:
    shrink = min(1.0, _PREVIEW / max(colour.shape[:2]))
    small = cv2.resize(colour, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    quality = [int(cv2.IMWRITE_JPEG_QUALITY), _QUALITY]
    _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), quality)
    return jpeg.tobytes(), small.shape[1], small.shape[0]


def enlargement(flat: Pixels) -> float:
    """How much to enlarge, so that letters have the size that is read best."""
    ink = (flat < 140).astype(np.uint8)  # noqa: PLR2004 - between ink and paper, stretched
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    heights, widths = stats[1:, cv2.CC_STAT_HEIGHT], stats[1:, cv2.CC_STAT_WIDTH]
    areas = stats[1:, cv2.CC_STAT_AREA]
    usable = (heights >= 5) & (heights < 90) & (widths >= 3) & (widths < 3 * heights) & (areas >= 10)  # noqa: PLR2004 - pixels of a letter
    letters = heights[usable]
    longest = max(flat.shape)
    if len(letters) < 40:  # noqa: PLR2004 - too few to say
        return float(np.clip(2600 / longest, *_SCALES))
    order = np.argsort(letters)
    weights = np.cumsum(areas[usable][order])  # by ink: specks of a dark photograph are many, but weigh little
    letter = float(letters[order][int(np.searchsorted(weights, 0.4 * weights[-1]))]) / _BY_INK
    return float(np.clip(min(_LETTER / letter, _LARGEST / longest), *_SCALES))
