"""What an e-mail and a password must be, and when an account is locked for a place. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from salon.identity.accounts.errors import EmailInvalid, PasswordUnsuitable

MIN_PASSWORD_CHARS, MAX_PASSWORD_CHARS = 10, 200
"""Length alone, as NIST SP 800-63B §5.1.1.2 has it: rules about kinds of characters make people choose worse ones."""

MAX_EMAIL_CHARS = 254
MAX_FAILURES = 10
"""From one place. A lock for everybody would let any stranger who knows an e-mail keep its owner out."""

LOCKED_FOR = timedelta(minutes=15)
INVITATION_LASTS = timedelta(days=3)
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f,;<>()\"]{1,64}@[^@\s\x00-\x1f\x7f,;<>()\"]+\.[^@\s.,;<>()\"]{2,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBusiness:
    """What somebody says who signs a business up.

    Attributes:
        business: its name.
        owner: the name of whoever signs it up.
        password: as typed; hashed before anything is stored.
    """

    business: str
    owner: str
    email: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A way to a password, once, for whoever has the token."""

    id: UUID
    user_id: UUID
    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CredentialRef:
    """Where an account is, as a look-up over all tenants answers."""

    tenant_id: UUID
    credential_id: UUID


def checked_email(email: str) -> str:
    """An e-mail in the form in which it is stored and looked for.

    Raises:
        EmailInvalid: it cannot be one.
    """
    found = email.strip()
    if len(found) > MAX_EMAIL_CHARS or not _EMAIL.fullmatch(found):
        raise EmailInvalid
    return found


def check_password(password: str, email: str) -> None:
    """Refuse a password that anybody would guess first.

    Raises:
        PasswordUnsuitable: too short, too long, one character again and again, or the e-mail.
    """
    if not MIN_PASSWORD_CHARS <= len(password) <= MAX_PASSWORD_CHARS:
        raise PasswordUnsuitable(f"A password has {MIN_PASSWORD_CHARS} to {MAX_PASSWORD_CHARS} characters.")
    name = email.casefold().strip()
    if password.casefold().strip() in {name, name.partition("@")[0]} or len(set(password)) == 1:
        raise PasswordUnsuitable("This password would be guessed at once.")


def locked_until(failures: int, now: datetime) -> datetime | None:
    """Until when an account is locked for a place after so many failures in a row there; None while it is not."""
    return now + LOCKED_FOR if failures >= MAX_FAILURES else None
