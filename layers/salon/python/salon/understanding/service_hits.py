"""From the words of a message to the keys in it, and what joins them."""

import re
from functools import lru_cache
from typing import NamedTuple

from salon.understanding.catalogue_index import Index, is_without, keys_of, repair, without
from salon.understanding.concepts import Vocabulary, misspelt_concept, sounding_concept, vocabulary
from salon.understanding.repository import Lexicon
from salon.understanding.staff import name_words
from salon.understanding.text import Prepared, Word, normalise

_MAX_HITS = 14
_ABBREVIATED, _LONGEST_ABBREVIATION = 3, 5
_BETWEEN_NOT_AND_NAME = frozenset(("на", "про", "к", "в", "у", "хочу", "надо", "нужен", "нужна", "нужно", "делать"))


_MASCULINE = ("", "а", "у", "ем", "е")
_FEMININE = ("а", "ы", "е", "у", "ой")
_PATRONYMICS = tuple(
    stem + case
    for stem, cases in (("ович", _MASCULINE), ("евич", _MASCULINE), ("овн", _FEMININE), ("евн", _FEMININE))
    for case in cases
)


class Hit(NamedTuple):
    """A key in the text: where it stands, and what joins it to the hit before.

    ``link`` is ``and``, ``or``, ``not`` (declined), ``instead`` (what came before is taken back), or empty;
    ``is_thing`` tells what may be had by itself from a mere kind («классический») or any part of the body;
    ``is_with`` is «с окрашиванием»: something more that is done along with it. ``is_copy`` was said once, for two.
    """

    key: str
    word: str
    start: int
    end: int
    link: str
    repaired: bool = False
    dropped: bool = False
    is_thing: bool = True
    is_with: bool = False
    is_copy: bool = False


def service_hits(
    prepared: Prepared, lexicon: Lexicon, index: Index, masked: tuple[tuple[int, int], ...], time_words: frozenset[str]
) -> list[Hit]:
    """Return the keys of a message that mean something in this catalogue, in the order of the text.

    Args:
        prepared: The message.
        lexicon: What words stand for.
        index: The catalogue, taken apart.
        masked: Spans that are a person's name.
        time_words: Words of the calendar are not repaired into services.
    """
    known = vocabulary(lexicon)
    words = _words(prepared, masked)
    texts = [word.text for word in words]
    hits: list[Hit] = []
    edge = 0
    found = keys_of(texts, lexicon)
    others = frozenset(key for key, _, _ in found if key in index.by_key)
    for key, first, last in found:
        meant: str | None = key
        repaired = key[0] == "=" and key not in index.weights
        if repaired:
            word = texts[first]
            if word in time_words or not _may_be_misspelt(word, lexicon):
                continue
            meant = _repaired(word, index, lexicon) or _abbreviated(word, others, index)
            if meant is not None and meant[0] != "=" and is_without(texts, first, known):
                meant = without(meant, known)
        usable = meant is not None and (meant in index.fitting or meant in known.roles or meant[0] == "-")
        if meant is None or not usable or _is_of_a_booking(meant, texts, last):
            continue
        if first and texts[first - 1] in known.tables["not_after"]:
            continue  # «марка краски»
        if _is_of_a_person(texts, first, lexicon):
            continue  # «к барберу Тимуру»
        link = _link(prepared, words, edge, first, known)
        is_thing = known.roles.get(meant, "procedures") in {"procedures", "areas"} and meant not in known.weak_areas
        dropped = _is_declined_after(texts, last, known)
        is_with = first > 0 and texts[first - 1] in {"с", "со"} and known.roles.get(meant) in {"procedures", "areas"}
        hits.append(
            Hit(meant, texts[first], words[first].start, words[last].end, link, repaired, dropped, is_thing, is_with)
        )
        edge = last + 1
    return hits[:_MAX_HITS]


@lru_cache(maxsize=4)
def _intent_stems(lexicon: Lexicon) -> tuple[str, ...]:
    patterns = (pattern for group in lexicon.intents["intents"].values() for pattern in group)
    stems = {normalise(part.rstrip("*")) for pattern in patterns for part in pattern.split()}
    ours = vocabulary(lexicon).stems
    return tuple(
        stem
        for stem in stems
        if len(stem) > 3 and not any(other.startswith(stem) for other in ours)  # noqa: PLR2004 - short ones begin anything
    )


def _is_of_intents(word: str, lexicon: Lexicon) -> bool:
    """«Отмените», «перенести» are no misspelt services."""
    return word.startswith(_intent_stems(lexicon))


def _words(prepared: Prepared, masked: tuple[tuple[int, int], ...]) -> list[Word]:
    """The words without hyphens inside compounds; «2д» is one word; a masked word is empty."""
    words: list[Word] = []
    for word in prepared.words:
        last = words[-1] if words else None
        if word.text == "-":
            continue
        if last is not None and last.end == word.start and last.text.isdecimal() and word.text in {"d", "д"}:
            words[-1] = Word(last.text + "d", last.start, word.end)
        elif any(start <= word.start < end for start, end in masked):
            words.append(Word("", word.start, word.end))
        else:
            words.append(word)
    return words


def _may_be_misspelt(word: str, lexicon: Lexicon) -> bool:
    if not word or word.endswith(_PATRONYMICS) or word in vocabulary(lexicon).not_typos or word in name_words(lexicon):
        return False
    return not _is_of_intents(word, lexicon)


def _abbreviated(word: str, others: frozenset[str], index: Index) -> str | None:
    """«Мед педикюр»: the beginning of the one word that goes with what else was said."""
    if not _ABBREVIATED <= len(word) <= _LONGEST_ABBREVIATION:
        return None
    company = {key for alias in index.aliases if alias.keys & others for key in alias.keys} - others
    keys = {key for candidate, _, key in index.words if candidate.startswith(word) and key in company}
    return keys.pop() if len(keys) == 1 else None


def _repaired(word: str, index: Index, lexicon: Lexicon) -> str | None:
    concept = sounding_concept(word, lexicon)
    if concept is not None and concept in index.fitting:
        return concept
    return repair(word, index) or concept or misspelt_concept(word, lexicon)


def _is_of_a_booking(key: str, texts: list[str], last: int) -> bool:
    """«Снимите запись», «удалите меня из записи»: no removal of anything."""
    near = texts[max(0, last - 3) : last + 4]
    return key in {"remove", "removal"} and any(text.startswith(("запис", "брон", "визит")) for text in near)


def _is_of_a_person(texts: list[str], place: int, lexicon: Lexicon) -> bool:
    """Whether a word is what the person does whose name follows; a name is an empty text."""
    if texts[place] not in lexicon.names["before"]:
        return False
    following = texts[place + 1 : place + 4]
    return following[:1] == [""] or (following[:2] in (["по", "имени"], ["по", "фамилии"]) and following[2:] == [""])


def _link(prepared: Prepared, words: list[Word], edge: int, first: int, known: Vocabulary) -> str:
    tables = known.tables
    between = [word.text for word in words[edge:first]]
    back = list(between)
    while back and back[-1] in _BETWEEN_NOT_AND_NAME:
        back.pop()
    if back and back[-1] in tables["declined_before"] and not (len(back) > 1 and back[-2] == "только" and edge):
        return "not"
    if any(text in tables["either"] for text in between):
        return "or"
    if edge == 0:
        return ""
    if any(text in tables["corrections"] for text in between) and "не" not in between:
        return "instead"
    gap = prepared.line[words[edge - 1].end : words[first].start]
    if any(text in tables["links"] for text in between) or re.search(r"[,;.\n+&/]|\s[-–—]\s", gap):
        return "and"
    return ""


def _is_declined_after(texts: list[str], last: int, known: Vocabulary) -> bool:
    """«Массаж не надо», «маникюр не нужен»."""
    following = [text for text in texts[last + 1 : last + 4] if text not in {"мне", "уже", "больше", "нам"}]
    return len(following) > 1 and following[0] == "не" and following[1] in known.tables["declined_after"]
