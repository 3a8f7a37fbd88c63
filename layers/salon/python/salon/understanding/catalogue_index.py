"""The salon's services, taken apart: what each name is made of and how telling each part is."""

import re
from functools import lru_cache
from math import log
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from salon.understanding.concepts import Vocabulary, concept_of, related, sound_of, stem_of, vocabulary
from salon.understanding.domain import Catalogue
from salon.understanding.repository import Lexicon
from salon.understanding.text import normalise, transliterate

MIN_FUZZY_WORD = 5
_WORD_LIKENESS = 84.0
_LONG_SOUND = 7
_LONG_WORD = 9
_SOUNDS_ALIKE = 95.0
_SHARED_ROOT = 0.7
_MIN_ROOT = 4
_MODIFIER_WEIGHT = 0.55
_DIGIT_WEIGHT = 0.3
_IMPLIED_AREA_WEIGHT = 0.25
_UNKNOWN_WORD_WEIGHT = 0.8
_PIECE = r"\d[дd](?![а-яa-z])|[^\W\d_]+|\d+"
_JOINED = r"[+&]|\bи\b|\bплюс\b"
_PARENTHESES = r"\(([^)]*)\)"


class Alias(NamedTuple):
    """One way to call a service.

    Attributes:
        id: The service.
        keys: What the name is made of: concepts, ``-concept`` for «без», ``=stem`` for other words.
        weights: How telling each key is within this name.
        procedures: Keys that are something done.
        areas: Parts of the body that the name says.
        belongs: Parts of the body that the procedures are about anyway.
        is_joint: Whether the name joins two things: «Стрижка + борода».
        text: The name, normalised.
        stems: The stems of its words as they sound.
    """

    id: str
    keys: frozenset[str]
    weights: dict[str, float]
    procedures: frozenset[str]
    areas: frozenset[str]
    belongs: frozenset[str]
    is_joint: bool
    text: str
    stems: frozenset[str]


class Index(NamedTuple):
    """All services of a catalogue.

    Attributes:
        by_key: A key to the aliases that have it.
        names: A service's id to its name.
        weights: How telling a key is in this catalogue.
        fitting: A key that may be said to the catalogue's keys it fits, with how well.
        words: Long words of the names with their sound and key, to read misspelt ones by.
        plain: Stems of words that are no concept, with their sound.
    """

    aliases: tuple[Alias, ...]
    by_key: dict[str, tuple[int, ...]]
    names: dict[str, str]
    weights: dict[str, float]
    words: tuple[tuple[str, str, str], ...]
    plain: tuple[tuple[str, str], ...]
    fitting: dict[str, tuple[tuple[str, float], ...]]


def split_words(text: str) -> list[str]:
    """Split a normalised name or phrase into words; «2d» stays one."""
    return [word.replace("д", "d") if word[0].isdigit() else word for word in re.findall(_PIECE, text)]


def keys_of(words: list[str], lexicon: Lexicon) -> list[tuple[str, int, int]]:
    """Return (key, first word, last word) for whatever in the words has a meaning of its own."""
    known = vocabulary(lexicon)
    keys: list[tuple[str, int, int]] = []
    place = 0
    while place < len(words):
        concept, last = _phrase_at(words, place, known)
        if concept is None:
            concept = key_of(words[place], lexicon)
        if concept is not None:
            if not concept.startswith("=") and is_without(words, place, known):
                concept = without(concept, known)
            keys.append((concept, place, last))
        place = last + 1
    return keys


def is_without(words: list[str], place: int, known: Vocabulary) -> bool:
    """Whether «без» stands before a word, next to it or one word away."""
    return any(word in known.tables["without"] for word in words[max(0, place - 2) : place])


def without(concept: str, known: Vocabulary) -> str:
    """The key of a thing left out; «без лака», «без геля» and «без покрытия» are one."""
    above = known.parents.get(concept, ())
    is_kind = len(above) == 1 and concept in known.tables["without_kinds"]
    return "-" + (next(iter(above)) if is_kind else concept)


def _phrase_at(words: list[str], place: int, known: Vocabulary) -> tuple[str | None, int]:
    word = words[place]
    for size in range(len(word), min(len(word), 2) - 1, -1):
        for rest, concept in known.phrases.get(word[:size], ()):
            following = words[place + 1 : place + 1 + len(rest)]
            if len(following) == len(rest) and all(map(_begins, following, rest)):
                return concept, place + len(rest)
    return None, place


def _begins(word: str, stem: str) -> bool:
    return word == stem[:-1] if stem.endswith("$") else word.startswith(stem)


def key_of(word: str, lexicon: Lexicon) -> str | None:
    """Return what one word stands for; None for words without a meaning of their own."""
    known = vocabulary(lexicon)
    if word in known.stopwords or word in known.not_words:
        return None
    if concept := concept_of(word, lexicon):
        return concept
    if word.isdecimal():
        return "#" + word
    return "=" + stem_of(word) if len(word) > 2 else None  # noqa: PLR2004 - prepositions


@lru_cache(maxsize=64)
def index_of(catalogue: Catalogue, lexicon: Lexicon) -> Index:
    """Take a catalogue apart, once."""
    known = vocabulary(lexicon)
    parts: list[tuple[str, frozenset[str], str]] = []
    joint: set[tuple[str, str]] = set()
    for entry in catalogue.services:
        for spelling in (entry.name, *entry.synonyms):
            for text in _readings(normalise(spelling), lexicon):
                said = split_words(text)
                keys = frozenset(key for key, _, _ in keys_of(said, lexicon))
                if keys and (entry.id, keys, " ".join(said)) not in parts:
                    parts.append((entry.id, keys, " ".join(said)))
                    if _is_joint(text, lexicon):
                        joint.add((entry.id, " ".join(said)))
    weights = _weights(parts, len(catalogue.services), known)
    aliases = tuple(
        _alias(service, keys, text, weights, known, is_joint=(service, text) in joint) for service, keys, text in parts
    )
    by_key: dict[str, list[int]] = {}
    for place, alias in enumerate(aliases):
        for key in alias.keys:
            by_key.setdefault(key, []).append(place)
    words = {
        word: meant
        for alias in aliases
        for word in alias.text.split()
        if len(word) >= MIN_FUZZY_WORD and (meant := key_of(word, lexicon)) is not None and meant in weights
    }
    return Index(
        aliases=aliases,
        by_key={key: tuple(places) for key, places in by_key.items()},
        names={entry.id: entry.name for entry in catalogue.services},
        weights=weights,
        words=tuple((word, sound_of(stem_of(word)), key) for word, key in sorted(words.items())),
        plain=tuple((key[1:], _heard(key[1:], lexicon)) for key in sorted(weights) if key[0] == "="),
        fitting=_fitting(weights, known),
    )


def _heard(stem: str, lexicon: Lexicon) -> str:
    """How a stem sounds, a foreign one as a Russian would spell it («Profhilo», «профхило»)."""
    return sound_of(stem if "а" <= stem[0] <= "я" else transliterate(stem, lexicon))


def _readings(text: str, lexicon: Lexicon) -> list[str]:
    """A name as a whole, without its parenthesis, and each procedure of a list in it by itself.

    What the parenthesis says is also read as done to the area that the name has: «Архитектура бровей (коррекция и
    окрашивание)» is «коррекция и окрашивание бровей».
    """
    readings = [re.sub(r"[()]", " ", text)]
    if "(" in text:
        head = re.sub(_PARENTHESES, " ", text)
        readings.append(head)
        said = split_words(head)
        areas = [
            said[first] for key, first, _ in keys_of(said, lexicon) if vocabulary(lexicon).roles.get(key) == "areas"
        ]
        inner = re.findall(_PARENTHESES, text)
        readings += [f"{one} {' '.join(areas)}" for one in inner if areas and _is_joint(one, lexicon)]
    pieces = [piece for inner in re.findall(_PARENTHESES, text) for piece in re.split(r"[,/;]|\bили\b", inner)]
    if "/" in text and "(" not in text:
        pieces += text.split("/")
    roles = vocabulary(lexicon).roles
    for piece in pieces:
        found = {key for key, _, _ in keys_of(split_words(piece), lexicon)}
        if any(roles.get(key) == "procedures" for key in found):
            readings.append(piece)
    return [reading for reading in dict.fromkeys(readings) if reading.strip()]


def _is_joint(text: str, lexicon: Lexicon) -> bool:
    """«Стрижка + борода» is two things, «маникюр + гель-лак» one."""
    known = vocabulary(lexicon)
    pieces = re.split(_JOINED, text)
    strong = [
        piece
        for piece in pieces
        if any(
            known.roles.get(key) == "procedures" or (known.roles.get(key) == "areas" and key not in known.weak_areas)
            for key, _, _ in keys_of(split_words(piece), lexicon)
        )
    ]
    return len(strong) > 1


def _weights(parts: list[tuple[str, frozenset[str], str]], total: int, known: Vocabulary) -> dict[str, float]:
    owners: dict[str, set[str]] = {}
    for service, keys, _ in parts:
        for key in keys:
            owners.setdefault(key, set()).add(service)
    return {key: log(1.5 + max(total, 8) / len(ids)) * _factor(key, known) for key, ids in owners.items()}


def _factor(key: str, known: Vocabulary) -> float:
    if key[0] == "#":
        return _DIGIT_WEIGHT
    if key[0] == "=":
        return _UNKNOWN_WORD_WEIGHT
    role = known.roles.get(key.lstrip("-"))
    return _MODIFIER_WEIGHT if role == "modifiers" or key in known.weak_areas else 1.0


def _alias(
    service: str, keys: frozenset[str], text: str, weights: dict[str, float], known: Vocabulary, *, is_joint: bool
) -> Alias:
    belongs: set[str] = set()
    surely: set[str] = set()
    for key in keys:
        belongs.update(known.tables["belongs"].get(key, ()))
        surely.update(known.tables["belongs"].get(key, ()) if key not in known.tables["flexible"] else ())
    areas = frozenset(key for key in keys if known.roles.get(key) == "areas")
    within = {key: weights[key] * (_IMPLIED_AREA_WEIGHT if key in areas and key in surely else 1.0) for key in keys}
    procedures = frozenset(key for key in keys if known.roles.get(key) in {"procedures", "verbs"})
    stems = frozenset(sound_of(stem_of(word)) for word in text.split())
    return Alias(service, keys, within, procedures, areas, frozenset(belongs), is_joint, text, stems)


def _fitting(weights: dict[str, float], known: Vocabulary) -> dict[str, tuple[tuple[str, float], ...]]:
    said = {*weights, *known.roles, *known.parents}
    fitting: dict[str, tuple[tuple[str, float], ...]] = {}
    for key in said:
        near = {key, *known.parents.get(key, ()), *known.children.get(key, ())} & weights.keys()
        if near:
            fitting[key] = tuple(sorted((other, related(key, other, known)) for other in near))
    return fitting


def repair(word: str, index: Index) -> str | None:
    """Read a word that is no concept as the catalogue's nearest: «парафинку», «прессотерапея», «стржка»."""
    stem = stem_of(word)
    if "=" + stem in index.weights:
        return "=" + stem
    sound = sound_of(stem)
    for other, other_sound in index.plain:
        if is_alike(stem, other) or (
            is_alike(sound, other_sound) and sound[:MIN_FUZZY_WORD] == other_sound[:MIN_FUZZY_WORD]
        ):
            return "=" + other
    if len(word) < MIN_FUZZY_WORD:
        return None
    best, score = None, 0.0
    for candidate, other, key in index.words:
        if sound[:1] != other[:1] or abs(len(candidate) - len(word)) >= MIN_FUZZY_WORD:
            continue
        likeness = fuzz.ratio(word, candidate) if len(word) >= _LONG_SOUND else 0.0
        slips, allowed = _slips(stem, sound, stem_of(candidate), other)
        if slips <= allowed:
            likeness = max(likeness, _SOUNDS_ALIKE - 5.0 * slips + likeness / 50)
        if likeness > score:
            best, score = key, likeness
    return best if score >= _WORD_LIKENESS else None


def _slips(stem: str, sound: str, other: str, other_sound: str) -> tuple[int, int]:
    """How many slips of the pen lie between two stems, and how many are forgiven for their length."""
    shorter, longer = sorted((len(stem), len(other)))
    slips = OSA.distance(stem, other)
    if min(len(sound), len(other_sound)) >= _LONG_SOUND:
        slips = min(slips, OSA.distance(sound, other_sound))
    elif shorter >= MIN_FUZZY_WORD - 1 and sound == other_sound:
        return 0, 0
    if shorter < MIN_FUZZY_WORD:
        return slips, int(shorter == MIN_FUZZY_WORD - 1 and longer == MIN_FUZZY_WORD and stem[:2] == other[:2])
    return slips, 1 if shorter < _LONG_WORD else 2


def is_alike(first: str, second: str) -> bool:
    """Whether two stems have a root in common: «парафинк» and «парафинотерап»."""
    return _shared(first, second) >= max(_MIN_ROOT, _SHARED_ROOT * min(len(first), len(second))) or first == second


def _shared(first: str, second: str) -> int:
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count
