"""How a check complains, and how it waits."""

from __future__ import annotations

import time
from collections.abc import Callable

POLL_SECONDS = 0.3


class CheckFailed(Exception):
    """Something is not as it should be."""


def require(condition: object, otherwise: str) -> None:
    """Complain unless something is so.

    Raises:
        CheckFailed: it is not.
    """
    if not condition:
        raise CheckFailed(otherwise)


def wait_until(true: Callable[[], None], seconds: float) -> None:
    """Repeat a check until it passes; its last complaint when it never does."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            true()
        except (CheckFailed, AssertionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(POLL_SECONDS)
        else:
            return
