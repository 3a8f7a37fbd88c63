"""Rewrites a string of token classes by rules."""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from salon.understanding.days import monday_of
from salon.understanding.grammar.tokens import Point, Token

MAX_PASSES = 6


@dataclass(frozen=True, slots=True)
class Env:
    """What the rules may look at: the moment, the zone, the opening hours, the calendar's tables."""

    now: dt.datetime
    zone: ZoneInfo
    hours: tuple[dt.time, dt.time]
    holidays: dict[str, Any]
    expecting: str | None = None

    @property
    def today(self) -> dt.date:
        """The salon's local day."""
        return self.now.date()


@dataclass(frozen=True, slots=True)
class Day:
    """One day as said.

    ``weekday`` is set when it came from a weekday's name, ``is_today`` when that is today's, ``week`` (a Monday)
    when the calendar week was named as well, ``number`` when only the number of a day of the month was said,
    ``about`` when a nearby day said with it is more exact («через неделю, 24-го»).
    """

    date: dt.date | None
    weekday: int | None = None
    is_today: bool = False
    flags: tuple[str, ...] = ()
    approx: bool = False
    week: dt.date | None = None
    number: int | None = None
    about: bool = False

    def within(self, first: dt.date) -> "Day":
        """Move a plain weekday to its first occurrence from ``first`` on; anything else stays."""
        if self.weekday is None or self.week is not None:
            return self
        return Day(first + dt.timedelta(days=(self.weekday - first.weekday()) % 7), self.weekday, week=monday_of(first))


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of days, open at either end."""

    first: dt.date | None
    last: dt.date | None
    approx: bool = False
    flags: tuple[str, ...] = ()


Action = Callable[[list[Token], Env], Sequence[Token] | None]
Rule = tuple[str, Action]


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def rewrite(tokens: list[Token], rules: Sequence[Rule], env: Env) -> list[Token]:
    """Apply each rule, in order, until it changes nothing more (or a few passes are over)."""
    line = "".join(token.cls for token in tokens)
    for pattern, action in rules:
        regex = _compiled(pattern)
        for _ in range(MAX_PASSES):
            if not regex.search(line):
                break
            tokens, changed = _pass(tokens, line, regex, action, env)
            if not changed:
                break
            line = "".join(token.cls for token in tokens)
    return tokens


def _pass(tokens: list[Token], line: str, regex: re.Pattern[str], action: Action, env: Env) -> tuple[list[Token], bool]:
    result: list[Token] = []
    position, changed = 0, False
    for match in regex.finditer(line):
        if match.start() == match.end():
            continue
        taken = tokens[match.start() : match.end()]
        replaced = action(taken, env)
        if replaced is None:
            continue
        result += tokens[position : match.start()]
        result += replaced
        position, changed = match.end(), True
    return result + tokens[position:], changed


def atom(cls: str, value: Any, taken: list[Token]) -> Token:
    """Make one token out of several, covering their place in the text."""
    text = " ".join(token.text for token in taken)
    return Token(cls, value, text, taken[0].start, taken[-1].end, any(token.slip for token in taken))


def values(taken: list[Token], classes: str) -> list[Any]:
    """Return the values of the tokens whose class is among ``classes``."""
    return [token.value for token in taken if token.cls in classes]


def has(taken: Sequence[Token], cls: str) -> bool:
    """Tell whether a class occurs among the tokens."""
    return any(token.cls == cls for token in taken)


def point_from(hour: int, minute: int = 0, *, text: str = "", loose: bool = False) -> Point | None:
    """Make a time of day; None when no clock shows it. Above twelve, or with a leading zero, the half is known."""
    if not (0 <= hour < 24 and 0 <= minute < 60):  # noqa: PLR2004 - a clock
        return None
    fixed = hour > 12 or hour == 0 or (len(text) > 1 and text.startswith("0"))  # noqa: PLR2004 - the 12-hour dial
    return Point(hour, minute, fixed=fixed, loose=loose)
