"""Finds the staff member asked for: first names, endearments, surnames, in any case."""

from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz

from salon.understanding.concepts import sound_of
from salon.understanding.domain import Catalogue, Match
from salon.understanding.name_forms import Cases, cases_of, root_of
from salon.understanding.repository import Lexicon
from salon.understanding.text import Prepared, Word, normalise

_FUZZY_SCORE = 80.0
_HEARD = 4.0
_MARGIN = 0.08
_MIN_FUZZY = 4
_SHORT = 0.9
_SELDOM = 0.8
_SURNAME = 0.92
_OTHER_CASE = 0.9
_ENDEARED = 0.8
_UNINTRODUCED = 0.8
_FEW_WORDS = 2
_EXPECTED = {"к": "d", "ко": "d", "у": "g", "от": "g", "кроме": "g", "без": "g", "вместо": "g", "с": "i", "со": "i"}
_BESIDE = frozenset(("не", "к", "ко", "у", "только"))


class Found(NamedTuple):
    """The staff wish of a message: whom, whom not, or a name nobody here has."""

    staff: Match | None = None
    negated: tuple[str, ...] = ()
    unknown: str | None = None
    masked: tuple[tuple[int, int], ...] = ()


class _Owner(NamedTuple):
    id: str
    weight: float
    cases: Cases


class _Index(NamedTuple):
    forms: dict[str, tuple[_Owner, ...]]
    sounding: dict[str, tuple[tuple[str, str], ...]]
    roots: tuple[tuple[str, str], ...]
    initials: dict[str, frozenset[str]]
    names: dict[str, str]
    everyone: dict[str, str]
    also_words: frozenset[str]


class _Wish(NamedTuple):
    word: Word
    owners: tuple[tuple[str, float], ...]
    certainty: float


@lru_cache(maxsize=4)
def _everyone(lexicon: Lexicon) -> dict[str, str]:
    """Map every form of every first name of the lexicon to its base form."""
    known: dict[str, str] = {}
    for name in lexicon.names["diminutives"]:
        for form in cases_of(name):
            known.setdefault(form, name)
    for name, short in lexicon.names["diminutives"].items():
        for diminutive in short:
            for form in cases_of(diminutive):
                known.setdefault(form, name)
    return known


@lru_cache(maxsize=4)
def _variants(lexicon: Lexicon) -> dict[str, dict[str, float]]:
    """Map each first name, full or short, to the other spellings of the same person's name, with how usual they are."""
    variants: dict[str, dict[str, float]] = {}
    seldom = {(normalise(a), normalise(b)) for a, b in lexicon.names["seldom"]}
    for full, short in lexicon.names["diminutives"].items():
        name = normalise(full)
        group = {name: _SHORT} | {
            normalise(other): _SELDOM if (name, normalise(other)) in seldom else _SHORT for other in short
        }
        variants[name] = {**variants.get(name, {}), **group}
        for other, weight in group.items():
            if other != name and weight == _SHORT:
                variants[other] = {**group, **variants.get(other, {})}
    return variants


@lru_cache(maxsize=4)
def _tables(lexicon: Lexicon) -> dict[str, frozenset[str]]:
    names = ("before", "introduces", "acts", "titles", "not_names", "called")
    return {name: frozenset(lexicon.names[name]) for name in names}


@lru_cache(maxsize=4)
def _full_names(lexicon: Lexicon) -> frozenset[str]:
    return frozenset(normalise(name) for name in lexicon.names["diminutives"])


@lru_cache(maxsize=64)
def _index(catalogue: Catalogue, lexicon: Lexicon) -> _Index:
    forms: dict[str, dict[str, tuple[float, Cases]]] = {}
    roots: list[tuple[str, str]] = []
    initials: dict[str, frozenset[str]] = {}
    for entry in catalogue.staff:
        parts = normalise(entry.name).replace("-", " ").replace(".", " ").replace("(", " ").replace(")", " ").split()
        initials[entry.id] = frozenset(part[0] for part in parts[1:])
        spellings = _spellings([part for part in parts if len(part) > 1], entry.synonyms, lexicon)
        roots += [(spelling, entry.id) for spelling, weight in spellings.items() if weight != _SURNAME]
        for spelling, weight in spellings.items():
            for form, cases in cases_of(spelling).items():
                kept, had = forms.setdefault(form, {}).get(entry.id, (0.0, frozenset()))
                if weight > kept:
                    forms[form][entry.id] = (weight, cases)
                elif weight == kept:
                    forms[form][entry.id] = (weight, cases | had)
    ranked = {
        form: tuple(_Owner(owner, weight, cases) for owner, (weight, cases) in sorted(owners.items()))
        for form, owners in forms.items()
    }
    also_words = frozenset(form for word in lexicon.names["also_words"] for form in cases_of(word))
    names = {entry.id: entry.name for entry in catalogue.staff}
    sounding: dict[str, list[tuple[str, str]]] = {}
    for form in ranked:
        sounding.setdefault(sound_of(form)[:1], []).append((form, sound_of(form)))
    grouped = {first: tuple(group) for first, group in sounding.items()}
    return _Index(ranked, grouped, tuple(roots), initials, names, _everyone(lexicon), also_words)


def _spellings(parts: list[str], synonyms: tuple[str, ...], lexicon: Lexicon) -> dict[str, float]:
    """All ways to call a person: the first name and its variants, the surname, the salon's own words."""
    variants = _variants(lexicon)
    spellings: dict[str, float] = {}
    firsts = [part for part in parts if part in variants] or parts[:1]
    for part in parts:
        spellings[part] = 1.0 if part in firsts else _SURNAME
    for part in firsts[:1]:
        is_short = part not in _full_names(lexicon)
        for other, weight in variants.get(part, {}).items():
            is_far = is_short and other not in _full_names(lexicon)  # «Ната» is less of a «Наташа» than «Наталья» is
            spellings[other] = max(_SELDOM if is_far else weight, spellings.get(other, 0.0))
    for synonym in synonyms:
        for word in normalise(synonym).split():
            spellings[word] = 1.0
    return spellings


@lru_cache(maxsize=4)
def name_words(lexicon: Lexicon) -> frozenset[str]:
    """Every form of a first name that the lexicon knows."""
    return frozenset(_everyone(lexicon))


def staff_words(catalogue: Catalogue, lexicon: Lexicon) -> frozenset[str]:
    """Every form of every name of this salon's staff."""
    return frozenset(_index(catalogue, lexicon).forms)


def find_staff(prepared: Prepared, catalogue: Catalogue, lexicon: Lexicon, time_words: frozenset[str]) -> Found:
    """Find the staff member a message asks for.

    A name that is also a word («Марта», «Света», «Надежда») counts after «к», «у» or «мастер» in the case that these
    ask for, before «работает» and its like, or alone.

    Args:
        prepared: The message.
        catalogue: Whom the salon has.
        lexicon: Diminutives and the words that stand before a name.
        time_words: Words that the calendar knows.
    """
    reader = _Reader(prepared, _index(catalogue, lexicon), lexicon, time_words)
    wishes: list[_Wish] = []
    negated: list[str] = []
    unknown: str | None = None
    masked: list[tuple[int, int]] = []
    for place, word in enumerate(prepared.words):
        if reader.is_of_somebody_else(place):
            continue
        owners, certainty = reader.owners(place)
        if not owners:
            if base := reader.unknown_name(place):
                unknown = base
                masked.append((word.start, word.end))
            continue
        masked.append((word.start, word.end))
        if reader.is_negated(place):
            negated += [owner for owner, _ in owners]
        else:
            wishes.append(_Wish(word, owners, certainty))
    staff = _best(wishes, reader.index)
    wanted = {staff.id, *staff.alternatives} if staff else set()
    declined = tuple(dict.fromkeys(owner for owner in negated if owner not in wanted))
    return Found(staff, declined, None if wishes else unknown, tuple(masked))


class _Reader:
    """Reads the words of one message as names."""

    def __init__(self, prepared: Prepared, index: _Index, lexicon: Lexicon, time_words: frozenset[str]) -> None:
        self.words = prepared.words
        self.original = prepared.original
        self.index = index
        self.time_words = time_words
        tables = _tables(lexicon)
        self.before = tables["before"]
        self.introduces = tables["introduces"]
        self.acts = tables["acts"]
        self.titles = tables["titles"]
        self.not_names = tables["not_names"]
        self.called = tables["called"]
        self.masters = tables["before"] - _EXPECTED.keys()

    def is_of_somebody_else(self, place: int) -> bool:
        """«Меня зовут Анна», «дочка Катя», «с уважением, Ольга»."""
        if not place:
            return False
        before = self.words[place - 1].text
        following = self.words[place + 1].text if place + 1 < len(self.words) else ""
        back = [word.text for word in self.words[max(0, place - 3) : place]]
        if following in {"зовут", "звать"} and not self.masters.intersection(back):
            return True  # «меня Вера зовут»
        if self._is_called(place):
            return False
        is_surname = before in self.index.everyone or before in self.index.forms
        return before in self.introduces or (is_surname and self.is_of_somebody_else(place - 1))

    def owners(self, place: int) -> tuple[tuple[tuple[str, float], ...], float]:
        """Return who may be meant by a word, with how well it fits, and how certain it is that a name is meant."""
        word = self.words[place]
        introduced = self._introduced(place)
        exact = self.index.forms.get(word.text)
        if exact:
            if word.text in self.index.also_words and not self._is_name_here(place, exact):
                return (), 0.0
            if word.text in self.time_words and not (introduced and self._is_capital(word)):
                return (), 0.0
            expected = "n" if self._is_called(place) else _EXPECTED.get(self._preposition(place), "na")
            fitting = tuple(
                (owner.id, owner.weight * (1.0 if owner.cases & set(expected) else _OTHER_CASE)) for owner in exact
            )
            return self._by_initial(place, fitting), 1.0 if introduced else _UNINTRODUCED
        acts = self._acts(place)
        is_common = word.text in self.time_words or word.text in self.not_names or word.text in self.index.everyone
        if is_common or len(word.text) < _MIN_FUZZY or not (self._is_asked(place) or (acts and self._is_capital(word))):
            return (), 0.0
        return self._endeared(word.text) or self._alike(word.text), 1.0

    def unknown_name(self, place: int) -> str | None:
        """The base form of a name that is asked for and that nobody here has."""
        word = self.words[place].text
        is_common = word in self.time_words or word in self.not_names or word in self.index.also_words
        if is_common or not self._is_asked(place):
            return None
        return self.index.everyone.get(word)

    def is_negated(self, place: int) -> bool:
        """«Только не к Анне», «кроме Анны», «не у Анны»."""
        back = [word.text for word in self.words[max(0, place - 4) : place]]
        if back and (back[-1] in {"кроме", "вместо", "без"} or ("кроме" in back[-2:])):
            return True
        if "не" not in back:
            return False
        at = len(back) - 1 - back[::-1].index("не")
        is_only = back[at + 1 : at + 2] == ["только"]
        return not is_only and all(text in _BESIDE or text in self.titles or text == "хочу" for text in back[at:])

    def _introduced(self, place: int) -> bool:
        if not place:
            return False
        previous = self.words[place - 1].text
        if previous in self.before or self._is_called(place):
            return True
        is_listed = previous in {"или", "и", "либо"} and place > 1
        return is_listed and self._introduced(place - 2) and self.words[place - 2].text in self.index.forms

    def _is_called(self, place: int) -> bool:
        """«К мастеру по имени Лиана», «мастера зовут Тимур», «к девушке по имени Вера»: the name itself, in no case."""
        if not place or self.words[place - 1].text not in self.called:
            return self._is_surname_of_called(place)
        back = [word.text for word in self.words[max(0, place - 5) : place - 1]]
        if any(word in self.introduces - self.called or word in {"меня", "нас", "его"} for word in back):
            return False
        following = [word.text for word in self.words[place + 1 : place + 2]]
        is_master = any(word in self.masters for word in (*back, *following))
        return is_master or any(word in {"к", "ко"} for word in back)

    def _is_surname_of_called(self, place: int) -> bool:
        """«Мастер по имени Лиана Мкртчян»."""
        return place > 1 and self.words[place - 1].text in self.index.forms and self._is_called(place - 1)

    def _is_asked(self, place: int) -> bool:
        """«К», «у», «мастер», but not «от»: «от всего сердца»."""
        return self._introduced(place) and self._preposition(place) != "от"

    def _preposition(self, place: int) -> str:
        for word in reversed(self.words[max(0, place - 3) : place]):
            if word.text in _EXPECTED:
                return word.text
            if word.text not in self.titles and word.text not in self.index.forms:
                return ""
        return ""

    def _is_name_here(self, place: int, owners: tuple[_Owner, ...]) -> bool:
        """Whether a word that has another meaning is a name where it stands."""
        word = self.words[place]
        if self._introduced(place):
            expected = "n" if self._is_called(place) else _EXPECTED.get(self._preposition(place))
            return expected is None or any(expected in owner.cases for owner in owners)
        is_nominative = any("n" in owner.cases for owner in owners)
        if is_nominative and (self._acts(place) or len(self.words) == 1):
            return True
        if is_nominative and len(self.words) <= _FEW_WORDS and self.words[-1].text in self.time_words:
            return True
        before = self.original[: word.start].rstrip()
        return self._is_capital(word) and bool(before) and before[-1] not in ".!?\n"

    def _acts(self, place: int) -> bool:
        """«Светлана Павловна работает?», «Катя завтра свободна?»"""
        following = [word.text for word in self.words[place + 1 : place + 5]]
        while following and (following[0].endswith(("вна", "ична", "вич")) or following[0] in self.time_words):
            del following[0]
        return bool(following) and following[0] in self.acts

    def _is_capital(self, word: Word) -> bool:
        return self.original[word.start : word.start + 1].isupper()

    def _by_initial(self, place: int, owners: tuple[tuple[str, float], ...]) -> tuple[tuple[str, float], ...]:
        """«К Диме К.» is only one of two."""
        following = self.words[place + 1].text if place + 1 < len(self.words) else ""
        if len(owners) < _FEW_WORDS or len(following) != 1:
            return owners
        meant = tuple(pair for pair in owners if following in self.index.initials[pair[0]])
        return meant or owners

    def _alike(self, text: str) -> tuple[tuple[str, float], ...]:
        """Read a misspelt or misheard name."""
        sound = sound_of(text)
        scored: dict[str, float] = {}
        for form, form_sound in self.index.sounding.get(sound[:1], ()):
            score = max(fuzz.ratio(text, form), fuzz.ratio(sound, form_sound) - _HEARD)
            if score >= _FUZZY_SCORE:
                for owner in self.index.forms[form]:
                    scored[owner.id] = max(scored.get(owner.id, 0.0), score / 100 * owner.weight)
        best = max(scored.values(), default=0.0)
        return tuple(sorted(pair for pair in scored.items() if best - pair[1] < _MARGIN))

    def _endeared(self, text: str) -> tuple[tuple[str, float], ...]:
        """Read an endearment that no table has: «к Веруне», «Руслик»."""
        root = root_of(text)
        if root is None:
            return ()
        return tuple(dict.fromkeys((owner, _ENDEARED) for name, owner in self.index.roots if name.startswith(root)))


def _best(wishes: list[_Wish], index: _Index) -> Match | None:
    if not wishes:
        return None
    joint = _joint(wishes)
    wish = max(wishes, key=lambda one: one.certainty)
    ranked = sorted(wish.owners, key=lambda pair: (-pair[1], pair[0]))
    ids = joint or [owner for owner, weight in ranked if ranked[0][1] - weight < _MARGIN]
    others = [] if joint else [owner for one in wishes if one is not wish for owner in _top(one) if owner not in ids]
    alternatives = tuple(dict.fromkeys([*ids[1:], *others]))
    confidence = dict(ranked).get(ids[0], 0.9) * wish.certainty * (0.5 if alternatives else 1.0)
    return Match(ids[0], index.names[ids[0]], round(confidence, 3), (wish.word.start, wish.word.end), alternatives)


def _top(wish: _Wish) -> list[str]:
    best = max(weight for _, weight in wish.owners)
    return [owner for owner, weight in wish.owners if best - weight < _MARGIN]


def _joint(wishes: list[_Wish]) -> list[str]:
    """First name and surname together: whoever has both."""
    if len(wishes) < _FEW_WORDS:
        return []
    shared = set.intersection(*({owner for owner, _ in wish.owners} for wish in wishes))
    fits = {owner: sum(dict(wish.owners)[owner] for wish in wishes) for owner in shared}
    best = max(fits.values(), default=0.0)
    return sorted(owner for owner, fit in fits.items() if best - fit < 2 * _MARGIN)
