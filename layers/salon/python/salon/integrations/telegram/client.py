"""Calls of the Bot API over HTTP. The URL of a call contains the token, so no URL ever leaves this file."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

from salon.integrations.http import CONNECT_TIMEOUT_S, TOTAL_TIMEOUT_S, ProviderHttp, Upload
from salon.integrations.telegram.payloads.answers import Answer, read_answer
from salon.integrations.telegram.payloads.calls import Call
from salon.messaging.errors import AccountRejected, MediaGone, RetryLater

_TOKEN = re.compile(r"[A-Za-z0-9:_-]{1,128}\Z")
_HTTP_OK = 200


class TelegramClient:
    """The Bot API behind one base URL; one client serves every bot, and is made once per process.

    Args:
        base_url: `https://api.telegram.org`, an own Bot API server, or the fake.
        connect_timeout_s: seconds to open a connection.
        total_timeout_s: seconds for one call.
        proxy: an outgoing proxy, for networks from which Telegram cannot be reached directly.
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

    def call(self, token: str, method: str, params: dict[str, Any]) -> Answer:
        """Call `method`; a refusal is an answer too.

        Raises:
            AccountRejected: the token cannot be one.
            RetryLater: the network failed.
        """
        reply = self._http.post_json(f"/bot{_checked(token)}/{method}", params)
        return read_answer(reply.status, reply.json_object())

    def carry_out(self, token: str, call: Call) -> Answer:
        """The same for a call that may bring a file.

        Raises:
            AccountRejected, RetryLater: as `call`.
        """
        if call.media is None:
            return self.call(token, call.method, call.params)
        form = {
            name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            for name, value in call.params.items()
        }
        upload = Upload(call.field, call.media.name, call.media.data, call.media.mime)
        reply = self._http.upload(f"/bot{_checked(token)}/{call.method}", upload, form=form)
        return read_answer(reply.status, reply.json_object())

    def download(self, token: str, file_path: str, *, max_bytes: int) -> bytes:
        """The bytes of a file that `getFile` gave the path of.

        Raises:
            AccountRejected, MediaGone, MediaTooLarge, RetryLater: see the port.
        """
        segments = file_path.split("/")
        if "://" in file_path or file_path.startswith("/") or any(part in {"", ".", ".."} for part in segments):
            raise MediaGone("Telegram named a file that lies outside its own files.")
        reply = self._http.download(f"/file/bot{_checked(token)}/{quote(file_path)}", max_bytes=max_bytes)
        if reply.status == _HTTP_OK:
            return reply.body
        match reply.status:
            case 401:
                raise AccountRejected("Telegram does not accept the token.")
            case 429:
                after = reply.headers.get("retry-after", "")
                raise RetryLater(
                    "Telegram asks for patience.",
                    after_s=float(after) if after.isdecimal() else 1.0,
                    whole_account=True,
                )
            case status if status >= 500:  # noqa: PLR2004 - the class of statuses, named by itself
                raise RetryLater(f"The download was answered with {status}.")
            case status:  # 404: the link has expired; 3xx: redirects are not followed, they lead to other hosts
                raise MediaGone(f"The download was answered with {status}.")

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


def _checked(token: str) -> str:
    if not _TOKEN.match(token):
        raise AccountRejected("The token does not look like a bot's token.")
    return token
