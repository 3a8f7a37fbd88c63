"""Where in a recording there is something to be heard: by energy alone, without any model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from salon.understanding.speech.domain import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np

_FRAME = SAMPLE_RATE // 50  # 20 ms


@dataclass(frozen=True, slots=True)
class Loudness:
    """What counts as silence.

    Attributes:
        silent_dbfs: a recording whose loud parts are quieter is silent; speech lies at -35 and above, the noise of a
            telephone's microphone at -65.
        below_peak_db: so much quieter than the loud parts counts as a pause at either end.
        shortest_s: less sound than that is a knock, not a word.
        margin_s: how much of the silence is kept around the sound: quiet consonants begin and end words.
    """

    silent_dbfs: float = -50.0
    below_peak_db: float = 35.0
    shortest_s: float = 0.15
    margin_s: float = 0.2


def sounding(samples: np.ndarray[Any, np.dtype[np.float32]], rules: Loudness) -> tuple[int, int] | None:
    """The first and the last sample of what is heard; None for silence.

    Args:
        samples: 16 kHz mono.
        rules: what counts as silence.
    """
    import numpy as np

    frames = len(samples) // _FRAME
    if frames == 0:
        return None
    cut = samples[: frames * _FRAME].reshape(frames, _FRAME)
    power = np.einsum("ij,ij->i", cut, cut, dtype=np.float64) / _FRAME
    level = 10.0 * np.log10(power + 1e-12)
    loud = float(np.sort(level)[-max(1, frames // 20)])  # the loudest twentieth: one knock does not make it
    if loud < rules.silent_dbfs:
        return None
    heard = np.flatnonzero(level >= max(rules.silent_dbfs - 10.0, loud - rules.below_peak_db))
    if len(heard) * _FRAME < rules.shortest_s * SAMPLE_RATE:
        return None
    margin = int(rules.margin_s * SAMPLE_RATE)
    return max(0, int(heard[0]) * _FRAME - margin), min(len(samples), (int(heard[-1]) + 1) * _FRAME + margin)
