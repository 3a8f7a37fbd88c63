"""Files of a document: photographs by condition, other picture formats, PDF and XML."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from random import Random

from PIL import ExifTags, Image

from .papers import Paper
from .photograph import encoded, photograph
from .text_pdf import text_pdf
from .upd_xml import upd_xml


def _scan(pictures: list[bytes]) -> bytes:
    """A PDF whose pages are photographs."""
    pages = [Image.open(io.BytesIO(each)) for each in pictures]
    buffer = io.BytesIO()
    pages[0].save(buffer, "PDF", save_all=True, append_images=pages[1:], resolution=200, quality=85)
    return buffer.getvalue()


def shots(paper: Paper, condition: str, seed: object) -> list[bytes]:
    """A JPEG of each page under this condition."""
    return [photograph(page, condition, dpi=paper.looks.dpi, seed=f"{seed}:{number}").jpeg()
            for number, page in enumerate(paper.pages)]  # fmt: skip


def _picture(suffix: str, condition: str) -> Callable[[Paper, object], dict[str, bytes]]:
    def render(paper: Paper, seed: object) -> dict[str, bytes]:
        page = photograph(paper.pages[0], condition, dpi=paper.looks.dpi, seed=f"{seed}:0")
        return {suffix: encoded(page.picture, suffix, page.quality)}

    return render


def _scan_pdf(paper: Paper, seed: object) -> dict[str, bytes]:
    return {"pdf": _scan(shots(paper, "clean", seed))}


def _exif(paper: Paper, seed: object) -> dict[str, bytes]:
    """Stored sideways, as phones do, with the tag that tells how to turn it."""
    shot = photograph(paper.pages[0], "perspective", dpi=paper.looks.dpi, seed=f"{seed}:0")
    image = Image.fromarray(shot.picture).transpose(Image.Transpose.ROTATE_90)
    tags = Image.Exif()
    tags[ExifTags.Base.Orientation] = 6  # turn by 90° clockwise to look at it
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=shot.quality, exif=tags)
    return {"jpg": buffer.getvalue()}


def _text_pdf(paper: Paper, seed: object) -> dict[str, bytes]:
    return {"pdf": text_pdf(paper.pages)}


def _xml(paper: Paper, seed: object) -> dict[str, bytes]:
    """Only a УПД is exchanged so."""
    return {"xml": upd_xml(paper.content, Random(f"xml:{seed}"))} if paper.content.kind == "upd" else {}


RENDITIONS: dict[str, Callable[[Paper, object], dict[str, bytes]]] = {
    "png": _picture("png", "clean"),
    "webp": _picture("webp", "perspective"),
    "heic": _picture("heic", "skewed"),
    "exif": _exif,
    "scan_pdf": _scan_pdf,
    "text_pdf": _text_pdf,
    "xml": _xml,
}
"""Other forms than a JPEG: by suffix, the bytes."""


def write(paper: Paper, condition: str, stem: Path, *, seed: object) -> list[Path]:
    """The files of a document under a condition, `stem` plus a suffix.

    A paper of several pages becomes one PDF of its photographs, since a truth file belongs to one file.
    """
    if condition not in RENDITIONS:
        pictures = shots(paper, condition, seed)
        made = {"jpg": pictures[0]} if len(pictures) == 1 else {"pdf": _scan(pictures)}
    else:
        made = RENDITIONS[condition](paper, seed)
    paths = []
    for suffix, data in made.items():
        path = stem.with_name(f"{stem.name}.{suffix}")
        path.write_bytes(data)
        paths.append(path)
    return paths
