"""Which item of the stock a line of a document is. Pure, and never a guess: what is ambiguous is asked.

A match is certain when a person has made it before (an alias), when a code says so, or when the names agree in every
figure and in practically every word, and no second item does nearly as well. Everything else is a candidate.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from salon.intake.inference.domain.names import repaired
from salon.inventory.drafts.domain.names import NameParts, Word, fold, take_apart
from salon.inventory.drafts.domain.units import per_unit, plain_unit
from salon.inventory.items.domain import BaseUnit

Similarity = Callable[[str, str], float]
"""How alike two strings are, 0 to 1."""

CERTAIN = 0.85
"""Words in common, by letters, from which on a match needs no question."""
MARGIN = 0.06
"""By which the best must be better than the second."""
ALIAS_CERTAIN = 0.9
WORD_ALIKE = 0.74
SHORT_WORD = 3  # letters; of so few, none may differ
MIN_CUT = 3  # letters of a word that ends in a full stop
POSSIBLE = 0.35
MOST_CANDIDATES = 5
SHORTLIST = 40
_DIGITS = re.compile(r"\d+")
_Figures = tuple[tuple[str, ...], frozenset[Decimal], frozenset[str], frozenset[str]]


class MatchMethod(StrEnum):
    """How the item of a line was found."""

    NONE = "none"
    """It was not: a person is asked."""
    ALIAS = "alias"
    """A person has said so of this supplier's very words."""
    ALIAS_ALIKE = "alias_alike"
    """Of words nearly these, with the same figures."""
    CODE = "code"
    NAME = "name"
    NEW = "new"
    """It is none that there is, and one is proposed."""
    PERSON = "person"
    """A person has chosen on this draft."""


class Agreement(StrEnum):
    """What the figures of two names say of each other."""

    SAME = "same"
    DOUBT = "doubt"
    """One says what the other does not."""
    CONFLICT = "conflict"
    """They say different things: two wares."""


@dataclass(frozen=True, slots=True)
class StockItem:
    """An item as matching sees it.

    Attributes:
        pack: base units in one piece; None where the item does not know.
        codes: its article and bar code.
    """

    id: UUID
    name: str
    brand: str
    base_unit: BaseUnit
    pack: Decimal | None = None
    codes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Alias:
    """What a supplier's words were confirmed to be; `raw_name` is folded, `unit` plain."""

    raw_name: str
    unit: str
    name: str
    item_id: UUID
    base_per_unit: Decimal
    times_confirmed: int = 1


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item that it may be, with how sure that is and how much one unit of the document would hold."""

    item_id: UUID
    score: float
    base_per_unit: Decimal | None


@dataclass(frozen=True, slots=True)
class Match:
    """What was found for a line.

    Attributes:
        item_id: the item, when it is certain.
        base_per_unit: base units of it in one unit of the document; None is asked even of a certain item.
        name: the name as a person once corrected it; None to keep the one that was read.
        candidates: the best first, when it is not certain.
    """

    method: MatchMethod
    item_id: UUID | None = None
    base_per_unit: Decimal | None = None
    confidence: float | None = None
    name: str | None = None
    candidates: tuple[Candidate, ...] = ()


NOTHING = Match(MatchMethod.NONE)


@dataclass(frozen=True, slots=True)
class _Known:
    item: StockItem
    parts: NameParts
    brand: tuple[Word, ...]
    trigrams: frozenset[str]


@dataclass(slots=True)
class Stock:
    """The items and the aliases that a document is matched against, prepared once for all of its lines."""

    items: Sequence[StockItem]
    aliases: Sequence[Alias]
    alike: Similarity
    corrections: Mapping[str, str] = field(default_factory=dict)
    _known: dict[UUID, _Known] = field(init=False)
    _by_trigram: dict[str, list[UUID]] = field(init=False)
    _by_code: dict[str, set[UUID]] = field(init=False)
    _exact: dict[str, list[Alias]] = field(init=False)
    _by_figures: dict[tuple[str, _Figures], list[Alias]] = field(init=False)

    def __post_init__(self) -> None:
        """Take all names apart."""
        self._known, self._by_trigram, self._by_code = {}, defaultdict(list), defaultdict(set)
        for item in self.items:
            parts, brand = take_apart(repaired(item.name)), take_apart(item.brand).words
            grams = _trigrams([*parts.words, *brand])
            self._known[item.id] = _Known(item, parts, brand, grams)
            for gram in grams:
                self._by_trigram[gram].append(item.id)
            for code in item.codes:
                self._by_code[code.casefold()].add(item.id)
        self._exact, self._by_figures = defaultdict(list), defaultdict(list)
        for alias in self.aliases:
            if alias.item_id in self._known:
                self._exact[alias.raw_name].append(alias)
                self._by_figures[alias.unit, _figures(alias.raw_name)].append(alias)

    def match(self, name: str, unit: str) -> Match:
        """The item that a line with this name and this unit is."""
        parts = take_apart(repaired(self._corrected(name)))
        found = self._by_alias(fold(name), parts, unit) or self._by_its_code(parts, unit)
        return found if found is not None else self._by_name(parts, unit)

    def per_unit(self, item_id: UUID, name: str, unit: str) -> Decimal | None:
        """Base units of an item in one unit of the document; None where it is not said, or the item is unknown."""
        known = self._known.get(item_id)
        return self._per_unit(known.item, take_apart(repaired(name)), unit) if known is not None else None

    def _corrected(self, name: str) -> str:
        """The name with the words that this supplier's documents are known to be misread in put right."""
        if not self.corrections:
            return name
        return " ".join(self.corrections.get(fold(word), word) for word in name.split())

    def _by_alias(self, folded: str, parts: NameParts, unit: str) -> Match | None:
        plain = plain_unit(unit)
        exact = self._exact.get(folded, [])
        for alias in exact:
            if alias.unit == plain:
                return Match(MatchMethod.ALIAS, alias.item_id, alias.base_per_unit, 1.0, alias.name)
        items = {alias.item_id for alias in exact}
        if len(items) == 1:  # the same words in another unit: the item is known, how much of it is not
            [item_id] = items
            held = self._per_unit(self._known[item_id].item, parts, unit)
            return Match(MatchMethod.ALIAS, item_id, held, 1.0, exact[0].name)
        scored = sorted(
            (
                (closeness, alias)
                for alias in self._by_figures.get((plain, _figures(folded)), ())
                if (closeness := self._alike_alias(alias.raw_name, folded)) >= ALIAS_CERTAIN
            ),
            key=lambda pair: pair[0],
            reverse=True,
        )
        if not scored:
            return None
        score, best = scored[0]
        if any(other.item_id != best.item_id and score - near < MARGIN for near, other in scored[1:]):
            return None
        return Match(MatchMethod.ALIAS_ALIKE, best.item_id, best.base_per_unit, round(score, 3), best.name)

    def _alike_alias(self, known: str, folded: str) -> float:
        """How alike two folded names of the same figures are; 0 when a word has no other to be."""
        closeness = self.alike(known, folded)
        if closeness < ALIAS_CERTAIN:
            return 0.0
        _, is_whole = words_in_common(take_apart(known).words, take_apart(folded).words, (), self.alike)
        return closeness if is_whole else 0.0

    def _by_its_code(self, parts: NameParts, unit: str) -> Match | None:
        found = {item_id for code in parts.codes for item_id in self._by_code.get(code, ())}
        if len(found) != 1:
            return None
        [item_id] = found
        known = self._known[item_id]
        if agreement(parts, known.parts, known.item) is Agreement.CONFLICT:
            return None  # the code may be misread as well
        return Match(MatchMethod.CODE, item_id, self._per_unit(known.item, parts, unit), 1.0)

    def _by_name(self, parts: NameParts, unit: str) -> Match:
        scored: list[tuple[float, bool, _Known]] = []
        for known in self._shortlist(parts):
            agreed = agreement(parts, known.parts, known.item)
            if agreed is Agreement.CONFLICT:
                continue
            score, is_whole = words_in_common(parts.words, known.parts.words, known.brand, self.alike)
            if score >= POSSIBLE:
                scored.append((score, is_whole and agreed is Agreement.SAME, known))
        scored.sort(key=lambda one: (one[0], one[1], str(one[2].item.id)), reverse=True)
        candidates = tuple(
            Candidate(known.item.id, round(score, 3), self._suggested(known.item, parts, unit))
            for score, _, known in scored[:MOST_CANDIDATES]
        )
        if not scored:
            return NOTHING
        best, is_certain, known = scored[0]
        is_alone = len(scored) == 1 or best - scored[1][0] >= MARGIN
        if is_certain and is_alone and best >= CERTAIN:
            held = self._per_unit(known.item, parts, unit)
            return Match(MatchMethod.NAME, known.item.id, held, round(best, 3), candidates=candidates)
        return Match(MatchMethod.NONE, confidence=round(best, 3), candidates=candidates)

    def _per_unit(self, item: StockItem, parts: NameParts, unit: str) -> Decimal | None:
        return per_unit(unit, parts, item.base_unit)

    def _suggested(self, item: StockItem, parts: NameParts, unit: str) -> Decimal | None:
        """With what the item itself says of its pieces: a person will look at it."""
        return per_unit(unit, parts, item.base_unit, pack=item.pack)

    def _shortlist(self, parts: NameParts) -> list[_Known]:
        """The items with most trigrams in common: only these are compared word by word."""
        grams = _trigrams(parts.words)
        hits: dict[UUID, int] = defaultdict(int)
        for gram in grams:
            for item_id in self._by_trigram.get(gram, ()):
                hits[item_id] += 1
        best = sorted(hits, key=lambda one: (-2 * hits[one] / (len(grams) + len(self._known[one].trigrams)), str(one)))
        return [self._known[item_id] for item_id in best[:SHORTLIST]]


def agreement(line: NameParts, item: NameParts, facts: StockItem) -> Agreement:
    """What the figures of a line's name and of an item say of each other."""
    verdicts = {_of_sets(getattr(line, name), getattr(item, name)) for name in ("percents", "shades", "letters")}
    verdicts.add(_of_sets(line.numbers, item.numbers))
    verdicts.add(_of_sizes(line, item, facts))
    for verdict in (Agreement.CONFLICT, Agreement.DOUBT):
        if verdict in verdicts:
            return verdict
    return Agreement.SAME


def _of_sets(line: frozenset[object], item: frozenset[object]) -> Agreement:
    if line == item:
        return Agreement.SAME
    return Agreement.CONFLICT if line and item else Agreement.DOUBT


def _of_sizes(line: NameParts, item: NameParts, facts: StockItem) -> Agreement:
    if line.sizes and item.sizes:
        return Agreement.SAME if line.sizes == item.sizes else Agreement.CONFLICT
    if facts.base_unit is BaseUnit.PIECE:
        return Agreement.SAME if line.sizes == item.sizes else Agreement.DOUBT
    if not line.sizes:
        return Agreement.SAME  # counted in ml, and the line does not say how many: `per_unit` asks
    if line.size is None:
        return Agreement.DOUBT
    if line.size.unit is not facts.base_unit:
        return Agreement.CONFLICT
    return Agreement.SAME if facts.pack in (None, line.size.value) else Agreement.CONFLICT


def words_in_common(
    line: Sequence[Word], item: Sequence[Word], brand: Sequence[Word], alike: Similarity
) -> tuple[float, bool]:
    """How much of two names' words is common, by letters, and whether nothing that matters is left over.

    Args:
        line: words of the document's line.
        item: of the item.
        brand: of the item's brand, where it is kept apart; those that the item's name has too count once.
        alike: how alike two words are.
    """
    mine = list(item) + [word for word in brand if all(_alike(word, other, alike) == 0 for other in item)]
    total = sum(len(word.folded) for word in [*line, *mine])
    if not total:
        return 0.0, False
    pairs = sorted(
        (
            (closeness, first, second)
            for first, word in enumerate(line)
            for second, other in enumerate(mine)
            if (closeness := _alike(word, other, alike))
        ),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    left, right = set(range(len(line))), set(range(len(mine)))
    common = 0.0
    for closeness, first, second in pairs:
        if first in left and second in right:
            left.remove(first)
            right.remove(second)
            common += closeness * (len(line[first].folded) + len(mine[second].folded))
    return common / total, not left and not right


def _alike(first: Word, second: Word, alike: Similarity) -> float:
    if first.folded == second.folded:
        return 1.0
    for cut, whole in ((first, second), (second, first)):
        if cut.is_cut and len(cut.folded) >= MIN_CUT and whole.folded.startswith(cut.folded):
            return 0.95
    if min(len(first.folded), len(second.folded)) <= SHORT_WORD:
        return 0.0
    closeness = alike(first.folded, second.folded)
    if first.is_latin != second.is_latin:
        closeness = max(closeness, alike(first.latin, second.latin))
    return closeness if closeness >= WORD_ALIKE else 0.0


def _figures(folded: str) -> _Figures:
    parts = take_apart(folded)
    return (tuple(sorted(_DIGITS.findall(folded))), parts.percents, parts.shades, parts.letters)


def _trigrams(words: Iterable[Word]) -> frozenset[str]:
    grams: set[str] = set()
    for word in words:
        for form in {word.folded, word.latin}:
            padded = f"  {form} "
            grams.update(padded[at : at + 3] for at in range(len(padded) - 2))
    return frozenset(grams)
