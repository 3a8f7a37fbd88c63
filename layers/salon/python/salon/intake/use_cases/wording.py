"""Why a job has failed, in words."""

from __future__ import annotations

from salon.intake.domain import Reason
from salon.platform.texts import Texts, texts

_OURS = frozenset({Reason.ENGINE_UNAVAILABLE, Reason.STORAGE_UNAVAILABLE, Reason.DATABASE_BUSY})
"""What a person can do nothing about is told in one way."""


def reason_in_words(code: str | None, words: Texts | None = None) -> str | None:
    """A reason for a person; None where there is none.

    Args:
        code: of a job.
        words: the tenant's; Russian when not given.
    """
    if code is None:
        return None
    known = Reason.of(code)
    said = Reason.PROCESSING_FAILED if known in _OURS else known
    return (words or texts()).say(f"job-reason-{said.lower().replace('_', '-')}")
