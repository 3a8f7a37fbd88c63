"""Which sections of settings there are, and the module that judges the values of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from salon.availability.offers.schemas import parse_policy
from salon.booking import domain as booking
from salon.booking.errors import PolicySenseless
from salon.booking.shifts import domain as shifts
from salon.booking.waitlist import domain as waitlist
from salon.inventory.consumption import domain as consumption
from salon.inventory.drafts.domain import policy as invoices
from salon.messaging.domain import habits
from salon.messaging.use_cases import words
from salon.platform.errors import NotFound

Check = Callable[[Mapping[str, Any]], object]


class SectionNotFound(NotFound):
    """There is no such section of settings."""

    code = "SECTION_NOT_FOUND"

    def __init__(self, section: str) -> None:
        super().__init__("section of settings", section)


def check_section(section: str, content: Mapping[str, Any]) -> None:
    """Refuse values that the module which owns the section does not understand.

    Raises:
        SectionNotFound: nobody owns it.
        PolicySenseless, OfferSettingsSenseless, HabitSenseless, InvoiceSettingSenseless: naming the value that makes no
            sense.
    """
    check = _SECTIONS.get(section)
    if check is None:
        raise SectionNotFound(section)
    check(content)


def _only(names: Mapping[str, Any], section: str, check: Check) -> Check:
    def checked(content: Mapping[str, Any]) -> None:
        for name in sorted(content.keys() - names.keys()):
            raise PolicySenseless(f"{section}.{name}", "is no setting of this section")
        check(content)

    return checked


_SECTIONS: Mapping[str, Check] = {
    "booking": lambda content: booking.changed_settings({}, content),
    "offers": parse_policy,
    words.SECTION: words.check_words,
    habits.SETTINGS: habits.check_settings,
    consumption.SETTINGS: consumption.policy_from,
    invoices.SETTINGS: invoices.policy_from,
    waitlist.SETTINGS: _only(waitlist.WaitlistPolicy.__dataclass_fields__, waitlist.SETTINGS, waitlist.policy_from),
    shifts.SETTINGS: _only(shifts.ShiftPolicy.__dataclass_fields__, shifts.SETTINGS, shifts.policy_from),
}
