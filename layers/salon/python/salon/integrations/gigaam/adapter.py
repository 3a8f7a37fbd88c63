"""The port `SpeechRecogniser` by GigaAM v3, without torch.

Features, decoding and vocabulary are the library onnx-asr's (MIT; infra/decisions/0016). What is ours: pinned files,
recordings longer than the model takes, confidence, time-out. It is not autoregressive over the recording, so its time
grows with the recording's length and nothing can make it run on: a time-out is looked at between pieces.
"""

from __future__ import annotations

import threading
from time import perf_counter
from typing import TYPE_CHECKING, Any

from salon.integrations.gigaam.weights import Weights
from salon.understanding.speech.domain import SAMPLE_RATE, Audio, Provider, Recognition, Segment, confidence_of
from salon.understanding.speech.errors import RecogniserRefused, RecogniserTimedOut, RecogniserUnavailable
from salon.understanding.speech.pieces import pieces

if TYPE_CHECKING:
    import numpy as np

LONGEST_S = 25.0
"""What the model was made to take at once (its `transcribe` refuses more)."""

SHORTEST_S = 0.1
"""Less is padded with silence: one window of the features is 20 ms."""

STEP_S = 0.04
"""What one step of the encoder stands for: four frames of 10 ms."""

PROVIDERS = ("CPUExecutionProvider",)


class GigaamRecogniser:
    """Listens with one exported model, which is loaded with the first message and kept.

    One message at a time: a second caller waits, and that counts against its time-out.
    """

    name = Provider.GIGAAM.value

    def __init__(self, weights: Weights, *, threads: int = 0) -> None:
        """Nothing is loaded yet.

        Args:
            weights: the model.
            threads: of ONNX Runtime; 0 leaves the choice to it.
        """
        self._weights = weights
        self._threads = threads
        self._busy = threading.Lock()
        self._model: Any = None

    @property
    def version(self) -> str:
        """The model's."""
        return self._weights.version

    def prepare(self) -> None:
        """Load the model now; otherwise the first message waits for it.

        Raises:
            RecogniserRefused: there is none, or it is not what its description says.
        """
        with self._busy:
            self._loaded()

    def recognise(self, audio: Audio, *, prompt: str, timeout_s: float) -> Recognition:
        """Write it down (see `SpeechRecogniser.recognise`); the model takes no prompt."""
        del prompt
        started = perf_counter()
        if not self._busy.acquire(timeout=timeout_s):
            raise RecogniserTimedOut(timeout_s)
        try:
            segments = self._listen(audio, deadline=started + timeout_s, timeout_s=timeout_s)
        finally:
            self._busy.release()
        return Recognition(
            text=" ".join(segment.text for segment in segments),
            confidence=_by_length(segments),
            no_speech_probability=0.0,  # it does not say
            segments=tuple(segments),
            engine=self.name,
            version=self.version,
            elapsed_s=perf_counter() - started,
        )

    def _listen(self, audio: Audio, *, deadline: float, timeout_s: float) -> list[Segment]:
        import numpy as np

        model, samples = self._loaded(), np.frombuffer(audio.samples, dtype=np.float32)
        found: list[Segment] = []
        for start, end in pieces(audio.samples, longest_s=LONGEST_S):
            if perf_counter() > deadline:
                raise RecogniserTimedOut(timeout_s)
            heard = _recognise(model, _padded(samples[start:end]))
            found += _segment(heard, audio.starts_s + start / SAMPLE_RATE)
        if perf_counter() > deadline:
            raise RecogniserTimedOut(timeout_s)
        return found

    def _loaded(self) -> Any:
        if self._model is None:
            self._model = _load(self._weights, self._threads)
        return self._model


def _load(weights: Weights, threads: int) -> Any:
    weights.check()
    try:
        import onnx_asr
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        model = onnx_asr.load_model(
            weights.flavour.library_name,
            weights.folder,
            quantization=weights.quantization,
            sess_options=options,
            providers=PROVIDERS,
        )
    except ImportError as error:
        raise RecogniserRefused("no_engine") from error
    except Exception as error:
        # Whatever is wrong with the files: the runtime's own exceptions are bound to no common class.
        raise RecogniserRefused("model_unusable") from error
    return model.with_timestamps()


def _recognise(model: Any, samples: np.ndarray[Any, np.dtype[np.float32]]) -> Any:
    try:
        return model.recognize(samples, sample_rate=SAMPLE_RATE)
    except Exception as error:
        # As above; and the library asserts what a network of another shape breaks.
        raise RecogniserUnavailable("engine") from error


def _padded(samples: np.ndarray[Any, np.dtype[np.float32]]) -> np.ndarray[Any, np.dtype[np.float32]]:
    import numpy as np

    return np.pad(samples, (0, max(0, round(SHORTEST_S * SAMPLE_RATE) - len(samples))))


def _segment(heard: Any, begins_s: float) -> list[Segment]:
    """What one piece says, as one segment from its first token to its last; none when it says nothing."""
    text = " ".join(heard.text.split())
    if not text:
        return []
    mean = sum(heard.logprobs) / len(heard.logprobs)
    first, last = heard.timestamps[0], heard.timestamps[-1] + STEP_S
    return [Segment(round(begins_s + first, 2), round(begins_s + last, 2), text, confidence_of(mean))]


def _by_length(segments: list[Segment]) -> float:
    """By length: two sure seconds weigh more than a doubtful syllable."""
    weights = [segment.end_s - segment.start_s for segment in segments]
    if not segments:
        return 0.0
    return sum(weight * one.confidence for weight, one in zip(weights, segments, strict=True)) / sum(weights)
