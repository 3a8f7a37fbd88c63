"""Finds the services a message names, by concepts (stems and synonyms) first and by likeness second."""

from functools import lru_cache
from math import log
from typing import NamedTuple

from rapidfuzz import fuzz

from salon.understanding.domain import Catalogue, Match
from salon.understanding.repository import Lexicon
from salon.understanding.text import Prepared, Word, normalise

_MARGIN = 8.0
_ACCEPT = 0.34
_FUZZY_ACCEPT = 84.0
_MIN_STEM = 5
_MIN_FUZZY_WORD = 5
_WORD_LIKENESS = 82.0
_SHORT_ENDINGS = frozenset(
    ("", "а", "я", "у", "ю", "е", "и", "ы", "о", "ой", "ей", "ом", "ем", "ам", "ям", "ами", "ями", "ах", "ях", "ов",
     "ев", "ью", "ья", "ье", "ик", "ика", "ику", "ки", "ка", "ку", "ок", "ек", "ый", "ая", "ое", "ые", "ую", "ого",
     "ому", "ых", "им", "ия", "ию", "ии")
)  # fmt: skip
_MODIFIER_WEIGHT = 0.55
_MAX_SERVICES = 5


class Found(NamedTuple):
    """Services wanted, in the order of the text, those declined, and the spans their words cover."""

    services: tuple[Match, ...] = ()
    negated: tuple[str, ...] = ()
    masked: tuple[tuple[int, int], ...] = ()


class _Alias(NamedTuple):
    id: str
    keys: frozenset[str]
    text: str


class _Index(NamedTuple):
    aliases: tuple[_Alias, ...]
    names: dict[str, str]
    weights: dict[str, float]
    words: tuple[str, ...]


@lru_cache(maxsize=4)
def _stems(lexicon: Lexicon) -> dict[str, str]:
    return {stem: concept for concept, stems in lexicon.services["concepts"].items() for stem in stems}


def concept_of(word: str, lexicon: Lexicon) -> str | None:
    """Return the concept of a word by its longest known stem; a short stem takes only a case ending."""
    stems = _stems(lexicon)
    for size in range(len(word), 1, -1):
        if concept := stems.get(word[:size]):
            return concept if size >= _MIN_STEM or size == len(word) or word[size:] in _SHORT_ENDINGS or (
                size == _MIN_STEM - 1 and len(word) - size > 1
            ) else None  # fmt: skip
    return None


def _plain_stem(word: str) -> str:
    """Cut a case ending off a word that is no concept («солярия» and «солярий» meet)."""
    stem = word
    while len(stem) > 4 and stem[-1] in "аеёиоуыэюяйь":  # noqa: PLR2004 - what is left must still tell words apart
        stem = stem[:-1]
    return stem


def _key(word: str, lexicon: Lexicon, before: str = "") -> str | None:
    """Return what a word stands for; «без покрытия» is another thing than «с покрытием»."""
    if word in lexicon.services["stopwords"] or (len(word) < 3 and not word.isdecimal()):  # noqa: PLR2004 - prepositions
        return None
    concept = concept_of(word, lexicon)
    if concept and before == "без":
        return "-" + concept
    return concept or "=" + _plain_stem(word)


@lru_cache(maxsize=64)
def _index(catalogue: Catalogue, lexicon: Lexicon) -> _Index:
    aliases: list[_Alias] = []
    for entry in catalogue.services:
        for spelling in (entry.name, *entry.synonyms):
            words = "".join(char if char.isalnum() else " " for char in normalise(spelling)).split()
            pairs = zip(["", *words], words, strict=False)
            keys = frozenset(key for before, word in pairs if (key := _key(word, lexicon, before)))
            if keys:
                aliases.append(_Alias(entry.id, keys, " ".join(words)))
    counts: dict[str, set[str]] = {}
    for alias in aliases:
        for key in alias.keys:
            counts.setdefault(key, set()).add(alias.id)
    total = max(1, len(catalogue.services))
    modifiers = set(lexicon.services["modifiers"])
    weights = {
        key: log(1 + total / len(ids)) * (_MODIFIER_WEIGHT if key in modifiers else 1.0) for key, ids in counts.items()
    }
    long_words = tuple(
        sorted({word for alias in aliases for word in alias.text.split() if len(word) >= _MIN_FUZZY_WORD})
    )
    return _Index(tuple(aliases), {entry.id: entry.name for entry in catalogue.services}, weights, long_words)


def service_words(lexicon: Lexicon) -> frozenset[str]:
    """Stems that prove that a Latin run was meant as Russian."""
    return frozenset(stem for stem in _stems(lexicon) if len(stem) >= _MIN_STEM)


def find_services(
    prepared: Prepared,
    catalogue: Catalogue,
    lexicon: Lexicon,
    masked: tuple[tuple[int, int], ...],
    time_words: frozenset[str],
) -> Found:
    """Find the services that a message names.

    Args:
        prepared: The message.
        catalogue: What the salon offers.
        lexicon: Concepts, modifiers, stop words.
        masked: Spans that are a person's name.
        time_words: Words that belong to the calendar.
    """
    index = _index(catalogue, lexicon)
    hits = _hits(prepared, lexicon, index, masked, time_words)
    modifiers = set(lexicon.services["modifiers"])
    found: list[Match] = []
    negated: list[str] = []
    spans: list[tuple[int, int]] = []
    for _ in range(_MAX_SERVICES):
        match, used = _best(hits, index, modifiers)
        if match is None and not found:
            match, used = _best(_by_default(hits, lexicon), index, modifiers)
        if match is None:
            break
        if _is_negated(prepared.words, used[0][0]):
            negated.append(match.id)
        else:
            found.append(match)
        spans += [(word.start, word.end) for word, _ in used]
        taken = {key for _, key in used}
        hits = [
            (word, key) for word, key in hits if key not in taken and not match.span[0] <= word.start < match.span[1]
        ]
    if not found and not negated and (match := _alike(prepared, index, lexicon, masked, time_words)):
        found.append(match)
    found.sort(key=lambda match: match.span)
    return Found(tuple(found), tuple(negated), tuple(spans))


def _hits(
    prepared: Prepared, lexicon: Lexicon, index: _Index, masked: tuple[tuple[int, int], ...], time_words: frozenset[str]
) -> list[tuple[Word, str]]:
    hits: list[tuple[Word, str]] = []
    for before, word in zip((None, *prepared.words), prepared.words, strict=False):
        if any(start <= word.start < end for start, end in masked):
            continue
        key = _key(word.text, lexicon, before.text if before else "")
        if key is None:
            continue
        if key[0] == "=" and key not in index.weights and word.text not in time_words:
            key = _repair(word.text, index, lexicon)
        if key in index.weights or key in lexicon.services["defaults"]:
            hits.append((word, key))
    return hits


def _repair(word: str, index: _Index, lexicon: Lexicon) -> str:
    """Read a misspelt word as the catalogue's nearest: «педекюр», «акрашивание»."""
    best, score = "", 0.0
    for candidate in index.words if len(word) >= _MIN_FUZZY_WORD else ():
        root = max(_MIN_STEM, round(0.7 * min(len(word), len(candidate))))
        same_root = word[:root] == candidate[:root]
        if (likeness := 100.0 if same_root else fuzz.ratio(word, candidate)) > score:
            best, score = candidate, likeness
    return (_key(best, lexicon) if score >= _WORD_LIKENESS else None) or ""


def _by_default(hits: list[tuple[Word, str]], lexicon: Lexicon) -> list[tuple[Word, str]]:
    """Read «ногти» alone as the service people mean by it."""
    defaults = lexicon.services["defaults"]
    return [(word, defaults.get(key, key)) for word, key in hits]


def _best(
    hits: list[tuple[Word, str]], index: _Index, modifiers: set[str]
) -> tuple[Match | None, list[tuple[Word, str]]]:
    keys = {key for _, key in hits if key in index.weights}
    if not keys:
        return None, []
    said = sum(index.weights[key] for key in keys)
    scores: dict[str, tuple[float, float, frozenset[str]]] = {}
    for alias in index.aliases:
        common = alias.keys & keys
        if not common or common <= modifiers:
            continue
        weight = sum(index.weights[key] for key in common)
        covered, explained = weight / sum(index.weights[key] for key in alias.keys), weight / said
        score = 2 * covered * explained / (covered + explained)
        if score > scores.get(alias.id, (0.0,))[0]:
            scores[alias.id] = (score, covered, common)
    if not scores:
        return None, []
    ranked = sorted(scores.items(), key=lambda item: (-item[1][0], item[0]))
    best_id, (score, covered, common) = ranked[0]
    if covered < _ACCEPT:
        return None, []
    near = tuple(other for other, (rival, _, keys_) in ranked[1:] if 100 * (score - rival) < _MARGIN and keys_ & common)
    used = [(word, key) for word, key in hits if key in common]
    confidence = min(0.99, 0.55 + 0.45 * covered) * (0.5 if near else 1.0)
    span = (used[0][0].start, used[-1][0].end)
    return Match(best_id, index.names[best_id], round(confidence, 3), span, near), used


def _alike(
    prepared: Prepared, index: _Index, lexicon: Lexicon, masked: tuple[tuple[int, int], ...], time_words: frozenset[str]
) -> Match | None:
    """Compare what is left of the message as a whole (facts §1.4: partial token sort ratio)."""
    rest = [
        word for word in prepared.words
        if _key(word.text, lexicon) and word.text not in time_words and len(word.text) >= _MIN_FUZZY_WORD
        and not any(start <= word.start < end for start, end in masked)
    ]  # fmt: skip
    if not rest or len(rest) > 6:  # noqa: PLR2004 - a long sentence resembles everything in part
        return None
    line = " ".join(word.text for word in rest)
    scores: dict[str, float] = {}
    for alias in index.aliases:
        if len(alias.text) >= _MIN_FUZZY_WORD:
            scores[alias.id] = max(scores.get(alias.id, 0.0), fuzz.partial_token_sort_ratio(line, alias.text))
    ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    if not ranked or ranked[0][1] < _FUZZY_ACCEPT:
        return None
    near = tuple(other for other, score in ranked[1:] if ranked[0][1] - score < _MARGIN)
    confidence = ranked[0][1] / 100 * (0.4 if near else 0.8)
    return Match(ranked[0][0], index.names[ranked[0][0]], round(confidence, 3), (rest[0].start, rest[-1].end), near)


def _is_negated(words: tuple[Word, ...], first: Word) -> bool:
    place = next(i for i, word in enumerate(words) if word.start == first.start)
    return place > 0 and (words[place - 1].text in {"не", "кроме"} or (
        place > 1 and words[place - 2].text == "не" and words[place - 1].text in {"на", "про"}
    ))  # fmt: skip
