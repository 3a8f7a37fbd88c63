"""Documents as they come, read by the real engines: photographs, PDF, XML, and what is refused."""

import io
import json
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from salon.intake.documents.codec import from_json, to_json
from salon.intake.documents.domain import Flag, Limits, SourceKind
from salon.intake.documents.errors import (
    DocumentDamaged,
    DocumentEmpty,
    DocumentEncrypted,
    DocumentTooLarge,
    NotADocument,
    NothingRead,
    PictureTooLarge,
    TooManyPages,
)
from salon.intake.documents.evaluation import cases_in, compare
from salon.intake.documents.reading import read_document
from salon.intake.domain import Reason
from salon.intake.use_cases.wording import reason_in_words
from salon.integrations.documents import open_engines
from support.documents.papers import make_paper
from support.documents.writing import write

LIMITS = Limits()


@pytest.fixture(scope="module")
def engines():
    return open_engines()


def _read(data: bytes, engines, limits: Limits = LIMITS):
    return read_document(data, engines=engines, limits=limits, tell=lambda _percent: None)


def _made(folder: Path, kind: str, condition: str):
    """A generated document, and how it compares with its truth when it is read."""
    paper = make_paper(kind, f"reading:{kind}", lines=(3, 4))
    (folder / "inv00.json").write_text(json.dumps(paper.truth(), ensure_ascii=False), encoding="utf-8")
    write(paper, condition, folder / f"inv00_{condition}", seed=1)
    [case] = cases_in(folder)
    return case


@pytest.mark.parametrize(
    ("kind", "condition"),
    [
        ("torg12", "perspective"), ("upd", "low_light"), ("sales_receipt", "rotated"), ("sales_receipt", "noisy"),
        ("cash_receipt", "telegram"),
    ],
)  # fmt: skip
def test_a_photograph_is_read(tmp_path, engines, kind, condition):
    case = _made(tmp_path, kind, condition)
    told = []
    result = read_document(case.path.read_bytes(), engines=engines, limits=LIMITS, tell=told.append)
    found, misses = compare(case, result.document, 0.0)

    assert found.numeric == found.lines, misses
    assert found.wrong_numbers_unflagged == 0
    assert found.totals_right == 1
    assert result.document.source in {SourceKind.PHOTO, SourceKind.SCAN}
    assert told == sorted(told)
    assert Image.open(io.BytesIO(result.previews[0])).size == (
        result.document.pages[0].width, result.document.pages[0].height
    )  # fmt: skip
    assert from_json(json.loads(json.dumps(to_json(result.document)))) == result.document


@pytest.mark.parametrize(
    ("kind", "condition", "source"),
    [("torg12", "text_pdf", SourceKind.PDF_TEXT), ("upd", "xml", SourceKind.XML), ("upd", "heic", SourceKind.PHOTO)],
)
def test_better_sources_are_read_to_the_letter(tmp_path, engines, kind, condition, source):
    case = _made(tmp_path, kind, condition)
    document = _read(case.path.read_bytes(), engines).document
    found, misses = compare(case, document, 0.0)

    assert (found.full, found.totals_right, found.inns_right) == (found.lines, 1, 1), misses
    assert document.source is source
    assert all(line.accepted for line in document.lines) or source is SourceKind.PHOTO


def _png(width: int, height: int) -> bytes:
    """A PNG whose header claims this size, of a few hundred bytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")
    )


def _picture(kind: str, size: tuple[int, int] = (400, 300), pages: int = 1) -> bytes:
    buffer = io.BytesIO()
    page = Image.new("RGB", size, "white")
    more = {"save_all": True, "append_images": [page] * (pages - 1)} if pages > 1 else {}
    page.save(buffer, kind, **more)
    return buffer.getvalue()


_DTD = '<?xml version="1.0"?><!DOCTYPE Файл [<!ENTITY a SYSTEM "file:///etc/passwd">]><Файл>&a;</Файл>'
_LOL = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]><Файл>&b;</Файл>'


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", DocumentEmpty),
        (b"MZ\x90\x00 a program", NotADocument),
        (b"PK\x03\x04 an archive", NotADocument),
        (_png(60_000, 60_000), PictureTooLarge),
        (_png(30_000, 10), PictureTooLarge),
        (_png(500, 500), DocumentDamaged),
        (_picture("JPEG")[:300], DocumentDamaged),
        (_picture("TIFF", (60, 60), pages=11), TooManyPages),
        (_picture("PNG"), NothingRead),
        (b"%PDF-1.7\nnothing that follows", DocumentDamaged),
        (b"%PDF-1.4\n" + b"x" * 21_000_000, DocumentTooLarge),
        (_DTD.encode(), DocumentDamaged),
        (_LOL.encode(), DocumentDamaged),
        ("<?xml version='1.0'?><Файл><Письмо/></Файл>".encode(), NotADocument),
        (b"<?xml version='1.0'?>" + b"<a>" * 3_000, DocumentDamaged),
        (b"<?xml version='1.0'?><a>" + b" " * 5_000_000 + b"</a>", DocumentTooLarge),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else f"{len(value)} bytes",
)
def test_what_cannot_be_read_is_refused_with_a_reason(engines, data, refusal):
    with pytest.raises(refusal) as caught:
        _read(data, engines)

    assert caught.value.code == refusal.code
    assert Reason.of(refusal.code) == refusal.code
    assert reason_in_words(refusal.code)


def _pdf(size: tuple[float, float], pages: int = 1, *, extra: bytes = b"") -> bytes:
    """A PDF of empty pages; `extra` goes into the trailer."""
    kids = " ".join(f"{3 + i} 0 R" for i in range(pages))
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Kids[{kids}]/Count {pages}>>".encode()]
    objects += [f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {size[0]} {size[1]}]>>".encode()] * pages
    body, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start = len(body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    body += b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, table)
    return body + b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (count, extra, start)


_LOCKED = (
    b"/Encrypt<</Filter/Standard/V 1/R 2/Length 40/P -4/O<" + b"41" * 32 + b">/U<" + b"42" * 32
    + b">>>/ID[<" + b"43" * 16 + b"><" + b"43" * 16 + b">]"
)  # fmt: skip


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (_pdf((595, 842), extra=_LOCKED), DocumentEncrypted),
        (_pdf((200_000, 842)), PictureTooLarge),
        (_pdf((595, 842), pages=11), TooManyPages),
        (_pdf((595, 842)), NothingRead),
    ],
    ids=["locked", "huge page", "many pages", "blank"],
)
def test_a_pdf_that_cannot_be_read_is_refused(engines, data, refusal):
    with pytest.raises(refusal):
        _read(data, engines)


def test_an_invalid_tax_number_in_xml_flags_the_supplier_only(tmp_path, engines):
    case = _made(tmp_path, "upd", "xml")
    inn = case.truth["supplier"]["inn"]
    wrong = inn[:-1] + str((int(inn[-1]) + 1) % 10)
    document = _read(case.path.read_bytes().replace(inn.encode(), wrong.encode()), engines).document

    assert document.supplier.inn.flags == (Flag.INN_INVALID,)
    assert all(line.accepted for line in document.lines)
