"""What messaging needs of a messenger; each adapter passes `tests/contract/test_channel_in.py` and `…_out.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from salon.messaging.domain import (
    Attachment,
    Channel,
    ChannelCredentials,
    InboundEvent,
    MediaContent,
    OutboundMessage,
    WireEvent,
)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What a provider wants to hear when an event was kept; with 200."""

    body: str = '{"ok":true}'
    content_type: str = "application/json"


class ChannelAdapter(Protocol):
    """One messenger, in and out. What takes in a webhook loads neither HTTP nor a framework."""

    channel: Channel
    acknowledgement: Acknowledgement

    def handshake(
        self, method: str, query: Mapping[str, str], body: bytes, credentials: ChannelCredentials
    ) -> str | None:
        """The answer, as plain text, to a request by which the provider makes sure of us; None for any other request.

        Raises:
            HandshakeRefused: it is such a request, and it is not our provider's.
        """
        ...

    def verify(self, headers: dict[str, str], body: bytes, credentials: ChannelCredentials) -> bool:
        """Whether the provider sent this. Header names are lower-case. Constant time; an empty secret refuses."""
        ...

    def unpack(self, body: bytes) -> Sequence[WireEvent]:
        """The events in a body, at least one. Never raises: what cannot be read is one event with the whole body."""
        ...

    def normalise(self, body: bytes, credentials: ChannelCredentials) -> InboundEvent:
        """One unpacked event in our words. Never raises: what cannot be read is IGNORED with a reason."""
        ...

    def send(
        self,
        message: OutboundMessage,
        credentials: ChannelCredentials,
        *,
        reference: str = "",
        media: MediaContent | None = None,
    ) -> str | None:
        """Carry out one call for a message that fits the channel's limits; the provider's id of it where there is one.

        Args:
            message: what to send.
            credentials: by which account.
            reference: our id of the message: the provider does not send it twice, or tells it back, where it can.
            media: the bytes of `message.file`.

        Raises:
            DeliveryFailed: by class, what to do next.
        """
        ...

    def fetch(self, attachment: Attachment, credentials: ChannelCredentials, *, max_bytes: int) -> MediaContent:
        """The bytes of an attachment, from the provider's own hosts only.

        Raises:
            MediaGone, MediaTooLarge: and will stay so.
            RetryLater: may be had later.
        """
        ...

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        ...


class ProblemKind(StrEnum):
    """What can be wrong with an account."""

    TOKEN_REJECTED = "token_rejected"  # noqa: S105 - the name of a problem, not a secret
    TOKEN_EXPIRES = "token_expires"  # noqa: S105 - as above
    WRONG_ACCOUNT = "wrong_account"  # the token is another account's than the one that was configured
    NO_WEBHOOK = "no_webhook"  # events go nowhere
    OTHER_WEBHOOK = "other_webhook"  # events go, also, somewhere else
    WEBHOOK_OFF = "webhook_off"  # the provider has switched our webhook off, as it does after failures
    EVENTS_MISSING = "events_missing"  # the subscription lacks kinds of events that we need
    DELIVERY_FAILING = "delivery_failing"  # the provider says that our webhook fails
    SECRET_MISSING = "secret_missing"  # noqa: S105 - as above: every event would be refused
    SETTING_MISSING = "setting_missing"
    FEATURE_OFF = "feature_off"  # something has to be switched on at the provider
    TEMPLATE_NOT_APPROVED = "template_not_approved"
    POLICY = "policy"  # the provider has restricted the account
    UNREACHABLE = "unreachable"  # the provider did not answer: nothing is known
    CHECK_FAILED = "check_failed"  # looking after the account broke off half-way


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with an account, and what a person can do about it.

    Attributes:
        what: in English, for whoever looks after the account; names settings and methods, never secrets.
        is_fatal: no message passes until it is mended.
    """

    kind: ProblemKind
    what: str
    is_fatal: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """An approved text, as the provider has it."""

    name: str
    language: str
    status: str  # approved, pending, rejected, paused
    category: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class AccountReport:
    """How an account stands at its provider.

    Attributes:
        external_id: the account's id there, "" when it could not be asked.
        name: how the provider calls it.
        problems: everything that is wrong, the fatal ones first.
        webhook_url: where events go.
        templates: every text that the provider knows; None when it was not asked, or did not answer: what was known
            before stands.
    """

    external_id: str = ""
    name: str = ""
    problems: tuple[Problem, ...] = ()
    webhook_url: str = ""
    templates: tuple[Template, ...] | None = None


@dataclass(frozen=True, slots=True)
class FreshToken:
    """A token that replaces the present one."""

    token: str = field(repr=False)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """What registering a webhook has brought to light; to be stored with the account.

    Attributes:
        confirmation: the string that the provider will ask for in its handshake (VK); "" where there is none.
    """

    confirmation: str = ""


class AccountKeeper(Protocol):
    """Looks after an account at its provider: `integrations/<name>/keeper.py`."""

    channel: Channel

    def register(self, url: str, credentials: ChannelCredentials) -> Registered:
        """Have events sent to `url`, with the newest webhook secret; replaces what was set before. Repeatable.

        Raises:
            DeliveryFailed: by class.
        """
        ...

    def prepare_handshake(self, credentials: ChannelCredentials) -> Registered:
        """What must be stored before `register` is called, because the provider's handshake asks for it at once.

        Raises:
            DeliveryFailed: by class.
        """
        ...

    def check(self, url: str, credentials: ChannelCredentials) -> AccountReport:
        """How the account stands; `url` is where its events should go. Never raises: a failure is a problem too."""
        ...

    def refresh(self, credentials: ChannelCredentials) -> FreshToken | None:
        """A fresh token; None where tokens do not expire.

        Raises:
            DeliveryFailed: by class.
        """
        ...

    def unregister(self, url: str, credentials: ChannelCredentials) -> None:
        """Have no more events sent to `url`.

        Raises:
            DeliveryFailed: by class.
        """
        ...

    def close(self) -> None:
        """Close the connections."""
        ...
