"""Prepares the features that the intent model reads: words, their order, their letters, and what the rules say.

The model was trained on exactly these names and numbers. Whoever changes them raises the version of ``SCHEMA`` and
trains anew (`python -m infra.training.intent.train`); an older model is then refused instead of answering nonsense.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from salon.platform.inference.domain import FeatureSchema
from salon.understanding.domain import Intent
from salon.understanding.repository import Lexicon
from salon.understanding.text import Prepared, normalise

SCHEMA = FeatureSchema("russian_message", 1)

_FIRST_WORDS = 40
_LAST_WORDS = 16
"""A long message says what it wants at its beginning or at its end; what lies between costs time."""

_DAYS = (
    "понедельн", "вторник", "четверг", "пятниц", "суббот", "воскресен", "завтра", "послезавтр", "сегодня", "январ",
    "феврал", "апрел", "июн", "июл", "август", "сентябр", "октябр", "ноябр", "декабр", "выходны",
)  # fmt: skip
_DAY_WORDS = frozenset(
    ("среда", "среду", "среды", "среде", "средам", "марта", "марте", "мая", "мае", "пн", "вт", "ср", "чт", "пт", "сб",
     "вс", "числа", "число")
)  # fmt: skip
_PARTS = frozenset(
    ("утро", "утром", "утра", "вечер", "вечером", "вечера", "вечерком", "днем", "обед", "обеда", "ночью", "полдень")
)  # fmt: skip
_NUMBERS = (
    "четыр", "пять", "пяти", "шест", "семи", "семн", "семь", "восьм", "восем", "девят", "десят", "одиннадцат",
    "двенадцат", "двадцат", "тридцат", "пятнадцат", "полпер", "полвтор", "полтрет", "полчетв", "полпят", "полшест",
    "полседьм", "полвосьм", "полдев", "полдес", "полтор",
)  # fmt: skip
_NUMBER_WORDS = frozenset(
    (
        "час",
        "часа",
        "часов",
        "часу",
        "часик",
        "минут",
        "минуты",
        "минуту",
        "мин",
        "минуток",
        "полчаса",
        "полчасика",
        "один",
        "одна",
        "два",
        "две",
        "двух",
        "трех",
        "три",
    )
)
_LETTERS = (3, 4, 5)
_STEM = 5
_REACH = 3
_LENGTHS = ((1, "1"), (2, "2"), (3, "3"), (6, "6"), (12, "12"))
_MOST_SCORE = 8.0


class Features(NamedTuple):
    """Features by name, and for each the places of the words it was made of."""

    values: dict[str, float]
    places: dict[str, tuple[int, ...]]


class Spans(NamedTuple):
    """Where names of people and of services stand."""

    people: Sequence[tuple[int, int]] = ()
    services: Sequence[tuple[int, int]] = ()


def make_features(
    prepared: Prepared,
    spans: Spans,
    scores: Mapping[Intent, float],
    signs: Mapping[str, float],
    families: Mapping[str, str],
) -> Features:
    """Prepare one message.

    Args:
        prepared: The message.
        spans: Names found in it; which name it is must not matter.
        scores: What the rules give each intent.
        signs: What the other parts of the module found, by a short name.
        families: Families of words by the beginnings of their words (`families_of`).
    """
    places = _read(len(prepared.words))
    raw = [prepared.words[place].text for place in places]
    seen = [_seen(prepared, place, spans) for place in places]
    found: dict[str, tuple[int, ...]] = {}
    weights: dict[str, float] = {}

    def add(name: str, weight: float, *at: int) -> None:
        weights[name] = weight
        found[name] = found.get(name, ()) + at

    for index, (word, mask) in enumerate(zip(raw, seen, strict=True)):
        at = places[index]
        add("w " + (mask or word), 1.0, at)
        if mask and mask != "#who":
            add("w " + word, 0.5, at)
        if not mask:
            add("s " + word[:_STEM], 1.0, at)
            for size in _LETTERS:
                marked = f"^{word}$"
                for start in range(len(marked) - size + 1):
                    add("c " + marked[start : start + size], 0.5, at)
    line = [mask or word[: _STEM + 1] for word, mask in zip(raw, seen, strict=True)]
    kin = [mask or _family(word, families) for word, mask in zip(raw, seen, strict=True)]
    for index, family in enumerate(kin):
        if family and not seen[index]:
            add("f " + family, 1.7, places[index])
    _add_pairs(add, line, places, "")
    _add_pairs(add, [family or word for family, word in zip(kin, line, strict=True)], places, "f")
    norm = sum(weight * weight for weight in weights.values()) ** 0.5 or 1.0
    values = {name: 2.0 * weight / norm for name, weight in weights.items()}
    values |= _dense(prepared, len(prepared.words), scores, signs)
    return Features(values, found)


def families_of(lexicon: Lexicon) -> Mapping[str, str]:
    """Return the lexicon's families of words, by the beginnings of their words."""
    return _families(lexicon)


@lru_cache(maxsize=4)
def _families(lexicon: Lexicon) -> dict[str, str]:
    return {normalise(start): name for name, starts in lexicon.intents["families"].items() for start in starts}


def _family(word: str, families: Mapping[str, str]) -> str:
    """The family of a word: by its longest beginning of four letters or more, a shorter one only as a whole."""
    for size in range(len(word), 1, -1):
        if (name := families.get(word[:size])) and (size > 3 or size == len(word)):  # noqa: PLR2004 - see above
            return "@" + name
    return ""


def _add_pairs(add: Callable[..., None], line: Sequence[str], places: Sequence[int], kind: str) -> None:
    """Add neighbours, the ends of the message among them, and words a little further apart."""
    ends = ["^", *line, "$"]
    for index in range(len(ends) - 1):
        at_words = tuple(places[place] for place in (index - 1, index) if 0 <= place < len(places))
        add(f"{kind}b {ends[index]} {ends[index + 1]}", 1.0, *at_words)
    for index, word in enumerate(line):
        for further in range(index + 2, min(len(line), index + 1 + _REACH)):
            add(f"{kind}g {word} {line[further]}", 0.6, places[index], places[further])


def _read(count: int) -> list[int]:
    if count <= _FIRST_WORDS + _LAST_WORDS:
        return list(range(count))
    return [*range(_FIRST_WORDS), *range(count - _LAST_WORDS, count)]


def _seen(prepared: Prepared, place: int, spans: Spans) -> str:
    word = prepared.words[place]
    if any(start <= word.start < end for start, end in spans.people):
        return "#who"
    if any(start <= word.start < end for start, end in spans.services):
        return "#what"
    text = word.text
    if text.isdecimal() or text in _NUMBER_WORDS or text.startswith(_NUMBERS):
        return "#number"
    if text in _DAY_WORDS or text.startswith(_DAYS):
        return "#day"
    return "#part" if text in _PARTS else ""


def _dense(
    prepared: Prepared, count: int, scores: Mapping[Intent, float], signs: Mapping[str, float]
) -> dict[str, float]:
    dense = {f"rule {intent.value}": min(score, _MOST_SCORE) / 4 for intent, score in scores.items()}
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    if ranked and ranked[0][1] >= 1:
        dense[f"top {ranked[0][0].value}"] = 0.5
    else:
        dense["no rule"] = 1.0
    dense |= {f"sign {name}": value for name, value in signs.items() if value}
    dense["words " + next((name for most, name in _LENGTHS if count <= most), "more")] = 0.5
    if "?" in prepared.line:
        dense["asks"] = 1.0
    if prepared.phone:
        dense["phone"] = 1.0
    return dense
