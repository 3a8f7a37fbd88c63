"""Tokens between our own functions: which service asks, for a minute. People and visitors have other ones.

A token is a JWT under a key of its own, derived from the signing keys of the same id, so that it is never taken for a
person's token, nor one of theirs for it. It travels in a header of its own: Yandex Cloud drops `Authorization` from
direct calls (facts/yandex.md §1.1), and AWS has its signature there.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from salon.platform.errors import Unauthenticated

HEADER = "x-service-token"
ALGORITHM = "HS256"
AUDIENCE = "salon-internal"
ISSUER = "salon"
LIFETIME = timedelta(minutes=1)
LEEWAY = timedelta(seconds=10)
MAX_TOKEN_CHARS = 1_000
_PURPOSE = b"salon/service-token/1"
_REQUIRED = ["iss", "aud", "sub", "iat", "exp"]


class ServiceTokenMissing(Unauthenticated):
    """The caller does not say which service it is."""

    code = "SERVICE_TOKEN_MISSING"

    def __init__(self) -> None:
        super().__init__("This is for our own services: a service token is needed.")


class ServiceTokenInvalid(Unauthenticated):
    """Not our token, not for this, or its minute is over."""

    code = "SERVICE_TOKEN_INVALID"

    def __init__(self) -> None:
        super().__init__("The service token is not good.")


class Keys(Protocol):
    """Signing keys by id; the current one signs, all of them verify."""

    @property
    def current(self) -> bytes:
        """The key that signs."""
        ...

    @property
    def current_id(self) -> str:
        """Its id."""
        ...

    def find(self, key_id: object) -> bytes | None:
        """A key by its id."""
        ...


class ServiceTokens:
    """Issues and verifies."""

    def __init__(self, keys: Callable[[], Keys]) -> None:
        self._keys = keys

    def issue(self, service: str, *, now: datetime) -> str:
        """A token for one call or a few: it is good for a minute."""
        import jwt

        keys = self._keys()
        issued_at = int(now.astimezone(UTC).timestamp())
        payload = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": service,
            "iat": issued_at,
            "exp": issued_at + int(LIFETIME.total_seconds()),
        }
        return jwt.encode(payload, _derived(keys.current), algorithm=ALGORITHM, headers={"kid": keys.current_id})

    def verify(self, headers: Mapping[str, str], *, now: datetime) -> str:
        """Which service asks.

        Args:
            headers: the request's, with lower-case names.
            now: what its times are compared with.

        Raises:
            ServiceTokenMissing: there is none.
            ServiceTokenInvalid: another key, another purpose, or not of this minute.
        """
        token = headers.get(HEADER, "").strip()
        if not token:
            raise ServiceTokenMissing
        payload = self._decode(token)
        issued_at, expires_at, seconds = payload["iat"], payload["exp"], now.timestamp()
        if not all(isinstance(at, int) and not isinstance(at, bool) for at in (issued_at, expires_at)):
            raise ServiceTokenInvalid
        slack = LEEWAY.total_seconds()
        if not (issued_at - slack <= seconds < expires_at + slack):
            raise ServiceTokenInvalid
        if expires_at - issued_at > LIFETIME.total_seconds():
            raise ServiceTokenInvalid
        return str(payload["sub"])

    def _decode(self, token: str) -> dict[str, Any]:
        import jwt

        if len(token) > MAX_TOKEN_CHARS:
            raise ServiceTokenInvalid
        try:
            key = self._keys().find(jwt.get_unverified_header(token).get("kid"))
            if key is None:
                raise ServiceTokenInvalid
            payload: dict[str, Any] = jwt.decode(
                token,
                _derived(key),
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                # The times are ours to compare: the library would read the machine's clock.
                options={"require": _REQUIRED, "verify_exp": False, "verify_iat": False},
            )
        except (jwt.PyJWTError, ValueError, TypeError):
            raise ServiceTokenInvalid from None
        return payload


def _derived(key: bytes) -> bytes:
    return hmac.digest(key, _PURPOSE, "sha256")
