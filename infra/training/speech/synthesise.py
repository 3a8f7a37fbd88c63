"""Speaks Russian sentences through espeak-ng's library, without a process per sentence.

Needs Debian's ``libespeak-ng1`` and ``espeak-ng-data`` (GPL-3; nothing of either is copied into this project: only
sound that they made was heard by the model). A voice is the Russian language with one of the program's speaker
variants (``ru+f2``); the variants are split here into those to train on and those kept for the evaluation.
"""

import ctypes
import ctypes.util
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

RATE = 16_000  # samples a second that whisper reads
# Kept out of training: two of the numbered women, two of the numbered men, a formant («klatt») voice, and three others.
HELD_OUT_VARIANTS = ("f4", "m3", "m8", "klatt4", "anika", "Mario", "linda", "Henrique")
TRAINING_VARIANTS = (
    "", "f1", "f2", "f3", "f5", "m1", "m2", "m4", "m5", "m6", "m7", "klatt", "klatt2", "klatt3", "klatt5", "klatt6",
    "Alex", "Alicia", "Andrea", "Andy", "Annie", "Denis", "Diogo", "Gene", "Gene2", "Hugo", "Jacky", "Lee", "Marco",
    "Michael", "Mike", "Storm", "adam", "anikaRobot", "announcer", "antonio", "aunty", "belinda", "benjamin", "boris",
    "caleb", "david", "edward", "edward2", "gustave", "iven", "iven2", "iven3", "iven4", "john", "kaukovalta",
    "marcelo", "max", "michel", "miguel", "norbert", "pablo", "paul", "pedro", "quincy", "rob", "robert", "sandro",
    "shelby", "steph", "steph2", "steph3", "travis", "victor", "zac",
)  # fmt: skip
_LIKELY = ("", "f1", "f2", "f3", "f5", "m1", "m2", "m4", "m5", "m6", "m7", "klatt", "klatt2", "klatt3")
_LIKELY_SHARE = 0.7

_RETRIEVAL, _NO_EXIT = 1, 0x8000
_UTF8, _CHARACTERS = 1, 1
_SPEED, _VOLUME, _PITCH, _RANGE, _WORD_GAP = 1, 2, 3, 4, 7
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)

Samples = NDArray[np.float32]


class SynthesiserMissing(RuntimeError):
    """espeak-ng, or its Russian voice, is not installed here."""


@dataclass(frozen=True, slots=True)
class Voice:
    """How to say a sentence; the figures are those of the ``espeak-ng`` command line.

    Attributes:
        variant: A speaker variant, or "" for the plain voice.
        speed: Words a minute (``-s``).
        pitch: 0 to 99 (``-p``).
        pitch_range: 0 to 100; 50 is the usual melody, 0 a monotone.
        amplitude: 0 to 200 (``-a``).
        word_gap: Extra silence between words, in units of 10 ms (``-g``).
    """

    variant: str = ""
    speed: int = 175
    pitch: int = 50
    pitch_range: int = 50
    amplitude: int = 100
    word_gap: int = 0

    @property
    def name(self) -> str:
        """The voice as the command line takes it (``-v``)."""
        return f"ru+{self.variant}" if self.variant else "ru"


class _Speaker:
    """The library, opened once in a process; it is not safe for threads."""

    def __init__(self) -> None:
        path = ctypes.util.find_library("espeak-ng")
        if path is None:
            raise SynthesiserMissing("install Debian's espeak-ng")
        self._library = ctypes.CDLL(path)
        self.rate = int(self._library.espeak_Initialize(_RETRIEVAL, 0, None, _NO_EXIT))
        if self.rate <= 0:
            raise SynthesiserMissing("espeak-ng did not find its data")
        self._parts: list[bytes] = []
        self._callback = _CALLBACK(self._collect)
        self._library.espeak_SetSynthCallback(self._callback)

    def _collect(self, samples: "ctypes._Pointer[ctypes.c_short]", count: int, _events: int | None) -> int:
        if count > 0:
            self._parts.append(ctypes.string_at(samples, count * 2))
        return 0

    def say(self, text: str, voice: Voice) -> Samples:
        library = self._library
        if library.espeak_SetVoiceByName(voice.name.encode()) != 0:
            raise SynthesiserMissing(f"espeak-ng has no voice {voice.name}")
        for parameter, value in (
            (_SPEED, voice.speed), (_PITCH, voice.pitch), (_RANGE, voice.pitch_range),
            (_VOLUME, voice.amplitude), (_WORD_GAP, voice.word_gap),
        ):  # fmt: skip
            library.espeak_SetParameter(parameter, value, 0)
        self._parts.clear()
        data = text.encode()
        library.espeak_Synth(data, ctypes.c_size_t(len(data) + 1), 0, _CHARACTERS, 0, _UTF8, None, None)
        library.espeak_Synchronize()
        sound = np.frombuffer(b"".join(self._parts), dtype=np.int16)
        return sound.astype(np.float32) / 32_768.0


@cache
def _speaker() -> _Speaker:
    return _Speaker()


def speak(text: str, voice: Voice, *, tempo: float = 1.0) -> Samples:
    """Say a sentence: mono samples at 16 kHz between -1 and 1, without silence around them.

    Args:
        text: The words.
        voice: Who says them, and how.
        tempo: Plays it faster (above 1) with its pitch, as a tape would.

    Raises:
        SynthesiserMissing: The library, its data or the voice is not there.
    """
    speaker = _speaker()
    return trimmed(resampled(speaker.say(text, voice), speaker.rate * tempo, RATE))


def resampled(samples: Samples, source_rate: float, target_rate: float) -> Samples:
    """Change the sample rate by cutting or extending the spectrum: no aliasing, no extra library."""
    size = len(samples) + (-len(samples)) % 1_024
    wanted = round(size * target_rate / source_rate / 64) * 64  # a length with small factors is many times quicker
    spectrum = np.fft.rfft(samples, size)
    bins = wanted // 2 + 1
    kept = np.zeros(bins, dtype=spectrum.dtype)
    shared = min(bins, len(spectrum))
    kept[:shared] = spectrum[:shared]
    result = np.fft.irfft(kept, wanted) * (wanted / size)
    return result[: round(len(samples) * wanted / size)].astype(np.float32)


def trimmed(samples: Samples, *, threshold: float = 0.003) -> Samples:
    """Cut the silence at both ends."""
    loud = np.flatnonzero(np.abs(samples) > threshold)
    return samples[loud[0] : loud[-1] + 1] if loud.size else samples[:0]


def random_voice(rng: random.Random, variants: tuple[str, ...] = TRAINING_VARIANTS) -> Voice:
    """Draw a voice; the numbered variants, which people use most, come more often than the others."""
    likely = [variant for variant in _LIKELY if variant in variants]
    pool = likely if likely and rng.random() < _LIKELY_SHARE else list(variants)
    return Voice(
        variant=rng.choice(pool),
        speed=round(rng.triangular(120, 250, 175)),
        pitch=round(rng.triangular(15, 90, 50)),
        pitch_range=round(rng.triangular(15, 85, 50)),
        amplitude=rng.choice((60, 80, 100, 100, 130, 160)),
        word_gap=rng.choice((0, 0, 0, 0, 1, 2, 4, 8)),
    )


def voices(seed: int, variants: tuple[str, ...] = TRAINING_VARIANTS) -> Iterator[Voice]:
    """Yield voices without end, the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311 - training data, not secrets
    while True:
        yield random_voice(rng, variants)
