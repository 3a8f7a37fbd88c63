"""Tells two wishes in one message apart: «запишите на маникюр завтра и отмените педикюр в пятницу»."""

import re
from functools import lru_cache
from typing import NamedTuple

from salon.understanding.repository import Lexicon
from salon.understanding.text import normalise

_MAX_PARTS = 3
_SEARCHED = 5
"""An act begins within so many words of its clause."""
_TOGETHER = frozenset(
    (frozenset(("book", "ask_when")), frozenset(("cancel", "reschedule")), frozenset(("late", "reschedule")),
     frozenset(("late", "cancel")))
)  # fmt: skip
"""Two acts that are one wish in most mouths: «отмените, перенесите», «запишите, есть место?»."""


class _Tables(NamedTuple):
    borders: re.Pattern[str]
    acts: tuple[tuple[str, re.Pattern[str]], ...]
    corrections: re.Pattern[str]
    same_wish: re.Pattern[str]


@lru_cache(maxsize=4)
def _tables(lexicon: Lexicon) -> _Tables:
    data = lexicon.clauses
    joins = "|".join(sorted((join.replace(" ", r"\s+") for join in data["joins"]), key=len, reverse=True))
    borders = rf"[.;!?\n]+\s*(?:(?:{joins})\s+)?|,\s*(?:(?:{joins})\s+)?|\s+(?:{joins})\s+"
    acts = tuple((act, re.compile(_any_of(spellings))) for act, spellings in data["acts"].items() if spellings)
    corrections = re.compile(rf"\s*(?:{'|'.join(data['corrections'])})\b")
    return _Tables(re.compile(borders), acts, corrections, re.compile(_any_of(data["same_wish"])))


def _any_of(spellings: list[str]) -> str:
    words = (r"\s+".join(re.sub(r"\*$", r"\\w*", word) for word in spelling.split()) for spelling in spellings)
    return rf"\b(?:{'|'.join(words)})(?!\w)"


def split_wishes(text: str, lexicon: Lexicon) -> tuple[str, ...]:
    """Split a message into its wishes; empty when it has only one.

    A border lies where both sides ask for something by a verb of their own and for different things. What only says
    the same wish better («отмените, то есть перенесите», «запишите, есть место?») stays together.

    Args:
        text: The message as it came.
        lexicon: What joins clauses, and the words that ask for something.
    """
    line = normalise(text)
    tables = _tables(lexicon)
    parts: list[str] = []
    begin = 0
    for border in tables.borders.finditer(line):
        left, right = line[begin : border.start()], line[border.end() :]
        if tables.corrections.match(right) or not left.strip():
            continue
        before, after = _last_act(left, tables), _first_act(right, tables)
        if before is None or after is None or before == after or frozenset((before, after)) in _TOGETHER:
            continue
        if before == "cancel" and tables.same_wish.search(right):
            continue  # «отмена, хочу на другое время» moves
        parts.append(text[begin : border.start()].strip())
        begin = border.end()
        if len(parts) == _MAX_PARTS - 1:
            break
    return (*parts, text[begin:].strip()) if parts else ()


def split_in_two(text: str, lexicon: Lexicon) -> tuple[tuple[str, str], ...]:
    """Every way to split a message in two where clauses join; whether both are wishes, their meaning has to say.

    For what asks twice for one kind of thing: «на маникюр завтра и на стрижку послезавтра».
    """
    line = normalise(text)
    tables = _tables(lexicon)
    return tuple(
        (text[: border.start()].strip(), text[border.end() :].strip())
        for border in tables.borders.finditer(line)
        if line[: border.start()].strip()
        and line[border.end() :].strip()
        and not tables.corrections.match(line[border.end() :])
    )


def _first_act(clause: str, tables: _Tables) -> str | None:
    head = " ".join(clause.split()[:_SEARCHED])
    found = [(match.start(), act) for act, pattern in tables.acts if (match := pattern.search(head))]
    return min(found)[1] if found else None


def _last_act(clause: str, tables: _Tables) -> str | None:
    found = [(match.start(), act) for act, pattern in tables.acts for match in pattern.finditer(clause)]
    return max(found)[1] if found else None
