"""The port `PdfReader`: text by pdfplumber, drawings by pypdfium2."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pdfplumber
import pypdfium2
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfminer.pdfparser import PDFSyntaxError

from salon.intake.documents.domain import Limits
from salon.intake.documents.errors import DocumentDamaged, DocumentEncrypted, PictureTooLarge, TooManyPages
from salon.intake.documents.parsing.words import Cell, Page, Word
from salon.intake.documents.ports import Raster

_LEAST_WORDS = 15  # fewer is a stamp on a scan
_POINTS = 20_000.0  # of a page's side; PDF itself ends at 14,400
_LONGEST = 2600  # pixels that a page is drawn with
_LINE_X, _LINE_Y = 1.0, 2.5
_SCALE = 4.0  # words get pixels of 288 dots an inch, so distances mean what they mean in photographs
_PASSWORD = 4  # FPDF_ERR_PASSWORD


class PdfPages:
    """Reads a PDF's words where it has them and draws its pages where not."""

    version = pdfplumber.__version__

    def text_pages(self, data: bytes, limits: Limits) -> tuple[Page, ...]:
        """Words of each page (see the port)."""
        self._check(data, limits)
        try:
            with pdfplumber.open(io.BytesIO(data)) as document:
                pages = tuple(_page(page, number) for number, page in enumerate(document.pages))
        except PDFPasswordIncorrect as error:
            raise DocumentEncrypted from error
        except (PDFSyntaxError, ValueError, KeyError, TypeError, AssertionError, RecursionError, OSError) as error:
            raise DocumentDamaged(type(error).__name__) from error
        except Exception as error:  # pdfminer raises whatever a broken object leads to; pypdfium2 has opened the file
            raise DocumentDamaged(type(error).__name__) from error
        return pages if all(len(page.words) >= _LEAST_WORDS for page in pages) else ()

    def rasters(self, data: bytes, limits: Limits) -> Iterator[Raster]:
        """The pages, drawn (see the port)."""
        with _opened(data) as document:
            for number in range(self._count(document, limits)):
                page = document[number]
                scale = _LONGEST / max(1.0, *page.get_size())
                bitmap = page.render(scale=scale, rev_byteorder=True)
                pixels = np.ascontiguousarray(bitmap.to_numpy()[:, :, :3])
                bitmap.close()
                page.close()
                yield Raster(pixels, is_scan=True)

    def _check(self, data: bytes, limits: Limits) -> None:
        with _opened(data) as document:
            self._count(document, limits)

    def _count(self, document: Any, limits: Limits) -> int:
        count = len(document)
        if count == 0:
            raise DocumentDamaged("no pages")
        if count > limits.max_pages:
            raise TooManyPages(f"{count} pages")
        for number in range(count):
            width, height = document.get_page_size(number)
            if not (0 < width <= _POINTS and 0 < height <= _POINTS):
                raise PictureTooLarge(f"{width:.0f} × {height:.0f} points")
        return count


def _opened(data: bytes) -> Any:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD or "password" in str(error).lower():
            raise DocumentEncrypted from error
        raise DocumentDamaged("pdfium cannot open it") from error


def _page(page: Any, number: int) -> Page:
    words = tuple(
        Word(word["x0"] * _SCALE, word["top"] * _SCALE, word["x1"] * _SCALE, word["bottom"] * _SCALE, text=word["text"])
        for word in page.extract_words(x_tolerance=_LINE_X, y_tolerance=_LINE_Y, keep_blank_chars=False)
        if "(cid:" not in word["text"]
    )
    cells = tuple(
        Cell(left * _SCALE, top * _SCALE, right * _SCALE, bottom * _SCALE)
        for table in page.find_tables()
        for left, top, right, bottom in (cell for cell in table.cells if cell)
    )
    ordered = tuple(sorted(cells, key=lambda cell: (cell.top, cell.left)))
    return Page(number, float(page.width) * _SCALE, float(page.height) * _SCALE, words, ordered, is_exact=True)
