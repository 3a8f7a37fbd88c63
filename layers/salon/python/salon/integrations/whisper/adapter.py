"""The port `SpeechRecogniser` by openai-whisper.

What keeps it from taking for ever (facts/domain.md §3.1): at most two temperatures, one sample each; caps on tokens and
on passes by the length of the recording; and a deadline that is looked at before every layer of the network, so that it
holds within the time of one layer, whatever whisper is doing.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any

from salon.integrations.whisper.weights import Weights
from salon.understanding.speech.domain import (
    UNCLEAR_COMPRESSION,
    UNCLEAR_LOG_PROBABILITY,
    UNCLEAR_NO_SPEECH,
    Audio,
    Provider,
    Recognition,
    Segment,
    confidence_of,
    is_echo,
    is_unclear,
)
from salon.understanding.speech.errors import RecogniserRefused, RecogniserTimedOut, RecogniserUnavailable

if TYPE_CHECKING:
    import numpy as np

LANGUAGE = "ru"
TEMPERATURES = (0.0, 0.4)
WINDOW_S = 30.0
TOKENS_A_SECOND = 10
"""Quick speech has three words a second, a Russian word two to three tokens, and there are time stamps."""
TOKENS_AT_LEAST = 24
PASSES_A_WINDOW = 3
"""Speech takes one or two passes over 30 s; on noise, time stamps that make no sense send whisper back and back."""
SEED = 1
"""The second temperature draws at random: with the same seed, the same file gives the same words."""


class WhisperRecogniser:
    """Listens with one checkpoint, which is loaded with the first message and kept.

    One message at a time: a second caller waits, and that counts against its time-out.
    """

    name = Provider.WHISPER.value

    def __init__(
        self,
        weights: Weights,
        *,
        device: str = "cpu",
        beam_size: int = 1,
        threads: int = 0,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        """Nothing is loaded yet.

        Args:
            weights: the checkpoint.
            device: `cpu` or `cuda`.
            beam_size: sequences that are followed at a time; 1 is greedy.
            threads: of torch; 0 leaves the choice to it.
            clock: seconds that only go forward.
        """
        self._clock = clock
        self._weights = weights
        self._device = device
        self._beam_size = beam_size if beam_size > 1 else None
        self._threads = threads
        self._busy = threading.Lock()
        self._deadline = _Deadline(clock)
        self._model: Any = None

    @property
    def version(self) -> str:
        """The checkpoint's."""
        return self._weights.version

    def prepare(self) -> None:
        """Load the checkpoint now; otherwise the first message waits for it.

        Raises:
            RecogniserRefused: there is none, or it is not one of whisper's.
        """
        with self._busy:
            self._loaded()

    def recognise(self, audio: Audio, *, prompt: str, timeout_s: float) -> Recognition:
        """Write it down (see `SpeechRecogniser.recognise`)."""
        started = self._clock()
        if not self._busy.acquire(timeout=timeout_s):
            raise RecogniserTimedOut(timeout_s)
        try:
            self._deadline.at = started + timeout_s
            model = self._loaded()
            self._deadline()  # loading cannot be broken off, but what is left of it is no time to listen in
            said, results = self._transcribe(model, audio, prompt)
        except _OutOfTime:
            raise RecogniserTimedOut(timeout_s) from None
        except (RuntimeError, MemoryError) as error:  # torch's own word for everything, out of memory too
            raise RecogniserUnavailable("engine") from error
        finally:
            self._deadline.at = math.inf
            self._busy.release()
        return self._recognition(audio, said, results, prompt, self._clock() - started)

    def _loaded(self) -> Any:
        if self._model is None:
            self._model = _load(self._weights, self._device, self._deadline)
        return self._model

    def _transcribe(self, model: Any, audio: Audio, prompt: str) -> tuple[list[Mapping[str, Any]], list[Any]]:
        """Whisper's segments, and the results that they were made of."""
        import torch
        from whisper.transcribe import transcribe

        if self._threads:
            torch.set_num_threads(self._threads)
        torch.manual_seed(SEED)
        listener = _Listener(model, self._deadline, passes=PASSES_A_WINDOW * math.ceil(audio.sounding_s / WINDOW_S))
        window_s = min(audio.sounding_s, WINDOW_S)
        try:
            said = transcribe(
                listener,
                _samples(audio),
                verbose=None,
                language=LANGUAGE,
                task="transcribe",
                temperature=TEMPERATURES,
                compression_ratio_threshold=UNCLEAR_COMPRESSION,
                logprob_threshold=UNCLEAR_LOG_PROBABILITY,
                no_speech_threshold=UNCLEAR_NO_SPEECH,
                condition_on_previous_text=False,
                initial_prompt=prompt if prompt and self._weights.prompted else None,
                carry_initial_prompt=True,
                fp16=self._device != "cpu",
                beam_size=self._beam_size,
                best_of=1,
                sample_len=min(model.dims.n_text_ctx // 2, TOKENS_AT_LEAST + math.ceil(TOKENS_A_SECOND * window_s)),
            )
        except _Rambling:
            return [], listener.results
        return said["segments"], listener.results

    def _recognition(
        self, audio: Audio, said: list[Mapping[str, Any]], results: list[Any], prompt: str, elapsed_s: float
    ) -> Recognition:
        segments = [_segment(item, audio) for item in said if _is_clear(item, audio)]
        text = " ".join(segment.text for segment in segments if segment.text)
        if is_echo(text, prompt):
            text, segments = "", []
        segments = [segment for segment in segments if segment.text]
        silent = [float(result.no_speech_prob) for result in results if not math.isnan(result.no_speech_prob)]
        return Recognition(
            text=text,
            confidence=_mean_confidence(segments),
            no_speech_probability=min(1.0, sum(silent) / len(silent)) if silent else 0.0,
            segments=tuple(segments),
            engine=self.name,
            version=self.version,
            elapsed_s=elapsed_s,
        )


class _OutOfTime(BaseException):
    """Raised from inside the network; nothing in whisper or torch may catch it as an error of its own."""


class _Rambling(BaseException):
    """More passes than speech needs: what whisper says is made up."""


class _Deadline:
    """Looks at the clock before each layer."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.at = math.inf

    def __call__(self, *_module_and_input: object) -> None:
        if self._clock() > self.at:
            raise _OutOfTime


class _Listener:
    """What `transcribe` asks of a model; it keeps each window's result, of which transcribe tells only a part."""

    def __init__(self, model: Any, deadline: _Deadline, *, passes: int) -> None:
        self.device, self.dims = model.device, model.dims
        self.is_multilingual, self.num_languages = model.is_multilingual, model.num_languages
        self.results: list[Any] = []
        self._model = model
        self._deadline = deadline
        self._passes_left = passes

    def decode(self, mel: Any, options: Any) -> Any:
        """One window, at one temperature."""
        self._deadline()
        if options.temperature == TEMPERATURES[0]:
            self._passes_left -= 1
            if self._passes_left < 0:
                raise _Rambling
        result = self._model.decode(mel, options)
        self.results.append(result)
        return result


def _load(weights: Weights, device: str, deadline: _Deadline) -> Any:
    """Load a checkpoint and put the deadline before each of its layers."""
    import whisper

    weights.check()
    try:
        model = whisper.load_model(str(weights.path), device=device)
    except Exception as error:
        # Whatever is wrong with the file or the device, torch and pickle have a dozen words for it.
        raise RecogniserRefused("model_unusable") from error
    for layer in (*model.encoder.blocks, *model.decoder.blocks):
        layer.register_forward_pre_hook(deadline)
    return model


def _samples(audio: Audio) -> np.ndarray[Any, np.dtype[np.float32]]:
    import numpy as np

    samples = np.frombuffer(audio.samples, dtype=np.float32)
    return samples if samples.flags.writeable else samples.copy()  # torch warns of what it cannot write to


def _is_clear(item: Mapping[str, Any], audio: Audio) -> bool:
    """Words that are sure enough, and not said after the recording's end."""
    return item["start"] < audio.sounding_s and not is_unclear(
        no_speech_probability=item["no_speech_prob"],
        log_probability=item["avg_logprob"],
        compression_ratio=item["compression_ratio"],
    )


def _segment(item: Mapping[str, Any], audio: Audio) -> Segment:
    return Segment(
        start_s=round(audio.starts_s + float(item["start"]), 2),
        end_s=round(min(audio.starts_s + float(item["end"]), audio.seconds), 2),
        text=" ".join(str(item["text"]).split()),
        confidence=confidence_of(float(item["avg_logprob"])),
    )


def _mean_confidence(segments: list[Segment]) -> float:
    """By length: two sure seconds weigh more than a doubtful syllable."""
    if not segments:
        return 0.0
    weights = [max(segment.end_s - segment.start_s, 0.1) for segment in segments]
    return sum(weight * segment.confidence for weight, segment in zip(weights, segments, strict=True)) / sum(weights)
