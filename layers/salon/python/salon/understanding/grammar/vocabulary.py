"""The words of time: which class each has, and what a misspelt, glued or half-Latin word was meant to be."""

from functools import lru_cache
from typing import Any, NamedTuple

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract, extractOne

from salon.understanding.repository import Lexicon

CLASSES = {
    "weekday": "W", "weekdays": "W", "month": "M", "relative_day": "R", "daypart": "P", "number": "N",
    "ordinal": "O", "in": "v", "on": "n", "to": "k", "from": "s", "until": "d", "after": "p", "by": "i",
    "without": "b", "through": "x", "between": "z", "before": "r", "eve": "u", "and": "j", "or": "l", "but": "a",
    "not": "I", "hour": "h", "minute": "m", "day": "y", "week": "e", "month_unit": "o", "year": "g",
    "half_prefix": "f", "half": "F", "quarter": "q", "of_month": "c", "this": "E", "next": "Z", "nearest": "B",
    "last": "L", "ago": "G", "correction": "C", "approx": "A", "earlier": "Q", "later": "S", "weekend": "K",
    "workdays": "J", "edge": "Y", "finish": "V", "pair": "w", "one_and_half": "H", "condition": "t",
    "counted": "#", "occasion": "/", "price": "=", "asap": "X", "holiday": "%", "unable": "U", "not_earlier": "<",
    "not_later": ">", "noise": "~", "few_days": "1", "week_ahead": "1", "this_week": "1", "week_or_two": "1",
    "day_or_two": "1", "number_00": "0", "and_half": "5", "noon": "T", "midnight": "T", "after_noon": "6",
    "until_noon": "6", "rank": "α", "season": "σ", "let": "λ", "hours_edge": "ω", "free_from": "φ", "succeed": "ψ",
    "duty": "δ", "before_that": "ρ", "suspect": "ξ", "early_late": "ε", "move": "μ",
    "visited": "π", "able": "β", "contact": "γ", "also": "υ", "taken": "Ω", "child": "ζ",
}  # fmt: skip
"""One letter per kind of word; the rules are written in these letters."""

_TYPO_CLASSES = {
    "weekday": 5, "month": 5, "relative_day": 5, "daypart": 5, "weekend": 6, "number": 5, "ordinal": 7, "next": 6,
    "nearest": 6, "noon": 7, "half": 6, "after": 5, "not": 5, "earlier": 6, "later": 5, "of_month": 5, "finish": 8,
    "minute": 5, "quarter": 7,
}  # fmt: skip
"""Classes whose misspellings are read, and the least length: «потом» must not become «пятом»."""

_LATIN_TWINS = str.maketrans("aceopxykmhtb", "асеорхукмнтв")
_PREPOSITIONS = ("после", "около", "во", "на", "ко", "со", "до", "по", "в", "к", "с")
_TAILS = ("во", "на", "до", "в", "к", "с")
_GLUED = frozenset({"weekday", "month", "relative_day", "daypart", "ordinal", "number", "weekend", "next", "this"})
_MIN_GLUED = 4
_RIVALS = 4
_LEFT_WHOLE = frozenset({"подня", "понедели"})
_SOUNDED = frozenset(
    ("weekday", "month", "relative_day", "daypart", "number", "ordinal", "half", "quarter", "weekend", "next", "week")
)
_MIN_SOUNDED = 5
_SHORT_SLIPS = frozenset({"weekday", "month", "minute"})
"""A letter may be missing from «среду» or «марта», if both ends are right."""
_SOUNDS = str.maketrans("оеяэюбвгджзщ", "аиииупфктшсш", "ьъ")
_HALF_HOURS = frozenset({"полчаса", "полчасика", "получаса", "полчасик"})


class Vocabulary(NamedTuple):
    """Look-up tables made of the lexicon's calendar."""

    words: dict[str, tuple[str, Any]]
    phrases: dict[str, list[tuple[tuple[str, ...], str, Any]]]
    typo_targets: dict[str, list[str]]
    protected: frozenset[str]
    stems: tuple[str, ...]
    sounds: dict[str, str]
    phrased: frozenset[str]


@lru_cache(maxsize=4)
def vocabulary(lexicon: Lexicon) -> Vocabulary:
    """Build the look-up tables of a lexicon, once."""
    words: dict[str, tuple[str, Any]] = {}
    targets: dict[str, list[str]] = {}
    for name, forms in lexicon.calendar["words"].items():
        for form in forms:
            key = form.replace("ё", "е")
            words.setdefault(key, (name, forms[form] if isinstance(forms, dict) else None))
            if len(key) >= _TYPO_CLASSES.get(name, 99):
                targets.setdefault(key[0], []).append(key)
    phrases: dict[str, list[tuple[tuple[str, ...], str, Any]]] = {}
    for phrase, name, value in lexicon.calendar["phrases"]:
        parts = tuple(phrase.replace("ё", "е").split())
        phrases.setdefault(parts[0], []).append((parts, name, value))
    for options in phrases.values():
        options.sort(key=lambda option: -len(option[0]))
    phrased = frozenset(part for options in phrases.values() for parts, _, _ in options for part in parts)
    protected = frozenset(lexicon.calendar["not_typos"])
    sounds: dict[str, str] = {}
    for word, (name, _) in words.items():
        if name in _SOUNDED and len(word) >= _MIN_SOUNDED:
            sounds.setdefault(_sound(word), word)
    return Vocabulary(words, phrases, targets, protected, tuple(lexicon.calendar["stems"]), sounds, phrased)


def _sound(word: str) -> str:
    """Write a word roughly as it is heard: unstressed vowels fall together, voiced consonants go voiceless.

    «палавине» and «половине», «абеда» and «обеда», «седьмова» and «седьмого» come out the same.
    """
    if word.endswith(("ого", "его")):
        word = word[:-2] + "во"
    heard = word.translate(_SOUNDS).replace("тс", "ц")
    return "".join(char for place, char in enumerate(heard) if place == 0 or char != heard[place - 1])


def known_words(lexicon: Lexicon) -> frozenset[str]:
    """Every word of the calendar: proof that a Latin run was meant as Russian."""
    return frozenset(word for word in vocabulary(lexicon).words if len(word) > 1)


def transliterated(word: str, lexicon: Lexicon) -> str:
    """Read «pyatnicu» as «пятницу»: here the Latin c is ц, which elsewhere it seldom is."""
    result, position = "", 0
    while position < len(word):
        for latin, cyrillic in (("iyu", "ию"), ("ch", "ч"), ("c", "ц"), *lexicon.keyboard["translit"]):
            if word.startswith(latin, position):
                result, position = result + cyrillic, position + len(latin)
                break
        else:
            result, position = result + word[position], position + 1
    return result


def cyrillic_twin(word: str, *, among_cyrillic: bool) -> str:
    """Read Latin letters that look like Cyrillic ones («cубботу» with a Latin c) as those.

    Args:
        word: Lower case, letters only.
        among_cyrillic: The message has Cyrillic words: a single «c» or «b» in it is a preposition.
    """
    if word.isascii():
        return word.translate(_LATIN_TWINS) if len(word) == 1 and among_cyrillic and word in "bcko" else word
    return word.translate(_LATIN_TWINS) if any("a" <= char <= "z" for char in word) else word


def unglue(word: str, vocab: Vocabulary) -> tuple[str, ...]:
    """Split «впонедельник» and «завтрав» where a space was forgotten; one part when there is nothing to split."""
    if len(word) <= _MIN_GLUED or word in vocab.words or word in vocab.protected or word in vocab.phrases:
        return (word,)
    if word in _LEFT_WHOLE:
        return (word,)
    for preposition in _PREPOSITIONS:
        rest = word[len(preposition) :]
        if word.startswith(preposition) and len(rest) >= _MIN_GLUED and _kind(rest, vocab) in _GLUED:
            return preposition, rest
    for cut in range(_MIN_GLUED, len(word) - _MIN_GLUED + 1):
        head, rest = word[:cut], word[cut:]
        if _kind(head, vocab) in _GLUED and _kind(rest, vocab) in _GLUED:
            return head, rest
    for tail in _TAILS:
        head = word[: -len(tail)]
        if word.endswith(tail) and _kind(head, vocab) in {"weekday", "relative_day"} and len(head) > _MIN_GLUED:
            return head, tail
    return (word,)


def _kind(word: str, vocab: Vocabulary) -> str:
    return vocab.words.get(word, ("", None))[0]


def meant(word: str, vocab: Vocabulary) -> tuple[str, Any, str] | None:
    """Return class name, value and spelling of a word of time, a slip or two forgiven; None for any other word.

    Slips: one, or two in words of nine letters and more, the first letter right (facts/domain.md §1.3). A word that
    only begins like one of time is a ``suspect``: it is not read, and not passed over in silence either.
    """
    if entry := vocab.words.get(word):
        return *entry, word
    if len(word) < 4 or word in vocab.protected:  # noqa: PLR2004 - facts §1.3
        return None
    targets = vocab.typo_targets.get(word[0], [])
    if len(word) == 4:  # noqa: PLR2004 - one short of the least
        found = extractOne(word, targets, scorer=OSA.distance, score_cutoff=1)
        is_slip = found is not None and found[0][-1] == word[-1] and vocab.words[found[0]][0] in _SHORT_SLIPS
        return (*vocab.words[found[0]], found[0]) if found is not None and is_slip else None
    if heard := vocab.sounds.get(_sound(word)):
        return *vocab.words[heard], heard
    limit = 2 if len(word) > 8 else 1  # noqa: PLR2004 - two slips only in long words
    near = extract(word, targets, scorer=OSA.distance, score_cutoff=limit, limit=_RIVALS)
    if near and len({vocab.words[other] for other, slips, _ in near if slips == near[0][1]}) == 1:
        return *vocab.words[near[0][0]], near[0][0]
    if near:
        return "suspect", None, word  # «деять» is nine or ten
    return ("suspect", None, word) if word.startswith(vocab.stems) else None


def compound(word: str) -> tuple[int, str] | None:
    """Read «полчаса», «полгода» as a number and a unit's class."""
    if word in _HALF_HOURS:
        return 30, "m"
    return (6, "o") if word in {"полгода", "полугода", "полгодика"} else None
