"""Calls of MAX's Bot API over HTTP: the token raw in a header, uploads to MAX's own hosts only and without it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from threading import Lock
from urllib.parse import urlsplit

from salon.integrations.http import CONNECT_TIMEOUT_S, TOTAL_TIMEOUT_S, ProviderHttp, Reply, Upload
from salon.integrations.max.payloads.answers import Answer, read_answer
from salon.integrations.max.payloads.calls import Call
from salon.messaging.errors import AccountRejected, RequestRejected

MEDIA_HOSTS = ("a.oneme.ru", "i.oneme.ru", "fd.oneme.ru", "v.oneme.ru", "*.okcdn.ru")
"""Where what people send lies (facts §2.6)."""
UPLOAD_HOSTS = ("*.oneme.ru", "*.okcdn.ru")
"""Where files are posted to: `fu`, `iu`, `vu` and whatever else MAX names (facts §2.5)."""
_TOKEN = re.compile(r"[\x21-\x7e]{1,512}\Z")
_UPLOAD_TIMEOUT_S = 30.0
_POOLS_KEPT = 8


class MaxClient:
    """The Bot API behind one base URL; one client serves every bot, and is made once per process.

    Args:
        base_url: `https://platform-api2.max.ru`, or the fake.
        ca_file: a certificate authority to trust beside the usual ones, here and nowhere else.
        extra_hosts: `host:port` to which files may be uploaded beside MAX's own hosts, also over plain http.
        connect_timeout_s: seconds to open a connection.
        total_timeout_s: seconds for one call.
    """

    def __init__(
        self,
        base_url: str,
        *,
        ca_file: str | None = None,
        extra_hosts: Iterable[str] = (),
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        total_timeout_s: float = TOTAL_TIMEOUT_S,
    ) -> None:
        self._http = ProviderHttp(
            base_url, connect_timeout_s=connect_timeout_s, total_timeout_s=total_timeout_s, ca_file=ca_file
        )
        self._ca_file = ca_file
        self._extra = frozenset(extra_hosts)
        self._lock = Lock()
        self._pools: dict[str, ProviderHttp] = {}

    def call(self, token: str, call: Call) -> Answer:
        """Carry out a call; a refusal is an answer too.

        Raises:
            AccountRejected: the token cannot be one.
            RetryLater: the network failed.
        """
        if not _TOKEN.match(token):
            raise AccountRejected("The token does not look like a bot's token.")
        reply = self._http.request(
            call.method, call.path, query=call.query, json_body=call.body, headers={"authorization": token}
        )
        return read_answer(reply.status, reply.json_object(), retry_after=reply.headers.get("retry-after", ""))

    def upload(self, url: str, upload: Upload) -> Reply:
        """Post a file where MAX said to; no token goes along.

        Raises:
            RequestRejected: the address is not MAX's.
            RetryLater: the network failed.
        """
        base, path = self._checked(url)
        return self._pool(base).upload(path, upload)

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            pools, self._pools = self._pools, {}
        for pool in (self._http, *pools.values()):
            pool.close()

    def _checked(self, url: str) -> tuple[str, str]:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise RequestRejected("The address to upload to is malformed.") from None
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if parts.scheme in {"http", "https"} and parts.netloc in self._extra:
            return f"{parts.scheme}://{parts.netloc}", path
        is_theirs = any(fnmatchcase(host, pattern) for pattern in UPLOAD_HOSTS)
        if parts.scheme not in {"http", "https"} or "@" in parts.netloc or port not in {None, 443} or not is_theirs:
            raise RequestRejected("The address to upload to is not MAX's.")
        return f"https://{host}", path

    def _pool(self, base: str) -> ProviderHttp:
        with self._lock:
            if base not in self._pools:
                if len(self._pools) >= _POOLS_KEPT:
                    self._pools.pop(next(iter(self._pools))).close()
                self._pools[base] = ProviderHttp(base, total_timeout_s=_UPLOAD_TIMEOUT_S, ca_file=self._ca_file)
            return self._pools[base]
