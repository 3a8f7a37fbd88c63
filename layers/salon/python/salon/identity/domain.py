"""Actors and tenants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class ActorKind(StrEnum):
    """What kind of someone did something."""

    CLIENT = "client"
    STAFF = "staff"
    USER = "user"  # of the console
    SYSTEM = "system"  # a timer, a migration, a subscriber


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it, for the audit log: an id, never a name."""

    kind: ActorKind
    id: str


def system(name: str) -> Actor:
    """The actor for work that nobody asked for, such as a timer."""
    return Actor(ActorKind.SYSTEM, name)


class AccountStatus(StrEnum):
    """Whether a channel account works."""

    ACTIVE = "active"
    REJECTED = "rejected"  # the provider does not accept our token; sending waits
    DISABLED = "disabled"  # switched off by the tenant


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When nobody is written to unasked, by the client's wall clock; from start to end, over midnight or not.

    Attributes:
        start_min: first quiet minute of the day, 0 to 1439.
        end_min: first minute when writing is fine again.
    """

    start_min: int = 22 * 60
    end_min: int = 9 * 60

    def contains(self, minute_of_day: int) -> bool:
        """Whether a minute (0–1439) is quiet."""
        if self.start_min == self.end_min:
            return False
        if self.start_min < self.end_min:
            return self.start_min <= minute_of_day < self.end_min
        return minute_of_day >= self.start_min or minute_of_day < self.end_min


@dataclass(frozen=True, slots=True)
class Business:
    """A tenant as people know it.

    Attributes:
        locale: the language it writes to its clients in: `ru` or `en`.
    """

    name: str
    locale: str = "ru"
    quiet_hours: QuietHours = field(default_factory=QuietHours)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """Who did what to what; ids and states only."""

    id: UUID
    action: str
    subject: str
    subject_id: UUID
    actor_kind: str
    actor_id: str
    data: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRate:
    """How often may be sent, where a provider allows an account less, or more, than usual.

    Attributes:
        capacity: so many at once.
        per_second: so many in the long run.
    """

    capacity: int
    per_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelConfig:
    """What a tenant has decided about an account; nothing secret.

    Attributes:
        answers_groups: whether the assistant also speaks in group chats.
        account_rate: sends of the whole account; None takes the provider's usual limit.
        chat_rate: sends to one chat; None as above.
        app_id: the provider's app that the webhook hangs on (WhatsApp, Instagram).
        business_id: the WhatsApp business account.
    """

    answers_groups: bool = False
    account_rate: SendRate | None = None
    chat_rate: SendRate | None = None
    app_id: str = ""
    business_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelDetails:
    """What a person says about an account at a messenger, beside its secrets.

    Attributes:
        name: for people.
        external_id: the account at the provider: bot id, VK group, WhatsApp phone number id, Instagram account id;
            None until a check has asked the provider.
    """

    name: str = ""
    external_id: str | None = None
    config: ChannelConfig = field(default_factory=ChannelConfig)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelProblem:
    """Something wrong with an account, found by a check; see `messaging.ports.ProblemKind`."""

    kind: str
    what: str
    is_fatal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelAccountView(ChannelDetails):
    """An account as it may be shown: secrets by name only.

    Attributes:
        account_key: stands in the webhook's URL.
        secrets: which secrets are stored.
        webhook_url: where the provider was last told to send events; None when it never was.
        problems: what the last check found.
        paused_until: the provider asked the whole account to slow down.
    """

    id: UUID
    channel: str
    account_key: str
    status: AccountStatus
    secrets: tuple[str, ...]
    webhook_url: str | None
    checked_at: datetime | None
    problems: tuple[ChannelProblem, ...]
    token_expires_at: datetime | None
    paused_until: datetime | None
    created_at: datetime
