"""What speech recognition needs from outside; adapters are in `salon.integrations`, wired by storage_voice."""

from __future__ import annotations

from typing import Protocol

from salon.understanding.speech.domain import Audio, Recognition


class SpeechRecogniser(Protocol):
    """An engine or a service that writes Russian speech down.

    Attributes:
        name: the provider's word: `whisper`, `gigaam`, `speechkit`.
        version: of the model, or of the service's API; goes into the transcript and the metrics.
    """

    @property
    def name(self) -> str:
        """The provider's word."""
        ...

    @property
    def version(self) -> str:
        """The model's."""
        ...

    def recognise(self, audio: Audio, *, prompt: str, timeout_s: float) -> Recognition:
        """Write it down.

        Args:
            audio: what is spoken, its silence cut off.
            prompt: names that are likely to be said, `prompt_of`; an engine that cannot be prompted ignores it.
            timeout_s: how long it may take; what was heard by then is thrown away.

        Returns:
            The words; without any when nobody speaks, or nothing was understood.

        Raises:
            AudioTooLong: longer than the provider takes in one piece.
            AudioUndecodable: the service cannot read the file.
            RecogniserTimedOut: it took longer than `timeout_s`.
            RecogniserUnavailable: it does not work now; trying again later may help.
            RecogniserRefused: it will not work until somebody has put its configuration right.
        """
        ...


class AudioDecoder(Protocol):
    """Makes samples of whatever a messenger sends."""

    def decode(self, data: bytes, *, mime: str) -> Audio:
        """Decode a voice message and cut its silence off.

        Args:
            data: the file.
            mime: its type as the messenger stated it; the file's own content decides.

        Raises:
            AudioUndecodable: there is no sound in it, or it cannot be read.
            AudioTooLong: longer than the limit, in bytes or seconds; no more than that was decoded.
            AudioSilent: nobody speaks, or too shortly for a word.
        """
        ...
