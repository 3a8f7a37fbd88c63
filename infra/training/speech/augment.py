"""Makes clean synthetic speech sound as it arrives: rooms, noise, telephones, codecs, loudness, silence around it.

Everything works on mono float samples at 16 kHz and is decided by the generator that is passed in. The noises are in
two groups, too: those of ``HELD_OUT_NOISES`` are only ever heard by the evaluation.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from infra.training.speech.synthesise import RATE, Samples

Rng = np.random.Generator
_TELEPHONE_HZ = (300.0, 3_400.0)
_SHORT_PAUSES, _USUAL_PAUSES = 0.75, 0.2
_TELEPHONES, _NARROW = 0.14, 0.16
_QUICK_LENGTH = 800  # a transform of a length with small factors is many times quicker


@dataclass(frozen=True, slots=True)
class Clip:
    """A sound and where in it the words are, in samples."""

    samples: Samples
    start: int
    end: int


def _chance(rng: Rng, share: float) -> bool:
    return bool(rng.random() < share)


def _shaped(count: int, rng: Rng, slope: float) -> Samples:
    """Noise whose power falls (or rises) with frequency as ``f ** -slope``."""
    spectrum = np.fft.rfft(rng.standard_normal(count).astype(np.float32))
    frequency = np.maximum(np.arange(len(spectrum), dtype=np.float32), 1.0)
    spectrum *= frequency ** (-slope / 2)
    return np.fft.irfft(spectrum, count).astype(np.float32)


def _white(count: int, rng: Rng) -> Samples:
    return rng.standard_normal(count).astype(np.float32)


def _pink(count: int, rng: Rng) -> Samples:
    return _shaped(count, rng, 1.0)


def _rumble(count: int, rng: Rng) -> Samples:
    """A street: brown noise that swells."""
    swell = 1 + 0.6 * np.sin(np.arange(count) * rng.uniform(0.5, 3.0) / RATE + rng.uniform(0, 6))
    return (_shaped(count, rng, 2.0) * swell).astype(np.float32)


def _hum(count: int, rng: Rng) -> Samples:
    """Mains and their harmonics over a hiss."""
    at = np.arange(count) / RATE * 2 * np.pi * 50.0
    tones = sum(np.sin(at * k + rng.uniform(0, 6)) * rng.uniform(0.1, 1.0) / k for k in range(1, 7))
    return (tones + 0.2 * rng.standard_normal(count)).astype(np.float32)


def _clicks(count: int, rng: Rng) -> Samples:
    """Scissors and keys: short bursts over a little hiss."""
    sound = 0.1 * rng.standard_normal(count)
    for at in rng.integers(0, max(count - 400, 1), size=max(1, count // RATE * 3)):
        size = min(int(rng.integers(30, 400)), count - at)
        sound[at : at + size] += 6 * rng.standard_normal(size) * np.exp(-np.arange(size) / (size / 4))
    return sound.astype(np.float32)


def _band(count: int, rng: Rng) -> Samples:
    """A fan or a kettle: noise in a band."""
    low = rng.uniform(100, 2_500)
    return filtered(_white(count, rng), low, low * rng.uniform(1.5, 4.0))


def _hair_dryer(count: int, rng: Rng) -> Samples:
    """A motor's whine with its harmonics over blowing air."""
    whine = 2 * np.pi * rng.uniform(180, 420) * np.arange(count) / RATE
    whine = whine + 2.0 * np.sin(np.arange(count) / RATE * 4)
    tones = sum(np.sin(whine * k) / k for k in range(1, 9))
    return (0.7 * tones + _shaped(count, rng, 0.7) / 0.05 * 0.02 + rng.standard_normal(count)).astype(np.float32)


def _music(count: int, rng: Rng) -> Samples:
    """Chords of plucked tones, changing twice a second."""
    sound = np.zeros(count, np.float32)
    for start in range(0, count, RATE // 2):
        size = min(RATE // 2, count - start)
        at = np.arange(size) / RATE
        root = 110.0 * 2 ** (rng.integers(0, 24) / 12)
        for step in (0, 4, 7, 12):
            tone = root * 2 ** (step / 12)
            plucked = np.sin(2 * np.pi * tone * at) + 0.5 * np.sin(4 * np.pi * tone * at)
            sound[start : start + size] += (plucked * np.exp(-at * 4)).astype(np.float32)
    return sound


def _rain(count: int, rng: Rng) -> Samples:
    """Dense random drops over a high hiss."""
    drops = (rng.random(count) < 0.01) * rng.standard_normal(count) * 8  # noqa: PLR2004 - drops a sample
    return filtered((drops + 0.5 * rng.standard_normal(count)).astype(np.float32), 800, 7_500)


TRAINING_NOISES: tuple[Callable[[int, Rng], Samples], ...] = (_white, _pink, _rumble, _hum, _clicks, _band)
HELD_OUT_NOISES: tuple[Callable[[int, Rng], Samples], ...] = (_hair_dryer, _music, _rain)


def filtered(samples: Samples, low_hz: float, high_hz: float) -> Samples:
    """Keep a band, with soft edges a tenth of a cut-off wide."""
    spectrum = np.fft.rfft(samples)
    frequency = np.fft.rfftfreq(len(samples), 1 / RATE).astype(np.float32)
    below = np.clip((frequency - low_hz) / max(low_hz * 0.05, 1.0), -30, 30)
    above = np.clip((frequency - high_hz) / max(high_hz * 0.03, 1.0), -30, 30)
    gain = 1 / (1 + np.exp(-below)) / (1 + np.exp(above))
    return np.fft.irfft(spectrum * gain, len(samples)).astype(np.float32)


def telephone(samples: Samples) -> Samples:
    """The band of a telephone call, in the 8-bit steps of its codec."""
    narrow = filtered(samples, *_TELEPHONE_HZ)
    law = np.float32(np.log(256))
    peak = float(np.abs(narrow).max()) or 1.0
    companded = np.sign(narrow) * np.log1p(255 * np.abs(narrow / peak)) / law
    companded = np.round(companded * 127) / 127
    wide: Samples = (np.sign(companded) * np.expm1(np.abs(companded) * law) / 255 * peak).astype(np.float32)
    return wide


def reverberated(samples: Samples, rng: Rng, seconds: float) -> Samples:
    """A room: the sound and its decaying echo; the length stays."""
    size = int(seconds * RATE)
    echo = rng.standard_normal(size) * np.exp(-6.9 * np.arange(size) / size)
    echo[: RATE // 250] = 0
    echo *= rng.uniform(0.15, 0.8) / max(float(np.sqrt((echo**2).sum())), 1e-6)
    echo[0] = 1.0
    total = len(samples) + size
    return np.fft.irfft(np.fft.rfft(samples, total) * np.fft.rfft(echo, total), total)[: len(samples)].astype(
        np.float32
    )


def levelled(samples: Samples) -> Samples:
    """A messenger's automatic gain: quiet parts come up."""
    window = RATE // 20
    power = np.convolve(samples**2, np.ones(window, np.float32) / window, mode="same")
    return (samples / np.sqrt(power + 1e-4) ** 0.6).astype(np.float32)


def with_noise(samples: Samples, noise: Samples, snr_db: float, reference: float) -> Samples:
    """Add a noise so many decibels under the speech, whose mean power is ``reference``."""
    power = float((noise**2).mean()) or 1.0
    scale = math.sqrt(reference / power / 10 ** (snr_db / 10))
    return (samples + noise * scale).astype(np.float32)


def surrounded(words: Samples, lead: int, trail: int) -> Clip:
    """Put silence before and after, in samples."""
    samples = np.concatenate([np.zeros(lead, np.float32), words, np.zeros(trail, np.float32)])
    return Clip(samples, lead, lead + len(words))


def _pause(rng: Rng) -> int:
    """Silence beside the words, in samples: mostly short, sometimes up to five seconds."""
    kind = rng.random()
    if kind < _SHORT_PAUSES:
        seconds = rng.uniform(0, 0.25)
    elif kind < _SHORT_PAUSES + _USUAL_PAUSES:
        seconds = rng.uniform(0.25, 1.0)
    else:
        seconds = min(rng.exponential(2.0), 5.0)
    return int(seconds * RATE)


def augmented(words: Samples, rng: Rng, babble: Samples | None = None) -> Clip:
    """Make one arrival of some words: the training's own mixture."""
    lead, trail = _pause(rng), _pause(rng)
    trail += -(lead + len(words) + trail) % _QUICK_LENGTH
    clip = surrounded(words, lead, trail)
    sound, reference = clip.samples, float((words**2).mean())
    if _chance(rng, 0.25):
        sound = reverberated(sound, rng, rng.uniform(0.08, 0.6))
    if _chance(rng, 0.5):
        kind = TRAINING_NOISES[rng.integers(len(TRAINING_NOISES))]
        sound = with_noise(sound, kind(len(sound), rng), rng.uniform(6, 35), reference)
    if babble is not None and _chance(rng, 0.12):
        crowd = np.resize(babble, len(sound))
        sound = with_noise(sound, np.roll(crowd, int(rng.integers(len(crowd)))), rng.uniform(8, 25), reference)
    sound = _channel(sound, rng)
    return Clip(sound, clip.start, clip.end)


def _channel(sound: Samples, rng: Rng) -> Samples:
    kind = rng.random()
    if kind < _TELEPHONES:
        sound = telephone(sound)
    elif kind < _TELEPHONES + _NARROW:
        sound = filtered(sound, rng.uniform(20, 200), rng.uniform(3_500, 7_500))
    if _chance(rng, 0.1):
        sound = levelled(sound)
    peak = float(np.abs(sound).max()) or 1.0
    sound = sound / peak * 10 ** (rng.uniform(-30, 0) / 20)
    if _chance(rng, 0.06):
        limit = float(np.abs(sound).max()) * rng.uniform(0.2, 0.7)
        sound = np.clip(sound, -limit, limit)
    if _chance(rng, 0.3):
        sound = sound + rng.standard_normal(len(sound)).astype(np.float32) * 10 ** rng.uniform(-4.5, -3)
    return np.clip(sound, -1, 1).astype(np.float32)


def wordless(rng: Rng) -> Samples:
    """Silence, noise or clicks without a word, from half a second to four."""
    count = int(rng.integers(10, 80)) * _QUICK_LENGTH
    if _chance(rng, 0.25):
        return (rng.standard_normal(count) * 10 ** rng.uniform(-6, -4)).astype(np.float32) * (_chance(rng, 0.7))
    kind = TRAINING_NOISES[rng.integers(len(TRAINING_NOISES))]
    return _channel(kind(count, rng), rng)
