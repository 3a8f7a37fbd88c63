"""Reads «каждые три недели по вторникам», «раз в месяц», «ещё на 5 раз» out of a message, and leaves the rest."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from salon.understanding.text import MAX_CHARS, normalise

WEEK = 7
MONTH = 28
"""«Раз в месяц» at a salon is every four weeks: the same weekday, the same shift of the same person."""

_NUMBERS = {
    "один": 1, "одну": 1, "одна": 1, "два": 2, "две": 2, "двух": 2, "второй": 2, "вторую": 2, "три": 3, "трех": 3,
    "третий": 3, "третью": 3, "четыре": 4, "четырех": 4, "четвертую": 4, "четвертый": 4, "пять": 5, "шесть": 6,
    "семь": 7, "восемь": 8, "девять": 9, "десять": 10, "двенадцать": 12,
}  # fmt: skip
_WEEKDAYS = ("понедельник", "вторник", "сред", "четверг", "пятниц", "суббот", "воскресен")
_NUMBER = r"(?:\d{1,3}|" + "|".join(_NUMBERS) + ")"
_UNIT = r"(?:недел[а-я]*|дн(?:я|ей)|день|месяц[а-я]*|мес)"
_DAY = "(?:" + "|".join(_WEEKDAYS) + ")[а-я]*"
_PERIOD = (
    rf"\b(?:кажд(?:ый|ую|ое|ые)|(?:(?:1|один)\s+)?раз\s+в)\s+(?:(?P<number>{_NUMBER})\s+)?(?P<unit>{_UNIT})\b"
    rf"|\b(?P<often>{_NUMBER})\s+раза?\s+в\s+(?P<per>{_UNIT})\b"
    r"|\b(?P<adverb>еженедельно|ежемесячно|кажд(?:ый|ую|ое)\s+раз\s+через\s+неделю)\b"
)
_EACH_DAY = rf"\bкажд(?:ый|ую|ое)\s+(?P<day>{_DAY})"
_BY_DAYS = rf"\bпо\s+(?P<day>{_DAY}ам|{_DAY}ям)\b(?P<more>\s*(?:,|и)\s*(?:по\s+)?{_DAY}[ая]м\b)?"
_COUNT = rf"\b(?:еще\s+)?на\s+(?P<number>{_NUMBER})\s+(?:раза?|визит[а-я]*|посещени[а-я]*)\b"
_LOOSE_COUNT = rf"\b(?:еще\s+)?(?P<number>{_NUMBER})\s+(?:раза?|визит[а-я]*)\b(?!\s+в\b)"
_LASTING = rf"\bна\s+(?:(?P<number>{_NUMBER})\s+)?(?P<unit>полгода|месяц[а-я]*)\b"
_ASKS = r"\bзапи(?:ш|с)"


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A wish that repeats.

    Attributes:
        every_days: days from one visit to the next; None when only their number was said.
        count: how many visits; None when that was not said.
        weekday: 0 for Monday; None when none, or more than one, was named.
        rest: the message without these words, to be understood as any other.
    """

    every_days: int | None
    count: int | None
    weekday: int | None
    rest: str


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile at first use: import time is a budget."""
    return re.compile(pattern)


def find_recurrence(text: str, *, is_going_on: bool = False) -> Recurrence | None:
    """What a message says about repeating; None when it says nothing.

    Args:
        text: the message as it came.
        is_going_on: a series is being talked about already, so that «5 раз» or «по средам» alone is about it.
    """
    line = normalise(text[:MAX_CHARS])
    spans: list[tuple[int, int]] = []
    every_days = _take(line, _PERIOD, spans, _period)
    weekday, is_weekly = _weekday(line, spans, is_sure=every_days is not None or is_going_on)
    if every_days is None and is_weekly:
        every_days = WEEK
    count = _take(line, _COUNT, spans, lambda found: _value(found["number"]))
    if count is None and (every_days is not None or is_going_on):
        count = _take(line, _LOOSE_COUNT, spans, lambda found: _value(found["number"]))
    if count is None and every_days is not None:
        count = _take(line, _LASTING, spans, lambda found: max(1, _lasting(found) // every_days))
    if every_days is None and count is None and weekday is None:
        return None
    return Recurrence(every_days, count, weekday, _without(text[:MAX_CHARS], spans))


def _take(
    line: str, pattern: str, spans: list[tuple[int, int]], read: Callable[[re.Match[str]], int | None]
) -> int | None:
    for found in _compiled(pattern).finditer(line):
        value = read(found)
        if value and not any(found.start() < end and start < found.end() for start, end in spans):
            spans.append(found.span())
            return value
    return None


def _period(found: re.Match[str]) -> int | None:
    if found["adverb"]:
        return {"еженедельно": WEEK, "ежемесячно": MONTH}.get(found["adverb"], 2 * WEEK)
    if found["often"]:
        days, times = _unit(found["per"]), _value(found["often"])
        return days // times if times and days % times == 0 else None
    days, number = _unit(found["unit"]), _value(found["number"]) if found["number"] else 1
    return days * number if days > 1 or number > 1 else None  # «каждый день» means any day


def _weekday(line: str, spans: list[tuple[int, int]], *, is_sure: bool) -> tuple[int | None, bool]:
    """The weekday, and whether it says by itself that the wish repeats."""
    each = _compiled(_EACH_DAY).search(line)
    if each:
        spans.append(each.span())
        return _index(each["day"]), True
    by_days = _compiled(_BY_DAYS).search(line)
    if by_days is None or not (is_sure or _compiled(_ASKS).search(line)):
        return None, False
    spans.append(by_days.span())
    return (None if by_days["more"] else _index(by_days["day"])), True


def _index(day: str) -> int | None:
    return next((place for place, stem in enumerate(_WEEKDAYS) if day.startswith(stem)), None)


def _unit(word: str) -> int:
    return WEEK if word.startswith("нед") else MONTH if word.startswith("мес") else 1


def _value(word: str) -> int:
    return int(word) if word.isdecimal() else _NUMBERS[word]


def _lasting(found: re.Match[str]) -> int:
    if found["unit"] == "полгода":
        return 26 * WEEK
    return MONTH * (_value(found["number"]) if found["number"] else 1)


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]} {text[end:]}"
    return " ".join(text.split())
