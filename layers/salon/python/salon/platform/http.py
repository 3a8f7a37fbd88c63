"""HTTP for all functions: Powertools' resolver with our errors, limits and headers."""

from __future__ import annotations

import base64
import gzip
import re
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response

from salon.platform import correlation
from salon.platform.errors import Fault, Refusal
from salon.platform.http_events import BodyTooLarge, BodyUnreadable, Event, is_text, lower_headers, raw_body, request_of
from salon.platform.http_json import strict_json
from salon.platform.http_problems import FAULT, FAULT_RETRY_AFTER_S, PROBLEM, Problem, handle_errors, problem, status_of
from salon.platform.http_request import HttpRequest, bind_request
from salon.platform.http_sections import Section, Sections
from salon.platform.logs import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler.openapi.models import OpenAPI

log = logger(__name__)

DEFAULT_MAX_BODY_BYTES = 1_000_000
GZIP_FROM_BYTES = 1_024
_FOR_ANYBODY = frozenset({"/healthz", "/readyz"})
_NO_TEXT = "The address has characters that no text has."

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
        self._request = request = request_of(event, headers)
        with correlation.bind(correlation_id=known) as ids, bind_request(request):
            if not is_text(event):
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
                request.add_header("Retry-After", str(FAULT_RETRY_AFTER_S))
                answer = plain_problem(HTTPStatus.SERVICE_UNAVAILABLE, fault.code, FAULT)
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
    handle_errors(resolver)

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
