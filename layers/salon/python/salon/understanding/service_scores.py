"""How well a service of the catalogue fits what was said: coverage both ways, less for every contradiction."""

from functools import lru_cache
from typing import NamedTuple

from salon.understanding.catalogue_index import Alias, Index
from salon.understanding.concepts import Vocabulary, related

_HINT_BONUS = 0.12
_CONFLICT = 0.35
_OTHER_AREA = 0.3
_OTHER_PROCEDURE = 0.5
_MORE_PROCEDURES = 0.8
_JOINED_OTHERWISE = 0.75
_NOT_LITERAL = 0.75
_AREA_MISSED = 0.6
SPECIAL_PEOPLE = 0.98
_PART_OF_AREA = 0.4
UNASKED_AREA = 0.75
WHOLE = 0.97


class Scored(NamedTuple):
    """How well a service fits a piece of a message.

    Attributes:
        score: 0 to about 1.2: the fit, less for contradictions, more for the very words.
        gain: How much of the message it explains.
        alias: The way of calling the service that fits.
        precision: How much of that was said.
        is_complete: Whether everything said is in it.
        factor: Less than 1 for a contradiction, or for more than was asked for.
        literal: The share of the words that are its own words.
    """

    score: float
    gain: float
    alias: Alias
    precision: float
    is_complete: bool
    factor: float
    literal: float = 0.0

    @property
    def service(self) -> str:
        """The service's id."""
        return self.alias.id


class Scorer:
    """Scores the services of one catalogue; what was scored once within a message is kept."""

    def __init__(self, index: Index, known: Vocabulary) -> None:
        self.index = index
        self.known = known
        self._scores: dict[tuple[frozenset[str], frozenset[str], bool], list[Scored]] = {}

    def scored(
        self, keys: frozenset[str], hints: frozenset[str] = frozenset(), *, is_joint: bool = False
    ) -> list[Scored]:
        """Score every service that shares something telling with the keys, the best first."""
        if (kept := self._scores.get((keys, hints, is_joint))) is not None:
            return kept
        places: set[int] = set()
        for key in keys | hints:
            for near, _ in self.index.fitting.get(key, ()):
                places.update(self.index.by_key.get(near, ()))
        best: dict[str, Scored] = {}
        for place in places:
            one = self._score(keys, hints, self.index.aliases[place], is_joint=is_joint)
            if one is not None and (one.service not in best or one.score > best[one.service].score):
                best[one.service] = one
        ranked = sorted(best.values(), key=lambda one: (-one.score, one.service))
        self._scores[keys, hints, is_joint] = ranked
        return ranked

    def _score(self, keys: frozenset[str], hints: frozenset[str], alias: Alias, *, is_joint: bool) -> Scored | None:
        said = got = dropped = implied = 0.0
        matched: set[str] = set()
        for key in keys:
            fitting = self.index.fitting.get(key)
            if not fitting:
                continue
            weight = max(self.index.weights[near] for near, _ in fitting)
            fit = max((value for near, value in fitting if near in alias.keys), default=0.0)
            if fit < 1.0 and key in self.index.weights:
                fit *= _NOT_LITERAL
            if fit < 1.0 and self.known.children.get(key, frozenset()) & keys:
                dropped += weight
                continue  # «массаж камнями»: what is done was said more exactly
            if not fit and key in alias.belongs:
                implied += weight * _PART_OF_AREA if key in self.index.weights else 0.0
                continue
            said += weight
            got += weight * fit
            if fit:
                matched.add(key)
        if not self._is_telling(matched, hints, alias):
            return None
        named = sum(alias.weights.values())
        covered = sum(
            weight * max(related(key, has, self.known) for key in keys) for has, weight in alias.weights.items()
        )
        is_complete = got / said > WHOLE
        precision, coverage = covered / named, got / (said + implied)
        score = 2 * precision * coverage / (precision + coverage)
        factor = self._conflicts(keys, matched, alias)
        if alias.is_joint != is_joint and (alias.is_joint or len(matched) > 1):
            factor *= _JOINED_OTHERWISE
        bonus = _HINT_BONUS * len(hints & alias.keys) if factor == 1.0 else 0.0
        return Scored(score * factor + bonus, got + dropped, alias, precision, is_complete, factor)

    def _is_telling(self, matched: set[str], hints: frozenset[str], alias: Alias) -> bool:
        """Whether more is shared than a kind («классический») or a part of the body that any sentence may name."""
        if not matched:
            return False
        if hints & alias.keys:
            return True
        known = self.known
        met = {has for has in alias.procedures if any(related(key, has, known) for key in matched)}
        return any(
            known.roles.get(key) == "procedures"
            or (key[0] == "=" and not alias.procedures - met)
            or (known.roles.get(key) == "areas" and key not in known.weak_areas)
            or key in known.tables["alone"]
            for key in matched
            if key[0] not in "-#"
        )

    def _conflicts(self, keys: frozenset[str], matched: set[str], alias: Alias) -> float:
        factor = 1.0
        for key in keys:
            if key not in alias.keys and (self._rivals(key) - self.known.parents.get(key, frozenset())) & alias.keys:
                factor *= _CONFLICT
        who = self.known.tables["who"]
        if alias.keys.intersection(who) and not keys.intersection(who) and "women" not in alias.keys:
            factor *= SPECIAL_PEOPLE
        return factor * self._area_factor(keys, alias) * self._procedure_factor(keys, matched, alias)

    def _rivals(self, key: str) -> frozenset[str]:
        return rivals_of(self.known, key)

    def _area_factor(self, keys: frozenset[str], alias: Alias) -> float:
        known = self.known
        areas = {key for key in keys if known.roles.get(key) == "areas"}
        if areas:
            places = alias.areas or alias.belongs
            meets = any(related(key, place, known) or related(place, key, known) for key in areas for place in places)
            is_implied = not alias.areas and areas & alias.belongs
            if not meets and places and not is_implied:
                return _OTHER_AREA
            missed = {key for key in areas - known.weak_areas if key in self.index.weights} - alias.keys - alias.belongs
            return _AREA_MISSED if missed and not meets else 1.0
        belongs = known.tables["belongs"]
        said = [belongs[key] for key in keys if key in known.tables["of_area"]]
        if alias.areas and any(alias.areas.isdisjoint(places) for places in said):
            return _OTHER_AREA  # «коррекция геля» is none of the brows
        usual = {place for key in keys for place in belongs.get(key, ())}
        return UNASKED_AREA if alias.areas and usual and not usual & alias.areas else 1.0

    def _procedure_factor(self, keys: frozenset[str], matched: set[str], alias: Alias) -> float:
        """«Покрасить брови» is not their correction."""
        known = self.known
        asked = {key for key in keys if known.roles.get(key) in {"procedures", "verbs"}}
        if not alias.procedures:
            return 1.0
        if not asked:
            is_extra = bool(alias.procedures & set(known.tables["extras"]))
            has_area = any(known.roles.get(key) == "areas" for key in keys)
            return _MORE_PROCEDURES if is_extra and not has_area else 1.0
        met = {has for has in alias.procedures if any(related(key, has, known) for key in asked)}
        if not alias.procedures - met:
            return 1.0
        return _OTHER_PROCEDURE if asked - matched else _MORE_PROCEDURES


@lru_cache(maxsize=1024)
def _rivals_of(groups: tuple[tuple[str, ...], ...], key: str) -> frozenset[str]:
    return frozenset(other for group in groups if key in group for other in group if other != key)


def rivals_of(known: Vocabulary, key: str) -> frozenset[str]:
    """Return the keys that cannot go with one: other people, other kinds, what is left out."""
    rivals = _rivals_of(known.exclusive, key)
    if key[0] == "-":
        bare = key[1:]
        return rivals | {bare} | known.children.get(bare, frozenset())
    return rivals | {"-" + key}
