"""Dates, times and lengths as a person writes them; the words come from the texts of the person's language."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Protocol

from salon.messaging.domain.dialogue import PARTS_OF_DAY, TimeWish

LAST_RELATIVE = 2
"""«Послезавтра» is the farthest day that has a word of its own."""


class Say(Protocol):
    """Gives a text by its id (`platform.texts.Texts.say`)."""

    def __call__(self, text_id: str, /, **arguments: object) -> str:
        """The text."""
        ...


class Phrases:
    """Phrases in one language."""

    def __init__(self, say: Say) -> None:
        self._say = say

    def day(self, on: date) -> str:
        """«четверг, 12 марта»: always with the weekday, so that a misunderstanding shows."""
        return self._say("date-day", weekday=on.weekday(), date=self._date(on))

    def day_genitive(self, on: date) -> str:
        """«четверга, 12 марта», for after «до» and «с»."""
        return self._say("date-day-genitive", weekday=on.weekday(), date=self._date(on))

    def on_day(self, on: date, today: date) -> str:
        """«завтра, 12 марта» or «в пятницу, 20 марта»."""
        return self._say("date-on-day", when=self._relative(on, today) or self._on_weekday(on), date=self._date(on))

    def short_day(self, on: date, today: date) -> str:
        """«завтра» or «пт 20 марта», for a button."""
        known = self._relative(on, today)
        return known or self._say("date-short", weekday=self.short_weekday(on.weekday()), date=self._date(on))

    def by_weekday(self, weekday: int) -> str:
        """«по средам»; 0 is Monday."""
        return self._say("date-by-weekday", weekday=weekday)

    def short_weekday(self, weekday: int) -> str:
        """«ср»; 0 is Monday."""
        return self._say("date-short-weekday", weekday=weekday)

    def listed(self, names: list[str]) -> str:
        """«Стрижка, Маникюр и Окрашивание»."""
        *rest, last = names or [""]
        return self._say("list-and", first=", ".join(rest), last=last) if rest else last

    def wish(self, wished: TimeWish, today: date) -> str:
        """A wish said back: «завтра, 12 марта, после 18:00»; empty when nothing was wished."""
        return ", ".join(part for part in (self._days(wished, today), self._times(wished)) if part)

    def _days(self, wished: TimeWish, today: date) -> str:
        if wished.on is not None:
            return self.on_day(wished.on, today)
        if wished.days:
            *rest, last = [self.on_day(on, today) for on in wished.days]
            return self._say("list-or", first=", ".join(rest), last=last) if rest else last
        if wished.from_on and wished.to_on:
            return self._say("wish-from-to-day", first=self._date(wished.from_on), last=self._date(wished.to_on))
        if wished.from_on:
            return self._say("wish-from-day", first=self._date(wished.from_on))
        return self._say("wish-to-day", last=self._date(wished.to_on)) if wished.to_on else ""

    def _times(self, wished: TimeWish) -> str:
        if wished.at is not None:
            return self._say("wish-at", at=clock(wished.at))
        part = next((name for name, hours in PARTS_OF_DAY.items() if hours == (wished.from_at, wished.to_at)), None)
        if part is not None:
            return self._say(f"wish-{part}")
        if wished.from_at and wished.to_at:
            return self._say("wish-between", first=clock(wished.from_at), last=clock(wished.to_at))
        if wished.from_at:
            return self._say("wish-after", at=clock(wished.from_at))
        if wished.to_at:
            return self._say("wish-before", at=clock(wished.to_at))
        return self._say("wish-done-by", at=clock(wished.until_at)) if wished.until_at else ""

    def _relative(self, on: date, today: date) -> str:
        days = (on - today).days
        return self._say("date-relative", days=days) if 0 <= days <= LAST_RELATIVE else ""

    def _on_weekday(self, on: date) -> str:
        return self._say("date-on-weekday", weekday=on.weekday())

    def _date(self, on: date) -> str:
        return self._say("date-date", day=on.day, month=on.month)


def clock(at: datetime | time) -> str:
    """«9:05», «18:30»."""
    return f"{at.hour}:{at.minute:02d}"


def hours_and_minutes(minutes: int) -> tuple[int, int]:
    """Whole hours and the minutes that are left."""
    return divmod(minutes, 60)


def quiet_shift(due: datetime, *, quiet_start_min: int, quiet_end_min: int) -> tuple[datetime, datetime]:
    """The edges of the quiet period around a local instant: the last minute before it, the first after it."""
    minute = due.hour * 60 + due.minute
    midnight = due.replace(hour=0, minute=0, second=0, microsecond=0)
    start = midnight + timedelta(minutes=quiet_start_min)
    end = midnight + timedelta(minutes=quiet_end_min)
    if quiet_start_min > quiet_end_min:  # over midnight
        if minute >= quiet_start_min:
            end += timedelta(days=1)
        else:
            start -= timedelta(days=1)
    return start - timedelta(minutes=1), end
