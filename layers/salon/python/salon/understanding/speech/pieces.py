"""Cutting a recording into pieces that a provider takes, where nobody speaks."""

from __future__ import annotations

from collections.abc import Iterator

from salon.understanding.speech.domain import SAMPLE_RATE

FRAME_S = 0.02
QUIET_S = 0.2
"""A cut wants a pause of this length: shorter ones are inside of words (a stop consonant)."""


def pieces(samples: memoryview, *, longest_s: float) -> Iterator[tuple[int, int]]:
    """Where to cut: (start, end) in samples, one after another, all of the recording.

    A cut falls into the quietest stretch of the second half of what fits, so that a word is cut only where somebody
    speaks without a pause for half of `longest_s`.

    Args:
        samples: float32, 16 kHz, mono.
        longest_s: what the provider takes in one piece, in seconds.
    """
    longest, start = int(longest_s * SAMPLE_RATE), 0
    while len(samples) - start > longest:
        end = _quietest(samples, start + longest // 2, start + longest)
        yield start, end
        start = end
    yield start, len(samples)


def _quietest(samples: memoryview, first: int, last: int) -> int:
    """The middle of the quietest stretch of `QUIET_S` between two samples; the latest of equals."""
    frame = int(FRAME_S * SAMPLE_RATE)
    powers = [sum(x * x for x in samples[at : at + frame]) for at in range(first, last - frame + 1, frame)]
    width = max(1, min(len(powers), round(QUIET_S / FRAME_S)))
    windows = [sum(powers[at : at + width]) for at in range(len(powers) - width + 1)]
    if not windows:
        return last
    least = min(windows)
    at = max(index for index, power in enumerate(windows) if power <= least)
    return first + at * frame + width * frame // 2
