"""Voice messages as numbers, what a recogniser makes of them, and which provider is asked for what."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

SAMPLE_RATE = 16_000
"""Samples a second; what whisper, GigaAM and SpeechKit all want."""

UNCLEAR_NO_SPEECH = 0.6
UNCLEAR_LOG_PROBABILITY = -1.0
UNCLEAR_COMPRESSION = 2.4
"""Whisper's own thresholds: beyond them its words are made up (facts/domain.md §3.1)."""

PROMPT_TOKENS = 224
"""Of a prompt, whisper reads that many tokens at most: half of its text context."""

ECHO_ITEMS = 3
"""Words in the prompt's own order are its echo when they run over so many of its items: one is a wish («к Анне»,
«женская стрижка с укладкой»), two may be one."""


class Verdict(StrEnum):
    """What is to be thought of a voice message."""

    HEARD = "heard"
    UNCLEAR = "unclear"
    SILENT = "silent"
    TOO_LONG = "too_long"


class Provider(StrEnum):
    """Who writes speech down: the values of `SPEECH_PROVIDER`, and the messenger, which does so unasked."""

    MESSENGER = "messenger"
    WHISPER = "whisper"
    GIGAAM = "gigaam"
    SPEECHKIT = "speechkit"


@dataclass(frozen=True, slots=True, eq=False)
class Audio:
    """A decoded voice message, silence cut off at both ends.

    Attributes:
        samples: float32 (format `f`) at 16 kHz, mono, from -1 to 1; `numpy.frombuffer` takes it without a copy.
        seconds: how long the recording is, its silence included.
        starts_s: where in the recording `samples` begin.
        original: the file as it came, for services that decode themselves.
        mime: its type as the messenger stated it.
    """

    samples: memoryview = field(repr=False)
    seconds: float
    original: bytes = field(repr=False)
    mime: str
    starts_s: float = 0.0

    @property
    def sounding_s(self) -> float:
        """How long `samples` last."""
        return len(self.samples) / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech; times are seconds from the beginning of the recording."""

    start_s: float
    end_s: float
    text: str = field(repr=False)
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a recogniser heard.

    Attributes:
        text: the words, as they go into the dialogue; empty when nothing was understood.
        confidence: 0 to 1; of whisper, the mean probability of a token.
        no_speech_probability: 0 to 1, how likely nobody spoke; 0 where an engine does not say.
        segments: the words by time; empty where an engine does not say.
        engine: `whisper`, `gigaam`, `speechkit`, `messenger`.
        version: of the model, or of the service's API.
        elapsed_s: how long it took.
    """

    text: str = field(repr=False)
    confidence: float
    no_speech_probability: float
    segments: tuple[Segment, ...]
    engine: str
    version: str
    elapsed_s: float

    def verdict(self, *, min_confidence: float) -> Verdict:
        """Whether the words may be answered: there are some, and they are sure enough."""
        if not self.text:
            return Verdict.SILENT if self.no_speech_probability > UNCLEAR_NO_SPEECH else Verdict.UNCLEAR
        return Verdict.HEARD if self.confidence >= min_confidence else Verdict.UNCLEAR


def is_unclear(*, no_speech_probability: float, log_probability: float, compression_ratio: float) -> bool:
    """Whether whisper's words for one stretch are to be thrown away.

    Args:
        no_speech_probability: that nobody speaks, 0 to 1.
        log_probability: mean natural logarithm of the tokens' probabilities.
        compression_ratio: length of the text to its length compressed; high when it repeats itself.
    """
    nobody = no_speech_probability > UNCLEAR_NO_SPEECH and log_probability < UNCLEAR_LOG_PROBABILITY
    return nobody or compression_ratio > UNCLEAR_COMPRESSION


def confidence_of(log_probability: float) -> float:
    """A mean log-probability as a probability, 0 to 1."""
    return min(1.0, math.exp(min(log_probability, 0.0)))


def prompt_of(services: Collection[str], staff: Collection[str], *, max_tokens: int = PROMPT_TOKENS) -> str:
    """A sentence with the salon's names, from which a recogniser takes their spelling; no longer than `max_tokens`.

    Staff come first, they are fewer and harder to guess. A name that does not fit any more is left out.

    Args:
        services: names as the salon writes them, the most wanted first.
        staff: names as clients say them.
        max_tokens: what the recogniser reads at most; estimated from above (`estimated_tokens`).
    """
    sentence = "Запись в салон красоты."
    for label, names in (("Мастера", staff), ("Услуги", services)):
        said: list[str] = []
        for name in _distinct(names):
            tried = f"{sentence} {label}: {', '.join([*said, name])}."
            if estimated_tokens(tried) <= max_tokens:
                said.append(name)
        if said:
            sentence = f"{sentence} {label}: {', '.join(said)}."
    return sentence if estimated_tokens(sentence) <= max_tokens else ""


def estimated_tokens(text: str) -> int:
    """How many tokens whisper's multilingual vocabulary needs at most for ordinary Russian: two letters each."""
    return sum(math.ceil(len(word) / 2) + 1 for word in text.split())


def is_echo(text: str, prompt: str) -> bool:
    """Whether a recogniser has only said the prompt back: on silence whisper does (facts/domain.md §3.1).

    So it is when the words are all of the prompt, its opening, or a part of it that runs over three of its items.
    """
    words = _words(text)
    items = [item for item in (_words(piece) for piece in _ITEM_ENDS.split(prompt)) if item]
    if not words or not items:
        return False
    if words == items[0]:
        return True
    prompted = [(word, place) for place, item in enumerate(items) for word in item]
    for start in range(len(prompted) - len(words) + 1):
        stretch = prompted[start : start + len(words)]
        if [word for word, _ in stretch] == words:
            touched = {place for _, place in stretch}
            if len(touched) >= ECHO_ITEMS or len(stretch) == len(prompted):
                return True
    return False


_ITEM_ENDS = re.compile(r"[.,:;]")


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower().replace("ё", "е"))


def _distinct(names: Collection[str]) -> Sequence[str]:
    cleaned = (" ".join(name.split()) for name in names)
    return list(dict.fromkeys(name for name in cleaned if name))
