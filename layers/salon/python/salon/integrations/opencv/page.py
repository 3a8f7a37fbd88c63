"""Where the paper lies in a photograph: the quadrilateral of the page, by brightness.

The brightness is taken as its logarithm: the edge of a shadow then weighs less than the edge of the paper, which plain
Otsu confuses.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from salon.integrations.opencv import edges

Pixels = Any
_SMALL = 900  # the long side that edges are looked for at
_MIN_SHARE = 0.22  # of the picture that a page takes at least
_MAX_CORNER = 14.0  # degrees off a right angle: more is not a page seen by a person
_FURTHER = 1.1  # times the area
_SAME_CORNER = 0.03  # of the page's side
_MAX_SIDES = 0.22  # how much opposite sides differ at most


def seen_from_above(grey: Pixels) -> tuple[Pixels, tuple[int, int]]:
    """Where each point of the picture goes, so that the page alone is there, and the page's width and height.

    Args:
        grey: of the whole picture, which stays as it is when no page stands out.
    """
    quad = find_quad(grey)
    if quad is None:
        return np.eye(3), (grey.shape[1], grey.shape[0])
    top, right, bottom, left = (float(np.linalg.norm(quad[a] - quad[b])) for a, b in ((0, 1), (1, 2), (2, 3), (3, 0)))
    width, height = round(max(top, bottom)), round(max(left, right))
    target = np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], np.float32)
    return cv2.getPerspectiveTransform(quad.astype(np.float32), target), (width, height)


def find_quad(grey: Pixels) -> Pixels | None:
    """Corners of the page, clockwise from the top left, in pixels of the picture; None when none stands out."""
    scale = min(1.0, _SMALL / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    small = cv2.medianBlur(small, 5)
    logs = np.log1p(small.astype(np.float32))
    logs = cv2.normalize(logs, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)  # type: ignore[call-overload]  # its stubs want a place to write to
    quad = _brightest(logs)
    others = [each for each in edges.quads(logs) if _is_usable(each, logs.shape)]
    if quad is None or not edges.is_edged(logs, quad):
        quad = others[0] if others else quad
    else:
        quad = next((each for each in others if _reaches_further(each, quad)), quad)
    return None if quad is None else quad / scale


def _reaches_further(larger: Pixels, quad: Pixels) -> bool:
    """Whether a page is this and more: the edge of a shadow across it was taken for its side."""
    areas = [float(cv2.contourArea(each.astype(np.float32))) for each in (larger, quad)]
    near = _SAME_CORNER * areas[0] ** 0.5
    shared = sum(float(np.linalg.norm(a - b)) < near for a, b in zip(larger, quad, strict=True))
    return areas[0] > _FURTHER * areas[1] and shared >= 2  # noqa: PLR2004 - the ends of the side that is in the light


def _brightest(logs: Pixels) -> Pixels | None:
    """The page, if it is simply what is brighter."""
    _, mask = cv2.threshold(logs, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    kernel = np.ones((15, 15), np.uint8)
    mask = cv2.morphologyEx(cv2.copyMakeBorder(mask, 20, 20, 20, 20, cv2.BORDER_CONSTANT), cv2.MORPH_CLOSE, kernel)
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel)[20:-20, 20:-20]
    contours, _ = cv2.findContours(np.ascontiguousarray(mask), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return None
    outline = max(contours, key=cv2.contourArea)
    if cv2.contourArea(outline) < _MIN_SHARE * mask.size:
        return None
    quad = _four_corners(cv2.convexHull(outline))
    if quad is None or cv2.contourArea(outline) < 0.9 * cv2.contourArea(quad.astype(np.float32)):
        return None
    return quad if _is_usable(quad, mask.shape) else None


def _is_usable(quad: Pixels, shape: tuple[int, ...]) -> bool:
    share = cv2.contourArea(quad.astype(np.float32)) / (shape[0] * shape[1])
    return share >= _MIN_SHARE and not _touches_everything(quad, shape) and _is_page(quad)


def _four_corners(hull: Pixels) -> Pixels | None:
    length = cv2.arcLength(hull, True)
    for share in (0.01, 0.015, 0.02, 0.03, 0.04, 0.06, 0.08):
        shape = cv2.approxPolyDP(hull, share * length, True).reshape(-1, 2)
        if len(shape) == 4:  # noqa: PLR2004 - corners of a page
            return _clockwise(shape.astype(np.float64))
        if len(shape) < 4:  # noqa: PLR2004 - as above
            return None
    return None


def _clockwise(corners: Pixels) -> Pixels:
    """From the top left, which is the corner nearest to the origin."""
    centre = corners.mean(axis=0)
    angles = np.arctan2(corners[:, 1] - centre[1], corners[:, 0] - centre[0])
    ordered = corners[np.argsort(angles)]
    return np.roll(ordered, -int(np.argmin(ordered.sum(axis=1))), axis=0)


def _is_page(quad: Pixels) -> bool:
    sides = [quad[(i + 1) % 4] - quad[i] for i in range(4)]
    lengths = [float(np.linalg.norm(side)) for side in sides]
    for i in range(4):
        before, after = -sides[i - 1], sides[i]
        cosine = float(before @ after) / max(1e-6, lengths[i - 1] * lengths[i])
        if abs(90.0 - float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))) > _MAX_CORNER:
            return False
    return all(abs(lengths[i] - lengths[i + 2]) / max(lengths[i], lengths[i + 2]) <= _MAX_SIDES for i in range(2))


def _touches_everything(quad: Pixels, shape: tuple[int, ...]) -> bool:
    """Whether it is the picture itself."""
    height, width = shape[:2]
    near = 0.012 * max(height, width)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    return bool(np.all(np.abs(quad - corners) < near))
