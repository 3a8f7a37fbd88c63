"""From the photograph to the page that is read in one step: every step of its own would blur the letters once more."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

Pixels = Any
Size = tuple[int, int]


def quarter_turned(matrix: Pixels, size: Size, degrees: int) -> tuple[Pixels, Size]:
    """Turned clockwise by 0, 90, 180 or 270 degrees, too; with the new width and height."""
    width, height = size
    moves = {
        0: np.eye(3),
        90: np.array([[0, -1, height - 1], [1, 0, 0], [0, 0, 1]]),
        180: np.array([[-1, 0, width - 1], [0, -1, height - 1], [0, 0, 1]]),
        270: np.array([[0, 1, 0], [-1, 0, width - 1], [0, 0, 1]]),
    }
    return moves[degrees] @ matrix, (size if degrees in {0, 180} else (height, width))


def tilted(matrix: Pixels, size: Size, degrees: float) -> tuple[Pixels, Size]:
    """Turned about the centre counter-clockwise by a small angle, too, keeping every corner."""
    width, height = size
    move = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0), [0, 0, 1]])
    cosine, sine = abs(move[0, 0]), abs(move[0, 1])
    wider, higher = int(height * sine + width * cosine), int(height * cosine + width * sine)
    move[0, 2] += wider / 2 - width / 2
    move[1, 2] += higher / 2 - height / 2
    return move @ matrix, (wider, higher)


def scaled(matrix: Pixels, size: Size, factor: float) -> tuple[Pixels, Size]:
    """Enlarged or made smaller, too."""
    return np.diag([factor, factor, 1.0]) @ matrix, (max(1, round(size[0] * factor)), max(1, round(size[1] * factor)))


def drawn(picture: Pixels, matrix: Pixels, size: Size, factor: float) -> Pixels:
    """The picture after all of it.

    Args:
        picture: as it was photographed.
        matrix: where its points go.
        size: width and height of the result.
        factor: how much larger things are in the result. What becomes much smaller is averaged first.
    """
    if factor < 0.8:  # noqa: PLR2004 - a warp skips pixels
        height, width = picture.shape[:2]
        picture = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        matrix = matrix @ np.diag([width / picture.shape[1], height / picture.shape[0], 1.0])
    return cv2.warpPerspective(picture, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
