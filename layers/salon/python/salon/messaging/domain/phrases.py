"""Dates, times and lengths as a person writes them in Russian."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from salon.messaging.domain.dialogue import PARTS_OF_DAY, TimeWish

WEEKDAYS = ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье")
ON_WEEKDAYS = ("в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу", "в воскресенье")
BY_WEEKDAYS = (
    "по понедельникам",
    "по вторникам",
    "по средам",
    "по четвергам",
    "по пятницам",
    "по субботам",
    "по воскресеньям",
)
SHORT_WEEKDAYS = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")
MONTHS = (
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
)
RELATIVE = {0: "сегодня", 1: "завтра", 2: "послезавтра"}


def day(on: date) -> str:
    """«четверг, 12 марта»: always with the weekday, so that a misunderstanding shows."""
    return f"{WEEKDAYS[on.weekday()]}, {on.day} {MONTHS[on.month - 1]}"


def on_day(on: date, today: date) -> str:
    """«завтра, 12 марта» or «в пятницу, 20 марта»."""
    word = RELATIVE.get((on - today).days, ON_WEEKDAYS[on.weekday()])
    return f"{word}, {on.day} {MONTHS[on.month - 1]}"


def short_day(on: date, today: date) -> str:
    """«завтра» or «пт 20 марта», for a button."""
    return RELATIVE.get((on - today).days, f"{SHORT_WEEKDAYS[on.weekday()]} {on.day} {MONTHS[on.month - 1]}")


def clock(at: datetime | time) -> str:
    """«9:05», «18:30»."""
    return f"{at.hour}:{at.minute:02d}"


def wish(wished: TimeWish, today: date) -> str:
    """A wish said back: «завтра, 12 марта, после 18:00»; empty when nothing was wished."""
    return ", ".join(part for part in (_days(wished, today), _times(wished)) if part)


def _days(wished: TimeWish, today: date) -> str:
    if wished.on is not None:
        return on_day(wished.on, today)
    if wished.days:
        return " или ".join(on_day(on, today) for on in wished.days)
    if wished.from_on and wished.to_on:
        return f"с {_date(wished.from_on)} по {_date(wished.to_on)}"
    if wished.from_on:
        return f"с {_date(wished.from_on)}"
    return f"до {_date(wished.to_on)}" if wished.to_on else ""


def _times(wished: TimeWish) -> str:
    if wished.at is not None:
        return f"в {clock(wished.at)}"
    part = next((word for word, hours in PARTS_OF_DAY.items() if hours == (wished.from_at, wished.to_at)), None)
    if part is not None:
        return part
    if wished.from_at and wished.to_at:
        return f"с {clock(wished.from_at)} до {clock(wished.to_at)}"
    if wished.from_at:
        return f"после {clock(wished.from_at)}"
    if wished.to_at:
        return f"до {clock(wished.to_at)}"
    return f"чтобы закончить к {clock(wished.until_at)}" if wished.until_at else ""


def _date(on: date) -> str:
    return f"{on.day} {MONTHS[on.month - 1]}"


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
