"""Calls of VK's API over HTTP: forms only, the community's token in a header, uploads to VK's own hosts only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from salon.integrations.http import CONNECT_TIMEOUT_S, TOTAL_TIMEOUT_S, ProviderHttp, Upload
from salon.integrations.vk.payloads.answers import Answer, read_answer
from salon.integrations.vk.payloads.calls import API_VERSION, Call
from salon.messaging.errors import AccountRejected, RequestRejected, RetryLater

HOSTS = (
    "vk.com",
    "*.vk.com",
    "vk.ru",
    "*.vk.ru",
    "*.userapi.com",
    "*.vkuserphoto.ru",
    "*.vk-cdn.net",
)
"""VK's own hosts: where its files lie, and where files are uploaded to (facts §3.5)."""
_TOKEN = re.compile(r"[\x21-\x7e]{1,1024}\Z")
_UPLOAD_TIMEOUT_S = 30.0
_POOLS_KEPT = 8
_HTTP_OK, _TOO_LARGE = 200, 413


class VkClient:
    """VK's API behind one base URL; one client serves every community, and is made once per process.

    Args:
        base_url: `https://api.vk.com`, an equivalent of it, or the fake.
        ca_file: a certificate authority to trust beside the usual ones.
        extra_hosts: `host:port` to which files may be uploaded beside VK's own hosts, also over plain http.
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
        """Carry out a call; an error is an answer too.

        Raises:
            AccountRejected: the token cannot be one.
            RetryLater: the network failed.
        """
        if not _TOKEN.match(token):
            raise AccountRejected("The token does not look like a community's token.")
        reply = self._http.request(
            "POST",
            f"/method/{call.method}",
            form={**call.params, "v": API_VERSION},
            headers={"authorization": f"Bearer {token}"},
        )
        return read_answer(reply.status, reply.json_object(), retry_after=reply.headers.get("retry-after", ""))

    def result_of(self, token: str, call: Call) -> Any:
        """What a call gives.

        Raises:
            DeliveryFailed: by class.
        """
        answer = self.call(token, call)
        if not answer.ok:
            raise answer.failure()
        return answer.result

    def upload(self, url: str, upload: Upload) -> dict[str, Any]:
        """Post a file where VK said to; no token goes along.

        Raises:
            RequestRejected: the address is not VK's, or the file is too large.
            RetryLater: the host failed, or the address has expired: a new one is to be asked for.
        """
        base, path = self._checked(url)
        reply = self._pool(base).upload(path, upload)
        value = reply.json_object()
        if reply.status == _TOO_LARGE:
            raise RequestRejected("VK takes no such large file.")
        if reply.status != _HTTP_OK or value is None:
            raise RetryLater(f"The upload was answered with {reply.status}.")
        return value

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
        is_theirs = any(fnmatchcase(host, pattern) for pattern in HOSTS)
        if parts.scheme != "https" or "@" in parts.netloc or port not in {None, 443} or not is_theirs:
            raise RequestRejected("The address to upload to is not VK's.")
        return f"https://{host}", path

    def _pool(self, base: str) -> ProviderHttp:
        with self._lock:
            if base not in self._pools:
                if len(self._pools) >= _POOLS_KEPT:
                    self._pools.pop(next(iter(self._pools))).close()
                self._pools[base] = ProviderHttp(base, total_timeout_s=_UPLOAD_TIMEOUT_S, ca_file=self._ca_file)
            return self._pools[base]
