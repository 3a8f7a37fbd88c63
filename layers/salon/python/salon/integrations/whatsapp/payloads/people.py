"""Whom an item is about: by number, by the id that hides a number, or both (facts §4.3, BSUID)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from salon.integrations.meta.envelope import long_id_of
from salon.integrations.wire import dict_of, text_of

_NAME_LIMIT = 256
_NUMBER = re.compile(r"[0-9]{5,20}\Z")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at WhatsApp.

    Attributes:
        wa_id: the number without a plus, "" when the person hides it.
        bsuid: the business-scoped id, "" where WhatsApp gives none.
        name: as the person's profile has it.
    """

    wa_id: str = ""
    bsuid: str = ""
    name: str = ""

    @property
    def chat_id(self) -> str:
        """Where an answer goes."""
        return self.wa_id or self.bsuid

    @property
    def user_id(self) -> str:
        """Who it is; the id that stays when the number is hidden."""
        return self.bsuid or self.wa_id

    @property
    def phone(self) -> str | None:
        """The number in E.164."""
        return phone_of(self.wa_id)


def phone_of(wa_id: str) -> str | None:
    """A `wa_id` in E.164, or None when it is none."""
    return f"+{wa_id}" if _NUMBER.match(wa_id) else None


def person_of(content: dict[str, Any], contacts: list[Any]) -> Person:
    """The person that a message, a status or a preference names, with what `contacts` knows of them.

    A contact counts when an id of it is the item's; also the only one of a body, where no id contradicts: the item may
    lack the id that the contact has.
    """
    wa_id = _first(content, "from", "recipient_id", "wa_id")
    bsuid = _first(content, "from_user_id", "recipient_user_id", "user_id")
    known = [contact for contact in contacts if isinstance(contact, dict)]
    for contact in known:
        theirs = long_id_of(contact.get("wa_id")), long_id_of(contact.get("user_id"))
        is_same = (wa_id and theirs[0] == wa_id) or (bsuid and theirs[1] == bsuid)
        is_only = len(known) == 1 and not (wa_id and theirs[0]) and not (bsuid and theirs[1])
        if is_same or is_only:
            return Person(wa_id or theirs[0], bsuid or theirs[1], _name_of(contact))
    return Person(wa_id, bsuid)


def _first(content: dict[str, Any], *names: str) -> str:
    return next((found for name in names if (found := long_id_of(content.get(name)))), "")


def _name_of(contact: dict[str, Any]) -> str:
    profile = dict_of(contact.get("profile"))
    name = text_of(profile.get("name"), limit=_NAME_LIMIT).strip()
    return name or text_of(profile.get("username"), limit=_NAME_LIMIT).strip()
