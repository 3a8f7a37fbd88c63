"""What a tenant's assistant does of itself: it reminds, asks how it was, writes about news. Pure.

All of it is the settings section `messaging`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from salon.messaging.domain.reminders import DEFAULT_LEADS, Lead, ReminderKind
from salon.messaging.errors import HabitSenseless

SETTINGS = "messaging"
MAX_URL_CHARS = 500
_LIMITS = {
    "feedback_delay_min": (0, 7 * 24 * 60),
    "low_rating": (1, 4),
    "marketing_per_week": (0, 7),
    "marketing_per_month": (0, 31),
    "handover_remind_minutes": (1, 24 * 60),
    "handover_return_minutes": (5, 14 * 24 * 60),
    "outside_silence_minutes": (1, 24 * 60),
    "sure_percent": (30, 90),
    "misses_before_person": (1, 5),
}
_SWITCHES = frozenset({"asks_feedback", "asks_marketing"})
_URLS = frozenset({"privacy_url", "review_url"})
_LEAD_MIN, _LEAD_MAX = 15, 14 * 24 * 60
REMINDABLE = (ReminderKind.DAY_BEFORE, ReminderKind.SOON)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagingSettings:
    """The habits.

    Attributes:
        reminders: which go out, and when; a kind that is not among them is off.
        asks_feedback: whether clients are asked how a visit was.
        feedback_delay_min: minutes from the end of the visit until then.
        low_rating: this many stars or fewer are a matter for the owner.
        asks_marketing: whether clients are asked if they want news.
        marketing_per_week: most marketing messages to one person in seven days, over all campaigns; 0 is none.
        marketing_per_month: the same in thirty days.
        privacy_url: the salon's policy of personal data, shown where a person agrees to it; "" for none.
        review_url: where a content client may write a public review; "" for nowhere.
        handover_remind_minutes: after so long the salon is reminded that nobody has taken a hand-over.
        handover_return_minutes: a conversation in which nothing was written for so long goes back to the assistant.
        outside_silence_minutes: so long after a human answered in the provider's own app the assistant keeps silent.
        sure_percent: what was understood with less confidence than this is asked about, not acted on.
        misses_before_person: after so many messages in a row that were not understood a human is called.
    """

    reminders: tuple[Lead, ...] = DEFAULT_LEADS
    asks_feedback: bool = True
    feedback_delay_min: int = 120
    low_rating: int = 3
    asks_marketing: bool = True
    marketing_per_week: int = 1
    marketing_per_month: int = 3
    privacy_url: str = ""
    review_url: str = ""
    handover_remind_minutes: int = 15
    handover_return_minutes: int = 720
    outside_silence_minutes: int = 60
    sure_percent: int = 50
    misses_before_person: int = 2

    def lead_of(self, kind: ReminderKind) -> timedelta | None:
        """How long before the visit a reminder goes out; None when it is off."""
        return next((one.before for one in self.reminders if one.kind is kind), None)


def habits_from(values: Mapping[str, Any]) -> MessagingSettings:
    """The habits that settings describe; what they leave out has its default, what is not known here is passed over.

    Raises:
        HabitSenseless: a value is of the wrong type or out of its limits; says which.
    """
    said: dict[str, Any] = {}
    for name, (least, most) in _LIMITS.items():
        if name in values:
            said[name] = _whole_number(name, values[name], least, most)
    for name in _SWITCHES & values.keys():
        if not isinstance(values[name], bool):
            raise HabitSenseless(name, "is true or false")
        said[name] = values[name]
    for name in _URLS & values.keys():
        said[name] = _url(name, values[name])
    if "reminders" in values:
        said["reminders"] = _reminders(values["reminders"])
    return MessagingSettings(**said)


def check_settings(values: Mapping[str, Any]) -> None:
    """Refuse a section that says what nobody understands, a misspelt name as well.

    Raises:
        HabitSenseless: naming it.
    """
    for name in sorted(values.keys() - MessagingSettings.__dataclass_fields__.keys()):
        raise HabitSenseless(name, "is no setting of this section")
    habits_from(values)


def _whole_number(name: str, value: object, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise HabitSenseless(name, f"is a whole number from {least} to {most}")
    return value


def _url(name: str, value: object) -> str:
    is_web = isinstance(value, str) and value.startswith("https://") and len(value) <= MAX_URL_CHARS
    if not isinstance(value, str) or not (value == "" or is_web) or any(sign.isspace() for sign in value):
        raise HabitSenseless(name, f"is empty, or an address that begins with https://, at most {MAX_URL_CHARS} long")
    return value


def _reminders(value: object) -> tuple[Lead, ...]:
    if not isinstance(value, list | tuple):
        raise HabitSenseless("reminders", "is a list; an empty one switches all of them off")
    leads: dict[ReminderKind, Lead] = {}
    for one in value:
        kind = one.get("kind") if isinstance(one, Mapping) else None
        if not isinstance(one, Mapping) or not isinstance(kind, str) or kind not in set(REMINDABLE):
            raise HabitSenseless("reminders.kind", f"is {' or '.join(REMINDABLE)}")
        for name in sorted(set(map(str, one)) - {"kind", "lead_min"}):
            raise HabitSenseless(f"reminders.{name}", "is no setting of a reminder")
        lead = Lead(
            ReminderKind(kind),
            timedelta(minutes=_whole_number("reminders.lead_min", one.get("lead_min"), _LEAD_MIN, _LEAD_MAX)),
        )
        if lead.kind in leads:
            raise HabitSenseless("reminders.kind", "is there once each")
        leads[lead.kind] = lead
    day_before, soon = (leads.get(kind) for kind in REMINDABLE)
    if day_before is not None and soon is not None and day_before.before <= soon.before:
        raise HabitSenseless("reminders.lead_min", "is longer for day_before than for soon")
    return tuple(leads.values())
