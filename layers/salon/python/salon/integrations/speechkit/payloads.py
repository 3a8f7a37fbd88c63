"""SpeechKit's words: what a request is, what an answer means (yandex-cloud/docs, speechkit/stt/api/request-api.md)."""

from __future__ import annotations

import struct
import sys
from array import array
from dataclasses import dataclass, field
from enum import StrEnum

from salon.integrations.http import Reply
from salon.integrations.wire import text_of
from salon.understanding.speech.domain import SAMPLE_RATE, Audio
from salon.understanding.speech.errors import RecogniserRefused, RecogniserUnavailable

PATH = "/speech/v1/stt:recognize"
LONGEST_S = 30.0
MAX_BYTES = 1_000_000
"""The documents say 1 MB; the smaller of the two readings, which 30 s of LPCM at 16 kHz (960,000 bytes) still fit."""

UNIT_S = 15
"""Seconds that are paid for at once: a started unit counts whole."""

_OPUS_HEAD = b"OpusHead"
_FULL_SCALE = 32767
_TEXT_LIMIT = 10_000
_OK, _TOO_MANY, _SERVER = 200, 429, 500
_BAD_FILE = frozenset({400, 413, 415})


class Format(StrEnum):
    """How the sound of a request is written."""

    OGG_OPUS = "oggopus"
    LPCM = "lpcm"


@dataclass(frozen=True, slots=True)
class Sound:
    """The body of one request."""

    data: bytes = field(repr=False)
    format: Format

    def query(self, *, language: str, topic: str, folder_id: str | None) -> dict[str, str]:
        """The parameters in the URL.

        Args:
            language: `ru-RU`.
            topic: the language model, `general`.
            folder_id: for a person's account; a service account has its own folder, and must not name one.
        """
        said = {"lang": language, "topic": topic, "format": self.format.value}
        if self.format is Format.LPCM:
            said["sampleRateHertz"] = str(SAMPLE_RATE)
        if folder_id is not None:
            said["folderId"] = folder_id
        return said


class FileRefused(Exception):
    """The service cannot read this body, or the request about it is malformed; it does not say which."""


def as_it_came(audio: Audio) -> Sound | None:
    """The recording as the messenger sent it, where the service takes it so: Opus in Ogg, mono, short.

    None also where sending the silence around the words would cost another unit.
    """
    head = audio.original[:512]
    at = head.find(_OPUS_HEAD)
    is_mono = at >= 0 and len(head) > at + 9 and head[at + 9] == 1
    fits = len(audio.original) <= MAX_BYTES and audio.seconds <= LONGEST_S
    if not (head.startswith(b"OggS") and is_mono and fits) or _units(audio.seconds) > _units(audio.sounding_s):
        return None
    return Sound(audio.original, Format.OGG_OPUS)


def as_samples(samples: memoryview) -> Sound:
    """Decoded sound, 16 bits little-endian without a header."""
    whole = array("h", (int(max(-1.0, min(1.0, one)) * _FULL_SCALE) for one in samples))
    if sys.byteorder == "big":
        whole.byteswap()
    return Sound(whole.tobytes(), Format.LPCM)


def read_answer(reply: Reply) -> str:
    """The words; empty when nothing was understood.

    Raises:
        FileRefused: this body will never do.
        RecogniserUnavailable: quota, a fault of theirs, an answer that is none.
        RecogniserRefused: the key or its rights.
    """
    status = reply.status
    if status == _OK:
        value = reply.json_object()
        if value is None or not isinstance(value.get("result"), str):
            raise RecogniserUnavailable("bad_answer")
        return " ".join(text_of(value["result"], limit=_TEXT_LIMIT).split())
    if status == _TOO_MANY:
        after = reply.headers.get("retry-after", "")
        raise RecogniserUnavailable("throttled", after_s=float(after) if after.isdecimal() else 1.0)
    if status >= _SERVER:
        raise RecogniserUnavailable(f"http_{status}")
    if status in _BAD_FILE:
        raise FileRefused
    raise RecogniserRefused(f"http_{status}")  # 401 and 403: the key, or its role; 3xx and 404: the base URL


def opus_seconds(data: bytes) -> float | None:
    """How long an Ogg file with one Opus stream lasts, None when it is none (RFC 7845: 48,000 positions a second)."""
    at = data.find(_OPUS_HEAD)
    last = data.rfind(b"OggS")
    if not data.startswith(b"OggS") or at < 0 or len(data) < max(at + 12, last + 14):
        return None
    (skipped,) = struct.unpack_from("<H", data, at + 10)
    (position,) = struct.unpack_from("<q", data, last + 6)
    return max(0.0, float(position - skipped) / 48_000)


def _units(seconds: float) -> int:
    return -int(-seconds // UNIT_S)
