"""What the reading of a document needs from outside; adapters are in `salon.integrations`.

A picture is opaque here: pixels live in the adapters, and this module sees words, boxes and text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from salon.intake.documents.domain import Limits, RecognisedDocument
from salon.intake.documents.parsing.words import Cell, Hint, Page


@dataclass(frozen=True, slots=True)
class Raster:
    """One decoded page.

    Attributes:
        pixels: of the adapters' own kind.
        is_scan: whether it came out of a PDF.
    """

    pixels: Any
    is_scan: bool = False


@dataclass(frozen=True, slots=True)
class Straight:
    """One page, upright and evenly lit.

    Attributes:
        pixels: grey, what letters are read from.
        preview: JPEG of the same geometry: a box of the one is a box of the other.
        width: of the preview.
        height: of the preview.
        turned: degrees clockwise.
        grid: cells of a ruled table if there is one.
        is_noisy: whether it had to be smoothed.
    """

    pixels: Any
    preview: bytes
    width: int
    height: int
    turned: int
    grid: tuple[Cell, ...] = ()
    is_noisy: bool = False


class PictureOpener(Protocol):
    """Decodes JPEG, PNG, HEIC, WebP and TIFF, and draws pages of a PDF that has no text."""

    def pictures(self, data: bytes, limits: Limits) -> Iterator[Raster]:
        """The pages of a picture file, upright as its EXIF says, scaled down to what is needed.

        Raises:
            PictureTooLarge, TooManyPages, DocumentDamaged, NotADocument: before anything large is decoded.
        """
        ...


class PdfReader(Protocol):
    """Reads PDF.

    Attributes:
        version: of the library.
    """

    version: str

    def text_pages(self, data: bytes, limits: Limits) -> tuple[Page, ...]:
        """Words with places of each page; empty when there is no usable text layer.

        Raises:
            DocumentEncrypted, DocumentDamaged, TooManyPages, PictureTooLarge: see there.
        """
        ...

    def rasters(self, data: bytes, limits: Limits) -> Iterator[Raster]:
        """The pages, drawn. Raises as above."""
        ...


class PageStraightener(Protocol):
    """Makes a page out of a photograph: rectified, evenly lit, upright, level."""

    def straighten(self, raster: Raster, *, page: int) -> Straight:
        """The page."""
        ...

    def preview(self, raster: Raster) -> tuple[bytes, int, int]:
        """JPEG, width and height of a page that is straight already."""
        ...


class TextRecogniser(Protocol):
    """Reads letters.

    Attributes:
        name: the engine.
        version: of the engine and its models.
    """

    name: str
    version: str

    def words(self, straight: Straight, *, page: int) -> Page:
        """All words of a page with their places."""
        ...

    def reread(self, straight: Straight, cells: Sequence[tuple[Cell, Hint]]) -> tuple[tuple[str, float], ...]:
        """Text and confidence 0..1 of each cell, read by itself."""
        ...


class CodeReader(Protocol):
    """Reads QR codes."""

    def codes(self, raster: Raster) -> tuple[str, ...]:
        """Texts of all codes in the picture."""
        ...


class XmlReader(Protocol):
    """Reads an УПД of the tax service's XML format."""

    def read(self, data: bytes, limits: Limits) -> RecognisedDocument:
        """The document.

        Raises:
            NotADocument: it is XML of something else.
            DocumentDamaged: it is no XML, or has entities.
            DocumentTooLarge: more bytes, or more lines, than an УПД has.
            CorrectionNotRead: it corrects an earlier document.
            ForeignCurrency: its sums are not roubles.
        """
        ...


@dataclass(frozen=True, slots=True)
class Engines:
    """Everything a reading needs. Belongs to one thread at a time: Tesseract's objects are kept alive between pages."""

    xml: XmlReader
    pdf: PdfReader
    pictures: PictureOpener
    straightener: PageStraightener
    recogniser: TextRecogniser
    codes: CodeReader
