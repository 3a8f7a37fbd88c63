"""Secrets by name: from the environment, or from Yandex Lockbox at run time.

Lockbox bound to environment variables freezes a version and counts against their 4 KB (facts/yandex.md §2); read at run
time, a rotated secret is seen within five minutes.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from salon.platform.clock import Clock, SystemClock
from salon.platform.errors import Fault, SalonError
from salon.platform.logs import logger
from salon.platform.settings import SecretSettings, SettingsInvalid, environment

if TYPE_CHECKING:
    import httpx

log = logger(__name__)

METADATA_BASE_URL = "http://169.254.169.254"
_TOKEN_PATH = "/computeMetadata/v1/instance/service-accounts/default/token"  # noqa: S105 - an address, not a secret
_TIMEOUT_S = 3.0
KEEP = timedelta(minutes=5)
_OK = 200


class SecretMissing(SalonError):
    """There is no secret of this name.

    Attributes:
        name: what was asked for.
    """

    code = "SECRET_MISSING"

    def __init__(self, name: str) -> None:
        super().__init__(f"The secret {name} is not set.")
        self.name = name


class SecretsUnavailable(Fault):
    """The place where secrets are kept does not answer, and nothing was read from it before."""

    code = "SECRETS_UNAVAILABLE"


class SecretStore(Protocol):
    """Where secrets are kept."""

    def get(self, name: str) -> str:
        """The secret called `name`.

        Raises:
            SecretMissing: there is none, or it is empty.
            SecretsUnavailable: the store cannot be asked.
        """
        ...


@dataclass(frozen=True, slots=True)
class EnvironmentSecrets:
    """Secrets in environment variables of the same name."""

    environ: Mapping[str, str]

    def get(self, name: str) -> str:
        """The variable's value; an empty one counts as absent."""
        value = self.environ.get(name)
        if not value:
            raise SecretMissing(name)
        return value


class MetadataTokens:
    """IAM tokens of the machine's service account, from the metadata address (facts/yandex.md §1.5)."""

    def __init__(self, client: httpx.Client, *, base_url: str = METADATA_BASE_URL, clock: Clock | None = None) -> None:
        self._client = client
        self._url = base_url + _TOKEN_PATH
        self._clock = clock or SystemClock()
        self._token = ""
        self._until: datetime | None = None

    def __call__(self) -> str:
        """A token that is still good for a minute."""
        now = self._clock.now()
        if self._until is None or now >= self._until:
            answer = _get_json(self._client, self._url, {"Metadata-Flavor": "Google"})
            self._token = str(answer["access_token"])
            self._until = now + timedelta(seconds=int(answer.get("expires_in", 0)) - 60)
        return self._token


def function_token(otherwise: Callable[[], str]) -> Callable[[], str]:
    """Tokens of the call at hand (the function's context carries one), or of `otherwise` when it has none."""

    def token() -> str:
        from salon.platform.triggers.invocation import current_invocation

        invocation = current_invocation()
        return (invocation.iam_token if invocation else None) or otherwise()

    return token


class LockboxSecrets:
    """The entries of one Lockbox secret, kept for five minutes.

    A name that is not there is asked for once more, in case it has just been added. When Lockbox does not answer, what
    was read last stays good: a salon keeps working through an outage of the store.
    """

    def __init__(
        self,
        secret_id: str,
        *,
        base_url: str,
        token: Callable[[], str],
        client: httpx.Client,
        clock: Clock | None = None,
    ) -> None:
        self._url = f"{base_url}/lockbox/v1/secrets/{secret_id}/payload"
        self._token = token
        self._client = client
        self._clock = clock or SystemClock()
        self._entries: dict[str, str] | None = None
        self._read_at: datetime | None = None

    def get(self, name: str) -> str:
        """The entry whose key is `name`."""
        now = self._clock.now()
        fresh = self._read_at is not None and now - self._read_at < KEEP
        entries = self._entries if fresh and self._entries is not None else self._read(now)
        if not entries.get(name) and fresh:
            entries = self._read(now)
        if not entries.get(name):
            raise SecretMissing(name)
        return entries[name]

    def _read(self, now: datetime) -> dict[str, str]:
        try:
            answer = _get_json(self._client, self._url, {"Authorization": f"Bearer {self._token()}"})
            entries = {str(entry["key"]): _value_of(entry) for entry in answer["entries"]}
        except (SecretsUnavailable, KeyError, TypeError, ValueError) as error:
            if self._entries is None:
                raise SecretsUnavailable("Lockbox gave no payload.") from error
            log.warning("secrets.stale", error=error)
            return self._entries
        self._entries, self._read_at = entries, now
        return entries


def _value_of(entry: Mapping[str, Any]) -> str:
    if "textValue" in entry:
        return str(entry["textValue"])
    return base64.b64decode(entry["binaryValue"], validate=True).decode()


def _get_json(client: httpx.Client, url: str, headers: dict[str, str]) -> Any:
    import httpx

    try:
        answer = client.get(url, headers=headers, timeout=_TIMEOUT_S)
    except httpx.HTTPError as error:
        raise SecretsUnavailable(f"No answer: {type(error).__name__}.") from None
    if answer.status_code != _OK:
        raise SecretsUnavailable(f"Answered {answer.status_code}.")
    try:
        return answer.json()
    except ValueError:
        raise SecretsUnavailable("The answer is not JSON.") from None


def secret_store(settings: SecretSettings, *, environ: Mapping[str, str] | None = None) -> SecretStore:
    """The store that the settings name.

    Raises:
        SettingsInvalid: Lockbox is asked for and the secret's id is not set.
    """
    kind = settings.secret_store
    if kind == "environment":
        return EnvironmentSecrets(environment() if environ is None else environ)
    if not settings.lockbox_secret_id:
        raise SettingsInvalid("SecretSettings", ["LOCKBOX_SECRET_ID: is not set"])
    import httpx

    client = httpx.Client()
    return LockboxSecrets(
        settings.lockbox_secret_id,
        base_url=settings.lockbox_base_url,
        token=function_token(MetadataTokens(client)),
        client=client,
    )
