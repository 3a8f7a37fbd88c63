"""Fetching a file from an address that a stranger's message named: the provider's own hosts only (SSRF)."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from threading import Lock
from urllib.parse import urljoin, urlsplit

from salon.integrations.http import ProviderHttp, Reply
from salon.messaging.errors import MediaElsewhere, MediaGone, RetryLater

_FOUND, _PARTIAL = 200, 206
_MOVED = (301, 302, 303, 307, 308)
_POOLS_KEPT = 16


class MediaFetcher:
    """Downloads from hosts that are known to be the provider's. Safe to share between threads.

    Args:
        hosts: names, or patterns such as `*.userapi.com`; over https only.
        extra_hosts: `host:port` of a fake, which may also be asked over plain http.
        total_timeout_s: seconds for one download.
        ca_file: a certificate authority to trust beside the usual ones.
        proxy: an outgoing proxy, for networks from which the hosts cannot be reached directly.
    """

    def __init__(
        self,
        hosts: Iterable[str],
        *,
        extra_hosts: Iterable[str] = (),
        total_timeout_s: float = 20.0,
        ca_file: str | None = None,
        proxy: str | None = None,
    ) -> None:
        self._hosts = tuple(hosts)
        self._extra = frozenset(extra_hosts)
        self._total_timeout_s = total_timeout_s
        self._ca_file = ca_file
        self._proxy = proxy
        self._lock = Lock()
        self._pools: dict[str, ProviderHttp] = {}

    def fetch(self, url: str, *, max_bytes: int, headers: dict[str, str] | None = None, redirects: int = 0) -> bytes:
        """The file's bytes.

        Args:
            url: where a message says that the file lies.
            max_bytes: more are not taken.
            headers: sent along, to every host that is asked.
            redirects: how many are followed, each to an address that might have been asked in the first place.

        Raises:
            MediaElsewhere: the address is not the provider's.
            MediaGone: it is malformed, or has expired, or redirects once too often.
            MediaTooLarge: more than `max_bytes`.
            RetryLater: the host failed.
        """
        base, path = self._checked(url)
        reply = self._pool(base).download(path, max_bytes=max_bytes, headers=headers)
        to = reply.headers.get("location", "")
        if redirects > 0 and reply.status in _MOVED and to:
            there = _joined(base + path, to)
            return self.fetch(there, max_bytes=max_bytes, headers=headers, redirects=redirects - 1)
        return _bytes_of(reply)

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            pools, self._pools = self._pools, {}
        for pool in pools.values():
            pool.close()

    def _checked(self, url: str) -> tuple[str, str]:
        """Base and path of an address that may be asked; an okcdn address over http is asked over https."""
        try:
            parts = urlsplit(url)
            host, port, has_user = parts.hostname or "", parts.port, "@" in parts.netloc
        except ValueError:
            raise MediaGone("The attachment's address is malformed.") from None
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if parts.scheme in {"http", "https"} and parts.netloc in self._extra:
            return f"{parts.scheme}://{parts.netloc}", path
        is_theirs = any(fnmatchcase(host, pattern) for pattern in self._hosts)
        if parts.scheme not in {"http", "https"} or has_user or port not in {None, 443} or not is_theirs:
            raise MediaElsewhere("The attachment lies at a host that is not the messenger's.")
        return f"https://{host}", path

    def _pool(self, base: str) -> ProviderHttp:
        with self._lock:
            if base not in self._pools:
                if len(self._pools) >= _POOLS_KEPT:
                    self._pools.pop(next(iter(self._pools))).close()
                self._pools[base] = ProviderHttp(
                    base, total_timeout_s=self._total_timeout_s, ca_file=self._ca_file, proxy=self._proxy
                )
            return self._pools[base]


def _joined(base: str, to: str) -> str:
    try:
        return urljoin(base, to)
    except ValueError:
        raise MediaGone("The download leads to a malformed address.") from None


def _bytes_of(reply: Reply) -> bytes:
    if reply.status in {_FOUND, _PARTIAL}:
        return reply.body
    if reply.status == 429 or reply.status >= 500:  # noqa: PLR2004 - statuses, named by themselves
        raise RetryLater(f"The download was answered with {reply.status}.")
    raise MediaGone(f"The download was answered with {reply.status}.")
