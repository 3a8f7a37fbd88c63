"""What is answered when something is refused or fails.

Every error is a problem document (RFC 9457). Its `code` is the stable word that clients switch on, its `request_id` is
what a person quotes to us. A class of refusal has one status; a shape that fails validation, and only that, is 422::

    Invalid 400   Unauthenticated 401   Forbidden 403   NotFound 404   Conflict 409   TooManyRequests 429
    RequestValidationError 422   body unreadable 400   body too large 413   Fault 503   anything else 500
    IdempotencyKeyReused 422, the one refusal that shares it

A 401 carries no WWW-Authenticate: Yandex renames that header (facts/yandex.md §1.1). A 500 says nothing about its
cause; the log does.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import ServiceError
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
    ResponseValidationError,
)
from pydantic import BaseModel, ConfigDict, Field

from salon.platform import correlation
from salon.platform.errors import (
    Conflict,
    Fault,
    Forbidden,
    Invalid,
    NotFound,
    Refusal,
    TooManyRequests,
    Unauthenticated,
)
from salon.platform.http_events import BodyTooLarge
from salon.platform.http_request import IdempotencyKeyReused
from salon.platform.logs import logger

log = logger(__name__)

PROBLEM = "application/problem+json"
PROBLEM_REF = "#/components/schemas/Problem"
FAULT = "Something this answer needs did not respond; try again."
FAULT_RETRY_AFTER_S = 2

_STATUS: dict[type[Refusal], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Forbidden: HTTPStatus.FORBIDDEN,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Invalid: HTTPStatus.BAD_REQUEST,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    Refusal: HTTPStatus.BAD_REQUEST,
}


class Answered(Exception):
    """The answer is known already, so the route need not run: raised by an edge, sent as it is."""

    def __init__(self, response: Response[Any]) -> None:
        super().__init__(f"answered {response.status_code}")
        self.response = response


class Problem(BaseModel):
    """An error as RFC 9457 writes it."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(description="URI of the kind of problem: urn:salon:problem:<code>.")
    title: str = Field(description="The HTTP status in words.")
    status: int
    detail: str | None = None
    code: str = Field(description="Stable word to switch on, such as SLOT_FULL.")
    request_id: str = Field(description="Quote it when you ask us about this answer.")
    errors: list[dict[str, Any]] | None = Field(default=None, description="Validation: what is wrong, and where.")


def problem(
    status: HTTPStatus, code: str, detail: str | None = None, errors: list[dict[str, Any]] | None = None
) -> Problem:
    """A problem document for the call at hand."""
    ids = correlation.current()
    return Problem(
        type=f"urn:salon:problem:{code.lower().replace('_', '-')}",
        title=status.phrase,
        status=status,
        detail=detail,
        code=code,
        request_id=ids.correlation_id if ids else correlation.accepted_or_new(None),
        errors=errors,
    )


def status_of(refusal: type[Refusal]) -> HTTPStatus:
    """The HTTP status of a class of refusals."""
    if issubclass(refusal, BodyTooLarge):
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    if issubclass(refusal, IdempotencyKeyReused):
        return HTTPStatus.UNPROCESSABLE_ENTITY
    return next(_STATUS[base] for base in refusal.__mro__ if base in _STATUS)


def refusals(*classes: type[Refusal]) -> dict[int, Any]:
    """The refusals of a route, for its `responses=`, beside its success, which Powertools does not add by itself."""
    by_status: dict[int, list[str]] = {}
    for refusal in classes:
        codes = by_status.setdefault(int(status_of(refusal)), [])
        if refusal.code not in codes:
            codes.append(refusal.code)
    return {
        status: {"description": " | ".join(codes), "content": {PROBLEM: {"schema": {"$ref": PROBLEM_REF}}}}
        for status, codes in sorted(by_status.items())
    }


def handle_errors(resolver: APIGatewayRestResolver) -> None:
    """One handler for each kind: a catch-all alone would turn Powertools' own 404 and 422 into 500."""
    resolver.exception_handler(Answered)(lambda answered: answered.response)
    resolver.exception_handler(Refusal)(_refused)
    resolver.exception_handler(Fault)(_faulted)
    resolver.exception_handler(RequestValidationError)(_invalid)
    resolver.exception_handler(RequestUnsupportedContentType)(_unsupported)
    resolver.exception_handler(ServiceError)(_http_error)
    resolver.exception_handler([ResponseValidationError, Exception])(_failed)


def _refused(error: Refusal) -> Response[Any]:
    log.info("http.refused", code=error.code, reason=str(error))
    headers = {"Retry-After": str(error.retry_after_s)} if isinstance(error, TooManyRequests) else None
    return _answer(problem(status_of(type(error)), error.code, str(error)), headers)


def _faulted(error: Fault) -> Response[Any]:
    log.warning("http.fault", error=error, code=error.code)
    found = problem(HTTPStatus.SERVICE_UNAVAILABLE, error.code, FAULT)
    return _answer(found, {"Retry-After": str(FAULT_RETRY_AFTER_S)})


def _invalid(error: RequestValidationError) -> Response[Any]:
    found = [{"loc": _place(item), "msg": item["msg"], "type": item["type"]} for item in error.errors()]
    return _answer(problem(HTTPStatus.UNPROCESSABLE_ENTITY, "VALIDATION_FAILED", errors=found))


def _place(item: Mapping[str, Any]) -> list[Any]:
    """Where it is wrong; the name of a field that we do not know is the caller's word, and is not said back."""
    place = list(item["loc"])
    return place[:-1] if item["type"] == "extra_forbidden" else place


def _unsupported(_error: RequestUnsupportedContentType) -> Response[Any]:
    return _answer(problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE"))


def _http_error(error: ServiceError) -> Response[Any]:
    status = HTTPStatus(error.status_code)
    return _answer(problem(status, status.name))


def _failed(error: Exception) -> Response[Any]:
    log.error("http.failed", error=error)
    return _answer(problem(HTTPStatus.INTERNAL_SERVER_ERROR, "INTERNAL"))


def _answer(found: Problem, headers: Mapping[str, str] | None = None) -> Response[Any]:
    return Response(found.status, PROBLEM, found.model_dump_json(exclude_none=True), headers=dict(headers or {}))
