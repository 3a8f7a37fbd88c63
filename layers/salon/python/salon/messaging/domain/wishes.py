"""From what was understood to a wish that slots can be compared with."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from salon.messaging.domain.dialogue import PARTS_OF_DAY, TimeWish
from salon.understanding.domain import When


@dataclass(frozen=True, slots=True)
class Window:
    """When somebody who waits could come: local days and minutes of the day, all inclusive; None is any time."""

    first_on: date
    last_on: date
    from_min: int | None = None
    to_min: int | None = None


WAIT_DAYS = 14
"""Whoever names no last day waits for two weeks."""

LAST_MIN = 24 * 60 - 1


ASAP_DAYS = 2


def wish_of(when: When | None, today: date) -> TimeWish:
    """The wish in a message; empty when it has none."""
    if when is None:
        return TimeWish()
    earliest, latest = when.time_from, when.time_to
    if when.daypart is not None and when.time is None and earliest is None and latest is None:
        earliest, latest = PARTS_OF_DAY[when.daypart]
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


def still_to_come(wish: TimeWish, now: datetime) -> TimeWish:
    """«В девять», said at ten: the hour is over today, so tomorrow's is meant; a day that was named stays."""
    if wish.at is None or wish.has_day or wish.at > now.time():
        return wish
    return replace(wish, on=now.date() + timedelta(days=1))


def waiting_windows(wish: TimeWish, today: date, last_day: date, *, duration_min: int) -> list[Window]:
    """The windows of a wish for the waiting list; several when days apart were named, none when all of it is past.

    Args:
        wish: as it was said.
        today: nobody waits for yesterday.
        last_day: the last day that can be booked.
        duration_min: of the service, for «чтобы закончить к шести».
    """
    from_min, to_min = _minutes(wish, duration_min)
    if wish.on is not None:
        runs = [(wish.on, wish.on)]
    elif wish.days:
        runs = _runs(sorted(wish.days))
    else:
        first = max(today, wish.from_on or today)
        runs = [(first, wish.to_on or min(first + timedelta(days=WAIT_DAYS - 1), last_day))]
    return [Window(max(first, today), last, from_min, to_min) for first, last in runs if last >= max(first, today)]


def wish_of_window(window: Window) -> TimeWish:
    """A window as a wish, to say it back."""
    is_one_day = window.first_on == window.last_on
    is_exact = window.from_min is not None and window.from_min == window.to_min
    return TimeWish(
        on=window.first_on if is_one_day else None,
        from_on=None if is_one_day else window.first_on,
        to_on=None if is_one_day else window.last_on,
        at=_time(window.from_min) if is_exact else None,
        from_at=None if is_exact else _time(window.from_min),
        to_at=None if is_exact else _time(window.to_min),
    )


def _minutes(wish: TimeWish, duration_min: int) -> tuple[int | None, int | None]:
    if wish.at is not None:
        return _minute(wish.at), _minute(wish.at)  # what lies near it was free, or can be asked for
    latest = wish.to_at
    to_min = _minute(latest) if latest is not None else None
    if wish.until_at is not None:
        to_min = max(0, _minute(wish.until_at) - duration_min)
    from_min = _minute(wish.from_at) if wish.from_at is not None else None
    return from_min, to_min if to_min is None or from_min is None or to_min >= from_min else None


def _runs(days: list[date]) -> list[tuple[date, date]]:
    runs: list[tuple[date, date]] = []
    for day in days:
        if runs and day - runs[-1][1] <= timedelta(days=1):
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _time(minute: int | None) -> time | None:
    return None if minute is None else time(min(minute, LAST_MIN) // 60, min(minute, LAST_MIN) % 60)


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


_NO_SUCH_DAY = re.compile(
    r"\b(?:30|31)(?:-?го)?\s+феврал|\b3[01]\.0?2\b|\b31(?:-?го)?\s+(?:апрел|июн|сентябр|ноябр)|\b31\.(?:0?[469]|11)\b",
    re.IGNORECASE,
)


def names_no_day(text: str) -> bool:
    """Whether the message names a day that no year has: «31 февраля», «31.04»."""
    return _NO_SUCH_DAY.search(text) is not None


_DECLINED = re.compile(
    r"\bне\s+(?:(?:надо|нужно|пожалуйста|мне|мою|эту|её|ее|ничего|пока)\s+){0,2}(?:отмен|перенос|перенес|сдвиг|двиг)\w*"
    r"|\bне\s+(?:(?!смо[гж]|мо[гж]|прид|получ|выйд|успе)\w+\s+){1,2}"
    r"(?:отмен(?!и(?:те)?\b|яй)|перенос(?!и(?:те)?\b)|перенес(?!и(?:те)?\b))\w*",
    re.IGNORECASE,
)
_DEED = r"(?:отменить|отменять|отменю|отмену|переносить|перенести|перенесу|перенос)"
_BETWEEN = r"(?:\s+(?!не\b|\w+(?:ть|ти)\b)\w+){0,3}?"
_UNDECIDED = r"(?:передумал|раздумал)[аи]?\b"
_DECLINED_AFTER = re.compile(
    rf"(?<!хочу\s)(?<!надо\s)(?<!нужно\s)(?<!прошу\s)\b{_DEED}{_BETWEEN}\s+"
    r"(?:не\s+(?:буду|будем|надо|нужно|хочу|хотим|хочется|стану|станем|стоит|собираюсь|планирую|требуется|придется)\b"
    r"(?!\s+\w+(?:ть|ти)\b)"
    rf"|{_UNDECIDED})"
    rf"|\b{_DEED}{_BETWEEN}\W+(?:но|а|и|потом)\s+(?:я\s+|уже\s+|потом\s+)*{_UNDECIDED}",
    re.IGNORECASE,
)
"""«Отменять запись не буду», «хотела отменить, но передумала»; «отмените, не буду» is an order all the same."""

_QUESTION = re.compile(r"\?|\bесли\b|\bли\b|\bотменил[аи]?\b", re.IGNORECASE)


_MOVES = re.compile(r"\b(?:перенес|перенос|перезапи|передвин|сдвин|подвин)\w*", re.IGNORECASE)


def asks_to_move(text: str) -> bool:
    """Whether the message speaks of moving something that is booked: «перенеси на час позже», not «а попозже?»."""
    return _MOVES.search(text) is not None


_DIGITS = re.compile(r"[\s+()\d-]{4,}")


def is_mostly_digits(text: str) -> bool:
    """Whether the message looks like a telephone number, good or bad."""
    return _DIGITS.fullmatch(text) is not None


def is_declined(text: str) -> bool:
    """Whether the message says not to: «не отменяй», «я не хочу отменять», «отменять не надо», «… передумала»."""
    return _DECLINED.search(text) is not None or _DECLINED_AFTER.search(text) is not None


def moves_instead(text: str) -> bool:
    """«Не отменяйте, просто перенесите»: not the one, but the other."""
    return is_declined(text) and asks_to_move(_DECLINED_AFTER.sub(" ", _DECLINED.sub(" ", text)))


_CANCELS = r"\b(?:отмен|аннулир)\w*"
_MOVING = r"\b(?:перенес|перенос|сдвин|передвин)\w*"
_OR = r"\W+(?:или|либо)\W+(?:(?:лучше|можно|давай|давайте|просто|может|быть|хотя|бы|её|ее|мою|запись)\W+){0,3}?"
_EITHER = re.compile(
    rf"{_CANCELS}(?:\W+\w+){{0,5}}?{_OR}{_MOVING}|{_MOVING}(?:\W+\w+){{0,5}}?{_OR}{_CANCELS}", re.IGNORECASE
)


_CORRECTS = re.compile(
    r"\b(?:лучше|точнее|вернее|ошибл\w*|перепутал\w*|имел[аи]?\s+в\s+виду)\b|^\W*(?:(?:ой|ах|блин|извин\w*|прост\w*)\W+)*"
    r"(?:нет|не\s+(?:в|на)\b)",
    re.IGNORECASE,
)


def corrects(text: str) -> bool:
    """«Ой нет, давайте лучше в пятницу»: said of what has just been agreed."""
    return _CORRECTS.search(text) is not None


def leaves_open_which(text: str) -> bool:
    """«Отмените или перенесите на пятницу»: which of the two is not said."""
    return _EITHER.search(text) is not None


def is_question(text: str) -> bool:
    """Whether the message asks about it rather than asks for it: «а если я отменю?», «отменили ли запись?»."""
    return _QUESTION.search(text) is not None


def is_relative(when: When | None) -> bool:
    """Whether the message only moves what is on the table: «попозже», «на час раньше»."""
    return when is not None and (
        bool(when.shift_minutes or when.shift_days) or bool({"later", "earlier"} & set(when.ambiguous))
    )
