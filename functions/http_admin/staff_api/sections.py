"""Which sections of settings there are, and the module that judges the values of each.

A module is loaded with the first values that it judges: the settings are read far more often than changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from salon.platform.errors import NotFound

Content = Mapping[str, Any]


class SectionNotFound(NotFound):
    """There is no such section of settings."""

    code = "SECTION_NOT_FOUND"

    def __init__(self, section: str) -> None:
        super().__init__("section of settings", section)


def check_section(section: str, content: Content) -> None:
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


def _booking(content: Content) -> None:
    from salon.booking.domain import changed_settings

    changed_settings({}, content)


def _offers(content: Content) -> None:
    from salon.availability.offers.schemas import parse_policy

    parse_policy(content)


def _words(content: Content) -> None:
    from salon.messaging.use_cases.words import check_words

    check_words(content)


def _habits(content: Content) -> None:
    from salon.messaging.domain.habits import check_settings

    check_settings(content)


def _consumption(content: Content) -> None:
    from salon.inventory.consumption.domain import policy_from

    policy_from(content)


def _invoices(content: Content) -> None:
    from salon.inventory.drafts.domain.policy import policy_from

    policy_from(content)


def _waitlist(content: Content) -> None:
    from salon.booking.waitlist.domain import SETTINGS, WaitlistPolicy, policy_from

    _refuse_others(content, WaitlistPolicy.__dataclass_fields__, SETTINGS)
    policy_from(content)


def _shifts(content: Content) -> None:
    from salon.booking.shifts.domain import SETTINGS, ShiftPolicy, policy_from

    _refuse_others(content, ShiftPolicy.__dataclass_fields__, SETTINGS)
    policy_from(content)


def _refuse_others(content: Content, names: Content, section: str) -> None:
    from salon.booking.errors import PolicySenseless

    for name in sorted(content.keys() - names.keys()):
        raise PolicySenseless(f"{section}.{name}", "is no setting of this section")


_SECTIONS: Mapping[str, Callable[[Content], None]] = {
    "booking": _booking,
    "offers": _offers,
    "texts": _words,
    "messaging": _habits,
    "consumption": _consumption,
    "invoices": _invoices,
    "waitlist": _waitlist,
    "shifts": _shifts,
}
