"""Reading what a stranger sent: any bytes may come, nothing here raises. Shared by all channels, imports no HTTP."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

_MAX_EPOCH_S = 253_402_300_799  # 9999-12-31T23:59:59Z, the last second a datetime can hold
_MAX_ID = 2**63


def secret_matches(got: object, accepted: Iterable[str]) -> bool:
    """Whether `got` is one of the accepted secrets, in constant time.

    Compares bytes, because `hmac.compare_digest` raises on text outside ASCII and a stranger chooses the text.
    An empty secret, ours or theirs, never matches.
    """
    if not isinstance(got, str) or not got:
        return False
    given = got.encode("utf-8", "surrogatepass")
    matched = False
    for secret in accepted:
        same = hmac.compare_digest(given, secret.encode("utf-8", "surrogatepass"))
        matched = matched or (bool(secret) and same)
    return matched


def load_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object in `body`, or None when it holds anything else."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def digest_id(body: bytes) -> str:
    """A key for a body that carries none: equal bytes have an equal key."""
    return "sha256:" + hashlib.sha256(body).hexdigest()


def dict_of(value: object) -> dict[str, Any]:
    """`value` when it is an object, otherwise an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[Any]:
    """`value` when it is an array, otherwise an empty one."""
    return value if isinstance(value, list) else []


def text_of(value: object, *, limit: int | None = None) -> str:
    """`value` when it is text, made fit to be stored: without NUL (PostgreSQL) and lone surrogates (UTF-8)."""
    if not isinstance(value, str):
        return ""
    clean = value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    return clean if limit is None else clean[:limit]


def word_of(value: object) -> str | None:
    """Text that is not empty, or None."""
    return text_of(value) or None


def whole_of(value: object) -> int | None:
    """A whole number that is not negative and fits 63 bits, or None (true and false are no numbers)."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value < _MAX_ID else None


def id_of(value: object) -> str:
    """An identifier as text, "" when there is none; a number may be negative (groups)."""
    if isinstance(value, bool) or not isinstance(value, int):
        return text_of(value, limit=64)
    return str(value) if -_MAX_ID < value < _MAX_ID else ""


def instant_of(seconds: object) -> datetime | None:
    """The instant `seconds` after 1970, or None; 0 stands for "not known"."""
    whole = whole_of(seconds)
    if not whole or whole > _MAX_EPOCH_S:
        return None
    return datetime.fromtimestamp(whole, UTC)
