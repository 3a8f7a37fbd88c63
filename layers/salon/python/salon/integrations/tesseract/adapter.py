"""The port `TextRecogniser` by tesserocr.

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
DPI = 200
_DATA = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
)
_WHITELIST = {Hint.MONEY: "0123456789,.- ", Hint.QUANTITY: "0123456789,.", Hint.TEXT: ""}


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
        self._page.SetSourceResolution(DPI)
        self._page.Recognize(0)
        words = words_of(self._page)
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
        api.SetSourceResolution(DPI)
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


def words_of(api: Any) -> tuple[Word, ...]:
    """The words that an object of Tesseract has just recognised, in reading order."""
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
