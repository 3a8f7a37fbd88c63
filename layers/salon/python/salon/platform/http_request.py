"""The HTTP request at hand: what an edge needs of it beside what Powertools hands to a route.

Light on purpose: every HTTP function imports it, the webhook too (DESIGN §6).
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from salon.platform.errors import Invalid, Refusal, SalonError

IDEMPOTENCY_HEADER = "Idempotency-Key"
MAX_KEY_CHARS = 255
_KEY = re.compile(r"[\x21-\x7e]{1,255}")  # printable ASCII without blanks: survives every proxy and log as it is
_V6_NETWORK = 64  # what one subscriber is given; every address in it is the same one's


class IdempotencyKeyRequired(Invalid):
    """A request that changes something says by a key whether it is a repeat."""

    code = "IDEMPOTENCY_KEY_REQUIRED"

    def __init__(self) -> None:
        super().__init__(f"This request changes something: send a new {IDEMPOTENCY_HEADER}, the same one to repeat it.")


class IdempotencyKeyInvalid(Invalid):
    """The key is too long, or not printable ASCII without blanks."""

    code = "IDEMPOTENCY_KEY_INVALID"

    def __init__(self) -> None:
        super().__init__(f"{IDEMPOTENCY_HEADER} has 1 to {MAX_KEY_CHARS} printable ASCII characters and no blanks.")


class IdempotencyKeyReused(Refusal):
    """The same key came with another request; answered with 422, as the draft of the header's standard has it."""

    code = "IDEMPOTENCY_KEY_REUSED"

    def __init__(self) -> None:
        super().__init__(f"This {IDEMPOTENCY_HEADER} was used for another request; take a new one.")


@dataclass(slots=True)
class HttpRequest:
    """One request.

    Attributes:
        headers: with lower-case names.
        body: as it was sent.
        route: pattern of the route that matched, empty until then: safe to log.
        status: what that route answers when all goes well.
    """

    method: str
    path: str
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: bytes
    source_ip: str
    route: str = ""
    status: int = 200
    _answer_headers: dict[str, str] = field(default_factory=dict)

    def client_ip(self, trusted_proxies: int = 0) -> str:
        """The caller's address as a bucket for limits: IPv6 by its /64; empty when the gateway names none.

        Args:
            trusted_proxies: how many proxies of ours stand before the gateway; so many entries from the right of
                X-Forwarded-For are theirs. 0 believes the gateway alone: anybody can send that header.
        """
        address = self.source_ip
        if trusted_proxies > 0:
            chain = [part.strip() for part in self.headers.get("x-forwarded-for", "").split(",") if part.strip()]
            if len(chain) >= trusted_proxies:
                address = chain[-trusted_proxies]
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return ""
        if isinstance(found, ipaddress.IPv6Address):
            if found.ipv4_mapped is not None:
                return str(found.ipv4_mapped)
            return str(ipaddress.ip_network((found, _V6_NETWORK), strict=False))
        return str(found)

    def idempotency_key(self) -> str:
        """The key that the caller gave.

        Raises:
            IdempotencyKeyRequired: none.
            IdempotencyKeyInvalid: too long, or of other characters.
        """
        key = self.headers.get(IDEMPOTENCY_HEADER.lower(), "").strip()
        if not key:
            raise IdempotencyKeyRequired
        if not _KEY.fullmatch(key):
            raise IdempotencyKeyInvalid
        return key

    def payload_hash(self) -> str:
        """A digest of all that the request asks for: method, path, query and body; JSON counts by what it says."""
        try:
            body = json.dumps(json.loads(self.body), sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
        except (ValueError, RecursionError):
            body = self.body
        query = json.dumps(self.query, sort_keys=True, default=str)
        return hashlib.sha256(b"\n".join([self.method.encode(), self.path.encode(), query.encode(), body])).hexdigest()

    def add_header(self, name: str, value: str) -> None:
        """A header that the answer is to carry, whatever the answer will be."""
        self._answer_headers[name] = value

    @property
    def answer_headers(self) -> Mapping[str, str]:
        """What `add_header` collected."""
        return self._answer_headers


_current: ContextVar[HttpRequest | None] = ContextVar("salon_http_request", default=None)


def current_request() -> HttpRequest:
    """The request at hand.

    Raises:
        SalonError: there is none; only an HTTP function's resolver sets one.
    """
    found = _current.get()
    if found is None:
        raise SalonError("There is no HTTP request at hand.")
    return found


@contextmanager
def bind_request(request: HttpRequest) -> Iterator[HttpRequest]:
    """Make it the request at hand, for the block."""
    token = _current.set(request)
    try:
        yield request
    finally:
        _current.reset(token)
