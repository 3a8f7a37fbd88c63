"""Several recognisers as one: another is asked when the preferred one is unavailable.

The messenger is never asked: its words come with the message or do not come, and where they are good nobody else is
(`messenger.judge_transcript`). How long a message a provider takes in one piece is its adapter's own affair (`pieces`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter

from salon.platform import metrics as figures
from salon.platform.logs import logger
from salon.platform.metrics import Metrics
from salon.understanding.speech.domain import Audio, Provider, Recognition
from salon.understanding.speech.errors import RecogniserTimedOut, RecogniserUnavailable
from salon.understanding.speech.ports import SpeechRecogniser

log = logger(__name__)
Make = Callable[[], SpeechRecogniser]


class RecogniserChain:
    """The port `SpeechRecogniser`, answered by the first provider that can; each is made when it is first asked."""

    def __init__(
        self, makers: Mapping[Provider, Make], *, preferred: Provider, fallback: Provider | None, metrics: Metrics
    ) -> None:
        """Nothing is made yet.

        Args:
            makers: how each provider is made.
            preferred: who is asked first.
            fallback: who is asked next, or nobody.
            metrics: counts whoever failed and was stood in for; whoever fails for good is counted by the caller.
        """
        self._metrics = metrics
        self._makers = makers
        self._preferred = preferred
        self._asked = (preferred,) if fallback is None or fallback is preferred else (preferred, fallback)
        self._made: dict[Provider, SpeechRecogniser] = {}

    @property
    def name(self) -> str:
        """The preferred provider's."""
        return self._preferred.value

    @property
    def version(self) -> str:
        """The preferred provider's; `unavailable` when it cannot even be made."""
        try:
            return self._recogniser(self._preferred).version
        except RecogniserUnavailable:
            return "unavailable"

    def recognise(self, audio: Audio, *, prompt: str, timeout_s: float) -> Recognition:
        """Write it down (see `SpeechRecogniser.recognise`); what one has used up of the time, the next one lacks."""
        started = perf_counter()
        failed: RecogniserUnavailable | None = None
        for provider in self._asked:
            left_s = timeout_s - (perf_counter() - started)
            if left_s <= 0:
                raise failed or RecogniserTimedOut(timeout_s)
            try:
                found = self._recogniser(provider).recognise(audio, prompt=prompt, timeout_s=left_s)
            except RecogniserUnavailable as error:
                log.warning("speech.provider_failed", provider=provider, code=error.code, reason=error.reason)
                failed = error
            else:
                if failed is not None:
                    model = f"{self.name}:{self.version}"
                    self._metrics.count(figures.SPEECH_FAILED, model=model, reason=failed.reason)
                return found
        raise failed or RecogniserUnavailable("no_provider")

    def _recogniser(self, provider: Provider) -> SpeechRecogniser:
        if provider not in self._made:
            self._made[provider] = self._makers[provider]()
        return self._made[provider]
