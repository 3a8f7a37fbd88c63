"""People who are served. Values only; personal data appears here in the clear and is sealed by the use cases."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from salon.clients.errors import BirthDayInvalid, PhoneInvalid

_PHONE = re.compile(r"\+?\d{5,20}", re.ASCII)
_PHONE_SEPARATORS = re.compile(r"[\s().\u2010-\u2015-]+")
_RUSSIAN = re.compile(r"\+?[78](?P<long>[3489]\d{9})|(?P<short>[349]\d{9})", re.ASCII)
_BIRTH_DAY = re.compile(r"(\d{2})-(\d{2})", re.ASCII)
_LEAP_YEAR = 2024
_E164 = re.compile(r"\+[1-9]\d{7,14}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Whoever is served, without what is encrypted.

    Attributes:
        display_name: as the messenger or the person said; plain under row-level security (DESIGN §7).
        timezone: IANA name; None takes the location's.
        phone_last4: last digits of the phone, for telling namesakes apart.
        birth_day: `MM-DD`; nobody asks for the year.
    """

    id: UUID
    display_name: str
    language: str = "ru"
    timezone: str | None = None
    phone_last4: str | None = None
    is_erased: bool = False
    birth_day: str | None = None


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


class ConsentPurpose(StrEnum):
    """What a person agrees to."""

    PERSONAL_DATA = "personal_data"  # that we keep and use what they tell us, to serve them (152-FZ)
    MARKETING = "marketing"  # that we write to them about more than their own visits
    LINKING = "linking"  # that several messengers of theirs are known to be one person's


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """That somebody agreed to something, or took it back.

    Attributes:
        channel: where it was said: a messenger, `site`, `desk`.
        wording_version: of the text that they read.
        actor_kind: who wrote it down: `client` for themselves.
    """

    id: UUID
    client_id: UUID
    purpose: ConsentPurpose
    is_given: bool
    channel: str
    wording_version: str
    actor_kind: str
    at: datetime


WORDINGS = {ConsentPurpose.PERSONAL_DATA: "pd1", ConsentPurpose.MARKETING: "mk1", ConsentPurpose.LINKING: "ln1"}
"""The present edition of each purpose's wording. A change of its meaning makes a new edition."""


def wording_version(purpose: ConsentPurpose, *, language: str, text: str) -> str:
    """Which words were read: the edition, the language, and a mark of the very text, which a salon may have reworded.

    At most 32 characters: `mk1-ru-0f3a9c12`.
    """
    return f"{WORDINGS[purpose]}-{language[:8]}-{sha256(text.encode()).hexdigest()[:8]}"


def check_birth_day(text: str) -> str:
    """A day of the year, `MM-DD`; 29 February is one.

    Raises:
        BirthDayInvalid: there is no such day.
    """
    found = _BIRTH_DAY.fullmatch(text)
    try:
        date(_LEAP_YEAR, int(found[1]), int(found[2])) if found else None
    except ValueError:
        found = None
    if found is None:
        raise BirthDayInvalid
    return text


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
