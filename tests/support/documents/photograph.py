"""Photographs of paper: a table below it, a hand that shakes, a lamp, a sensor, a messenger.

Conditions follow the prototype's test set (`facts/domain.md` §2.2): each one spoils one thing, as real photographs do.
Amounts are those at which people still read the paper without effort.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from .paper import Page, seed_of

Picture = np.ndarray
JPEG_GOOD = 90
JPEG_NOISY = 45
JPEG_MESSENGER = 82
MESSENGER_SIDE = 1280


@dataclass(frozen=True)
class Shot:
    """A photograph before it is written: RGB, and how hard it will be compressed."""

    picture: Picture
    quality: int = JPEG_GOOD

    def jpeg(self) -> bytes:
        """As a phone or a messenger writes it."""
        return encoded(self.picture, "jpg", self.quality)


def encoded(picture: Picture, suffix: str, quality: int = JPEG_GOOD) -> bytes:
    """The picture as jpg, png, webp or heic bytes."""
    buffer = io.BytesIO()
    image = Image.fromarray(picture)
    if suffix == "jpg":
        image.save(buffer, "JPEG", quality=quality, subsampling=2)
    elif suffix == "png":
        image.save(buffer, "PNG", compress_level=1)
    elif suffix == "webp":
        image.save(buffer, "WEBP", quality=quality, method=1)
    else:
        import pillow_heif

        pillow_heif.from_pillow(image).save(buffer, quality=60, enc_params={"preset": "ultrafast"})
    return buffer.getvalue()


def _table(height: int, width: int, dice: np.random.Generator) -> Picture:
    """A desk: wood, stone or cloth, from plain dark to light, never as light as the paper."""
    base = np.array([(96, 70, 48), (58, 52, 50), (140, 112, 84), (78, 86, 92), (120, 122, 118), (44, 60, 58)],
                    dtype=np.float32)[dice.integers(6)]  # fmt: skip
    grain = dice.normal(0, 1, (max(2, height // 10), max(2, width // 90))).astype(np.float32)
    if dice.random() < 0.3:
        grain = dice.normal(0, 1, (max(2, height // 24), max(2, width // 24))).astype(np.float32)
    surface = cv2.resize(grain, (width, height), interpolation=cv2.INTER_LINEAR) * np.float32(dice.uniform(3, 9))
    return cv2.merge([cv2.convertScaleAbs(surface + tint) for tint in base])


def sheet_of(page: Page, dpi: float, dice: np.random.Generator) -> Picture:
    """Printed paper: not quite white, not quite black, with the fibre's unevenness."""
    sheet = np.asarray(page.draw(dpi))
    white = np.array([255, 254, 250], dtype=np.float32) * dice.uniform(0.93, 0.99)
    black = dice.uniform(0, 45)
    ramp = np.arange(256, dtype=np.float32)[:, None] / 255 * (white - black) + black
    return np.stack([ramp[:, channel].astype(np.uint8)[sheet[..., channel]] for channel in range(3)], axis=-1)


def _quad(shape: tuple[int, ...], dice: np.random.Generator, *, tilt: float, turn: float) -> tuple[Picture, int, int]:
    """Corners of the sheet in a photograph with some table around it, and the photograph's width and height."""
    height, width = shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float64)
    corners += dice.uniform(-tilt, tilt, (4, 2)) * min(height, width)
    angle = math.radians(turn)
    spin = np.array([(math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))])
    corners = (corners - (width / 2, height / 2)) @ spin
    low, high = corners.min(axis=0), corners.max(axis=0)
    border = dice.uniform(0.015, 0.05) * max(height, width)
    size = (high - low + 2 * border).astype(int)
    return (corners - low + border).astype(np.float32), int(size[0]), int(size[1])


def _lay(sheet: Picture, dice: np.random.Generator, *, tilt: float = 0.0, turn: float = 0.0) -> Picture:
    """The sheet on a table, seen from not quite above."""
    height, width = sheet.shape[:2]
    target, out_width, out_height = _quad(sheet.shape, dice, tilt=tilt, turn=turn)
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(source, target)
    size = (out_width, out_height)
    laid = cv2.warpPerspective(sheet, matrix, size, flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, size, flags=cv2.INTER_LINEAR)
    near = cv2.GaussianBlur(cv2.resize(mask, (out_width // 8, out_height // 8)), (0, 0), 3)
    table = _lit(_table(out_height, out_width, dice), 1 - cv2.resize(near, size) * np.float32(0.35 / 255))
    return cv2.copyTo(laid, cv2.compare(mask, 127, cv2.CMP_GT), table)


def _lit(picture: Picture, light: Picture, tint: tuple[float, float, float] = (1, 1, 1)) -> Picture:
    """Each channel times the light that falls there."""
    channels = zip(cv2.split(picture), tint, strict=True)
    return cv2.merge([cv2.multiply(channel, light, scale=part, dtype=cv2.CV_8U) for channel, part in channels])


def _noise(picture: Picture, dice: np.random.Generator, sigma: float) -> Picture:
    """A small sensor in a dim room: mostly brightness noise, a little in colour."""
    grain = dice.standard_normal(picture.shape[:2], dtype=np.float32)
    height, width = picture.shape[:2]
    colour = dice.standard_normal((height // 2 + 1, width // 2 + 1, 3), dtype=np.float32)
    colour = cv2.split(cv2.resize(colour, (width, height), interpolation=cv2.INTER_LINEAR))
    noisy = []
    for channel, own in zip(cv2.split(picture), colour, strict=True):
        both = cv2.addWeighted(grain, sigma, own, sigma * 0.4, 0)
        noisy.append(cv2.add(channel, both, dtype=cv2.CV_8U))
    return cv2.merge(noisy)


def _light(picture: Picture, dice: np.random.Generator, *, low: float, edge: float) -> Picture:
    """A lamp to one side and, with `edge` below 1, the hard shadow of whoever holds the phone."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:1:64j, 0:1:64j].astype(np.float32)
    angle = dice.uniform(0, 2 * math.pi)
    slope = (x - 0.5) * math.cos(angle) + (y - 0.5) * math.sin(angle)
    field = low * (1 + dice.uniform(0.25, 0.6) * slope)
    field = cv2.resize(field, (width, height), interpolation=cv2.INTER_CUBIC)
    if edge < 1:
        field *= _shadow(height, width, dice, edge)
    return _lit(picture, field, (1.0, dice.uniform(0.95, 1.0), dice.uniform(0.86, 0.99)))


def _shadow(height: int, width: int, dice: np.random.Generator, edge: float) -> Picture:
    small_height, small_width = height // 4 + 1, width // 4 + 1
    y, x = np.mgrid[0:small_height, 0:small_width].astype(np.float32)
    angle, offset = dice.uniform(0, 2 * math.pi), dice.uniform(-0.22, 0.22)
    side = (x / small_width - 0.5) * math.cos(angle) + (y / small_height - 0.5) * math.sin(angle) - offset
    soft = dice.uniform(0.004, 0.03)
    return cv2.resize(edge + (1 - edge) / (1 + np.exp(np.clip(-side / soft, -30, 30))), (width, height))


def _crease(sheet: Picture, dice: np.random.Generator) -> Picture:
    """Folds across the sheet: the paper bends at each, one side catches the light, the other loses it."""
    height, width = sheet.shape[:2]
    y, x = np.mgrid[0:height:4, 0:width:4].astype(np.float32)
    light = np.ones_like(x)
    shift_x, shift_y = np.zeros_like(light), np.zeros_like(light)
    scale = min(height, width)
    for number in range(int(dice.integers(2, 5))):
        angle = (number % 2) * math.pi / 2 + dice.normal(0, 0.06)
        normal_x, normal_y = math.cos(angle), math.sin(angle)
        middle = dice.uniform(0.25, 0.75)
        away = (x - middle * width) * normal_x + (y - middle * height) * normal_y
        bend = np.exp(-np.abs(away) / (dice.uniform(0.02, 0.05) * scale))
        light += dice.uniform(0.06, 0.16) * dice.choice((-1, 1)) * np.sign(away) * bend
        light -= dice.uniform(0.08, 0.3) * np.exp(-((away / (0.0016 * scale)) ** 2))
        shift_x += normal_x * dice.uniform(-3, 3) * bend
        shift_y += normal_y * dice.uniform(-4, 4) * bend
    waves = dice.normal(0, 1, (5, 6)).astype(np.float32)
    waves = cv2.resize(waves, (x.shape[1], x.shape[0]), interpolation=cv2.INTER_CUBIC)
    maps = (x + shift_x, y + shift_y + 2 * waves, light + 0.025 * waves)
    map_x, map_y, shades = (cv2.resize(each.astype(np.float32), (width, height)) for each in maps)
    return _lit(cv2.remap(sheet, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), shades)


def _blur(picture: Picture, dice: np.random.Generator) -> Picture:
    """A missed focus or a moving hand; radii are for a long side of 2,600 px."""
    factor = max(picture.shape[:2]) / 2600
    if dice.random() < 0.6:
        return cv2.GaussianBlur(picture, (0, 0), factor * dice.uniform(1.0, 1.6))
    length = max(3, round(factor * dice.uniform(3, 6)))
    kernel = np.zeros((length, length), np.float32)
    angle = dice.uniform(0, math.pi)
    middle = (length - 1) / 2
    for step in np.linspace(-middle, middle, 4 * length):
        kernel[round(middle + step * math.sin(angle)), round(middle + step * math.cos(angle))] += 1
    return cv2.GaussianBlur(cv2.filter2D(picture, -1, kernel / kernel.sum()), (0, 0), 0.5 * factor)


def sized(picture: Picture, side: int) -> Picture:
    """Made smaller, until its long side is this; never larger."""
    factor = side / max(picture.shape[:2])
    if factor >= 1:
        return picture
    return cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def laid_under_a_lamp(sheet: Picture, dice: np.random.Generator, *, tilt: float, turn: float,
                      grain: float = 2.5) -> Picture:  # fmt: skip
    """The sheet on a table, evenly lit, by a decent phone."""
    return _noise(_light(_lay(sheet, dice, tilt=tilt, turn=turn), dice, low=0.96, edge=1), dice, grain)


def clean(sheet: Picture, dice: np.random.Generator) -> Shot:
    """A flatbed's page."""
    return Shot(sheet, 92)


def skewed(sheet: Picture, dice: np.random.Generator) -> Shot:
    """Turned by 2 to 8 degrees."""
    return Shot(_lay(sheet, dice, turn=float(dice.uniform(2, 8) * dice.choice((-1, 1)))))


def rotated(sheet: Picture, dice: np.random.Generator) -> Shot:
    """Held sideways or upside down."""
    laid = _lay(sheet, dice, turn=float(dice.uniform(-1.2, 1.2)))
    return Shot(np.ascontiguousarray(np.rot90(laid, int(dice.integers(1, 4)))))


def perspective(sheet: Picture, dice: np.random.Generator) -> Shot:
    """From one side, under a lamp."""
    tilt, turn = float(dice.uniform(0.03, 0.07)), float(dice.uniform(-4, 4))
    return Shot(laid_under_a_lamp(sheet, dice, tilt=tilt, turn=turn))


def noisy(sheet: Picture, dice: np.random.Generator) -> Shot:
    """A grainy sensor and a hard JPEG."""
    return Shot(_noise(sheet, dice, float(dice.uniform(16, 26))), JPEG_NOISY)


def low_light(sheet: Picture, dice: np.random.Generator) -> Shot:
    """A dark room, with a shadow across the paper."""
    laid = _lay(sheet, dice, tilt=0.01, turn=float(dice.uniform(-2, 2)))
    dark = _light(laid, dice, low=float(dice.uniform(0.4, 0.6)), edge=float(dice.uniform(0.5, 0.7)))
    return Shot(_noise(dark, dice, float(dice.uniform(3, 6))), 80)


def blurred(sheet: Picture, dice: np.random.Generator) -> Shot:
    """Out of focus, or moved."""
    laid = _lay(sheet, dice, tilt=0.01, turn=float(dice.uniform(-2, 2)))
    return Shot(_noise(_blur(laid, dice), dice, 2))


def creased(sheet: Picture, dice: np.random.Generator) -> Shot:
    """Folded in a pocket and laid flat again."""
    return Shot(laid_under_a_lamp(_crease(sheet, dice), dice, tilt=0.012, turn=float(dice.uniform(-2, 2))))


def telegram(sheet: Picture, dice: np.random.Generator) -> Shot:
    """A photograph that a messenger made small."""
    shot = laid_under_a_lamp(sheet, dice, tilt=float(dice.uniform(0, 0.02)), turn=float(dice.uniform(-2, 2)))
    return Shot(sized(shot, MESSENGER_SIDE), JPEG_MESSENGER)


def combined(sheet: Picture, dice: np.random.Generator) -> Shot:
    """Several at once: a folded paper from one side under a shadow, a little soft, made smaller and compressed."""
    tilt, turn = float(dice.uniform(0.015, 0.045)), float(dice.uniform(-4, 4))
    laid = _lay(_crease(sheet, dice), dice, tilt=tilt, turn=turn)
    lit = _light(laid, dice, low=float(dice.uniform(0.65, 0.85)), edge=float(dice.uniform(0.6, 0.8)))
    soft = cv2.GaussianBlur(lit, (0, 0), 0.7 * max(lit.shape[:2]) / 2600)
    return Shot(sized(_noise(soft, dice, 4), 2200), 75)


Condition = Callable[[Picture, np.random.Generator], Shot]
CONDITIONS: dict[str, Condition] = {
    shoot.__name__: shoot
    for shoot in (clean, skewed, rotated, perspective, noisy, low_light, blurred, creased, telegram)
}
"""Those of a usual set."""
EXTRA: dict[str, Condition] = {"combined": combined}
"""Those to be asked for by name."""


def photograph(page: Page, condition: str, *, dpi: float, seed: object) -> Shot:
    """The page under this condition; the same picture for the same seed."""
    dice = np.random.default_rng(seed_of(condition, seed))
    shot = (CONDITIONS | EXTRA)[condition](sheet_of(page, dpi, dice), dice)
    return Shot(sized(shot.picture, 3200), shot.quality)
