"""Decoding what messengers send, and refusing what nobody should: with files that this test makes itself."""

from __future__ import annotations

import io
import random
import struct
import subprocess
import sys

import av
import numpy as np
import pytest

from salon.integrations.av.adapter import AvDecoder
from salon.understanding.speech.domain import SAMPLE_RATE
from salon.understanding.speech.errors import AudioSilent, AudioTooLong, AudioUndecodable
from support.recordings import sent

SENT_BY = {
    "telegram, whatsapp, vk": ("ogg", "libopus", 48_000, "mono"),
    "max, instagram": ("mp4", "aac", 44_100, "stereo"),
    "vk": ("mp3", "libmp3lame", 44_100, "mono"),
    "a browser": ("webm", "libopus", 48_000, "stereo"),
    "a recorder": ("wav", "pcm_s16le", 8_000, "mono"),
    "a studio": ("flac", "flac", 96_000, "stereo"),
}


def tone(seconds, rate, *, volume=0.3, hertz=440.0):
    return (volume * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)).astype(np.float32)


def encoded(kind, codec, rate, layout, samples):
    """Samples in a container."""
    file = io.BytesIO()
    with av.open(file, "w", format=kind) as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        speak(container, stream, samples, rate=rate, layout=layout)
    return file.getvalue()


def speak(container, stream, samples, *, rate, layout):
    """Write samples into a stream of a container."""
    planar = np.repeat(samples[None, :], 2 if layout == "stereo" else 1, axis=0)
    resampler = av.AudioResampler(format=stream.codec_context.format, layout=layout, rate=rate)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(planar), format="fltp", layout=layout)
    frame.rate = rate
    for ready in [*resampler.resample(frame), *resampler.resample(None)]:
        ready.pts = None
        container.mux(stream.encode(ready))
    container.mux(stream.encode(None))


def film(*, seconds=2, sound=None):
    """Moving pictures, by default without a sound."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=5)
        voice = container.add_stream("aac", rate=44_100, layout="mono") if sound is not None else None
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for _ in range(5 * seconds):
            picture = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), dtype=np.uint8), format="rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
        if voice is not None:
            speak(container, voice, sound, rate=44_100, layout="mono")
    return file.getvalue()


def wav(samples, *, rate, claimed=None):
    """A WAV file that may claim to be longer than it is."""
    data = (samples * 32767).astype("<i2").tobytes()
    size = claimed if claimed is not None else len(data)
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", (36 + size) & 0xFFFFFFFF, b"WAVE", b"fmt ", 16, 1, 1, rate,
                       (rate * 2) & 0xFFFFFFFF, 2, 16, b"data", size)  # fmt: skip
    return head + data


@pytest.fixture
def decoder():
    return AvDecoder(max_bytes=4_000_000, max_seconds=20)


class TestFormats:
    @pytest.mark.parametrize("messenger", SENT_BY)
    def test_a_tone_comes_out_as_it_went_in(self, decoder, messenger):
        kind, codec, rate, layout = SENT_BY[messenger]
        quiet = np.zeros(rate // 2, dtype=np.float32)
        file = encoded(kind, codec, rate, layout, np.concatenate([quiet, tone(1.5, rate), quiet]))
        heard = decoder.decode(file, mime="whatever/it-says")
        assert heard.seconds == pytest.approx(2.5, abs=0.1)
        assert heard.starts_s == pytest.approx(0.3, abs=0.1)  # a fifth of a second of the pause is kept
        assert heard.sounding_s == pytest.approx(1.9, abs=0.15)
        samples = np.frombuffer(heard.samples, dtype=np.float32)
        spectrum = np.abs(np.fft.rfft(samples))
        assert np.argmax(spectrum) * SAMPLE_RATE / len(samples) == pytest.approx(440, abs=5)
        assert (heard.original, heard.mime) == (file, "whatever/it-says")

    def test_the_sound_of_a_film_is_heard(self, decoder):
        """Telegram's round videos are messages, too."""
        assert decoder.decode(film(sound=tone(2.0, 44_100)), mime="video/mp4").seconds == pytest.approx(2.0, abs=0.1)

    def test_nothing_is_lost_at_the_end(self, decoder):
        """The resampler keeps some milliseconds until it is told that nothing more comes."""
        heard = decoder.decode(wav(tone(1.0, 8_000), rate=8_000), mime="audio/wav")
        assert len(heard.samples) == pytest.approx(SAMPLE_RATE, abs=16)

    @pytest.mark.parametrize("name", ["book_manicure.ogg", "book_anna.ogg", "reschedule_friday.ogg", "cancel.ogg"])
    def test_a_voice(self, decoder, name):
        heard = decoder.decode(sent(name), mime="audio/ogg")
        assert 1.5 < heard.sounding_s <= heard.seconds < 6

    def test_a_recording_that_breaks_off_is_heard_as_far_as_it_goes(self, decoder):
        whole = sent("book_manicure.ogg")
        heard = decoder.decode(whole[: len(whole) * 2 // 3], mime="audio/ogg")
        assert 1.0 < heard.seconds < 3.4


class TestSilence:
    @pytest.mark.parametrize(
        "samples",
        [
            np.zeros(2 * 16_000, dtype=np.float32),
            np.random.default_rng(1).normal(0, 0.0005, 2 * 16_000).astype(np.float32),  # a microphone's own noise
            np.concatenate([np.zeros(16_000), tone(0.02, 16_000), np.zeros(16_000)]).astype(np.float32),  # a knock
            np.zeros(100, dtype=np.float32),
        ],
        ids=["zeros", "hiss", "knock", "nothing"],
    )
    def test_nobody_speaks(self, decoder, samples):
        with pytest.raises(AudioSilent) as raised:
            decoder.decode(wav(samples, rate=16_000), mime="audio/wav")
        assert raised.value.seconds == pytest.approx(len(samples) / 16_000, abs=0.01)

    def test_a_quiet_voice_is_a_voice(self, decoder):
        heard = decoder.decode(wav(tone(1.0, 16_000, volume=0.02), rate=16_000), mime="audio/wav")
        assert heard.sounding_s == pytest.approx(1.0, abs=0.01)


class TestLimits:
    def test_the_longest_that_is_taken_and_a_little_more(self, decoder):
        assert decoder.decode(wav(tone(20.0, 8_000), rate=8_000), mime="").seconds == pytest.approx(20, abs=0.01)
        with pytest.raises(AudioTooLong) as raised:
            decoder.decode(wav(tone(20.1, 8_000), rate=8_000), mime="")
        assert raised.value.limit_s == 20

    def test_too_many_bytes_are_not_looked_at(self):
        with pytest.raises(AudioTooLong) as raised:
            AvDecoder(max_bytes=1_000, max_seconds=20).decode(bytes(1_001), mime="")
        assert raised.value.limit_s is None

    def test_a_length_that_is_only_claimed_is_not_believed(self, decoder):
        assert decoder.decode(wav(tone(2.0, 16_000), rate=16_000, claimed=2**31), mime="").seconds == 2

    @pytest.mark.parametrize("rate", [1, 100, 3_999, 2**31 - 1])
    def test_a_rate_that_nothing_records_at(self, decoder, rate):
        """One sample a second: a few thousand of them would be an hour of 16 kHz in one frame."""
        with pytest.raises(AudioUndecodable):
            decoder.decode(wav(np.ones(50_000, dtype=np.float32), rate=rate), mime="")

    @pytest.mark.parametrize("kind", ["long", "slow"])
    def test_a_bomb_costs_no_memory(self, kind, tmp_path):
        """Half an hour of a tone in few bytes, and the slowest rate that is taken, in a process of their own."""
        if kind == "long":
            file = encoded("flac", "flac", 8_000, "mono", np.tile(tone(1.0, 8_000, hertz=400.0), 1800))
        else:
            file = wav(np.ones(1_500_000, dtype=np.float32), rate=4_000)
        (tmp_path / "bomb").write_bytes(file)
        script = (
            "import resource, sys\n"
            "from salon.integrations.av.adapter import AvDecoder\n"
            "from salon.understanding.speech.errors import AudioTooLong\n"
            "import av, numpy\n"
            "data = open(sys.argv[1], 'rb').read()\n"
            "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
            "try:\n"
            "    AvDecoder(max_bytes=200_000_000, max_seconds=60).decode(data, mime='')\n"
            "except AudioTooLong:\n"
            "    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / "bomb")], capture_output=True, text=True, check=True
        )
        assert int(done.stdout) < 60_000  # kilobytes


class TestWhatIsNoRecording:
    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (b"", "empty"),
            (b"\x00" * 5_000, "not_audio"),
            (b"%PDF-1.7 " * 500, "not_audio"),
            ("Здравствуйте! ".encode() * 300, "not_audio"),
            (b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n", "not_audio"),
            (b"ffconcat version 1.0\nfile '/etc/passwd'\n", "not_audio"),
            (b"\x89PNG\r\n\x1a\n" + bytes(500), "not_audio"),
        ],
        ids=["empty", "zeros", "pdf", "text", "playlist", "concat", "picture"],
    )
    def test_it_is_refused_with_a_reason(self, decoder, data, reason):
        with pytest.raises(AudioUndecodable) as raised:
            decoder.decode(data, mime="audio/ogg")
        assert raised.value.reason == reason

    def test_a_film_without_a_sound(self, decoder):
        with pytest.raises(AudioUndecodable) as raised:
            decoder.decode(film(), mime="video/mp4")
        assert raised.value.reason == "no_audio_stream"

    def test_a_container_with_nothing_in_it(self, decoder):
        with pytest.raises(AudioUndecodable):
            decoder.decode(sent("book_manicure.ogg")[:200], mime="audio/ogg")

    def test_a_codec_that_nobody_knows(self, decoder):
        file = bytearray(wav(tone(1.0, 16_000), rate=16_000))
        file[20:22] = b"\xee\xee"
        with pytest.raises(AudioUndecodable):
            decoder.decode(bytes(file), mime="audio/wav")

    @pytest.mark.parametrize("messenger", SENT_BY)
    def test_damage_anywhere_is_a_refusal_or_a_recording(self, decoder, messenger):
        """Nothing else may come of it: no other exception, and no sound that is longer than the limit."""
        dice = random.Random(5)
        kind, codec, rate, layout = SENT_BY[messenger]
        whole = encoded(kind, codec, rate, layout, tone(1.5, rate))
        outcomes = set()
        for _ in range(60):
            file = bytearray(whole)
            reach = min(len(file), 300) if dice.random() < 0.6 else len(file)  # mostly where a file describes itself
            for _ in range(dice.choice((1, 3, 10, 100))):
                file[dice.randrange(reach)] = dice.randrange(256)
            del file[dice.choice((len(file), dice.randrange(1, len(file)))) :]
            try:
                heard = decoder.decode(bytes(file), mime="audio/ogg")
            except (AudioUndecodable, AudioTooLong, AudioSilent) as refusal:
                outcomes.add(type(refusal).__name__)
            else:
                assert heard.seconds <= 20
                assert np.isfinite(np.frombuffer(heard.samples, dtype=np.float32)).all()
                outcomes.add("heard")
        assert {"heard", "AudioUndecodable"} <= outcomes
