"""The port `PictureOpener` by Pillow and pillow-heif.

What a header says of its size is checked before a pixel is decoded: a few kilobytes may claim gigabytes. A large JPEG
is decoded at a half or a quarter of its size, which is all that is read.
"""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from salon.intake.documents.domain import Limits
from salon.intake.documents.errors import DocumentDamaged, NotADocument, PictureTooLarge, TooManyPages
from salon.intake.documents.ports import Raster

_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "MPO")
_LONGEST = 3200  # nothing is read from more
_FAULTS = (OSError, ValueError, SyntaxError, EOFError, struct.error, OverflowError, MemoryError, RuntimeError)


class PillowPictures:
    """Opens JPEG, PNG, HEIC, WebP and TIFF of several pages."""

    def pictures(self, data: bytes, limits: Limits) -> Iterator[Raster]:
        """The pages (see the port)."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of sizes that we check ourselves
            picture = self._open(data)
            _check(picture, limits)
            count = getattr(picture, "n_frames", 1) if getattr(picture, "format", None) == "TIFF" else 1
            if count > limits.max_pages:
                raise TooManyPages(f"{count} pages")
            for number in range(count):
                yield Raster(_decoded(picture, number, limits))

    def _open(self, data: bytes) -> Any:
        try:
            if data[4:8] == b"ftyp":
                import pillow_heif

                return pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
            return Image.open(io.BytesIO(data), formats=_FORMATS)
        except Image.DecompressionBombError as error:
            raise PictureTooLarge from error
        except UnidentifiedImageError as error:
            raise NotADocument("no picture that can be opened") from error
        except _FAULTS as error:
            raise DocumentDamaged(type(error).__name__) from error


def _check(picture: Any, limits: Limits) -> None:
    width, height = picture.size
    if width * height > limits.max_pixels or max(width, height) > limits.max_side:
        raise PictureTooLarge(f"{width} × {height}")


def _decoded(picture: Any, number: int, limits: Limits) -> Any:
    try:
        if not isinstance(picture, Image.Image):
            picture = picture.to_pillow()
        if number:
            picture.seek(number)
        _check(picture, limits)
        if picture.format in {"JPEG", "MPO"}:
            picture.draft("RGB", (_LONGEST, _LONGEST))
        upright = ImageOps.exif_transpose(_without_alpha(picture))
        if max(upright.size) > _LONGEST:
            upright.thumbnail((_LONGEST, _LONGEST), Image.Resampling.BOX, reducing_gap=None)
        return np.asarray(upright)
    except Image.DecompressionBombError as error:
        raise PictureTooLarge from error
    except _FAULTS as error:
        raise DocumentDamaged(type(error).__name__) from error


def _without_alpha(picture: Image.Image) -> Image.Image:
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        paper = Image.new("RGB", clear.size, "white")
        paper.paste(clear, mask=clear.getchannel("A"))
        paper.info["exif"] = picture.info.get("exif", b"")
        return paper
    if picture.mode in {"I;16", "I", "F"}:
        grey = np.asarray(picture, dtype=np.float32)
        return Image.fromarray(np.clip(grey / max(1.0, float(grey.max())) * 255, 0, 255).astype(np.uint8)).convert(
            "RGB"
        )
    return picture if picture.mode == "RGB" else picture.convert("RGB")


ImageFile.LOAD_TRUNCATED_IMAGES = False
