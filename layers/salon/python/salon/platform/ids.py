"""Identifiers: UUIDv7 (RFC 9562), made in the application because servers before PostgreSQL 18 cannot.

The standard library has `uuid7` from Python 3.14 on; the package `uuid6` costs the webhook 20 ms of its import budget
(it reads its own metadata), hence these lines. `rand_a` counts within a millisecond (RFC 9562 §6.2, method 1), so ids
of one process sort in the order in which they were made.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from threading import Lock
from time import time_ns
from uuid import UUID

_COUNTER_BITS = 12
_lock = Lock()
_last = 0


def new_id() -> UUID:
    """A new identifier that sorts by the time it was made."""
    return UUID(int=_uuid7(_tick(), secrets.randbits(62)))


def first_id_of(instant: datetime) -> UUID:
    """What sorts before every identifier made at an instant or later, and after all made a millisecond before."""
    return UUID(int=int(instant.timestamp() * 1000) << 80)


def parse_id(text: object) -> UUID | None:
    """The identifier in `text`, or None when it is not one (ids from outside are never trusted to be well-formed)."""
    if not isinstance(text, str):
        return None
    try:
        return UUID(text)
    except ValueError:
        return None


def _tick() -> int:
    """Milliseconds since 1970 and a counter within the millisecond; always greater than the last."""
    global _last  # noqa: PLW0603 - the order of ids is a property of the process
    with _lock:
        now = (time_ns() // 1_000_000) << _COUNTER_BITS
        _last = max(now, _last + 1)
        return _last


def _uuid7(tick: int, random_bits: int) -> int:
    milliseconds, counter = tick >> _COUNTER_BITS, tick & ((1 << _COUNTER_BITS) - 1)
    return (milliseconds << 80) | (7 << 76) | (counter << 64) | (0b10 << 62) | random_bits
