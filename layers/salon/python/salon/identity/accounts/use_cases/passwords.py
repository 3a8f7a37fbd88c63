"""Hashing passwords: argon2id with the first of OWASP's recommended parameters (46 MiB, one pass, one lane).

It takes some 40 ms and 46 MiB of a function's 512. A stored hash names its parameters, so raising them here locks
nobody out: whoever signs in is hashed anew.
"""

from __future__ import annotations

import secrets
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

TIME_COST, MEMORY_KIB, LANES = 1, 47_104, 1


def hash_password(password: str) -> str:
    """A password as it is stored."""
    return _hasher().hash(password)


def is_password(stored: str | None, password: str) -> bool:
    """Whether it is the password. Costs the same where there is none: against a hash of nobody's."""
    from argon2.exceptions import InvalidHashError, VerificationError

    nobodys = _nobodys()  # made on every path: the first call must not tell the two apart
    try:
        is_right = _hasher().verify(stored or nobodys, password)
    except (VerificationError, InvalidHashError):
        return False
    return is_right and stored is not None


def is_outdated(stored: str) -> bool:
    """Whether it was hashed with other parameters than today's."""
    return _hasher().check_needs_rehash(stored)


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=TIME_COST, memory_cost=MEMORY_KIB, parallelism=LANES)


@cache
def _nobodys() -> str:
    return hash_password(secrets.token_urlsafe(16))
