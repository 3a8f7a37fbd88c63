"""HTTP for all functions: Powertools' resolver with our errors, limits and headers.

Every error is a problem document (RFC 9457). Its `code` is the stable word that clients switch on, its `request_id` is
what a person quotes to us. A class of refusal has one status; a shape that fails validation, and only that, is 422::

    Invalid 400   Unauthenticated 401   Forbidden 403   NotFound 404   Conflict 409   TooManyRequests 429
    RequestValidationError 422   body unreadable 400   body too large 413   Fault 503   anything else 500
    IdempotencyKeyReused 422, the one refusal that shares it

A 401 carries no WWW-Authenticate: Yandex renames that header (facts/yandex.md §1.1). A 500 says nothing about its
cause; the log does.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import re
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

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
from salon.platform.http_json import strict_json
from salon.platform.http_request import HttpRequest, IdempotencyKeyReused, bind_request
from salon.platform.http_sections import Section, Sections
from salon.platform.logs import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler.openapi.models import OpenAPI

log = logger(__name__)

Event = Mapping[str, Any]
PROBLEM = "application/problem+json"
PROBLEM_REF = "#/components/schemas/Problem"
DEFAULT_MAX_BODY_BYTES = 1_000_000
GZIP_FROM_BYTES = 1_024
_FAULT_RETRY_AFTER_S = 2
_FAULT = "Something this answer needs did not respond; try again."
_FOR_ANYBODY = frozenset({"/healthz", "/readyz"})
_NO_TEXT = "The address has characters that no text has."

_STATUS: dict[type[Refusal], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Forbidden: HTTPStatus.FORBIDDEN,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Invalid: HTTPStatus.BAD_REQUEST,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    Refusal: HTTPStatus.BAD_REQUEST,
}

# An answer of the API is data for a program: nothing in it may run, be framed, guessed at or kept. A route that serves
# something else (the console) sets its own; what a route has set stays.
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "Cache-Control": "no-store",
}


class BodyUnreadable(Invalid):
    """The body is not what its headers say: broken Base64, not UTF-8, multipart without a boundary."""

    code = "BODY_UNREADABLE"


class BodyTooLarge(Invalid):
    """The body is larger than this function takes; files go to the bucket by a presigned form."""

    code = "BODY_TOO_LARGE"


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


def plain_problem(status: HTTPStatus, code: str, detail: str | None = None) -> dict[str, Any]:
    """A problem as a finished answer, for whoever has no resolver at hand."""
    found = problem(status, code, detail)
    return _finish(
        {
            "statusCode": int(status),
            "multiValueHeaders": {"Content-Type": [PROBLEM]},
            "body": found.model_dump_json(exclude_none=True),
            "isBase64Encoded": False,
        },
        {},
        found.request_id,
    )


class ApiResolver(APIGatewayRestResolver):
    """Powertools' resolver behind our limits, in front of our headers. Made by `build_resolver`."""

    def __init__(
        self, max_body_bytes: int, *, any_bytes: bool = False, admit: Callable[[], object] | None = None
    ) -> None:
        super().__init__(
            enable_validation=True,
            response_validation_error_http_code=HTTPStatus.INTERNAL_SERVER_ERROR,
            json_body_deserializer=strict_json,
            debug=False,
        )
        self._max_body_bytes = max_body_bytes
        self._any_bytes = any_bytes
        self._admit = admit
        self._request: HttpRequest | None = None
        self._sections = Sections()

    def add_section(self, *places: str, add: Callable[[], None]) -> None:
        """Routes to import and add when a path that begins with one of `places` is first asked for."""
        self._sections.append(Section(places, add))

    def open_sections(self) -> None:
        """Add the routes of all sections: for whoever wants to see every route."""
        self._sections.open_all()

    def append_context(self, **additional_context: Any) -> None:
        """Remember the matched route's pattern for the log: a real path may hold more than ids."""
        route = additional_context.get("_route")
        if route is not None and self._request is not None:
            self._request.route, self._request.status = str(route.path), int(route.status_code)
        self.context.update(**additional_context)

    def get_openapi_schema(self, **options: Any) -> OpenAPI:
        """The OpenAPI document, with our problem document where Powertools would describe its own errors."""
        from salon.platform.http_openapi import state_own_errors

        self.open_sections()
        return state_own_errors(super().get_openapi_schema(**options), PROBLEM, Problem)

    def resolve(self, event: Event, context: Any) -> dict[str, Any]:
        """Answer one request; always an answer, never an exception."""
        started = time.perf_counter()
        headers = lower_headers(event)
        offered = headers.get("x-request-id")
        known = offered if offered == correlation.accepted_or_new(offered) else None
        self._request = request = _request_of(event, headers)
        with correlation.bind(correlation_id=known) as ids, bind_request(request):
            if not _is_text(event):
                answer = plain_problem(HTTPStatus.UNPROCESSABLE_ENTITY, "VALIDATION_FAILED", _NO_TEXT)
                return _finish(answer, headers, ids.correlation_id)
            try:
                if self._admit is not None and request.path not in _FOR_ANYBODY:
                    self._admit()
                request.body = self._checked_body(event, headers)
                self._sections.open_for(request.path)
                answer = super().resolve(dict(event), context)
            except Refusal as refusal:
                answer = plain_problem(status_of(type(refusal)), refusal.code, str(refusal))
            except Fault as fault:
                log.warning("http.fault", error=fault, code=fault.code)
                request.add_header("Retry-After", str(_FAULT_RETRY_AFTER_S))
                answer = plain_problem(HTTPStatus.SERVICE_UNAVAILABLE, fault.code, _FAULT)
            except Exception:
                log.exception("http.failed")
                answer = plain_problem(HTTPStatus.INTERNAL_SERVER_ERROR, "INTERNAL")
            finished = _finish(answer, headers, ids.correlation_id, request.answer_headers)
            log.info(
                "http.answered",
                method=request.method,
                route=request.route or "none",
                status=finished["statusCode"],
                duration_ms=round((time.perf_counter() - started) * 1000, 1),
            )
        return finished

    def _checked_body(self, event: Event, headers: Mapping[str, str]) -> bytes:
        """The body; what Powertools would stumble over is refused before any of our code had a say."""
        body = raw_body(event)
        if len(body) > self._max_body_bytes:
            raise BodyTooLarge(f"The body is larger than {self._max_body_bytes} bytes.")
        if self._any_bytes:
            return body
        content_type = headers.get("content-type", "").lower()
        if content_type.startswith("multipart/") and "boundary=" not in content_type:
            raise BodyUnreadable("A multipart body needs a boundary.")
        if not content_type or content_type.startswith(("application/json", "application/x-www-form-urlencoded")):
            try:
                body.decode()
            except UnicodeDecodeError:
                raise BodyUnreadable("The body is not UTF-8.") from None
        return body


def _is_text(event: Event) -> bool:
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


def _request_of(event: Event, headers: Mapping[str, str]) -> HttpRequest:
    identity = (event.get("requestContext") or {}).get("identity") or {}
    return HttpRequest(
        method=str(event.get("httpMethod") or ""),
        path=str(event.get("path") or ""),
        query=event.get("multiValueQueryStringParameters") or event.get("queryStringParameters") or {},
        headers=headers,
        body=b"",
        source_ip=str(identity.get("sourceIp") or ""),
    )


def _finish(
    answer: dict[str, Any],
    request_headers: Mapping[str, str],
    request_id: str,
    more_headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Add our headers where the route set none of its own, and compress what is worth it."""
    headers: dict[str, list[str]] = {name: list(values) for name, values in answer["multiValueHeaders"].items()}
    present = {name.lower() for name in headers}
    for name, value in SECURITY_HEADERS.items():
        if name.lower() not in present:
            headers[name] = [value]
    headers["X-Request-Id"] = [request_id]
    for name, value in (more_headers or {}).items():
        headers[name] = [value]
    body, encoded = answer.get("body"), bool(answer.get("isBase64Encoded"))
    if isinstance(body, str) and not encoded and "content-encoding" not in present and len(body) > GZIP_FROM_BYTES:
        headers["Vary"] = [*headers.get("Vary", []), "Accept-Encoding"]
        if _accepts_gzip(request_headers.get("accept-encoding", "")):
            body = base64.b64encode(gzip.compress(body.encode(), compresslevel=6, mtime=0)).decode("ascii")
            encoded = True
            headers["Content-Encoding"] = ["gzip"]
    return {**answer, "multiValueHeaders": headers, "body": body or "", "isBase64Encoded": encoded}


def _accepts_gzip(accept_encoding: str) -> bool:
    for offer in accept_encoding.lower().split(","):
        coding, _, parameters = offer.partition(";")
        if coding.strip() in {"gzip", "*"}:
            return not re.fullmatch(r"\s*q\s*=\s*0(?:\.0*)?\s*", parameters)
    return False


def build_resolver(
    *,
    checks: Mapping[str, Callable[[], object]] | None = None,
    max_body_bytes: int = DEFAULT_MAX_BODY_BYTES,
    any_bytes: bool = False,
    admit: Callable[[], object] | None = None,
) -> ApiResolver:
    """A resolver with our errors, limits, headers, `/healthz` and `/readyz`; routers are included into it.

    Build one for each process: Powertools keeps the current request in the class (facts/style.md §6.2).

    Args:
        checks: what this function cannot work without, by name; each raises when it is not there.
        max_body_bytes: larger bodies are refused with 413.
        any_bytes: routes read `raw_body` themselves and take bodies that are no text, as webhooks must.
        admit: looks at `current_request` before anything of it is read, and raises a refusal; a route would come too
            late, for its body is validated first. Not asked about `/healthz` and `/readyz`.
    """
    resolver = ApiResolver(max_body_bytes, any_bytes=any_bytes, admit=admit)
    _handle_errors(resolver)

    @resolver.get("/healthz", include_in_schema=False)
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @resolver.get("/readyz", include_in_schema=False)
    def readyz() -> Response[Any]:
        failing = [name for name, check in (checks or {}).items() if not _passes(name, check)]
        status = HTTPStatus.SERVICE_UNAVAILABLE if failing else HTTPStatus.OK
        return Response(status, "application/json", {"status": "failing" if failing else "ok", "failing": failing})

    return resolver


def _passes(name: str, check: Callable[[], object]) -> bool:
    try:
        check()
    except Exception as error:  # noqa: BLE001 - whatever a check raises, it has failed
        log.warning("readiness.failed", error=error, check=name)
        return False
    return True


def _handle_errors(resolver: ApiResolver) -> None:
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
    found = problem(HTTPStatus.SERVICE_UNAVAILABLE, error.code, _FAULT)
    return _answer(found, {"Retry-After": str(_FAULT_RETRY_AFTER_S)})


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
