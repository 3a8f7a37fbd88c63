"""People who are served. Values only; personal data appears here in the clear and is sealed by the use cases."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from uuid import UUID

from salon.clients.errors import PhoneInvalid

_PHONE = re.compile(r"\+?\d{5,20}", re.ASCII)
_PHONE_SEPARATORS = re.compile(r"[\s().\u2010-\u2015-]+")
_RUSSIAN = re.compile(r"\+?[78](?P<long>[3489]\d{9})|(?P<short>[349]\d{9})", re.ASCII)
_E164 = re.compile(r"\+[1-9]\d{7,14}", re.ASCII)


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
    """A telephone number in E.164 form: «8 (999) 123-45-67» is `+79991234567`.

    Without a plus the number is Russian: eleven digits that begin with 7 or 8, or ten, unless they begin with 8 (they
    may as well be eleven with one left out). «+8 999…», a common slip, is Russian too: no country has the code 89.

    Raises:
        PhoneInvalid: it is not a telephone number.
    """
    compact = _PHONE_SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    if not _PHONE.fullmatch(compact):
        raise PhoneInvalid
    russian = _RUSSIAN.fullmatch(compact)
    if russian and not re.match(r"\+8[^9]", compact):
        return f"+7{russian['long'] or russian['short']}"
    if compact.startswith("+7") or not _E164.fullmatch(compact):
        raise PhoneInvalid
    return compact
