"""Decodes voice messages: OGG/Opus, MP4/AAC, MP3, WAV, WebM/Opus, AMR and FLAC become 16 kHz mono float32.

What is decoded came from a stranger. So only formats and codecs that messengers use are opened, a playlist cannot make
FFmpeg open files or addresses, nothing but the sound is decoded, and decoding ends at the limit whatever a file says of
its own length: a small file that unpacks to hours, or a frame that claims to last minutes, costs no more memory than a
recording of the longest length that is listened to.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from salon.integrations.av.loudness import Loudness, sounding
from salon.understanding.speech.domain import SAMPLE_RATE, Audio
from salon.understanding.speech.errors import AudioSilent, AudioTooLong, AudioUndecodable

if TYPE_CHECKING:
    import numpy as np

FORMATS = "ogg,mp3,mov,wav,w64,matroska,webm,aac,amr,flac,aiff,caf"
"""FFmpeg's demuxers that are opened (`mov` reads MP4, M4A and 3GP)."""

CODECS = frozenset({
    "aac", "aac_latm", "alac", "amrnb", "amrwb", "flac", "mp1", "mp1float", "mp2", "mp2float", "mp3", "mp3float",
    "opus", "libopus", "libopencore_amrnb", "libopencore_amrwb", "pcm_alaw", "pcm_f32le", "pcm_mulaw", "pcm_s16be",
    "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_u8", "speex", "libspeex", "vorbis", "libvorbis", "adpcm_ima_wav",
    "adpcm_ms", "gsm", "gsm_ms", "libgsm",
})  # fmt: skip
_OPTIONS = {
    "format_whitelist": FORMATS,
    "codec_whitelist": ",".join(sorted(CODECS)),
    "protocol_whitelist": "none",
    "probesize": "1000000",
    "analyzeduration": "5000000",
}
_RATES = range(4_000, 384_001)


class AvDecoder:
    """The port `AudioDecoder` by PyAV."""

    def __init__(self, *, max_bytes: int, max_seconds: float, loudness: Loudness | None = None) -> None:
        """Set the limits.

        Args:
            max_bytes: of a file.
            max_seconds: of a recording.
            loudness: what counts as silence.
        """
        self._max_bytes = max_bytes
        self._max_seconds = max_seconds
        self._loudness = loudness or Loudness()

    def decode(self, data: bytes, *, mime: str) -> Audio:
        """Decode a voice message and cut its silence off (see `AudioDecoder.decode`)."""
        if not data:
            raise AudioUndecodable("empty")
        if len(data) > self._max_bytes:
            raise AudioTooLong
        import numpy as np

        pieces = list(self._pieces(data))
        if not pieces:
            raise AudioUndecodable("corrupt")
        samples = np.ascontiguousarray(np.concatenate(pieces), dtype=np.float32)
        np.nan_to_num(samples, copy=False, posinf=1.0, neginf=-1.0)
        np.clip(samples, -1.0, 1.0, out=samples)
        seconds = len(samples) / SAMPLE_RATE
        heard = sounding(samples, self._loudness)
        if heard is None:
            raise AudioSilent(seconds)
        start, end = heard
        return Audio(samples[start:end].data, seconds, data, mime, starts_s=start / SAMPLE_RATE)

    def _pieces(self, data: bytes) -> Iterator[np.ndarray[Any, np.dtype[np.float32]]]:
        """The samples, piece by piece; a file that breaks off is heard as far as it goes.

        Raises:
            AudioUndecodable: nothing of it can be heard.
            AudioTooLong: it goes on after the limit.
        """
        import av
        from av.error import FFmpegError

        total = 0
        limit = int(self._max_seconds * SAMPLE_RATE)
        try:
            with av.open(io.BytesIO(data), mode="r", metadata_errors="ignore", options=_OPTIONS) as container:
                for frame in self._resampled(container):
                    piece = frame.to_ndarray().reshape(-1)
                    total += len(piece)
                    if total > limit:
                        raise AudioTooLong(self._max_seconds)
                    yield piece
        except (FFmpegError, ValueError, OverflowError, MemoryError) as error:
            # ValueError: the sound changes its shape on the way, which no messenger's does.
            if not total:
                raise AudioUndecodable("not_audio" if _is_foreign(error) else "corrupt") from error

    def _resampled(self, container: Any) -> Iterator[Any]:
        import av

        if not container.streams.audio:
            raise AudioUndecodable("no_audio_stream")
        stream = container.streams.audio[0]
        if stream.codec_context is None or stream.codec_context.name not in CODECS:
            raise AudioUndecodable("not_audio")
        resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
        for frame in container.decode(stream):
            if frame.rate not in _RATES:
                raise AudioUndecodable("corrupt")
            if frame.samples > self._max_seconds * frame.rate:
                raise AudioTooLong(self._max_seconds)
            frame.pts = None  # a gap in the time stamps would be filled with silence, however long it is
            yield from resampler.resample(frame)
        yield from resampler.resample(None)


def _is_foreign(error: Exception) -> bool:
    """Whether the file is of no kind that is listened to, or not a recording at all."""
    from av.error import InvalidDataError

    return isinstance(error, InvalidDataError | ValueError)
