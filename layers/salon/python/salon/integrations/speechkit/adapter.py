"""SpeechKit as a `SpeechRecogniser`. Voice leaves for Yandex Cloud in Russia: off unless a setting turns it on."""

from __future__ import annotations

import time

from salon.integrations.speechkit.client import SpeechKitClient
from salon.integrations.speechkit.payloads import LONGEST_S, FileRefused, as_it_came, as_samples
from salon.understanding.speech.domain import SAMPLE_RATE, Audio, Provider, Recognition, Segment
from salon.understanding.speech.errors import RecogniserRefused, RecogniserTimedOut
from salon.understanding.speech.pieces import pieces

CONFIDENCE = 0.85
"""Of any words: API v1 does not say how sure it is. Above the threshold at which words are said back."""


class SpeechKitRecogniser:
    """Recognises short recordings as they came, others as samples; a long one in pieces, cut where nobody speaks."""

    def __init__(self, client: SpeechKitClient) -> None:
        self._client = client
        self.name: str = Provider.SPEECHKIT
        self.version = f"v1-{client.topic}"

    def recognise(self, audio: Audio, *, prompt: str, timeout_s: float) -> Recognition:
        """See the port; the service takes no prompt.

        Raises:
            RecogniserUnavailable, RecogniserTimedOut: trying again later may help.
            RecogniserRefused: the key, its rights, or a setting that the service does not know.
        """
        del prompt
        started = time.monotonic()
        segments: tuple[Segment, ...] = ()
        whole = as_it_came(audio)
        if whole is not None:
            try:
                text = self._client.recognise(whole, timeout_s=timeout_s)
                segments = _segment(text, audio.starts_s, audio.starts_s + audio.sounding_s)
            except FileRefused:  # our own decoder could read it; the service's wants samples
                whole = None
        if whole is None:
            segments = self._in_pieces(audio, deadline=started + timeout_s, timeout_s=timeout_s)
        said = " ".join(segment.text for segment in segments)
        return Recognition(
            text=said,
            confidence=CONFIDENCE if said else 0.0,
            no_speech_probability=0.0,
            segments=segments,
            engine=self.name,
            version=self.version,
            elapsed_s=time.monotonic() - started,
        )

    def _in_pieces(self, audio: Audio, *, deadline: float, timeout_s: float) -> tuple[Segment, ...]:
        found: list[Segment] = []
        for start, end in pieces(audio.samples, longest_s=LONGEST_S):
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise RecogniserTimedOut(timeout_s)
            try:
                text = self._client.recognise(as_samples(audio.samples[start:end]), timeout_s=left_s)
            except FileRefused:  # there is nothing wrong with samples: it is our settings
                raise RecogniserRefused("request_rejected") from None
            begins = audio.starts_s
            found += _segment(text, begins + start / SAMPLE_RATE, begins + end / SAMPLE_RATE)
        return tuple(found)


def _segment(text: str, start_s: float, end_s: float) -> tuple[Segment, ...]:
    return (Segment(start_s, end_s, text, CONFIDENCE),) if text else ()
