"""One provider's HTTP: time-outs, size caps, no redirects, and secrets that never reach a log or an error's text.

Importing this imports httpx (some 100 ms), so adapters import it when they first send, not when they verify.
"""

from __future__ import annotations

import json
import logging
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from salon.messaging.errors import MediaTooLarge, RequestRejected, RetryLater
from salon.platform import correlation

CONNECT_TIMEOUT_S = 3.0
TOTAL_TIMEOUT_S = 10.0
_ANSWER_LIMIT_BYTES = 1_000_000
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class _UrlsAreSecrets(logging.Filter):
    """Takes URLs out of httpx's own log lines: Telegram's carry the token, media links are bearer capabilities."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(arg.host if isinstance(arg, httpx.URL) else arg for arg in record.args)
        return True


_REDACTION = _UrlsAreSecrets()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a provider answered.

    Attributes:
        status: the HTTP status.
        headers: names in lower case.
        body: at most 1 MB for a call, at most the cap for a download.
    """

    status: int
    headers: dict[str, str]
    body: bytes

    def json_object(self) -> dict[str, Any] | None:
        """The JSON object in the body, or None (a proxy's HTML page, cut-off bytes)."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a form.

    Attributes:
        field: the form's field that carries it.
    """

    field: str
    name: str
    data: bytes
    mime: str


class ProviderHttp:
    """A connection pool to one base URL. Safe to share between threads; made once per process and kept warm.

    Args:
        base_url: scheme and host of the provider (or of its fake); every request goes to this host and no other.
        connect_timeout_s: seconds to open a connection.
        total_timeout_s: seconds for the whole exchange; a reply that drips is cut off when they have passed.
        proxy: an outgoing proxy, for networks from which a messenger cannot be reached directly.
        ca_file: a certificate authority to trust beside the usual ones, for this provider only (MAX, VK).
    """

    def __init__(
        self,
        base_url: str,
        *,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        total_timeout_s: float = TOTAL_TIMEOUT_S,
        proxy: str | None = None,
        ca_file: str | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._connect_timeout_s = connect_timeout_s
        self._total_timeout_s = total_timeout_s
        logging.getLogger("httpx").addFilter(_REDACTION)
        self._client = httpx.Client(
            verify=_trust(self._base_url, ca_file),
            follow_redirects=False,
            trust_env=False,  # neither .netrc nor a proxy that nobody chose
            proxy=proxy,
            headers={"accept-encoding": "identity"},  # a cap on bytes means little on compressed ones
        )

    def post_json(self, path: str, value: dict[str, Any], *, headers: dict[str, str] | None = None) -> Reply:
        """POST `value` as JSON.

        Raises:
            RetryLater: the network failed; `maybe_sent` unless no connection was opened.
            RequestRejected: the answer is larger than any answer can be.
        """
        content = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        sent = {"content-type": "application/json", **(headers or {})}
        try:
            return self._exchange("POST", path, content=content, headers=sent, limit=_ANSWER_LIMIT_BYTES)
        except _TooMuch:
            raise RequestRejected("The provider's answer is too large to be one.") from None

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        json_body: dict[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Any call; with a JSON body, a form, or neither.

        Raises:
            RetryLater: the network failed; `maybe_sent` unless no connection was opened.
            RequestRejected: the answer is larger than any answer can be.
        """
        sent, content = dict(headers or {}), None
        if json_body is not None:
            sent["content-type"] = "application/json"
            content = json.dumps(json_body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        elif form is not None:
            sent["content-type"] = "application/x-www-form-urlencoded"
            content = str(httpx.QueryParams(dict(form))).encode()
        target = f"{path}?{httpx.QueryParams(dict(query))}" if query else path
        try:
            return self._exchange(method, target, content=content, headers=sent, limit=_ANSWER_LIMIT_BYTES)
        except _TooMuch:
            raise RequestRejected("The provider's answer is too large to be one.") from None

    def post_bytes(
        self,
        path: str,
        data: bytes,
        *,
        mime: str,
        query: Mapping[str, str] | None = None,
        headers: dict[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> Reply:
        """POST a file as the body itself.

        Args:
            path: without its query.
            data: the file.
            mime: its type.
            query: parameters in the URL.
            headers: beside the type.
            timeout_s: seconds for this exchange, in place of the pool's.

        Raises:
            RetryLater: the network failed; `maybe_sent` unless no connection was opened.
            RequestRejected: the answer is larger than any answer can be.
        """
        target = f"{path}?{httpx.QueryParams(dict(query))}" if query else path
        sent = {**(headers or {}), "content-type": mime}
        try:
            return self._exchange(
                "POST", target, content=data, headers=sent, limit=_ANSWER_LIMIT_BYTES, timeout_s=timeout_s
            )
        except _TooMuch:
            raise RequestRejected("The provider's answer is too large to be one.") from None

    def upload(
        self,
        path: str,
        upload: Upload,
        *,
        form: Mapping[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """POST a file as multipart/form-data, with form fields beside it.

        Raises:
            RetryLater: the network failed; `maybe_sent` unless no connection was opened.
            RequestRejected: the answer is larger than any answer can be.
        """
        made = httpx.Request(
            "POST",
            "http://none/",
            data=dict(form or {}),
            files={upload.field: (upload.name, upload.data, upload.mime)},
        )
        sent = {**(headers or {}), "content-type": made.headers["content-type"]}
        try:
            return self._exchange("POST", path, content=made.read(), headers=sent, limit=_ANSWER_LIMIT_BYTES)
        except _TooMuch:
            raise RequestRejected("The provider's answer is too large to be one.") from None

    def download(self, path: str, *, max_bytes: int, headers: dict[str, str] | None = None) -> Reply:
        """GET a file, counting while it streams.

        Raises:
            MediaTooLarge: more than `max_bytes`, announced or counted.
            RetryLater: the network failed.
        """
        try:
            return self._exchange("GET", path, content=None, headers=headers or {}, limit=max_bytes)
        except _TooMuch:
            raise MediaTooLarge(f"The file is larger than {max_bytes} bytes.") from None

    def close(self) -> None:
        """Close the pool's connections."""
        self._client.close()

    def _exchange(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None,
        headers: dict[str, str],
        limit: int,
        timeout_s: float | None = None,
    ) -> Reply:
        # Errors are raised `from None`: httpx's own carry the request, and with it the URL.
        try:
            url = httpx.URL(self._base_url + path)
        except httpx.InvalidURL:
            raise RequestRejected("The address of the request is malformed.") from None
        total_s = self._total_timeout_s if timeout_s is None else timeout_s
        timeout = httpx.Timeout(total_s, connect=min(self._connect_timeout_s, total_s))
        deadline = time.monotonic() + total_s
        correlation_id = correlation.current_id()
        traced = {**headers, "x-request-id": correlation_id} if correlation_id else headers
        try:
            with self._client.stream(method, url, content=content, headers=traced, timeout=timeout) as response:
                body = _read(response, limit=limit, deadline=deadline)
                return Reply(response.status_code, {k.lower(): v for k, v in response.headers.items()}, body)
        except _NOT_SENT as error:
            raise RetryLater(f"The provider cannot be reached: {type(error).__name__}.") from None
        except (httpx.TransportError, _TooSlow) as error:
            raise RetryLater(f"The provider did not answer: {type(error).__name__}.", maybe_sent=True) from None


class _TooMuch(Exception):
    """More bytes than the cap."""


class _TooSlow(Exception):
    """The answer's last byte did not come in time."""


def _trust(base_url: str, ca_file: str | None) -> ssl.SSLContext | bool:
    if not base_url.startswith("https:"):
        return False  # a plain-HTTP base is a fake or our own server
    if ca_file is None:
        return True
    context = httpx.create_ssl_context()
    context.load_verify_locations(cafile=ca_file)
    return context


def _read(response: httpx.Response, *, limit: int, deadline: float) -> bytes:
    announced = response.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced[:18]) > limit:
        raise _TooMuch
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > limit:
            raise _TooMuch
        if time.monotonic() > deadline:
            raise _TooSlow
    return bytes(body)
