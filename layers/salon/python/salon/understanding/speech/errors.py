"""What speech recognition refuses, and what it may fail at.

::

    Invalid                     the client is told; trying again does not help
    ├── AudioUndecodable
    ├── AudioTooLong
    └── AudioSilent
    Fault                       trying again later may help
    └── RecogniserUnavailable
        ├── RecogniserTimedOut
        └── RecogniserRefused   keys, quota, a model that does not fit: a person has to see to it
"""

from __future__ import annotations

from salon.platform.errors import Fault, Invalid


class AudioUndecodable(Invalid):
    """The file holds no sound that can be read.

    Attributes:
        reason: one word of ours, for metrics: `empty`, `not_audio`, `corrupt`, `no_audio_stream`.
    """

    code = "AUDIO_UNDECODABLE"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The recording cannot be read: {reason}.")
        self.reason = reason


class AudioTooLong(Invalid):
    """The recording is longer than is listened to.

    Attributes:
        limit_s: the limit in seconds; None when it has too many bytes.
    """

    code = "AUDIO_TOO_LONG"

    def __init__(self, limit_s: float | None = None) -> None:
        super().__init__("The file is too large." if limit_s is None else f"Longer than {limit_s:g} s.")
        self.limit_s = limit_s


class AudioSilent(Invalid):
    """Nobody speaks in the recording.

    Attributes:
        seconds: how long it is.
    """

    code = "AUDIO_SILENT"

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Nothing is heard in {seconds:.1f} s.")
        self.seconds = seconds


class RecogniserUnavailable(Fault):
    """The engine or the service does not work now.

    Attributes:
        reason: one word of ours, for metrics: `network`, `http_503`, `throttled`, `no_model`.
        after_s: how long it asks to be left alone, in seconds; 0 when it does not say.
    """

    code = "RECOGNISER_UNAVAILABLE"

    def __init__(self, reason: str, *, after_s: float = 0.0) -> None:
        super().__init__(f"Speech recognition is not available: {reason}.")
        self.reason = reason
        self.after_s = after_s


class RecogniserTimedOut(RecogniserUnavailable):
    """Recognising took longer than it may.

    Attributes:
        timeout_s: how long that is.
    """

    code = "RECOGNISER_TIMED_OUT"

    def __init__(self, timeout_s: float) -> None:
        super().__init__("timeout")
        self.timeout_s = timeout_s


class RecogniserRefused(RecogniserUnavailable):
    """It will not work until somebody has put its configuration right: a wrong key, a model of another shape."""

    code = "RECOGNISER_REFUSED"
