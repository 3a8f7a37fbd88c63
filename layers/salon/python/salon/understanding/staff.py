"""Finds the staff member asked for: first names, diminutives, surnames, in any case."""

from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz

from salon.understanding.domain import Catalogue, Match
from salon.understanding.repository import Lexicon
from salon.understanding.text import Prepared, Word, normalise

_FUZZY_SCORE = 80.0
_MARGIN = 8.0
_MIN_FUZZY = 4
_VOWELS = "аеиоуыэюя"
_ENDINGS = (
    ("ия", ("ия", "ии", "ию", "ией")),
    ("ья", ("ья", "ьи", "ье", "ью", "ьей")),
    ("ая", ("ая", "ой", "ую", "аи", "ае", "аей")),
    ("я", ("я", "и", "е", "ю", "ей")),
    ("а", ("а", "ы", "и", "е", "у", "ой", "ей")),
    ("ий", ("ий", "ия", "ию", "ием", "ии", "ого", "ому", "им")),
    ("й", ("й", "я", "ю", "ем", "е")),
    ("ь", ("ь", "я", "ю", "и", "ем", "е", "ью")),
)
_TITLES = {"мастеру", "мастера", "мастер", "мастером"}


class Found(NamedTuple):
    """The staff wish of a message: whom, whom not, or a name nobody here has."""

    staff: Match | None = None
    negated: tuple[str, ...] = ()
    unknown: str | None = None
    masked: tuple[tuple[int, int], ...] = ()


class _Index(NamedTuple):
    forms: dict[str, tuple[tuple[str, float], ...]]
    names: dict[str, str]
    everyone: dict[str, str]
    also_words: frozenset[str]


def case_forms(name: str) -> set[str]:
    """Return a name's forms by the rules of its ending; too many forms do less harm than too few."""
    name = normalise(name)
    for ending, declined in _ENDINGS:
        if name.endswith(ending):
            stem = name[: -len(ending)]
            return {stem + form for form in declined}
    if name[-1:] in _VOWELS:
        return {name}
    forms = {name, *(name + ending for ending in ("а", "у", "ом", "ым", "е"))}
    if name.endswith("ел"):
        forms |= {name[:-2] + ending for ending in ("ла", "лу", "лом", "ле")}
    return forms


@lru_cache(maxsize=4)
def _everyone(lexicon: Lexicon) -> dict[str, str]:
    """Map every form of every first name of the lexicon to its base form."""
    known: dict[str, str] = {}
    for name, short in lexicon.names["diminutives"].items():
        for form in case_forms(name):
            known[form] = name
        for diminutive in short:
            for form in case_forms(diminutive):
                known.setdefault(form, name)
    return known


@lru_cache(maxsize=4)
def _variants(lexicon: Lexicon) -> dict[str, set[str]]:
    """Map each first name, full or short, to the other spellings of the same person's name."""
    variants: dict[str, set[str]] = {}
    for name, short in lexicon.names["diminutives"].items():
        group = {normalise(name), *(normalise(other) for other in short)}
        variants.setdefault(normalise(name), set()).update(group)
        for other in short:
            if normalise(other) not in variants:
                variants[normalise(other)] = set(group)
    return variants


@lru_cache(maxsize=64)
def _index(catalogue: Catalogue, lexicon: Lexicon) -> _Index:
    forms: dict[str, dict[str, float]] = {}
    short_names = _variants(lexicon)
    for entry in catalogue.staff:
        parts = [part for part in normalise(entry.name).replace("-", " ").split() if len(part) > 1]
        spellings = [(part, 1.0 if place == 0 else 0.9) for place, part in enumerate(parts)]
        spellings += [(normalise(word), 1.0) for synonym in entry.synonyms for word in synonym.split()]
        for part in parts:
            spellings += [(short, 0.97) for short in short_names.get(part, ())]
        for spelling, weight in spellings:
            for form in case_forms(spelling):
                known = forms.setdefault(form, {})
                known[entry.id] = max(weight, known.get(entry.id, 0.0))
    ranked = {form: tuple(sorted(ids.items(), key=lambda pair: (-pair[1], pair[0]))) for form, ids in forms.items()}
    also_words = frozenset(form for word in lexicon.names["also_words"] for form in case_forms(word))
    names = {entry.id: entry.name for entry in catalogue.staff}
    return _Index(ranked, names, _everyone(lexicon), also_words)


def name_words(lexicon: Lexicon) -> frozenset[str]:
    """Every form of a first name that the lexicon knows."""
    return frozenset(_everyone(lexicon))


def find_staff(prepared: Prepared, catalogue: Catalogue, lexicon: Lexicon, time_words: frozenset[str]) -> Found:
    """Find the staff member a message asks for.

    A name that is also a word of time («Марта», «Суббота») counts only after «к», «у» or «мастер».

    Args:
        prepared: The message.
        catalogue: Whom the salon has.
        lexicon: Diminutives and the words that stand before a name.
        time_words: Words that the calendar knows.
    """
    index = _index(catalogue, lexicon)
    before = set(lexicon.names["before"])
    introduces = set(lexicon.names["introduces"])
    wishes: list[tuple[Word, tuple[tuple[str, float], ...], float]] = []
    negated: list[str] = []
    unknown: str | None = None
    masked: list[tuple[int, int]] = []
    for place, word in enumerate(prepared.words):
        previous = prepared.words[place - 1].text if place else ""
        introduced = previous in before
        if previous in introduces:
            continue
        candidates, certainty = _candidates(
            word, introduced=introduced, index=index, time_words=time_words, prepared=prepared
        )
        if not candidates:
            if (
                introduced
                and previous not in {"с", "со", "от"}
                and word.text in index.everyone
                and word.text not in time_words
            ):
                unknown = index.everyone[word.text]
                masked.append((word.start, word.end))
            continue
        masked.append((word.start, word.end))
        if _is_negated(prepared.words, place):
            negated += [candidate for candidate, _ in candidates]
        else:
            wishes.append((word, candidates, certainty))
    return Found(_best(wishes, index), tuple(dict.fromkeys(negated)), None if wishes else unknown, tuple(masked))


def _candidates(
    word: Word, *, introduced: bool, index: _Index, time_words: frozenset[str], prepared: Prepared
) -> tuple[tuple[tuple[str, float], ...], float]:
    exact = index.forms.get(word.text)
    if exact and not introduced and word.text in index.also_words and not _looks_like_name(word, prepared):
        return (), 0.0
    if exact and (introduced or word.text not in time_words):
        if introduced and word.text in time_words and not _looks_like_name(word, prepared):
            return (), 0.0
        return exact, 1.0 if introduced else 0.8
    if not introduced or len(word.text) < _MIN_FUZZY or word.text in time_words or word.text in index.everyone:
        return (), 0.0
    scored: dict[str, float] = {}
    for form, owners in index.forms.items():
        score = fuzz.ratio(word.text, form) if form[0] == word.text[0] else 0.0
        if score >= _FUZZY_SCORE:
            for owner, weight in owners:
                scored[owner] = max(scored.get(owner, 0.0), score * weight)
    if not scored:
        return (), 0.0
    best = max(scored.values())
    near = tuple(
        sorted(((o, s / 100) for o, s in scored.items() if best - s < _MARGIN), key=lambda pair: (-pair[1], pair[0]))
    )
    return near, 1.0


def _looks_like_name(word: Word, prepared: Prepared) -> bool:
    """A word of time after «к» is a name when it is written like one («к Марте», but «к субботе»)."""
    return prepared.original[word.start : word.start + 1].isupper()


def _is_negated(words: tuple[Word, ...], place: int) -> bool:
    back = [word.text for word in words[max(0, place - 3) : place]]
    return "кроме" in back or (
        "не" in back and all(text in {"не", "к", "ко", "у", "только", *_TITLES} for text in back[back.index("не") :])
    )


def _best(wishes: list[tuple[Word, tuple[tuple[str, float], ...], float]], index: _Index) -> Match | None:
    if not wishes:
        return None
    joint = _joint(wishes)
    word, candidates, certainty = max(wishes, key=lambda wish: wish[2])
    ids = joint or [owner for owner, weight in candidates if candidates[0][1] - weight < _MARGIN / 100]
    others = [owner for wish in wishes for owner, _ in wish[1] if owner not in ids] if not joint else []
    alternatives = tuple(dict.fromkeys([*ids[1:], *others]))
    confidence = dict(candidates).get(ids[0], 0.9) * certainty * (0.5 if alternatives else 1.0)
    return Match(ids[0], index.names[ids[0]], round(confidence, 3), (word.start, word.end), alternatives)


def _joint(wishes: list[tuple[Word, tuple[tuple[str, float], ...], float]]) -> list[str]:
    """First name and surname together: whoever has both."""
    shared = set.intersection(*({owner for owner, _ in candidates} for _, candidates, _ in wishes))
    return sorted(shared) if len(wishes) > 1 else []
