"""What words stand for: stems and phrases to concepts, misspellings by how they sound."""

import re
from functools import cache, lru_cache
from typing import Any, NamedTuple

from rapidfuzz.distance import OSA

from salon.understanding.repository import Lexicon

MIN_STEM = 5
"""A stem of so many letters takes any ending; a shorter one takes only the ending of a case."""
_MIN_SOUNDING = 7
_LONG_SOUNDING = 8
_MAX_ENDING = 6
_SHORT_ENDINGS = frozenset(
    ("", "а", "я", "у", "ю", "е", "и", "ы", "о", "ой", "ей", "ом", "ем", "ам", "ям", "ами", "ями", "ах", "ях", "ов",
     "ев", "ью", "ья", "ье", "ик", "ика", "ику", "ки", "ка", "ку", "кой", "ок", "ек", "ый", "ий", "ая", "ое", "ые",
     "ую", "ого", "ому", "ых", "им", "ым", "ие", "ия", "ию", "ии", "ием", "ь",
     "ить", "ите", "или", "ила", "ишь", "ится", "иться", "ят", "ать", "ают",
     "яя", "ее", "юю", "его", "ему", "ен", "ена", "ски")
)  # fmt: skip
_PREFIXES = ("за", "на", "по", "под", "от", "вы", "про", "пере", "об")
_ENDINGS = (
    r"(?<=.{4})(?:(?:ыми|ими|ого|его|ому|ему|ая|яя|ое|ее|ые|ие|ую|юю|ый|ий|ой|ей|ым|им|ых|их)|(?:ами|ями|иями|ией|иям|иях"
    r"|ия|ию|ии|ов|ев|ам|ям|ах|ях|ом|ем|ью|ья|ье)|[аеиоуыэюяйь])$"
)
_SOUND_TABLE = str.maketrans(
    {"о": "а", "е": "и", "э": "и", "ы": "и", "я": "и", "й": "и", "ю": "у", "ь": "", "ъ": "", "б": "п", "в": "ф",
     "г": "к", "д": "т", "ж": "ш", "з": "с", "щ": "ш"}
)  # fmt: skip


@cache
def _endings() -> re.Pattern[str]:
    """Compile at first use: import time is a budget."""
    return re.compile(_ENDINGS)


class Vocabulary(NamedTuple):
    """The lexicon of services, compiled.

    Attributes:
        whole: Words that mean a concept only as they stand.
        stems: Beginnings of words to concepts.
        sounding: Stems as they sound, by their first sound, longest first; ``sounding_whole`` for whole words,
            ``sounding_short`` for stems of four letters after their first letter: nothing but an ending may follow.
        phrases: First stem of a phrase to its further stems and the concept.
        parents: A concept to the more general ones, with the other direction in ``children``.
        roles: A concept to its role: procedure, area, modifier or verb.
        tables: The rest of the lexicon, as sets and dicts.
    """

    whole: dict[str, str]
    stems: dict[str, str]
    sounding: dict[str, tuple[tuple[str, str], ...]]
    sounding_whole: dict[str, str]
    sounding_short: dict[str, str]
    phrases: dict[str, list[tuple[tuple[str, ...], str]]]
    parents: dict[str, frozenset[str]]
    children: dict[str, frozenset[str]]
    roles: dict[str, str]
    stopwords: frozenset[str]
    not_typos: frozenset[str]
    not_words: frozenset[str]
    weak_areas: frozenset[str]
    exclusive: tuple[tuple[str, ...], ...]
    tables: dict[str, Any]


@lru_cache(maxsize=4)
def vocabulary(lexicon: Lexicon) -> Vocabulary:
    """Compile the lexicon of services, once."""
    data = lexicon.services
    whole: dict[str, str] = {}
    stems: dict[str, str] = {}
    for concept, spellings in data["concepts"].items():
        for spelling in spellings:
            target = whole if spelling.endswith("$") else stems
            target[spelling.rstrip("$")] = concept
    short: dict[str, set[str]] = {}
    sounding: dict[str, list[tuple[str, str]]] = {}
    for stem, concept in stems.items():
        if len(stem) >= MIN_STEM and "а" <= stem[0] <= "я":
            sound = sound_of(stem)
            sounding.setdefault(sound[0], []).append((sound, concept))
        elif len(stem) == MIN_STEM - 1 and "а" <= stem[0] <= "я":
            short.setdefault(stem[0] + sound_of(stem), set()).add(concept)
    phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for concept, spellings in data["phrases"].items():
        for spelling in spellings:
            first, *rest = spelling.split()
            phrases.setdefault(first, []).append((tuple(rest), concept))
    parents = {child: frozenset(above) for child, above in data["kinds"].items()}
    children: dict[str, set[str]] = {}
    for child, above in parents.items():
        for parent in above:
            children.setdefault(parent, set()).add(child)
    roles = {concept: role for role in ("procedures", "areas", "modifiers", "verbs") for concept in data[role]}
    return Vocabulary(
        whole=whole,
        stems=stems,
        sounding_whole={sound_of(word): concept for word, concept in whole.items() if len(word) >= MIN_STEM},
        sounding={first: tuple(sorted(group, key=lambda pair: -len(pair[0]))) for first, group in sounding.items()},
        sounding_short={sound: meant.pop() for sound, meant in short.items() if len(meant) == 1},
        phrases=phrases,
        parents=parents,
        children={parent: frozenset(below) for parent, below in children.items()},
        roles=roles,
        stopwords=frozenset(data["stopwords"]),
        not_typos=frozenset(data["not_typos"]),
        not_words=frozenset(data["not_words"]),
        weak_areas=frozenset(data["weak_areas"]),
        exclusive=tuple(tuple(group) for group in data["exclusive"]),
        tables=data,
    )


@cache
def sound_of(word: str) -> str:
    """Write a word as it sounds at its vaguest: «пидикюр» and «педикюр» are the same, and so are «ж» and «ш»."""
    plain = (
        re.sub("(?<=[чщшж])[ое]", "е", word)
        .replace("тся", "ца")
        .replace("ться", "ца")
        .replace("тс", "ц")
        .replace("дс", "ц")
        .replace("сч", "ш")
        .translate(_SOUND_TABLE)
    )
    return re.sub(r"(.)\1+", r"\1", plain)


def stem_of(word: str) -> str:
    """Cut the ending of a case off a word that is no concept («прессотерапию» and «прессотерапия» meet)."""
    return _endings().sub("", word)


@lru_cache(maxsize=8192)
def concept_of(word: str, lexicon: Lexicon) -> str | None:
    """Return the concept of a word by its longest known stem."""
    known = vocabulary(lexicon)
    if concept := known.whole.get(word) or _by_stem(word, known):
        return concept
    for prefix in _PREFIXES:
        rest = word[len(prefix) :]
        if word.startswith(prefix) and len(rest) > MIN_STEM and (concept := _by_stem(rest, known)):
            return concept
    return None


def _by_stem(word: str, known: Vocabulary) -> str | None:
    for size in range(len(word), 1, -1):
        if concept := known.stems.get(word[:size]):
            rest = word[size:]
            return concept if size >= MIN_STEM or rest in _SHORT_ENDINGS else None
    return None


@lru_cache(maxsize=8192)
def sounding_concept(word: str, lexicon: Lexicon) -> str | None:
    """Return the concept of a word that is spelt as it sounds («моникюр», «пидикюр»)."""
    if len(word) < MIN_STEM or not "а" <= word[0] <= "я":
        return None
    known = vocabulary(lexicon)
    sound = sound_of(word)
    for stem, concept in known.sounding.get(sound[0], ()):
        if len(stem) >= MIN_STEM and sound.startswith(stem) and len(sound) - len(stem) <= _MAX_ENDING:
            return concept
    return known.sounding_whole.get(sound) or known.sounding_short.get(word[0] + sound_of(stem_of(word)))


@lru_cache(maxsize=8192)
def misspelt_concept(word: str, lexicon: Lexicon) -> str | None:
    """Return the concept that a word is one slip away from (two in a long one); None when nothing is near enough."""
    if len(word) < MIN_STEM or not "а" <= word[0] <= "я":
        return None
    sound = sound_of(word)
    best, least = None, 9
    for stem, concept in vocabulary(lexicon).sounding.get(sound[0], ()):
        if len(stem) < _MIN_SOUNDING or not len(stem) - 1 <= len(sound) <= len(stem) + _MAX_ENDING:
            continue
        allowed = 2 if len(stem) > _LONG_SOUNDING else 1
        for size in (len(stem), len(stem) + 1, len(stem) - 1):
            distance = OSA.distance(sound[:size], stem, score_cutoff=allowed)
            if distance <= allowed and distance < least:
                best, least = concept, distance
    return best


def related(said: str, has: str, known: Vocabulary) -> float:
    """How well a word of the message fits a word of a service's name: 1 the same, less for a kind of it."""
    if said == has:
        return 1.0
    if has in known.parents.get(said, ()):
        return 0.85
    if said in known.parents.get(has, ()):
        return 0.85
    return 0.0
