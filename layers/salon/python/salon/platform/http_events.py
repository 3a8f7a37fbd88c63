"""The gateway's event, read as an HTTP request; clouds differ in letter case and in what they encode."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from salon.platform.errors import Invalid
from salon.platform.http_request import HttpRequest

Event = Mapping[str, Any]


class BodyUnreadable(Invalid):
    """The body is not what its headers say: broken Base64, not UTF-8, multipart without a boundary."""

    code = "BODY_UNREADABLE"


class BodyTooLarge(Invalid):
    """The body is larger than this function takes; files go to the bucket by a presigned form."""

    code = "BODY_TOO_LARGE"


def lower_headers(event: Event) -> dict[str, str]:
    """The request's headers with lower-case names; of a repeated one the last value. Clouds differ in letter case."""
    found: dict[str, str] = {}
    for name, values in (event.get("multiValueHeaders") or {}).items():
        if values:
            found[str(name).lower()] = str(values[-1])
    found.update({str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()})
    return found


def raw_body(event: Event) -> bytes:
    """The request's body as it was sent: what a signature is checked over.

    Decoded by the event's flag alone; which content types arrive as Base64 differs between clouds.

    Raises:
        BodyUnreadable: the flag says Base64 and it is not.
    """
    body = event.get("body")
    if not body:
        return b""
    try:
        if event.get("isBase64Encoded"):
            return base64.b64decode(body, validate=True)
        return str(body).encode()
    except (binascii.Error, ValueError):
        raise BodyUnreadable("The body cannot be decoded.") from None


def is_text(event: Event) -> bool:
    """Whether path and query are text that PostgreSQL can hold: without NUL, without half a surrogate pair.

    A body is looked at where it is read (`http_json`).
    """
    said = [str(event.get("path") or ""), unquote(str(event.get("path") or ""))]
    for name, value in (event.get("queryStringParameters") or {}).items():
        said += [str(name), str(value)]
    for name, values in (event.get("multiValueQueryStringParameters") or {}).items():
        said += [str(name), *map(str, values or ())]
    together = "".join(said)
    return "\x00" not in together and not any("\ud800" <= letter <= "\udfff" for letter in together)


def request_of(event: Event, headers: Mapping[str, str]) -> HttpRequest:
    """The request at hand, its body not looked at yet."""
    identity = (event.get("requestContext") or {}).get("identity") or {}
    return HttpRequest(
        method=str(event.get("httpMethod") or ""),
        path=str(event.get("path") or ""),
        query=event.get("multiValueQueryStringParameters") or event.get("queryStringParameters") or {},
        headers=headers,
        body=b"",
        source_ip=str(identity.get("sourceIp") or ""),
    )
