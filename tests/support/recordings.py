"""Recordings for recognisers: short ones as a messenger sent them, and sound made up sample by sample."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from pathlib import Path

from salon.understanding.speech.domain import SAMPLE_RATE, Audio

FOLDER = Path(__file__).parent / "voice"


def sent(name: str) -> bytes:
    """A file of `support/voice`."""
    return (FOLDER / name).read_bytes()


def tone(seconds: float, hertz: float = 440.0, *, volume: float = 0.5) -> array:
    """A sine; silence with a volume of 0."""
    turn = 2 * math.pi * hertz / SAMPLE_RATE
    return array("f", (volume * math.sin(turn * at) for at in range(round(seconds * SAMPLE_RATE))))


def silence(seconds: float) -> array:
    """Nothing."""
    return array("f", bytes(4 * round(seconds * SAMPLE_RATE)))


def audio(
    parts: Sequence[array] = (), *, original: bytes = b"", mime: str = "audio/ogg", seconds: float = 0.0
) -> Audio:
    """A decoded recording of `parts`, one after another.

    Args:
        parts: samples.
        original: the file it came in.
        mime: its type.
        seconds: with the silence that was cut off; by default there was none.
    """
    samples = array("f")
    for part in parts:
        samples.extend(part)
    sounding = len(samples) / SAMPLE_RATE
    return Audio(memoryview(samples), max(seconds, sounding), original, mime)
