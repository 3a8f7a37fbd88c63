"""Calls of the Graph API over HTTP. The token goes into a header and nowhere else, unless a call demands otherwise."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from salon.integrations.http import CONNECT_TIMEOUT_S, TOTAL_TIMEOUT_S, ProviderHttp, Reply, Upload
from salon.integrations.meta.answers import GraphAnswer, read_answer
from salon.messaging.errors import AccountRejected

GRAPH_VERSION = "v25.0"  # pinned: Meta drops a version after some two years (facts §4)
_TOKEN = re.compile(r"[!-~]{1,1024}\Z")
_NODE = re.compile(r"[A-Za-z0-9_.-]{1,128}\Z")


class GraphClient:
    """The Graph API behind one base URL; one client serves every account, and is made once per process.

    Args:
        base_url: `https://graph.facebook.com`, `https://graph.instagram.com`, or a fake's; without the version.
        connect_timeout_s: seconds to open a connection.
        total_timeout_s: seconds for one call.
        proxy: an outgoing proxy, for networks from which Meta cannot be reached directly.
    """

    def __init__(
        self,
        base_url: str,
        *,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        total_timeout_s: float = TOTAL_TIMEOUT_S,
        proxy: str | None = None,
    ) -> None:
        self._http = ProviderHttp(
            base_url, connect_timeout_s=connect_timeout_s, total_timeout_s=total_timeout_s, proxy=proxy
        )

    def get(self, token: str, *path: str, query: Mapping[str, str] | None = None) -> GraphAnswer:
        """Read a node or an edge; a refusal is an answer too.

        Raises:
            AccountRejected: the token, or an id that is part of the address, cannot be one.
            RetryLater: the network failed.
        """
        return _answer(self._http.request("GET", _address(*path), query=query, headers=authorization(token)), token)

    def post(self, token: str, *path: str, value: dict[str, Any]) -> GraphAnswer:
        """POST `value` as JSON; raises as `get` does."""
        return _answer(self._http.post_json(_address(*path), value, headers=authorization(token)), token)

    def post_form(self, token: str, *path: str, form: Mapping[str, str]) -> GraphAnswer:
        """POST a form; raises as `get` does."""
        return _answer(self._http.request("POST", _address(*path), form=form, headers=authorization(token)), token)

    def delete(self, token: str, *path: str, query: Mapping[str, str] | None = None) -> GraphAnswer:
        """DELETE an edge; raises as `get` does."""
        return _answer(self._http.request("DELETE", _address(*path), query=query, headers=authorization(token)), token)

    def upload(self, token: str, *path: str, file: Upload, form: Mapping[str, str]) -> GraphAnswer:
        """POST a file; raises as `get` does."""
        return _answer(self._http.upload(_address(*path), file, form=form, headers=authorization(token)), token)

    def refreshed(self, token: str, grant_type: str) -> GraphAnswer:
        """Exchange a long-lived token for a fresh one: a call without a version that takes the token as a parameter.

        Raises:
            AccountRejected: the token cannot be one.
            RetryLater: the network failed.
        """
        authorization(token)
        query = {"grant_type": grant_type, "access_token": token}
        return _answer(self._http.request("GET", "/refresh_access_token", query=query), token)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


def _answer(reply: Reply, token: str) -> GraphAnswer:
    return read_answer(reply.status, reply.headers, reply.json_object(), token=token)


def authorization(token: str) -> dict[str, str]:
    """The header that carries a token.

    Raises:
        AccountRejected: the token cannot be one.
    """
    if not _TOKEN.match(token):
        raise AccountRejected("The token does not look like an access token.")
    return {"authorization": f"Bearer {token}"}


def _address(*path: str) -> str:
    for part in path:
        if not _NODE.match(part) or part in {".", ".."}:
            raise AccountRejected("An id that is part of the address is missing or is none: look at the settings.")
    return "/".join(("", GRAPH_VERSION, *path))
