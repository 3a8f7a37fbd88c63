"""What stands around the services of a message: ages, remarks about the past, words that only say how or with what."""

import re
from functools import lru_cache
from itertools import pairwise

from salon.understanding.catalogue_index import Index
from salon.understanding.concepts import Vocabulary
from salon.understanding.service_hits import Hit
from salon.understanding.service_sharing import is_offered, with_shared
from salon.understanding.text import Prepared

_CHILD, _ADULT = 13, 18
"""Up to the first age somebody is a child for a price list, from the second on surely not; between them, who knows."""
_NUMBERS = {
    "два": 2, "три": 3, "четыре": 4, "пять": 5, "шесть": 6, "семь": 7, "восемь": 8, "девять": 9, "десять": 10,
    "двух": 2, "трех": 3, "четырех": 4, "пяти": 5, "шести": 6, "семи": 7, "восьми": 8, "девяти": 9, "десяти": 10,
}  # fmt: skip
_AGE = (
    r"(?<![\d.:-])(\d{1,2}|" + "|".join(_NUMBERS) + r")(?:\s*-?\s*ти|\s*-?\s*х)?\s*-?\s*"
    r"(?:лет\b|лет(?:него|нему|нюю|ней|ний|няя|ка|ку|ке)\b|года?\b|годик\w*|годков)(?!\s+(?:назад|не|тому|подряд|хожу|стажа))"
)
_NO_AGE_BEFORE = r"(?:уже|через|за|последн\w+|раз в|лет)\s*$"
_GROWN_UP = {"boys": "men", "girls": "women", "kids": ""}
_VERB = r"(?:ть|чь|[ую]ть|ите|йте|ьте|ем)$"
_CONJUNCTION = r"\b(?:и|плюс|еще|потом|также|тоже|затем|заодно|а|или|либо)\b|\+"
_VERBS_JOINED = r"^\s*и\s*$"
_GENITIVE = r"(?:[нт]ия|и|ы|[^кд]а|ей|ов|га)$"
_NOMINATIVE = r"(?:тура|нда)$"
_EXTENDED = r"нар[ао]щенн?(?:ые|ых|ым|ыми)$"
_PLURAL = frozenset(("брови", "ресницы", "ноги", "руки", "ногти", "реснички", "бровки"))
_TREATED = r"(?:крашен|ированн|осветленн|обесцвеченн)н?(?:ые|ых|ым|ыми|ая|ой|ую)$"
_ADJECTIVE = r"(?:ый|ий|ая|яя|ую|юю|ое|ого|его|ому|ему|ые|ой|ых)$"
_CLAUSE = r"[,;.!?\n]|\bтеперь\b|\bсейчас\b|\bа\b|\bно\b|\bхочу\b|\bхотела\b|\bнужн\w+\b|\bнадо\b"


def in_context(hits: list[Hit], prepared: Prepared, index: Index, known: Vocabulary) -> list[Hit]:
    """Return the hits that are wishes, each with the meaning that its neighbours give it.

    Args:
        hits: What the words stand for, one by one.
        prepared: The message.
        index: The catalogue, taken apart.
        known: The lexicon: ``beside`` tells what a word means in the company of another, empty for nothing of its
            own; ``after``, ``past`` and ``spoilt`` tell remarks; ``animals`` are not served.
    """
    if not hits:
        return hits
    hits = _without_address(_without_animals(hits, prepared, known), prepared, known)
    hits = _with_ages(_without_merely(hits), prepared, index)
    hits = _without_remarks(hits, prepared, index, known)
    hits = _in_company(hits, prepared, index, known)
    hits = _without_bystanders(hits, prepared, index, known)
    return with_shared(hits, index, known)


def _without_merely(hits: list[Hit]) -> list[Hit]:
    """«Без лака, просто обработка»: what is left out says already how plain it is to be."""
    if not any(hit.key[0] == "-" for hit in hits):
        return hits
    return _without(hits, {place for place, hit in enumerate(hits) if hit.word == "просто"})


def _without(hits: list[Hit], dropped: set[int]) -> list[Hit]:
    """The other hits; what joined a dropped one joins the next."""
    kept: list[Hit] = []
    link = ""
    for place, hit in enumerate(hits):
        if place in dropped:
            link = link or ("and" if hit.link == "and" else "")
            continue
        kept.append(hit._replace(link=link) if link and not hit.link else hit)
        link = ""
    return kept


def _without_animals(hits: list[Hit], prepared: Prepared, known: Vocabulary) -> list[Hit]:
    """«Подстричь собаку» is for another kind of salon."""
    if not any(hit.key in {"haircut", "nails"} for hit in hits):
        return hits
    animals = _patterns(tuple(known.tables["animals"]))
    spans = [found.span() for found in animals.finditer(prepared.line)]
    if not spans:
        return hits
    line = prepared.line
    dropped = {
        place
        for place, hit in enumerate(hits)
        if hit.key in {"haircut", "nails"}
        and any(_is_close(line, hit.end, start) or _is_close(line, end, hit.start) for start, end in spans)
    }
    return _without(hits, dropped)


def _is_close(line: str, end: int, start: int) -> bool:
    """Whether one word at most and no comma stands between."""
    between = line[end:start]
    return end <= start and len(between.split()) <= 1 and "," not in between


def _without_address(hits: list[Hit], prepared: Prepared, known: Vocabulary) -> list[Hit]:
    """«Девочки, запишите на стрижку» speaks to the salon."""
    hello = tuple(known.tables["hello"])
    dropped = set()
    for place, hit in enumerate(hits):
        if hit.word in known.tables["addressed"]:
            before = prepared.line[: hit.start].rstrip()
            if not before or before[-1] in ",.!?;" or before.split()[-1].startswith(hello):
                dropped.add(place)
    return _without(hits, dropped) if dropped else hits


@lru_cache(maxsize=8)
def _patterns(stems: tuple[str, ...]) -> re.Pattern[str]:
    """Words that begin so, whole ones where a stem ends in a dollar."""
    return re.compile(r"\b(?:" + "|".join(stem[:-1] + r"\b" if stem[-1] == "$" else stem for stem in stems) + r")\w*")


def _with_ages(hits: list[Hit], prepared: Prepared, index: Index) -> list[Hit]:
    """«5 лет» is a child, and «сын, 25 лет» is none."""
    line = prepared.line
    if "лет" not in line and "год" not in line:
        return hits
    for found in _compiled(_AGE).finditer(line):
        if _compiled(_NO_AGE_BEFORE).search(line[: found.start()]):
            continue
        said = found.group(1)
        age = int(said) if said.isdecimal() else _NUMBERS[said]
        if age >= _ADULT:
            return [
                hit._replace(key=_GROWN_UP[hit.key]) if hit.key in _GROWN_UP else hit
                for hit in hits
                if _GROWN_UP.get(hit.key) != ""
            ]
        if age > _CHILD:
            return [hit for hit in hits if hit.key not in _GROWN_UP or _compiled(_ADJECTIVE).search(hit.word)]
        if "kids" in index.fitting and not any(hit.key in _GROWN_UP for hit in hits):
            age_hit = Hit("kids", found.group(), found.start(), found.end(), "", is_thing=False)
            return sorted([*hits, age_hit], key=lambda hit: hit.start)
        return hits
    return hits


@lru_cache(maxsize=32)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _without_remarks(hits: list[Hit], prepared: Prepared, index: Index, known: Vocabulary) -> list[Hit]:
    """«Тонирование после осветления», «красилась месяц назад, хочу стрижку», «на окрашенные волосы»."""
    if len(hits) < 2:  # noqa: PLR2004 - what is all that was said is the wish
        return hits
    dropped = {
        place for place, hit in enumerate(hits)
        if _is_work(hit, known) and (
            _is_after(hits, place, prepared, index, known)
            or _is_state(hit, prepared, known)
            or _is_extended(hits, place, index, known)
        )
    }  # fmt: skip
    dropped |= _of_the_past(hits, prepared, known)
    if not any(_is_work(hit, known) or hit.is_thing for place, hit in enumerate(hits) if place not in dropped):
        return hits
    return _without(hits, dropped)


def _is_work(hit: Hit, known: Vocabulary) -> bool:
    return known.roles.get(hit.key) == "procedures" or hit.key in {"blond", "gel", "coating", "lacquer", "acrylic"}


def _is_after(hits: list[Hit], place: int, prepared: Prepared, index: Index, known: Vocabulary) -> bool:
    """Whether it is what another service comes after or before: «после осветления», «перед наращиванием»."""
    hit = hits[place]
    before = prepared.line[: hit.start].replace("-", " ").split()
    while before and _compiled(_ADJECTIVE).search(before[-1]) and len(before[-1]) > 3:  # noqa: PLR2004 - «мой»
        before.pop()
    if not before or before[-1].strip(",") not in known.tables["after"]:
        return False
    if before[-1] != "перед" and not _is_genitive(hit.word):
        return False
    return place > 0 or hit.key not in index.weights


def _is_genitive(word: str) -> bool:
    is_genitive = _compiled(_GENITIVE).search(word) is not None and _compiled(_NOMINATIVE).search(word) is None
    return is_genitive and word not in _PLURAL


def _is_state(hit: Hit, prepared: Prepared, known: Vocabulary) -> bool:
    """«Окрашенные волосы», «сожжены осветлением»."""
    if _compiled(_TREATED).search(hit.word):
        return True
    if not hit.word.endswith(("ем", "ом", "ой", "ей")):
        return False
    near = (*prepared.line[: hit.start].split()[-2:], *prepared.line[hit.end :].split()[:2])
    return any(word.startswith(tuple(known.tables["spoilt"])) for word in near)


def _is_extended(hits: list[Hit], place: int, index: Index, known: Vocabulary) -> bool:
    """«Снять наращённые ресницы», where the salon calls that «Снятие ресниц»."""
    if not _compiled(_EXTENDED).search(hits[place].word):
        return False
    said = {hit.key for hit in hits if known.roles.get(hit.key) in {"procedures", "areas"}}
    return not is_offered(said, index) and is_offered(said - {hits[place].key}, index)


def _of_the_past(hits: list[Hit], prepared: Prepared, known: Vocabulary) -> set[int]:
    """The hits of clauses that tell what was, where another clause tells what is wanted."""
    past = _patterns(tuple(word + "$" if word.endswith(("а", "ь", "о")) else word for word in known.tables["past"]))
    line = prepared.line
    if not past.search(line):
        return set()
    borders = [0, *(found.start() for found in _compiled(_CLAUSE).finditer(line)), len(line)]
    dropped: set[int] = set()
    for begin, end in pairwise(borders):
        if past.search(line, begin, end):
            dropped |= {place for place, hit in enumerate(hits) if begin <= hit.start < end}
    return dropped


def _in_company(hits: list[Hit], prepared: Prepared, index: Index, known: Vocabulary) -> list[Hit]:
    """«Бороду подравнять» is no haircut, «форму бровей» is their correction."""
    beside = known.tables["beside"]
    if not any(hit.key in beside for hit in hits):
        return hits
    result = list(hits)
    dropped: set[int] = set()
    for place, hit in enumerate(hits):
        meanings = beside.get(hit.key)
        if meanings is None:
            continue
        meant = _meant(hits, place, prepared, index, known)
        if meant is None:
            dropped |= {place} if hit.key in known.tables["only_beside"] else set()
        elif meant == "":
            dropped.add(place)
        else:
            is_thing = known.roles.get(meant, "procedures") in {"procedures", "areas"}
            result[place] = hit._replace(key=meant, is_thing=is_thing)
    return _without(result, dropped)


def _meant(hits: list[Hit], place: int, prepared: Prepared, index: Index, known: Vocabulary) -> str | None:
    """What a hit means in its company; None when there is none."""
    hit = hits[place]
    meanings = known.tables["beside"][hit.key]
    is_work = known.roles.get(hit.key) == "procedures"
    if is_work:
        own = set(known.tables["belongs"].get(hit.key, ())) - meanings.keys()
        if any(other.key in own for other in hits):
            return None
    nearest = sorted(range(len(hits)), key=lambda at: abs(at - place))
    if hit.key in known.tables["only_beside"]:
        near = (hits[at].key for at in nearest if hits[at].key in meanings or known.roles.get(hits[at].key) == "areas")
        key = next(near, None)
        return None if key is None else meanings.get(key)
    for other_place in nearest:
        other = hits[other_place]
        if other.key not in meanings or other_place == place or _are_apart(hits, place, other_place, prepared):
            continue
        if is_work and not (_is_verb(hit.word) or _is_its_object(hit, other, prepared)):
            continue
        if is_work and any({hit.key, other.key} <= alias.keys and not alias.is_joint for alias in index.aliases):
            return None
        return str(meanings[other.key])
    return None


def _is_verb(word: str) -> bool:
    return _compiled(_VERB).search(word) is not None


def _is_its_object(hit: Hit, other: Hit, prepared: Prepared) -> bool:
    """«Стрижка бороды», «ботокс в лоб», not «стрижка, борода»."""
    between = prepared.line[hit.end : other.start].strip()
    return hit.end < other.start and (
        between in {"в", "на", "вокруг", "под"} or (not between and not other.word.endswith(tuple("аеиоуюя")))
    )


def _are_apart(hits: list[Hit], place: int, other: int, prepared: Prepared) -> bool:
    """Whether «и» or its like stands between two hits; two verbs that it joins have one object."""
    first, last = sorted((place, other))
    ranges = [prepared.line[hits[at].end : hits[at + 1].start] for at in range(first, last)]
    for at, gap in enumerate(ranges, first):
        if not _compiled(_CONJUNCTION).search(gap):
            continue
        is_verbs = _is_verb(hits[at].word) and _is_verb(hits[at + 1].word)
        if not (is_verbs and _compiled(_VERBS_JOINED).search(gap)):
            return True
    return False


def _is_person(hit: Hit, known: Vocabulary) -> bool:
    return not hit.word.startswith(tuple(known.tables["audience"]))


def _without_bystanders(hits: list[Hit], prepared: Prepared, index: Index, known: Vocabulary) -> list[Hit]:
    """«Маме маникюр»: a person says nothing where no such service is for some people and not for others.

    «Мужчинам», «детям» (``audience``) do: they ask for what the salon may not have.
    """
    who = known.tables["who"]
    people = {place for place, hit in enumerate(hits) if hit.key in who and _is_person(hit, known)}
    everyone = sum(hit.key in who for hit in hits)
    together = {at for at in people if f" {prepared.line[: hits[at].start]}".endswith((" с ", " со "))}
    if 0 < len(together) < everyone:
        hits = _without(hits, together)  # «с дочкой приду, мне женская стрижка»
        people = {place for place, hit in enumerate(hits) if hit.key in who and _is_person(hit, known)}
    works = {hit.key for hit in hits if known.roles.get(hit.key) in {"procedures", "areas"}}
    if not people or not works:
        return hits
    near = {other for work in works for other, _ in index.fitting.get(work, ())}
    kinds = frozenset(who)
    if any(alias.keys & kinds and alias.keys & near for alias in index.aliases):
        return hits
    return _without(hits, people)
