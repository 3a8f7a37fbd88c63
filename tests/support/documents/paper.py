"""Paper in millimetres: text, rules and pictures, with the reading order of what stands on it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

FOLDERS = (Path("/usr/share/fonts/truetype/liberation"), Path("/usr/share/fonts/truetype/dejavu"))
FAMILIES = {
    "sans": ("LiberationSans-Regular", "LiberationSans-Bold"),
    "serif": ("LiberationSerif-Regular", "LiberationSerif-Bold"),
    "mono": ("LiberationMono-Regular", "LiberationMono-Bold"),
    "narrow": ("LiberationSansNarrow-Regular", "LiberationSansNarrow-Bold"),
    "dejavu": ("DejaVuSans", "DejaVuSans-Bold"),
    "condensed": ("DejaVuSansCondensed", "DejaVuSansCondensed-Bold"),
    "dejavu-serif": ("DejaVuSerifCondensed", "DejaVuSerifCondensed-Bold"),
    "dejavu-mono": ("DejaVuSansMono", "DejaVuSansMono-Bold"),
}
MM_PER_POINT = 25.4 / 72
LINE = 1.18
"""Height of a line of text, in its size."""


@lru_cache(maxsize=64)
def font_path(face: str) -> Path:
    """The file of a face. Raises FileNotFoundError where the fonts' packages are not installed."""
    for folder in FOLDERS:
        path = folder / f"{face}.ttf"
        if path.exists():
            return path
    raise FileNotFoundError(f"no {face}.ttf: apt-get install fonts-liberation fonts-dejavu-extra")


@lru_cache(maxsize=512)
def font(face: str, pixels: float) -> ImageFont.FreeTypeFont:
    """A face at a size in pixels, cached."""
    return ImageFont.truetype(str(font_path(face)), pixels, layout_engine=ImageFont.Layout.BASIC)


@dataclass(frozen=True)
class Style:
    """A face and its size in points."""

    family: str
    size: float
    bold: bool = False

    @property
    def face(self) -> str:
        return FAMILIES[self.family][self.bold]

    @property
    def height(self) -> float:
        """Of the letters' em, mm."""
        return self.size * MM_PER_POINT

    @property
    def line(self) -> float:
        """From line to line, mm."""
        return self.height * LINE

    def width(self, text: str) -> float:
        """In mm."""
        return float(font(self.face, 100).getlength(_spaced(text))) / 100 * self.height

    def strong(self) -> Style:
        return Style(self.family, self.size, bold=True)

    def sized(self, factor: float) -> Style:
        return Style(self.family, self.size * factor, self.bold)


def _spaced(text: str) -> str:
    """No-break and thin spaces as the fonts at hand can draw them: a thin one is drawn as an ordinary space."""
    return text.replace("\u00a0", " ").replace("\u2009", " ")


@dataclass(frozen=True)
class Text:
    """A run of text whose left end of the baseline is at (x, y)."""

    x: float
    y: float
    text: str
    style: Style


@dataclass(frozen=True)
class Rule:
    """A straight line, width in mm."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float = 0.2


@dataclass(frozen=True)
class Stamp:
    """A black-and-white picture (a QR code) stretched over a square."""

    x: float
    y: float
    side: float
    modules: np.ndarray


@dataclass(frozen=True)
class Ink:
    """A line drawn by hand or by a stamp, in blue, mm."""

    points: tuple[tuple[float, float], ...]
    width: float


@dataclass
class Page:
    """One sheet, mm. `width`, `height` may be cut down when the tape ends."""

    width: float
    height: float
    texts: list[Text] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    stamps: list[Stamp] = field(default_factory=list)
    ink: list[Ink] = field(default_factory=list)
    _drawn: dict[float, Image.Image] = field(default_factory=dict)

    def write(self, x: float, y: float, text: str, style: Style, *, align: str = "left", width: float = 0) -> None:
        """One line of text; y is the top of the line. With `width`, aligned within (x, x + width)."""
        if not text:
            return
        if align != "left":
            slack = width - style.width(text)
            x += slack if align == "right" else slack / 2
        self.texts.append(Text(x, y + style.height * 0.95, text, style))

    def paragraph(self, x: float, y: float, text: str, style: Style, width: float, *, align: str = "left") -> float:
        """Wrapped text; returns the y below it."""
        for line in wrap(text, style, width):
            self.write(x, y, line, style, align=align, width=width)
            y += style.line
        return y

    def line(self, x1: float, y1: float, x2: float, y2: float, width: float = 0.2) -> None:
        self.rules.append(Rule(x1, y1, x2, y2, width))

    def box(self, left: float, top: float, right: float, bottom: float, width: float = 0.2) -> None:
        for x1, y1, x2, y2 in ((left, top, right, top), (left, bottom, right, bottom), (left, top, left, bottom),
                               (right, top, right, bottom)):  # fmt: skip
            self.line(x1, y1, x2, y2, width)

    def reading_order(self) -> str:
        """The text row by row, left to right."""
        rows: list[list[Text]] = []
        for text in sorted(self.texts, key=lambda each: each.y):
            if rows and text.y - rows[-1][0].y < 0.45 * min(text.style.height, rows[-1][0].style.height):
                rows[-1].append(text)
            else:
                rows.append([text])
        return "\n".join(" ".join(_spaced(each.text) for each in sorted(row, key=lambda it: it.x)) for row in rows)

    def draw(self, dpi: float) -> Image.Image:
        """In colour: black on white, with the blue of pen and stamp. Kept: change neither it nor the page."""
        if dpi not in self._drawn:
            self._drawn[dpi] = self._coloured(dpi / 25.4)
        return self._drawn[dpi]

    def _coloured(self, scale: float) -> Image.Image:
        grey = self._print(scale)
        if not self.ink:
            return grey.convert("RGB")
        blue = Image.new("L", grey.size, 0)
        pen = ImageDraw.Draw(blue)
        for ink in self.ink:
            points = [(x * scale, y * scale) for x, y in ink.points]
            pen.line(points, fill=150, width=max(1, round(ink.width * scale)), joint="curve")
        return Image.composite(Image.new("RGB", grey.size, (48, 62, 160)), grey.convert("RGB"), blue)

    def _print(self, scale: float) -> Image.Image:
        picture = Image.new("L", (round(self.width * scale), round(self.height * scale)), 255)
        pen = ImageDraw.Draw(picture)
        for rule in self.rules:
            width = max(1, round(rule.width * scale))
            pen.line(((rule.x1 * scale, rule.y1 * scale), (rule.x2 * scale, rule.y2 * scale)), fill=25, width=width)
        for text in self.texts:
            pixels = round(text.style.height * scale * 4) / 4
            pen.text((text.x * scale, text.y * scale), _spaced(text.text), font=font(text.style.face, pixels), fill=18,
                     anchor="ls")  # fmt: skip
        for stamp in self.stamps:
            side = round(stamp.side * scale)
            code = Image.fromarray(stamp.modules).resize((side, side), Image.Resampling.NEAREST)
            picture.paste(code, (round(stamp.x * scale), round(stamp.y * scale)))
        return picture


def wrap(text: str, style: Style, width: float) -> list[str]:
    """By words; a word too long for the line is cut."""
    lines: list[str] = []
    current = ""
    for word in text.split(" "):
        attempt = f"{current} {word}" if current else word
        if style.width(attempt) <= width:
            current = attempt
            continue
        if current:
            lines.append(current)
        rest = word
        while rest and style.width(rest) > width:
            cut = next((end for end in range(len(rest) - 1, 0, -1) if style.width(rest[:end]) <= width), 1)
            lines.append(rest[:cut])
            rest = rest[cut:]
        current = rest
    if current:
        lines.append(current)
    return lines or [""]


def seed_of(*parts: object) -> int:
    """A seed for numpy that is the same on every machine."""
    return zlib.crc32(":".join(map(str, parts)).encode())
