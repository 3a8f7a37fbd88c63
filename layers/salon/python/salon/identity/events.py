"""What has happened to a tenant's accounts at messengers. Ids and kinds only."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from salon.platform.facts import Fact


class Messenger(StrEnum):
    """Where an account is."""

    TELEGRAM = "telegram"
    MAX = "max"
    VK = "vk"
    WHATSAPP = "whatsapp"
    INSTAGRAM = "instagram"


class Breakage(StrEnum):
    """Why no message passes; the console has the provider's own words."""

    TOKEN_REJECTED = "token_rejected"  # noqa: S105 - the name of a problem, not a secret
    WRONG_ACCOUNT = "wrong_account"
    NO_WEBHOOK = "no_webhook"
    POLICY = "policy"
    SECRET_MISSING = "secret_missing"  # noqa: S105 - as above
    SETTING_MISSING = "setting_missing"
    OTHER = "other"

    @classmethod
    def _missing_(cls, _value: object) -> Breakage:
        return cls.OTHER  # a keeper's new word must not keep the salon from being told


class ChannelFact(Fact):
    """What every fact about an account says."""

    account_id: UUID
    channel: Messenger


class ChannelRejected(ChannelFact):
    """The provider does not accept the account's token any more: nothing goes out until it has a new one."""

    name: ClassVar[str] = "channel.rejected"


class ChannelBroken(ChannelFact):
    """A check found that no message passes; `problems` are what the check before had not found."""

    name: ClassVar[str] = "channel.broken"

    problems: tuple[Breakage, ...]
