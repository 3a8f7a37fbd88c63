"""Tokens: who says so, until when. Signed by us, read by us, nothing secret inside.

A session has two: a short access token that goes with every request, and a renewal token that is good for new access
tokens as long as the session's row lives, 24 hours at most (DESIGN §7). HS256 alone is accepted, whatever a token's
header says; `kid` chooses among our keys, so that they can be rotated: put the new one first, and drop the old one a
day later. Times are compared with the `now` that is passed in.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import jwt

from salon.identity.access import Role
from salon.identity.errors import JwtSecretsInvalid, TokenExpired, TokenInvalid, TokenMissing
from salon.platform.ids import parse_id

JWT_SECRETS = "JWT_SECRETS"  # the name of the keys in the store of secrets
ALGORITHM = "HS256"
ISSUER = "salon"
MIN_KEY_BYTES = 32
MAX_TOKEN_CHARS = 2_000
LEEWAY = timedelta(seconds=10)
MAX_SESSION = timedelta(hours=24)
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
_REQUIRED = ["iss", "aud", "sub", "sid", "tid", "role", "iat", "nbf", "exp"]


class Audience(StrEnum):
    """What a token is for; one kind never passes for the other."""

    ACCESS = "salon-api"
    RENEWAL = "salon-renewal"


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """Our keys by id; the current one signs, all of them verify."""

    current_id: str
    _keys: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> SigningKeys:
        """Read `k2:<base64>,k1:<base64>`; the first is the current one.

        Raises:
            JwtSecretsInvalid: no key, a bad or repeated id, not Base64, or fewer than 32 bytes (RFC 7518 §3.2).
        """
        keys: dict[str, bytes] = {}
        for position, entry in enumerate(part.strip() for part in text.split(",")):
            key_id, separator, encoded = entry.partition(":")
            if not separator or not _KEY_ID.fullmatch(key_id) or key_id in keys:
                raise JwtSecretsInvalid(f"Signing key number {position + 1} needs an id of its own; write id:base64.")
            try:
                keys[key_id] = base64.b64decode(encoded, validate=True)
            except binascii.Error:
                raise JwtSecretsInvalid(f"Signing key {key_id} is not Base64.") from None
            if len(keys[key_id]) < MIN_KEY_BYTES:
                raise JwtSecretsInvalid(f"Signing key {key_id} has fewer than {MIN_KEY_BYTES} bytes.")
        return cls(next(iter(keys)), keys)

    @property
    def current(self) -> bytes:
        """The key that signs."""
        return self._keys[self.current_id]

    def find(self, key_id: object) -> bytes | None:
        """A key by its id, None when we have none of that id."""
        return self._keys.get(key_id) if isinstance(key_id, str) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a genuine token says; whether its session still lives is in the database."""

    tenant_id: UUID
    session_id: UUID
    role: Role
    subject: str


class Link(StrEnum):
    """What the key of a link lets one do; a key for the one is none for the other."""

    LOOK = "link"
    MANAGE = "manage"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedTokens:
    """Both tokens of a session. Not logged.

    Attributes:
        access_expires_at: end of the access token, UTC; renew before.
        session_expires_at: end of the session, UTC; nothing is renewed after it.
    """

    access_token: str = field(repr=False)
    access_expires_at: datetime
    renewal_token: str = field(repr=False)
    session_expires_at: datetime


class Tokens:
    """Issues and verifies."""

    def __init__(self, keys: Callable[[], SigningKeys], *, access_for: timedelta = timedelta(minutes=15)) -> None:
        self._keys = keys
        self._access_for = min(access_for, MAX_SESSION)

    def issue(self, claims: Claims, *, session_expires_at: datetime, now: datetime) -> IssuedTokens:
        """Tokens of a session that was just opened or is being renewed; none outlives the session."""
        until = min(now + self._access_for, session_expires_at)
        return IssuedTokens(
            access_token=self._sign(claims, Audience.ACCESS, until, now),
            access_expires_at=until,
            renewal_token=self._sign(claims, Audience.RENEWAL, session_expires_at, now),
            session_expires_at=session_expires_at,
        )

    def verify(self, token: str, *, now: datetime, audience: Audience = Audience.ACCESS) -> Claims:
        """What a token says.

        Raises:
            TokenInvalid: not ours, not for this, or not yet.
            TokenExpired: it has run out.
        """
        payload = self._decode(token, audience)
        tenant_id, session_id = parse_id(payload["tid"]), parse_id(payload["sid"])
        instants = [payload[name] for name in ("iat", "nbf", "exp")]
        if tenant_id is None or session_id is None or payload["role"] not in Role.__members__.values():
            raise TokenInvalid
        if not all(isinstance(at, int) and not isinstance(at, bool) for at in instants):
            raise TokenInvalid
        issued_at, not_before, expires_at = instants
        seconds, slack = now.timestamp(), LEEWAY.total_seconds()
        if max(issued_at, not_before) > seconds + slack or expires_at - issued_at > MAX_SESSION.total_seconds():
            raise TokenInvalid
        if expires_at <= seconds - slack:
            raise TokenExpired
        return Claims(
            tenant_id=tenant_id, session_id=session_id, role=Role(payload["role"]), subject=str(payload["sub"])
        )

    def link_key(self, tenant_id: UUID, subject_id: UUID, opens: Link = Link.LOOK) -> str:
        """A key that opens one thing to whoever has the link: `<key id>.<tenant>.<digest>`.

        It lives as long as the signing key is kept, so what looking shows must not say who anybody is.
        """
        keys = self._keys()
        return f"{keys.current_id}.{tenant_id.hex}.{_link_digest(keys.current, tenant_id, subject_id, opens)}"

    def open_link(self, key: str, subject_id: UUID, opens: Link = Link.LOOK) -> UUID:
        """The tenant of the thing that a link's key opens.

        Raises:
            TokenInvalid: not our key, or not of this thing.
        """
        key_id, _, rest = key.partition(".")
        tenant, _, digest = rest.partition(".")
        signing, tenant_id = self._keys().find(key_id), parse_id(tenant)
        if signing is None or tenant_id is None or not digest.isascii():
            raise TokenInvalid
        if not hmac.compare_digest(digest, _link_digest(signing, tenant_id, subject_id, opens)):
            raise TokenInvalid
        return tenant_id

    def pseudonym(self, value: str) -> str:
        """A keyed digest of a value that must not be stored as it is, such as an address; 32 characters."""
        return hmac.digest(self._keys().current, b"salon/pseudonym/" + value.encode(), "sha256").hex()[:32]

    def _sign(self, claims: Claims, audience: Audience, expires_at: datetime, now: datetime) -> str:
        keys = self._keys()
        payload = {
            "iss": ISSUER,
            "aud": audience.value,
            "sub": claims.subject,
            "sid": str(claims.session_id),
            "tid": str(claims.tenant_id),
            "role": claims.role.value,
            "iat": int(now.astimezone(UTC).timestamp()),
            "nbf": int(now.astimezone(UTC).timestamp()),
            "exp": int(expires_at.astimezone(UTC).timestamp()),
        }
        return jwt.encode(payload, keys.current, algorithm=ALGORITHM, headers={"kid": keys.current_id})

    def _decode(self, token: str, audience: Audience) -> dict[str, Any]:
        if len(token) > MAX_TOKEN_CHARS:
            raise TokenInvalid
        try:
            key = self._keys().find(jwt.get_unverified_header(token).get("kid"))
            if key is None:
                raise TokenInvalid
            payload: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=audience.value,
                issuer=ISSUER,
                # The times are ours to compare: the library would read the machine's clock.
                options={"require": _REQUIRED, "verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
        except (jwt.PyJWTError, ValueError, TypeError):
            raise TokenInvalid from None
        return payload


def _link_digest(key: bytes, tenant_id: UUID, subject_id: UUID, opens: Link) -> str:
    purpose = f"salon/{opens.value}/".encode()
    return hmac.digest(key, purpose + tenant_id.bytes + subject_id.bytes, "sha256").hex()[:32]


def bearer_of(headers: Mapping[str, str]) -> str:
    """The token in the headers, whose names are in lower case.

    Raises:
        TokenMissing: there is none.
        TokenInvalid: another scheme, or nothing behind it.
    """
    value = headers.get("authorization", "").strip()
    if not value:
        raise TokenMissing
    scheme, _, token = value.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenInvalid
    return token.strip()
