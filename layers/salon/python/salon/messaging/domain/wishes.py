"""From what was understood to a wish that slots can be compared with."""

from __future__ import annotations

import re
from datetime import date, time, timedelta

from salon.messaging.domain.dialogue import PARTS_OF_DAY, TimeWish
from salon.understanding.domain import Daypart, When

WORDS = {
    Daypart.MORNING: "утром",
    Daypart.DAY: "днём",
    Daypart.LUNCH: "в обед",
    Daypart.AFTERNOON: "во второй половине дня",
    Daypart.EVENING: "вечером",
    Daypart.NIGHT: "поздно вечером",
}
ASAP_DAYS = 2


def wish_of(when: When | None, today: date) -> TimeWish:
    """The wish in a message; empty when it has none."""
    if when is None:
        return TimeWish()
    earliest, latest = when.time_from, when.time_to
    if when.daypart is not None and when.time is None and earliest is None and latest is None:
        earliest, latest = PARTS_OF_DAY[WORDS[when.daypart]]
    soon = when.asap and when.date is None and when.date_from is None
    return TimeWish(
        on=when.date,
        days=when.dates,
        from_on=today if soon else when.date_from,
        to_on=today + timedelta(days=ASAP_DAYS) if soon else when.date_to,
        not_on=when.excluded_dates,
        at=when.time,
        from_at=earliest,
        to_at=latest,
        until_at=when.finish_by,
    )


def asked_times(when: When | None) -> tuple[time, ...]:
    """The readings of an ambiguous time («в 8»: 8:00 or 20:00); empty when there is nothing to ask."""
    for entry in when.ambiguous if when else ():
        field, _, readings = entry.partition(":")
        if field == "time" and readings:
            return tuple(time.fromisoformat(reading) for reading in readings.split("/"))
    return ()


def is_past(when: When | None) -> bool:
    """Whether the moment that was named is gone."""
    return when is not None and "past" in when.ambiguous


def is_unclear(when: When | None) -> bool:
    """Whether something was said about time that cannot be used as it is: «31 февраля», «если получится»."""
    return when is not None and bool(when.ambiguous) and not asked_times(when)


_DECLINED = re.compile(r"\bне\s+(?:\w+\s+){0,2}(?:отмен|перенос|перенес)\w*", re.IGNORECASE)
_QUESTION = re.compile(r"\?|\bесли\b|\bли\b|\bотменил[аи]?\b", re.IGNORECASE)


def is_declined(text: str) -> bool:
    """Whether the message says not to: «не отменяй», «я не хочу отменять»."""
    return _DECLINED.search(text) is not None


def is_question(text: str) -> bool:
    """Whether the message asks about it rather than asks for it: «а если я отменю?», «отменили ли запись?»."""
    return _QUESTION.search(text) is not None


def is_relative(when: When | None) -> bool:
    """Whether the message only moves what is on the table: «попозже», «на час раньше»."""
    return when is not None and (
        bool(when.shift_minutes or when.shift_days) or bool({"later", "earlier"} & set(when.ambiguous))
    )
