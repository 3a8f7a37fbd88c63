"""Calls of SpeechKit over HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable

from salon.integrations.http import CONNECT_TIMEOUT_S, ProviderHttp
from salon.integrations.speechkit.payloads import PATH, Sound, read_answer
from salon.messaging.errors import RequestRejected, RetryLater
from salon.platform.secrets import SecretMissing, SecretsUnavailable
from salon.understanding.speech.errors import RecogniserRefused, RecogniserTimedOut, RecogniserUnavailable

Authorization = Callable[[], str]
"""Gives the value of the header `Authorization`, anew for every call."""

_MIME = "application/octet-stream"  # the format stands in the URL


def with_api_key(key: Callable[[], str]) -> Authorization:
    """Calls in the name of the service account that an API key belongs to.

    Args:
        key: reads it, for example from the secret store; a rotated key is seen as soon as the store sees it.
    """
    return lambda: f"Api-Key {key()}"


def with_iam_token(token: Callable[[], str]) -> Authorization:
    """Calls in the name of the function's own service account (`platform.secrets.function_token`)."""
    return lambda: f"Bearer {token()}"


class SpeechKitClient:
    """The recognition service behind one base URL; made once per process.

    Args:
        base_url: `https://stt.api.cloud.yandex.net`, or the fake.
        authorization: who calls.
        language: the language spoken.
        topic: the service's language model.
        folder_id: only for a person's account; see `Sound.query`.
        connect_timeout_s: seconds to open a connection.
    """

    def __init__(
        self,
        base_url: str,
        authorization: Authorization,
        *,
        language: str = "ru-RU",
        topic: str = "general",
        folder_id: str | None = None,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
    ) -> None:
        self._http = ProviderHttp(base_url, connect_timeout_s=connect_timeout_s)
        self._authorization = authorization
        self._language, self._folder_id = language, folder_id
        self.topic = topic

    def recognise(self, sound: Sound, *, timeout_s: float) -> str:
        """The words of one short recording; empty when nothing was understood.

        The service stores neither sound nor words unless `x-data-logging-enabled` asks for it, which we never send.

        Raises:
            FileRefused, RecogniserUnavailable, RecogniserRefused: see `read_answer`.
            RecogniserTimedOut: no answer within `timeout_s`.
        """
        query = sound.query(language=self._language, topic=self.topic, folder_id=self._folder_id)
        started = time.monotonic()
        try:
            headers = {"authorization": self._authorization()}
            reply = self._http.post_bytes(
                PATH, sound.data, mime=_MIME, query=query, headers=headers, timeout_s=timeout_s
            )
        except SecretMissing:
            raise RecogniserRefused("no_key") from None
        except SecretsUnavailable:
            raise RecogniserUnavailable("no_key") from None
        except RequestRejected:
            raise RecogniserUnavailable("bad_answer") from None
        except RetryLater:
            if time.monotonic() - started >= timeout_s:
                raise RecogniserTimedOut(timeout_s) from None
            raise RecogniserUnavailable("network") from None
        return read_answer(reply)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
