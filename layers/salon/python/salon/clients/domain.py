"""People who are served. Values only; personal data appears here in the clear and is sealed by the use cases."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from uuid import UUID

from salon.clients.errors import PhoneInvalid

_NOT_DIGITS = re.compile(r"\D+")
_RUSSIAN_LENGTH = 11  # 7 or 8, then ten digits
_E164_LENGTHS = range(8, 16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Whoever is served, without what is encrypted.

    Attributes:
        display_name: as the messenger or the person said; plain under row-level security (DESIGN §7).
        timezone: IANA name; None takes the location's.
        phone_last4: last digits of the phone, for telling namesakes apart.
    """

    id: UUID
    display_name: str
    language: str = "ru"
    timezone: str | None = None
    phone_last4: str | None = None
    is_erased: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSecrets:
    """What is encrypted about a client, in the clear. Never logged."""

    phone: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    notes: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Where a client can be reached: one person at one of the tenant's accounts at a messenger.

    Attributes:
        account_id: the tenant's account (`channel_accounts`).
        external_user_id: the person, in the provider's words; text, because their ids outgrow 2^53.
        chat_id: where an answer goes.
        is_blocked: the person has stopped the bot.
    """

    id: UUID
    client_id: UUID
    channel: str
    account_id: UUID
    external_user_id: str = field(repr=False)
    chat_id: str = field(repr=False)
    is_blocked: bool = False


def normalise_phone(text: str) -> str:
    """A phone number as E.164: «8 (903) 123-45-67» is +79031234567.

    Ten digits, or eleven with a leading 8, are Russian; anything else needs its country code.

    Raises:
        PhoneInvalid: it cannot be a phone number.
    """
    digits = _NOT_DIGITS.sub("", text)
    is_international = text.strip().startswith("+")
    if not is_international and len(digits) == _RUSSIAN_LENGTH - 1 and digits[0] in "3489":
        digits = "7" + digits
    elif not is_international and digits.startswith("8"):
        digits = "7" + digits[1:]
    is_possible = len(digits) == _RUSSIAN_LENGTH if digits.startswith("7") else len(digits) in _E164_LENGTHS
    if not is_possible or digits.startswith("0"):
        raise PhoneInvalid
    return "+" + digits
