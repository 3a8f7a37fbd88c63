"""What a route may answer beside its own: the refusals of the edge, and the answer of a request's first time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from salon.identity.errors import PermissionDenied, SessionRevoked, TokenExpired, TokenInvalid, TokenMissing
from salon.platform.errors import Refusal, TooManyRequests
from salon.platform.http_problems import PROBLEM, problem, refusals
from salon.platform.http_request import HttpRequest, IdempotencyKeyInvalid, IdempotencyKeyRequired, IdempotencyKeyReused
from salon.platform.idempotency import Kept

REPLAYED_HEADER = "Idempotent-Replayed"
_ADMISSION: tuple[type[Refusal], ...] = (
    TokenMissing,
    TokenInvalid,
    TokenExpired,
    SessionRevoked,
    PermissionDenied,
    TooManyRequests,
)


def reads(*classes: type[Refusal], status: int = HTTPStatus.OK) -> dict[int, Any]:
    """`responses=` of a route that opens `Api.read` or `Api.touch`: these refusals and the edge's own."""
    return {status: {"description": HTTPStatus(status).phrase}, **refusals(*_ADMISSION, *classes)}


def changes(*classes: type[Refusal], status: int = HTTPStatus.OK) -> dict[int, Any]:
    """`responses=` of a route that opens `Api.write`: these refusals and the edge's own."""
    keys = (IdempotencyKeyRequired, IdempotencyKeyInvalid, IdempotencyKeyReused)
    return reads(*keys, *classes, status=status)


def replay(kept: Kept, request: HttpRequest) -> Response[Any]:
    """The answer of then; a refusal gets this request's own id, so that it can be asked about."""
    headers: Mapping[str, str] = {**kept.content.get("headers", {}), REPLAYED_HEADER: "true"}
    for name, value in headers.items():
        request.add_header(name, value)
    if "code" in kept.content:
        found = problem(HTTPStatus(kept.status), kept.content["code"], kept.content["detail"])
        return Response(kept.status, PROBLEM, found.model_dump_json(exclude_none=True))
    return Response(kept.status, "application/json", json.dumps(kept.content["body"], ensure_ascii=False))
