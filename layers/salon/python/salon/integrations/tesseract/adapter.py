"""The port `TextRecogniser` by tesserocr, and the direction that a page stands in.

An object of Tesseract keeps its models loaded (50 MB, 0.3 s) and is used by one thread at a time; several pages at once
are several processes. Threads of OpenMP's only make it slower: they spin while they wait for each other.
`OMP_THREAD_LIMIT=1` must stand in the environment before this module is imported, because libgomp reads it once, when
it is loaded. The image and the local executor set it, and `salon.integrations.documents` for every other process.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tesserocr
from PIL import Image

from salon.intake.documents.errors import EngineUnavailable
from salon.intake.documents.parsing.words import Cell, Hint, Page, Word
from salon.intake.documents.ports import Straight

LANGUAGES = "rus+eng"
_DPI = 200
_DATA = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
)
_WHITELIST = {Hint.MONEY: "0123456789,.- ", Hint.QUANTITY: "0123456789,.", Hint.TEXT: ""}
_OSD_SIDE = 2600  # smaller letters are guessed at
_SURE = 3.0  # below it every second answer is wrong
_PIECE = 640  # pixels of the strip that is read in one direction after another
_ENOUGH = 60  # letters
_CERTAIN = 0.3  # the mean square of their confidence: upside down it is 0.2 at most, blurred but upright 0.32


def find_data(folder: str | None = None) -> str:
    """Where the models are.

    Raises:
        EngineUnavailable: nowhere; Debian's packages are tesseract-ocr-rus, -eng and -osd.
    """
    for place in (folder, *_DATA):
        if place and all((Path(place) / f"{name}.traineddata").is_file() for name in ("rus", "eng", "osd")):
            return place
    raise EngineUnavailable("No models of Tesseract: install tesseract-ocr-rus, tesseract-ocr-eng, tesseract-ocr-osd.")


class TesseractRecogniser:
    """Reads a page with one object, single cells with another."""

    name = "tesseract"

    def __init__(self, data: str) -> None:
        """Load the models.

        Args:
            data: the folder of the models.
        """
        tesserocr.set_leptonica_log_level(tesserocr.LeptLogLevel.NONE)  # it complains of empty boxes, page after page
        self._page = tesserocr.PyTessBaseAPI(path=data, lang=LANGUAGES, psm=tesserocr.PSM.SINGLE_COLUMN)
        self._cell = tesserocr.PyTessBaseAPI(path=data, lang="rus", psm=tesserocr.PSM.SINGLE_LINE)
        self._latin = tesserocr.PyTessBaseAPI(path=data, lang="eng", psm=tesserocr.PSM.SINGLE_LINE)
        self.version = f"{tesserocr.tesseract_version().split()[1]} {LANGUAGES} fast"

    def words(self, straight: Straight, *, page: int) -> Page:
        """All words of a page (see the port)."""
        height, width = straight.pixels.shape[:2]
        self._page.SetImage(Image.fromarray(straight.pixels))
        self._page.SetSourceResolution(_DPI)
        self._page.Recognize(0)
        words = _words(self._page)
        self._page.Clear()
        return Page(page, width, height, words, straight.grid)

    def reread(self, straight: Straight, cells: Sequence[tuple[Cell, Hint]]) -> tuple[tuple[str, float], ...]:
        """Each cell by itself (see the port)."""
        return tuple(self._reread(straight.pixels, cell, hint) for cell, hint in cells)

    def _reread(self, pixels: Any, cell: Cell, hint: Hint) -> tuple[str, float]:
        height, width = pixels.shape[:2]
        left, top = max(0, int(cell.left)), max(0, int(cell.top))
        right, bottom = min(width, int(cell.right)), min(height, int(cell.bottom))
        if right - left < 6 or bottom - top < 6:  # noqa: PLR2004 - no letter is smaller
            return "", 0.0
        crop = cv2.copyMakeBorder(
            np.ascontiguousarray(pixels[top:bottom, left:right]), 14, 14, 18, 18, cv2.BORDER_CONSTANT, value=[245]
        )
        if hint is Hint.NAME:
            return self._read_block(crop)
        if hint is Hint.LATIN:
            return self._read_with(self._latin, crop)
        self._cell.SetVariable("tessedit_char_whitelist", _WHITELIST[hint])
        return self._read_with(self._cell, crop)

    def _read_with(self, api: Any, crop: Any) -> tuple[str, float]:
        api.SetImage(Image.fromarray(crop))
        api.SetSourceResolution(_DPI)
        text = " ".join(api.GetUTF8Text().split())
        confidence = api.MeanTextConf() / 100
        api.Clear()
        return text, confidence

    def _read_block(self, crop: Any) -> tuple[str, float]:
        self._page.SetPageSegMode(tesserocr.PSM.SINGLE_BLOCK)
        try:
            return self._read_with(self._page, crop)
        finally:
            self._page.SetPageSegMode(tesserocr.PSM.SINGLE_COLUMN)


class Orientation:
    """How a page must be turned to stand upright.

    Tesseract's detection is cheap, but on blurred and dense pages it guesses, a wide table sideways above all. Where it
    is not sure a strip of text is read in all four directions: letters that are upright are read with confidence.
    """

    def __init__(self, data: str) -> None:
        """Load the model.

        Args:
            data: the folder of the models.
        """
        self._data = data
        self._api = tesserocr.PyTessBaseAPI(path=data, lang="osd", psm=tesserocr.PSM.OSD_ONLY)
        self._reader: Any = None

    def __call__(self, flat: Any) -> int:
        """Degrees clockwise; 0 when nothing can be said."""
        scale = _OSD_SIDE / max(flat.shape)
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        large = cv2.resize(flat, None, fx=scale, fy=scale, interpolation=method)
        self._api.SetImage(Image.fromarray(large))
        self._api.SetSourceResolution(_DPI)
        found = self._api.DetectOrientationScript()
        self._api.Clear()
        if found and found["orient_conf"] >= _SURE:
            return (360 - int(found["orient_deg"])) % 360
        guess = (360 - int(found["orient_deg"])) % 360 if found else 0
        return self._by_reading(_densest(large), tuple(dict.fromkeys((guess, 0, 90, 180, 270))))

    def _by_reading(self, piece: Any, directions: Sequence[int]) -> int:
        if self._reader is None:
            self._reader = tesserocr.PyTessBaseAPI(path=self._data, lang="rus", psm=tesserocr.PSM.SINGLE_BLOCK)
        best, most = 0, 0.0
        for degrees in directions:
            letters, certain = self._letters(np.rot90(piece, -(degrees // 90)))
            if letters >= _ENOUGH and certain > _CERTAIN * letters:
                return degrees
            if certain > most:
                best, most = degrees, certain
        return best

    def _letters(self, piece: Any) -> tuple[int, float]:
        """How many letters and digits were read, and that again, each by the confidence in its word."""
        self._reader.SetImage(Image.fromarray(np.ascontiguousarray(piece)))
        self._reader.SetSourceResolution(_DPI)
        self._reader.Recognize(0)
        counts = [(sum(map(str.isalnum, word.text)), word.confidence) for word in _words(self._reader)]
        self._reader.Clear()
        return sum(count for count, _ in counts), sum(count * confidence**2 for count, confidence in counts)


def _densest(flat: Any) -> Any:
    """The part of a page that has the most ink: text, in all likelihood."""
    scale = 200 / max(flat.shape)
    ink = cv2.resize((flat < 130).astype(np.float32), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)  # noqa: PLR2004 - black
    side = min(round(_PIECE * scale), *ink.shape)
    sums = cv2.boxFilter(np.minimum(ink, 0.25), -1, (side, side), normalize=False, anchor=(0, 0))
    usable = sums[: ink.shape[0] - side + 1, : ink.shape[1] - side + 1]
    top, left = (int(place / scale) for place in np.unravel_index(int(np.argmax(usable)), usable.shape))
    return flat[top : top + _PIECE, left : left + _PIECE]


def _words(api: Any) -> tuple[Word, ...]:
    words = []
    iterator = api.GetIterator()
    if iterator is None:
        return ()
    level = tesserocr.RIL.WORD
    for item in tesserocr.iterate_level(iterator, level):
        if item.Empty(level):
            continue
        text = unicodedata.normalize("NFC", item.GetUTF8Text(level) or "").strip()
        box = item.BoundingBox(level)
        if text and box:
            left, top, right, bottom = map(float, box)
            confidence = round(item.Confidence(level) / 100, 3)
            words.append(Word(left, top, right, bottom, text=text, confidence=confidence))
    return tuple(words)
