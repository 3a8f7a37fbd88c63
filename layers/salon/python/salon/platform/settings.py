"""Settings: small typed models, one per concern; each function loads the ones it needs, at start.

What few functions load stands beside this: `settings_documents`, `settings_speech`.

A field is read from the environment variable of the same name in upper case. A missing or senseless value stops the
function at start with the variable's name. pydantic-settings would do the same for 40 ms more of import time, a tenth
of the webhook's budget (DESIGN §6): hence these few lines.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from salon.platform.errors import SalonError


class SettingsInvalid(SalonError):
    """The environment lacks a variable or holds a senseless value; the message names each, never a value."""

    code = "SETTINGS_INVALID"

    def __init__(self, concern: str, problems: list[str]) -> None:
        super().__init__(f"{concern}: " + "; ".join(problems))
        self.problems = problems


class Settings(BaseModel):
    """Base of all settings."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)  # built by the functions that load it

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read from `environ`, by default the process's own. An empty variable counts as absent.

        Raises:
            SettingsInvalid: naming every variable that is missing or wrong.
        """
        source = os.environ if environ is None else environ
        values = {name: source[name.upper()] for name in cls.model_fields if source.get(name.upper())}
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            problems = [
                f"{'.'.join(str(part) for part in item['loc']).upper()}: "
                + ("is not set" if item["type"] == "missing" else item["msg"])
                for item in error.errors(include_input=False, include_url=False)
            ]
            raise SettingsInvalid(cls.__name__, problems) from None


def environment() -> Mapping[str, str]:
    """The process's environment, for the few adapters that look names up at run time (secrets)."""
    return os.environ


class RuntimeSettings(Settings):
    """Where and as what this runs."""

    stage: Literal["local", "dev", "staging", "prod"] = "local"
    cloud_provider: Literal["aws", "yandex"] = "aws"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


class DatabaseSettings(Settings):
    """How to reach PostgreSQL as the application role.

    Time-outs are milliseconds; a lock is waited for 3 s (longer means that something is stuck, facts/style.md §2.6).
    """

    database_url: SecretStr
    database_lock_timeout_ms: int = Field(default=3_000, ge=1)
    database_statement_timeout_ms: int = Field(default=15_000, ge=1)
    database_ca_file: str | None = None


class SecretSettings(Settings):
    """Where secrets are kept: the environment (AWS, laptop, Lockbox bound to variables) or Lockbox at run time."""

    secret_store: Literal["environment", "lockbox"] = "environment"  # noqa: S105 - the name of a place, not a secret
    lockbox_secret_id: str | None = None
    lockbox_base_url: str = "https://payload.lockbox.api.cloud.yandex.net"


class CloudSettings(Settings):
    """Endpoint and region of the S3- and SQS-compatible cloud; no endpoint means AWS's own (facts/yandex.md §5–6)."""

    aws_endpoint_url: str | None = None  # for both, unless they have their own
    s3_endpoint_url: str | None = None
    sqs_endpoint_url: str | None = None
    aws_region: str = "ru-central1"


class InboundQueueSettings(Settings):
    """The queue between webhooks and the dialogue."""

    inbound_queue_url: str


class OutboxQueueSettings(Settings):
    """The queues that the outbox is relayed to."""

    tx_queue_url: str
    mk_queue_url: str
    reminder_queue_url: str
    events_queue_url: str


class DeadLetterQueueSettings(Settings):
    """Where messages end that their function could not handle; measured by the sweep, emptied by `make redrive`."""

    inbound_dlq_url: str
    tx_dlq_url: str
    mk_dlq_url: str
    reminder_dlq_url: str
    events_dlq_url: str
    timer_dlq_url: str
    voice_dlq_url: str
    documents_dlq_url: str


class MediaSettings(Settings):
    """The bucket for what people send us."""

    media_bucket: str
    media_max_bytes: int = Field(default=20_000_000, ge=1)


class VoiceSettings(Settings):
    """How long a voice message's words are waited for, and when they are said back.

    Attributes:
        voice_hold_seconds: from when the recording is stored; the person's next messages wait as long (DESIGN law 2).
        voice_echo_below: confidence, 0 to 1, below which words are repeated to the person before they are answered.
    """

    voice_hold_seconds: int = Field(default=60, ge=1, le=600)
    voice_echo_below: float = Field(default=0.75, ge=0, le=1)


class ChannelSettings(Settings):
    """Where the messengers' APIs are; a fake stands in when only this differs (facts/channels.md §0).

    Attributes:
        max_ca_file, vk_ca_file: a certificate authority to trust beside the usual ones: MAX's chain is of the Russian
            state's (facts/channels.md §2.1), VK announces the same.
        channel_proxy: an outgoing HTTP proxy for Telegram, WhatsApp and Instagram, where a network does not let
            through to them; the Russian messengers are always reached directly.
        extra_media_hosts: `host:port,…` from which media may be fetched as well; for fakes.
    """

    telegram_api_base: str = "https://api.telegram.org"
    max_api_base: str = "https://platform-api2.max.ru"
    vk_api_base: str = "https://api.vk.com"
    graph_api_base: str = "https://graph.facebook.com"
    ig_graph_api_base: str = "https://graph.instagram.com"
    max_ca_file: str | None = None
    vk_ca_file: str | None = None
    channel_proxy: str | None = None
    extra_media_hosts: str = ""

    @property
    def media_hosts(self) -> tuple[str, ...]:
        """`extra_media_hosts`, apart."""
        return tuple(host.strip() for host in self.extra_media_hosts.split(",") if host.strip())


class WebhookSettings(Settings):
    """How strictly webhooks are taken in; both are on, and only a developer's own machine may turn them off.

    Attributes:
        strict_webhook_signature: refuse what is not signed as the provider signs it.
        strict_tenant_config: refuse an event that names another account than the webhook's URL, and an account whose
            configuration is incomplete; off, such an event counts as the URL's account's.
    """

    stage: Literal["local", "dev", "staging", "prod"] = "local"
    strict_webhook_signature: bool = True
    strict_tenant_config: bool = True

    @model_validator(mode="after")
    def _only_locally(self) -> Self:
        if self.stage != "local" and not (self.strict_webhook_signature and self.strict_tenant_config):
            raise ValueError("webhooks may be taken in loosely with STAGE=local only")
        return self


class PublicSettings(Settings):
    """Where this cloud is reached from outside.

    Attributes:
        public_url: scheme and host, without a path; webhooks and links to bookings begin with it. Unset, webhooks
            cannot be registered, and links are left out.
    """

    public_url: str | None = None


class ConsoleSettings(Settings):
    """What the console's page may speak to, beside where it comes from and the bucket.

    Attributes:
        console_origins: origins, comma-separated; the API's, should it have another than the console.
    """

    console_origins: str = ""

    @property
    def origins(self) -> tuple[str, ...]:
        """`console_origins`, apart."""
        return tuple(origin.strip() for origin in self.console_origins.split(",") if origin.strip())


class RetrySettings(Settings):
    """When open rows are queued again, and when we give up on them.

    Attributes:
        sweep_after_seconds: age of an open row at which `timer_sweep` queues it again.
        inbox_max_attempts: tries before an inbox row is parked.
        outbox_max_attempts: tries before an outbox row is parked; six span hours (`backoff.STEPS`), of facts a minute.
        sweep_lease_seconds: longer than the sweep's own time-out; after it was killed, no other sweeps for so long.
        send_lease_seconds: how long one sender may hold a row, longer than its function's time-out; after a crash the
            row is free again by then.
    """

    sweep_after_seconds: int = Field(default=30, ge=0)
    inbox_max_attempts: int = Field(default=5, ge=1)
    outbox_max_attempts: int = Field(default=6, ge=1)
    send_lease_seconds: int = Field(default=70, ge=1)
    sweep_lease_seconds: int = Field(default=70, ge=1)


class RetentionSettings(Settings):
    """For how many days what has been done with is kept.

    Attributes:
        retention_transcripts_days: figures of recognitions, and words that no dialogue took; the bucket's rule for
            recordings in `template.yaml` says the same.
        retention_messages_days: events that were handled, messages and facts that went out; a repeat of an event is
            known as such for so long.
        retention_parked_days: what was given up; until then a person may have it tried again.
        retention_told_days: notes that something was told once; longer than any horizon of booking.
        retention_sessions_days: sessions, from when they ended; digests of addresses, from the last attempt there.
        retention_exposures_days: which slots were offered to whom: the record for experiments.
        retention_documents_days: uploads, their jobs and results; the bucket's rules for documents and previews in
            `template.yaml` say the same. What was confirmed of them stays.
        retention_keys_days: answers to requests that were sent twice, and rates, from when they expired.
    """

    retention_transcripts_days: int = Field(default=30, ge=1)
    retention_messages_days: int = Field(default=30, ge=7)
    retention_parked_days: int = Field(default=90, ge=7)
    retention_told_days: int = Field(default=400, ge=90)
    retention_sessions_days: int = Field(default=30, ge=1)
    retention_exposures_days: int = Field(default=90, ge=1)
    retention_documents_days: int = Field(default=400, ge=30)
    retention_keys_days: int = Field(default=7, ge=1)


class BookingSettings(Settings):
    """For how many days slots are made where a tenant says nothing (requirements/3)."""

    slot_horizon_days: int = Field(default=60, ge=1, le=400)


class TokenSettings(Settings):
    """How long a token and its session are good for (DESIGN §7: 24 hours at most)."""

    access_token_minutes: int = Field(default=15, ge=1, le=24 * 60)


class InferenceSettings(Settings):
    """Which versions of the models answer.

    Attributes:
        model_versions: `intent:1,speech_ru_demo:1`: a version for each model that must not be its newest. Naming the
            previous one goes back to it; no deployment of code is needed.
    """

    model_versions: str = Field(default="", pattern=r"^\s*([a-z][a-z0-9_]*:[0-9]+(\s*,\s*|\s*$))*$")

    @property
    def pinned(self) -> dict[str, str]:
        """`model_versions`, by name."""
        pairs = (part.strip().partition(":") for part in self.model_versions.split(",") if part.strip())
        return {name: version for name, _, version in pairs}


class ServerSettings(Settings):
    """Where a container listens for its trigger's events.

    Attributes:
        port: named by the platform (Yandex Serverless Containers); unset, Lambda's runtime is served instead.
        host: this machine only; the image opens it, for in a container nobody else is there.
    """

    port: int | None = Field(default=None, ge=0, le=65535)
    host: str = "127.0.0.1"


class ApiSettings(Settings):
    """Requests a minute that the APIs take from one address and from one session (requirements/3: 60 and 10).

    Attributes:
        reads_per_minute: GETs of the users' API.
        bookings_per_minute: POSTs of it that claim a slot.
        changes_per_minute: its other mutations, such as confirming.
        sessions_per_minute: anonymous sessions opened, and tokens renewed, by one address.
        console_per_minute: everything of the staff API, by one session.
        logins_per_minute: attempts to sign in or up, or to take an invitation, by one address.
        account_logins_per_hour: attempts at one account from all addresses together, other than those from which
            somebody has signed in to it.
        trusted_proxies: proxies of ours before the gateway; 0 takes the gateway's word for the caller's address.
    """

    reads_per_minute: int = Field(default=60, ge=1)
    bookings_per_minute: int = Field(default=10, ge=1)
    changes_per_minute: int = Field(default=30, ge=1)
    sessions_per_minute: int = Field(default=10, ge=1)
    console_per_minute: int = Field(default=600, ge=1)
    logins_per_minute: int = Field(default=10, ge=1)
    account_logins_per_hour: int = Field(default=100, ge=1)
    trusted_proxies: int = Field(default=0, ge=0, le=5)
