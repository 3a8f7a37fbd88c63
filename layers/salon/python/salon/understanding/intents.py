"""Scores what the writer wants, by stems and short word sequences."""

from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA

from salon.understanding.domain import Intent
from salon.understanding.repository import Lexicon
from salon.understanding.text import Prepared, normalise

_GAP = 3
_MIN_STEM_FOR_TYPOS = 5
_TYPO_FACTOR = 0.8
_THRESHOLD = 1.0
_SHORT_MESSAGE = 3
_OTHER_CONFIDENCE = 0.2
MEANS_ONE_THING = 6.5
"""From this weight on a pattern of the lexicon means one thing only («отмените рассылку», «лист ожидания»).

A choice of ours: the lexicon gives such weights on purpose, ordinary patterns have less (`shared/lexicon/ru`).
"""


class Evidence(NamedTuple):
    """What the other parts of the module found in the message."""

    services: int = 0
    when: bool = False
    staff: bool = False
    shift: bool = False
    unable: bool = False
    wish: bool = False
    off_topic: bool = False
    expecting: str | None = None


Atom = tuple[str, bool]


@lru_cache(maxsize=4)
def _patterns(lexicon: Lexicon) -> dict[str, list[tuple[Intent, tuple[Atom, ...], float]]]:
    """Group the patterns by the first two letters of their first word, which a misspelling has to leave alone."""
    grouped: dict[str, list[tuple[Intent, tuple[Atom, ...], float]]] = {}
    for intent, patterns in lexicon.intents["intents"].items():
        for pattern, weight in patterns.items():
            atoms = tuple((normalise(part.rstrip("*")), part.endswith("*")) for part in pattern.split())
            grouped.setdefault(atoms[0][0][:2], []).append((Intent(intent), atoms, weight))
    return grouped


def intent_words(lexicon: Lexicon) -> frozenset[str]:
    """Words and stems that prove that a Latin run was meant as Russian."""
    patterns = [pattern for group in _patterns(lexicon).values() for pattern in group]
    return frozenset(atom for _, atoms, _ in patterns for atom, _ in atoms if len(atom) >= 4)  # noqa: PLR2004 - short ones collide


class Heard(NamedTuple):
    """What the rules hear: what speaks for each intent, and the one that was said in words that mean nothing else."""

    scores: dict[Intent, float]
    outright: Intent | None


def hear(prepared: Prepared, lexicon: Lexicon, evidence: Evidence) -> Heard:
    """Return what speaks for each intent, by the lexicon's patterns and by what the other parts found."""
    words = [word.text for word in prepared.words]
    said = _said(words, _pauses(prepared), lexicon)
    strongest = max(said.items(), key=lambda item: item[1][0], default=(None, [0.0]))
    outright = strongest[0] if strongest[1][0] >= MEANS_ONE_THING else None
    scores = {intent: _combined(weights) for intent, weights in said.items()}
    _add_evidence(scores, evidence, lexicon.intents["evidence"], len(words))
    return Heard(scores, outright)


def judge_by_rules(scores: dict[Intent, float]) -> tuple[Intent, float]:
    """Return the best intent and its confidence, 0 to 1; OTHER with a low one when nothing speaks."""
    if not scores:
        return Intent.OTHER, _OTHER_CONFIDENCE
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    best, top = ranked[0]
    if top < _THRESHOLD:
        return Intent.OTHER, round(_OTHER_CONFIDENCE + 0.1 * top, 3)
    margin = top - ranked[1][1] if len(ranked) > 1 else top
    return best, round(min(0.99, 0.45 + 0.08 * min(top, 4.0) + 0.1 * min(margin, 2.0)), 3)


def _pauses(prepared: Prepared) -> set[int]:
    """Return the places of words that follow a comma or a full stop: a negation does not reach across it."""
    return {
        place
        for place in range(1, len(prepared.words))
        if any(mark in ",.;!?\n" for mark in prepared.line[prepared.words[place - 1].end : prepared.words[place].start])
    }


def _said(words: list[str], pauses: set[int], lexicon: Lexicon) -> dict[Intent, list[float]]:
    """Return the weights of the patterns that match, the strongest first."""
    patterns = _patterns(lexicon)
    negations = lexicon.intents["negations"]
    best: dict[Intent, dict[str, float]] = {}
    for place, word in enumerate(words):
        for intent, atoms, weight in patterns.get(word[:2], ()):
            factor = _matches(words, place, atoms)
            if not factor:
                continue
            if place not in pauses and atoms[0][0] not in negations and _is_negated(words, place, negations):
                continue
            kept = best.setdefault(intent, {})
            key = atoms[0][0]
            kept[key] = max(kept.get(key, 0.0), weight * factor)
    return {intent: sorted(kept.values(), reverse=True) for intent, kept in best.items()}


def _is_negated(words: list[str], place: int, negations: list[str]) -> bool:
    back = words[max(0, place - 2) : place]
    return bool(back) and (back[-1] in negations or (back[0] == "не" and back[-1] in {"надо", "нужно"}))


def _combined(weights: list[float]) -> float:
    """The strongest sign counts in full, each further one a little."""
    return weights[0] + 0.3 * min(sum(weights[1:]), 3.0)


def _matches(words: list[str], place: int, atoms: tuple[Atom, ...]) -> float:
    """Return 1 for a match in order with small gaps, less for a misspelt single stem, 0 for none."""
    factor = _word_matches(words[place], atoms[0], typos=len(atoms) == 1)
    position = place
    for atom in atoms[1:]:
        if not factor:
            return 0.0
        window = range(position + 1, min(len(words), position + 2 + _GAP))
        following = next((index for index in window if _word_matches(words[index], atom, typos=False)), None)
        if following is None:
            return 0.0
        position = following
    return factor


def _word_matches(word: str, atom: Atom, *, typos: bool) -> float:
    stem, prefix = atom
    if word == stem or (prefix and word.startswith(stem)):
        return 1.0
    if typos and prefix and len(stem) >= _MIN_STEM_FOR_TYPOS and len(word) > _MIN_STEM_FOR_TYPOS:
        return _TYPO_FACTOR if OSA.distance(word[: len(stem)], stem) == 1 else 0.0
    return 0.0


def _add_evidence(scores: dict[Intent, float], evidence: Evidence, weights: dict[str, float], count: int) -> None:
    def add(intent: Intent, amount: float) -> None:
        scores[intent] = scores.get(intent, 0.0) + amount

    said_something = evidence.when or evidence.services or evidence.staff
    for intent in (Intent.CONFIRM, Intent.REJECT):
        if intent in scores and (count > _SHORT_MESSAGE or said_something):
            scores[intent] *= 0.45
    if evidence.services:
        add(Intent.BOOK, weights["service"])
    if evidence.when:
        add(Intent.BOOK, weights["when_off_topic" if evidence.off_topic else "when"])
    if evidence.staff:
        add(Intent.BOOK, weights["staff"])
    if evidence.shift:
        add(Intent.RESCHEDULE, weights["shift"])
    if evidence.unable and evidence.when:
        add(Intent.RESCHEDULE, weights["unable_and_wish" if evidence.wish else "unable_and_when"])
    answers = {"service": evidence.services, "when": evidence.when, "staff": evidence.staff}
    if evidence.expecting and answers.get(evidence.expecting):
        add(Intent.BOOK, weights["expecting"])
