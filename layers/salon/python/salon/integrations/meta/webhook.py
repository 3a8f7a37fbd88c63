"""Who sends to a webhook: the signature over the bytes as they came, and the handshake. Imports no HTTP."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping

from salon.integrations.wire import secret_matches
from salon.messaging.errors import HandshakeRefused

SIGNATURE_HEADER = "x-hub-signature-256"
_SIGNATURE = re.compile(r"sha256=([0-9a-fA-F]{64})\Z")
_CHALLENGE_LIMIT = 1000


def is_signed(body: bytes, header: object, secrets: Iterable[str]) -> bool:
    """Whether one of the app secrets signed these bytes; in constant time, and an empty secret never did.

    Several, because a secret may be changing, and because it is poorly documented which of an app's two secrets signs
    for Instagram (facts §5.2). The older `X-Hub-Signature` (SHA-1) is not looked at.
    """
    given = _SIGNATURE.match(header) if isinstance(header, str) else None
    if given is None:
        return False
    claimed, matched = given[1].lower().encode(), False
    for secret in secrets:
        expected = hmac.new(secret.encode("utf-8", "surrogatepass"), body, hashlib.sha256).hexdigest().encode()
        same = hmac.compare_digest(claimed, expected)
        matched = matched or (bool(secret) and same)
    return matched


def answer_handshake(method: str, query: Mapping[str, str], verify_token: str) -> str | None:
    """The challenge to repeat when Meta makes sure of us; None when the request is no handshake.

    Raises:
        HandshakeRefused: the token is missing or wrong, or ours is not configured.
    """
    if method.upper() != "GET" or not any(name.startswith("hub.") for name in query):
        return None
    challenge = query.get("hub.challenge") or ""
    is_theirs = query.get("hub.mode") == "subscribe" and secret_matches(query.get("hub.verify_token"), (verify_token,))
    if not is_theirs or not 1 <= len(challenge) <= _CHALLENGE_LIMIT:
        raise HandshakeRefused
    return challenge
