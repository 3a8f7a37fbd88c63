"""Reads a supplier's document, the most trusted source first: УПД as XML, text of a PDF, fiscal code, photograph."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from time import perf_counter

from salon.intake.documents.codec import fiscal_of
from salon.intake.documents.domain import (
    FiscalCode,
    Flag,
    Limits,
    PageInfo,
    ReadResult,
    RecognisedDocument,
    SourceKind,
)
from salon.intake.documents.errors import DocumentEmpty, DocumentTooLarge, NotADocument, NothingRead
from salon.intake.documents.parsing.assemble import PageLines, assemble, read_page
from salon.intake.documents.parsing.names import Reread
from salon.intake.documents.parsing.words import Cell, Hint, Page
from salon.intake.documents.ports import Engines, Raster, Straight

_LEAST_WORDS = 6
_FINISHED = 95


def read_document(data: bytes, *, engines: Engines, limits: Limits, tell: Callable[[int], None]) -> ReadResult:
    """Read a document.

    Args:
        data: the file as it came; its kind is decided by its content.
        engines: what reads; used by one thread at a time.
        limits: more than that is refused.
        tell: is told the progress, per cent.

    Raises:
        DocumentRefused: with a code and a reason in words; the same file will be refused again.
        EngineUnavailable: an engine is not installed.
    """
    if not data:
        raise DocumentEmpty
    if len(data) > limits.max_bytes:
        raise DocumentTooLarge(f"{len(data)} bytes")
    kind = kind_of(data)
    tell(5)
    if kind == "xml":
        return ReadResult(engines.xml.read(data, limits), ())
    if kind == "pdf":
        return _read_pdf(data, engines, limits, tell)
    if kind == "picture":
        return _read_rasters(engines.pictures.pictures(data, limits), engines, tell, SourceKind.PHOTO)
    raise NotADocument("no magic bytes of anything that is read")


def kind_of(data: bytes) -> str | None:
    """`xml`, `pdf` or `picture` by the first bytes, whatever the file calls itself; None for anything else."""
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if head.startswith((b"<?xml", b"<!DOCTYPE", "<Файл".encode(), "<Файл".encode("windows-1251"))):
        return "xml"
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"} and "<" in data[:64].decode("utf-16", "ignore"):
        return "xml"
    is_picture = (
        data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\x00", b"MM\x00*"))
        or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")
        or (
            data[4:8] == b"ftyp"
            and data[8:12] in {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif"}
        )
    )
    return "picture" if is_picture else None


def _read_pdf(data: bytes, engines: Engines, limits: Limits, tell: Callable[[int], None]) -> ReadResult:
    started = perf_counter()
    pages = engines.pdf.text_pages(data, limits)
    if pages:
        parts = _parts(pages)
        if any(part.lines for part in parts):
            previews: list[bytes] = []
            infos: list[PageInfo] = []
            codes: list[str] = []
            for raster in engines.pdf.rasters(data, limits):
                codes += engines.codes.codes(raster)
                preview, width, height = engines.straightener.preview(raster)
                previews.append(preview)
                infos.append(PageInfo(width, height))
            spent = round((perf_counter() - started) / len(pages), 3)
            tell(_FINISHED)
            document = assemble(
                pages, parts, infos=[replace(info, seconds=spent) for info in infos], qr=_fiscal(codes),
                source=SourceKind.PDF_TEXT, engine="pdfplumber", engine_version=engines.pdf.version,
            )  # fmt: skip
            return ReadResult(document, tuple(previews))
    return _read_rasters(engines.pdf.rasters(data, limits), engines, tell, SourceKind.SCAN)


def _parts(pages: tuple[Page, ...]) -> list[PageLines]:
    parts: list[PageLines] = []
    for page in pages:
        parts.append(read_page(page, None, first=1 + sum(len(part.lines) for part in parts)))
    return parts


def _read_rasters(
    rasters: Iterator[Raster], engines: Engines, tell: Callable[[int], None], source: SourceKind
) -> ReadResult:
    pages: list[Page] = []
    parts: list[PageLines] = []
    infos: list[PageInfo] = []
    previews: list[bytes] = []
    codes: list[str] = []
    for number, raster in enumerate(rasters):
        started = perf_counter()
        codes += engines.codes.codes(raster)
        straight = engines.straightener.straighten(raster, page=number)
        tell(min(_FINISHED, 30 + 20 * number))
        page = engines.recogniser.words(straight, page=number)
        tell(min(_FINISHED, 40 + 20 * number))
        first = 1 + sum(len(part.lines) for part in parts)
        part = read_page(page, _rereading(engines, straight), first=first)
        pages.append(page)
        parts.append(part)
        previews.append(straight.preview)
        infos.append(PageInfo(straight.width, straight.height, straight.turned, round(perf_counter() - started, 3)))
    qr = _fiscal(codes)
    tell(_FINISHED)
    if qr is None and (not pages or sum(len(page.words) for page in pages) < _LEAST_WORDS):
        raise NothingRead
    document = assemble(
        pages, parts, infos=infos, qr=qr, source=source,
        engine=engines.recogniser.name, engine_version=engines.recogniser.version,
    )  # fmt: skip
    return ReadResult(_judged(document), tuple(previews))


def _rereading(engines: Engines, straight: Straight) -> Reread:
    def reread(cells: Sequence[tuple[Cell, Hint]]) -> Sequence[tuple[str, float]]:
        return engines.recogniser.reread(straight, cells)

    return reread


def _judged(document: RecognisedDocument) -> RecognisedDocument:
    """Refuses what says nothing; a fiscal code alone is identity and sum.

    Raises:
        NothingRead: neither a line, nor a total, nor a fiscal code.
    """
    if document.lines:
        return document
    if document.qr is None and document.total_minor.value is None:
        raise NothingRead("no line, no total, no fiscal code")
    flags = tuple(dict.fromkeys((*document.flags, Flag.LINES_MISSING)))
    return replace(document, flags=flags, source=SourceKind.QR if document.qr else document.source)


def _fiscal(codes: list[str]) -> FiscalCode | None:
    return next((found for text in codes if (found := fiscal_of(text)) is not None), None)
