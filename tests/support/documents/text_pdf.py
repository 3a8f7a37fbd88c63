"""A PDF with a text layer: the same pages, drawn by pdfium with the same fonts embedded."""

from __future__ import annotations

import ctypes
import io
from collections.abc import Iterator, Sequence

import pypdfium2
import pypdfium2.raw as pdfium

from .paper import Page, Rule, Stamp, Text, font_path

POINTS = 72 / 25.4


def text_pdf(pages: Sequence[Page]) -> bytes:
    """The pages as a born-digital PDF."""
    document = pypdfium2.PdfDocument.new()
    pen = Pen(document.raw)
    for page in pages:
        made = document.new_page(page.width * POINTS, page.height * POINTS)
        for drawn in pen.draw(page):
            pdfium.FPDFPage_InsertObject(made.raw, drawn)
        made.gen_content()
    buffer = io.BytesIO()
    document.save(buffer)
    document.close()
    return buffer.getvalue()


class Pen:
    """Draws what stands on paper as objects of a PDF page, whose y grows upwards."""

    def __init__(self, document: pdfium.FPDF_DOCUMENT) -> None:
        self._document = document
        self._fonts: dict[str, pdfium.FPDF_FONT] = {}

    def draw(self, page: Page) -> Iterator[pdfium.FPDF_PAGEOBJECT]:
        """Every rule, run of text and QR module of the page."""
        for rule in page.rules:
            yield self._rule(page, rule)
        for text in page.texts:
            yield self._text(page, text)
        for stamp in page.stamps:
            yield from self._modules(page, stamp)

    def _font(self, face: str) -> pdfium.FPDF_FONT:
        if face not in self._fonts:
            data = font_path(face).read_bytes()
            raw = (ctypes.c_uint8 * len(data)).from_buffer_copy(data)
            font = pdfium.FPDFText_LoadFont(self._document, raw, len(data), pdfium.FPDF_FONT_TRUETYPE, 1)
            self._fonts[face] = font
        return self._fonts[face]

    def _text(self, page: Page, text: Text) -> pdfium.FPDF_PAGEOBJECT:
        words = text.text.replace("\u2009", " ").encode("utf-16-le") + b"\0\0"
        units = (pdfium.FPDF_WCHAR * (len(words) // 2)).from_buffer_copy(words)
        written = pdfium.FPDFPageObj_CreateTextObj(self._document, self._font(text.style.face), text.style.size)
        pdfium.FPDFText_SetText(written, units)
        pdfium.FPDFPageObj_Transform(written, 1, 0, 0, 1, text.x * POINTS, (page.height - text.y) * POINTS)
        return written

    @staticmethod
    def _rule(page: Page, rule: Rule) -> pdfium.FPDF_PAGEOBJECT:
        path = pdfium.FPDFPageObj_CreateNewPath(rule.x1 * POINTS, (page.height - rule.y1) * POINTS)
        pdfium.FPDFPath_LineTo(path, rule.x2 * POINTS, (page.height - rule.y2) * POINTS)
        pdfium.FPDFPageObj_SetStrokeWidth(path, rule.width * POINTS)
        pdfium.FPDFPath_SetDrawMode(path, 0, 1)
        return path

    @staticmethod
    def _modules(page: Page, stamp: Stamp) -> Iterator[pdfium.FPDF_PAGEOBJECT]:
        side = stamp.side / stamp.modules.shape[0]
        for row, column in zip(*(stamp.modules < 128).nonzero(), strict=True):
            left, bottom = stamp.x + column * side, page.height - (stamp.y + (row + 1) * side)
            square = pdfium.FPDFPageObj_CreateNewRect(*(POINTS * each for each in (left, bottom, side, side)))
            pdfium.FPDFPath_SetDrawMode(square, pdfium.FPDF_FILLMODE_WINDING, 0)
            yield square
