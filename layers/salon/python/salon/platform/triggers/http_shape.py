"""HTTP: gateway payload 1.0 (AWS REST and HTTP API, Yandex with `payload_format_version: "1.0"`) and nothing else.

The two clouds agree on it but for what is left out: facts/yandex.md §1.2, facts/style.md §6.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salon.platform.errors import SalonError
from salon.platform.triggers.shapes import Event, as_mapping


class UnsupportedHttpShape(SalonError):
    """A call that carries no path to route by: not through the gateway, or in another payload format."""

    code = "UNSUPPORTED_CALL"


def http_event(event: object) -> Event:
    """The event with everything that Powertools reads; the given one is not changed.

    An empty body is no body, whatever its flag says: Yandex marks the empty body of a GET as Base64.

    Raises:
        UnsupportedHttpShape: there is no path to route by.
    """
    if not isinstance(event, Mapping) or "httpMethod" not in event:
        if isinstance(event, Mapping) and "rawPath" in event:
            raise UnsupportedHttpShape("Gateway payload 2.0; set the payload format version to 1.0.")
        raise UnsupportedHttpShape("This is not an HTTP call through the gateway.")
    path = event.get("path")
    if not isinstance(path, str) or not path:
        raise UnsupportedHttpShape("A direct call has no path; call through the gateway.")
    if "pathParams" in event:
        raise UnsupportedHttpShape("Gateway payload 0.1; set the payload format version to 1.0.")
    body = event.get("body") or None
    return {
        **event,
        "version": event.get("version") or "1.0",
        "resource": event.get("resource") or path,
        "headers": dict(as_mapping(event.get("headers"))),
        "multiValueHeaders": _lists(event.get("multiValueHeaders"), event.get("headers")),
        "queryStringParameters": _texts(event.get("queryStringParameters")),
        "multiValueQueryStringParameters": _lists(
            event.get("multiValueQueryStringParameters"), event.get("queryStringParameters")
        ),
        "pathParameters": _texts(event.get("pathParameters")),
        "stageVariables": event.get("stageVariables"),
        "body": body,
        "isBase64Encoded": bool(event.get("isBase64Encoded")) and body is not None,
        "requestContext": _request_context(event, path),
    }


def _request_context(event: Mapping[str, Any], path: str) -> Event:
    given = as_mapping(event.get("requestContext"))
    return {
        "stage": "$default",
        "accountId": "",
        "apiId": "",
        "requestId": "",
        "protocol": "HTTP/1.1",
        "resourcePath": event.get("resource") or path,
        "path": path,
        "httpMethod": event["httpMethod"],
        **given,
        "identity": {"sourceIp": "", "userAgent": "", **as_mapping(given.get("identity"))},
        "authorizer": dict(as_mapping(given.get("authorizer"))),
    }


def _texts(values: object) -> dict[str, str]:
    """A gateway may apply a typed default from the OpenAPI document: numbers and booleans become texts again."""
    return {name: _text(value) for name, value in as_mapping(values).items() if value is not None}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _lists(values: object, single: object) -> dict[str, list[str]]:
    """Several values for each name; taken from the single ones where the cloud leaves the lists out."""
    lists = {
        name: [_text(value) for value in given] for name, given in as_mapping(values).items() if isinstance(given, list)
    }
    known = {name.lower() for name in lists}
    rest = {name: [text] for name, text in _texts(single).items() if name.lower() not in known}
    return {**lists, **rest}
