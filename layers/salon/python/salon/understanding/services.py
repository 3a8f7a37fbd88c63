"""Finds the services a message names: what words stand for first, likeness second."""

from dataclasses import replace
from typing import NamedTuple

from rapidfuzz import fuzz

from salon.understanding.catalogue_index import MIN_FUZZY_WORD, Index, index_of, is_alike, key_of
from salon.understanding.concepts import MIN_STEM, Vocabulary, related, sound_of, stem_of, vocabulary
from salon.understanding.domain import Catalogue, Match
from salon.understanding.repository import Lexicon
from salon.understanding.service_context import in_context
from salon.understanding.service_doubts import doubt_unknown_kinds
from salon.understanding.service_hits import Hit, service_hits
from salon.understanding.service_scores import SPECIAL_PEOPLE, WHOLE, Scored, Scorer
from salon.understanding.text import Prepared

_MARGIN = 0.08
_WIDE_MARGIN = 0.55
_ACCEPT = 0.3
_FUZZY_ACCEPT = 86.0
_MAX_SERVICES = 5
_CONTRADICTION = 0.55
_LINKED = 0.1
_UNLINKED = 0.9
_REPEATED = 1.3
_OWN_AREA = 10.0
_KIND_BEFORE = 2.5
_NEARLY_EXACT = 0.9
_SAME_LETTERS = 0.1
_SOFT_HINT = 0.1
_SPELLING_DOUBT = 0.92


class Found(NamedTuple):
    """Services wanted, in the order of the text, those declined, and the spans their words cover."""

    services: tuple[Match, ...] = ()
    negated: tuple[str, ...] = ()
    masked: tuple[tuple[int, int], ...] = ()


class _Segment(NamedTuple):
    hits: tuple[Hit, ...]

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(hit.key for hit in self.hits)

    @property
    def link(self) -> str:
        return self.hits[0].link

    @property
    def is_joint(self) -> bool:
        return any((hit.link == "and" and hit.is_thing) or hit.is_with for hit in self.hits[1:])

    @property
    def stems(self) -> frozenset[str]:
        return frozenset(sound_of(stem_of(hit.word)) for hit in self.hits)


def service_words(lexicon: Lexicon) -> frozenset[str]:
    """Stems that prove that a Latin run was meant as Russian."""
    return frozenset(stem for stem in vocabulary(lexicon).stems if len(stem) >= MIN_STEM)


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
        lexicon: Concepts, their roles and kinds, stop words.
        masked: Spans that are a person's name.
        time_words: Words that belong to the calendar.
    """
    index = index_of(catalogue, lexicon)
    if not index.aliases:
        return Found()
    matcher = _Matcher(index, vocabulary(lexicon), _soft_hints(prepared, lexicon))
    said = service_hits(prepared, lexicon, index, masked, time_words)
    hits = in_context(said, prepared, index, vocabulary(lexicon))
    if said and not hits:
        return Found()
    found = matcher.read(matcher.segments(hits))
    if not found.services and not found.negated and (match := _alike(prepared, index, lexicon, masked, time_words)):
        return Found((match,))
    services = doubt_unknown_kinds(found.services, hits, prepared, index, lexicon=lexicon, time_words=time_words)
    return found._replace(services=services)


def _soft_hints(prepared: Prepared, lexicon: Lexicon) -> frozenset[str]:
    """«Причёска на вечер»: perhaps the evening one, though the words may speak of time."""
    phrases = lexicon.services["soft_hints"]
    return frozenset(concept for phrase, concept in phrases.items() if phrase in prepared.line)


class _Matcher(Scorer):
    """Compares pieces of one message with the services of one catalogue."""

    def __init__(self, index: Index, known: Vocabulary, soft: frozenset[str] = frozenset()) -> None:
        super().__init__(index, known)
        self.soft = soft

    def segments(self, hits: list[Hit]) -> list[_Segment]:
        """Cut the hits where one service ends and the next begins, so that as much as possible is explained."""
        segments: list[_Segment] = []
        group: list[Hit] = []
        for hit in _with_declined_kinds(hits, self.known):
            declined = group and (group[0].link == "not" or group[-1].dropped) and hit.link
            if group and (hit.link in {"not", "or", "instead"} or declined):
                segments += self._cut(group)
                group = []
            group.append(hit)
        return segments + self._cut(group)

    def _cut(self, hits: list[Hit]) -> list[_Segment]:
        best: list[tuple[float, int]] = [(0.0, 0)]
        for end in range(1, len(hits) + 1):
            options = []
            for begin in range(end):
                cost = self._cost(hits, begin) if begin else 0.0
                gain = self._gain(_Segment(tuple(hits[begin:end])))
                options.append((best[begin][0] + gain - cost, begin))
            best.append(max(options))
        segments: list[_Segment] = []
        end = len(hits)
        while end > 0:
            begin = best[end][1]
            segments.append(_Segment(tuple(hits[begin:end])))
            end = begin
        return segments[::-1]

    def _cost(self, hits: list[Hit], place: int) -> float:
        """What it costs to begin another service here: little after «и», more in the middle of words."""
        if hits[place].link == "and":
            return _LINKED + (self.index.weights.get(hits[place].key, 0.0) if hits[place].is_copy else 0.0)
        roles, belongs, fixed = self.known.roles, self.known.tables["belongs"], self.known.tables["fixed"]
        before, here = hits[place - 1].key, hits[place].key
        if related(before, here, self.known) or related(here, before, self.known):
            return _OWN_AREA
        kinds = {roles.get(before), roles.get(here)}
        if kinds == {"procedures"}:
            return _REPEATED
        if kinds == {"procedures", "areas"}:
            procedure, area = (here, before) if roles.get(here) == "procedures" else (before, here)
            return _UNLINKED if procedure in fixed and area not in belongs.get(procedure, ()) else _OWN_AREA
        if roles.get(before) == "modifiers" and roles.get(here) == "procedures":
            return _KIND_BEFORE
        following = next((at for at in range(place + 1, len(hits)) if hits[at].link), len(hits))
        begins = any(roles.get(hit.key) == "procedures" for hit in hits[place:following])
        return _UNLINKED if begins and kinds <= {"procedures", "areas", "modifiers"} else _OWN_AREA

    def _gain(self, segment: _Segment) -> float:
        scored = self.scored(segment.keys, is_joint=segment.is_joint)
        return scored[0].gain * scored[0].score if scored else 0.0

    def read(self, segments: list[_Segment]) -> Found:
        """Match each segment; what was declined or taken back is not wanted, «или» leaves a choice."""
        found: list[Match] = []
        deeds: set[str] = set()
        negated: list[str] = []
        spans: list[tuple[int, int]] = []
        for place, segment in enumerate(segments):
            match = None if self._is_loose(segments, place) else self._match(segment, self._hints(segments, place))
            if match is None:
                continue
            spans += [(hit.start, hit.end) for hit in segment.hits]
            if segment.link == "not" or segment.hits[-1].dropped:
                negated += [match.id] if not match.alternatives else []
                found = [other for other in found if other.id != match.id]
            elif segment.link == "or" and found:
                found[-1] = _either(found[-1], match)
            else:
                if segment.link == "instead" and found:
                    negated.append(found.pop().id)
                match = self._or_of_the_same_area(match, segments, place)
                more = _not_again(match, found, self.index) if segment.keys & deeds else match
                if more is not None and all(other.id != more.id for other in found):
                    found.append(more)
                deeds |= {key for key in segment.keys if self.known.roles.get(key) == "procedures"}
        wanted = tuple(sorted(found[:_MAX_SERVICES], key=lambda match: match.span))
        ids = {match.id for match in wanted}
        return Found(wanted, tuple(dict.fromkeys(one for one in negated if one not in ids)), tuple(spans))

    def _or_of_the_same_area(self, match: Match, segments: list[_Segment], place: int) -> Match:
        """«Коррекция бровей и окрашивание»: of the hair or of the brows?"""
        roles = self.known.roles
        segment = segments[place]
        said = {key for key in segment.keys if roles.get(key) in {"procedures", "areas"}}
        if not place or segment.link != "and" or len(said) != 1 or roles.get(next(iter(said))) == "areas":
            return match
        areas = {key for key in segments[place - 1].keys if roles.get(key) == "areas"} - self.known.weak_areas
        others = [alias.id for alias in self.index.aliases if said <= alias.keys and areas & alias.areas]
        others = [other for other in dict.fromkeys(others) if other not in {match.id, *match.alternatives}]
        if not others:
            return match
        alternatives = (*match.alternatives, *others[:_MAX_SERVICES])
        return replace(match, confidence=round(min(match.confidence, 0.99) * 0.5, 3), alternatives=alternatives)

    def _is_loose(self, segments: list[_Segment], place: int) -> bool:
        """A mere kind that nothing joins to its neighbour («омбре на каре») is no service of its own."""
        things = [any(hit.is_thing for hit in segment.hits) for segment in segments]
        if things[place] or not any(things):
            return False
        following = segments[place + 1].link if place + 1 < len(segments) else "end"
        return following == "" if place == 0 else segments[place].link == ""

    def _hints(self, segments: list[_Segment], place: int) -> frozenset[str]:
        """What a piece borrows from its neighbours: «шугаринг ног и рук», «коррекция и окрашивание бровей»."""
        roles = self.known.roles
        keys = segments[place].keys
        hints: set[str] = set()
        if not any(roles.get(key) == "procedures" for key in keys):
            near = segments[place - 1] if place else segments[place + 1] if len(segments) > 1 else segments[place]
            hints |= {key for key in near.keys if roles.get(key) == "procedures"}
        has_area = any(roles.get(key) == "areas" or self.known.tables["belongs"].get(key) for key in keys)
        if place + 1 < len(segments) and segments[place + 1].link == "and" and not has_area:
            hints |= {key for key in segments[place + 1].keys if roles.get(key) == "areas"}
        return frozenset(hints)

    def _match(self, segment: _Segment, hints: frozenset[str]) -> Match | None:
        keys, scored = self._scored_or_usual(segment, hints)
        scored = self._by_letter(scored, segment)
        if not scored or scored[0].score < _ACCEPT:
            return None
        best = scored[0]
        near = self._near(best, scored[1:], keys)
        confidence = min(0.99, 0.5 + 0.49 * best.score)
        if near:
            confidence *= 0.5
        if best.factor < _CONTRADICTION:
            confidence *= 0.6
        if any(hit.repaired for hit in segment.hits):
            confidence *= _SPELLING_DOUBT
        span = (segment.hits[0].start, segment.hits[-1].end)
        name = self.index.names[best.service]
        return Match(best.service, name, round(confidence, 3), span, tuple(other.service for other in near))

    def _scored_or_usual(self, segment: _Segment, hints: frozenset[str]) -> tuple[frozenset[str], list[Scored]]:
        keys = segment.keys
        tables, roles = self.known.tables, self.known.roles
        has_procedure = any(roles.get(key) == "procedures" for key in keys)
        if not has_procedure and not hints:
            for hit in segment.hits:  # «мужскую» alone
                if hit.key in tables["who"] and hit.word.endswith(("ую", "ая")):
                    keys |= {"haircut"}
            plain = self.scored(keys)
            is_whole = bool(plain) and plain[0].precision > WHOLE and plain[0].is_complete
            unsaid = {key: tables["unsaid"].get(key) for key in keys - self.index.weights.keys()}
            unsaid = {} if (keys - unsaid.keys()) & set(tables["alone"]) else unsaid
            first = frozenset(
                other for key in keys for other in unsaid.get(key) or (tables["usual_first"].get(key, key),)
            )
            if first != keys and not is_whole and (scored := self.scored(first)) and scored[0].score >= _ACCEPT:
                return first, scored
        scored = self.scored(keys, hints, is_joint=segment.is_joint)
        if not scored or scored[0].score < _ACCEPT:
            keys = self._usual(keys)
            scored = self.scored(keys, hints)
        return keys, scored

    def _by_letter(self, scored: list[Scored], segment: _Segment) -> list[Scored]:
        """Of services that one concept covers («Дреды» and «Косы»), prefer the one called by the very word."""
        stems = segment.stems
        lettered = []
        for one in scored:
            same = sum(any(is_alike(stem, other) for other in one.alias.stems) for stem in stems) / len(stems)
            bonus = _SAME_LETTERS * same + (_SOFT_HINT if self.soft & one.alias.keys else 0.0)
            lettered.append(one._replace(score=one.score + bonus, literal=same))
        return sorted(lettered, key=lambda one: (-one.score, one.service))

    def _near(self, best: Scored, others: list[Scored], keys: frozenset[str]) -> list[Scored]:
        """Services between which the words leave a choice."""
        near = []
        is_exact = best.precision > WHOLE and best.is_complete
        for other in others:
            if is_exact and not (other.precision > WHOLE and other.is_complete):
                continue
            behind = best.score - other.score
            if other.alias.keys == best.alias.keys and other.literal < best.literal:
                continue  # «каре» and «пикси» are one concept, but only one was said
            fits = other.factor >= SPECIAL_PEOPLE * min(1.0, best.factor)
            hinted = not self.soft & best.alias.keys or bool(self.soft & other.alias.keys)
            is_open = best.precision < _NEARLY_EXACT and other.is_complete and hinted
            if fits and (behind < _MARGIN or (is_open and behind < _WIDE_MARGIN)):
                near.append(other)
        who = set(self.known.tables["who"])
        is_plain = best.alias.keys - keys <= set(self.known.tables["plain"])
        if is_plain and not keys & who:
            near = [other for other in near if not other.alias.keys & who]
        return near

    def _usual(self, keys: frozenset[str]) -> frozenset[str]:
        """Read «ногти» alone as the service people mean by it."""
        usual = self.known.tables["usual"]
        areas = frozenset(key for key in keys if self.known.roles.get(key) == "areas" and key in self.index.weights)
        return areas | frozenset(other for key in keys for other in (usual.get(key) or (key,)))


def _not_again(match: Match, found: list[Match], index: Index) -> Match | None:
    """A match that was not found before: of those between which its words leave a choice, one that was not."""
    ids = {other.id for other in found}
    if match.id not in ids:
        return match
    if any(other.id == match.id and other.alternatives for other in found):
        return None
    others = [one for one in match.alternatives if one not in ids]
    if not others:
        return None
    return replace(match, id=others[0], name=index.names[others[0]], alternatives=tuple(others[1:]))


def _with_declined_kinds(hits: list[Hit], known: Vocabulary) -> list[Hit]:
    """«Маникюр не классический, а аппаратный» is one service of a certain kind, not three."""
    result: list[Hit] = []
    for hit in hits:
        is_kind = known.roles.get(hit.key) == "modifiers"
        has_procedure = any(known.roles.get(other.key) == "procedures" for other in result)
        if is_kind and hit.link == "not" and has_procedure:
            result.append(hit._replace(key="-" + hit.key, link=""))
        elif is_kind and result and result[-1].key[0] == "-" and hit.link == "and":
            result.append(hit._replace(link=""))
        else:
            result.append(hit)
    return result


def _either(first: Match, second: Match) -> Match:
    others = (*first.alternatives, second.id, *second.alternatives)
    alternatives = tuple(dict.fromkeys(other for other in others if other != first.id))
    span = (first.span[0], second.span[1])
    return Match(first.id, first.name, round(min(first.confidence, 0.99) * 0.5, 3), span, alternatives)


def _alike(
    prepared: Prepared, index: Index, lexicon: Lexicon, masked: tuple[tuple[int, int], ...], time_words: frozenset[str]
) -> Match | None:
    """Compare what is left of the message as a whole (facts §1.4: partial token sort ratio)."""
    rest = [
        word for word in prepared.words
        if key_of(word.text, lexicon) and word.text not in time_words and len(word.text) >= MIN_FUZZY_WORD
        and not any(start <= word.start < end for start, end in masked)
    ]  # fmt: skip
    if not rest or len(rest) > 6:  # noqa: PLR2004 - a long sentence resembles everything in part
        return None
    line = " ".join(word.text for word in rest)
    scores: dict[str, float] = {}
    for alias in index.aliases:
        if len(alias.text) >= MIN_FUZZY_WORD:
            likeness = fuzz.partial_token_sort_ratio(line, alias.text, score_cutoff=_FUZZY_ACCEPT - 100 * _MARGIN)
            scores[alias.id] = max(scores.get(alias.id, 0.0), likeness)
    ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    if not ranked or ranked[0][1] < _FUZZY_ACCEPT:
        return None
    near = tuple(other for other, score in ranked[1:] if ranked[0][1] - score < 100 * _MARGIN)
    confidence = ranked[0][1] / 100 * (0.4 if near else 0.8)
    return Match(ranked[0][0], index.names[ranked[0][0]], round(confidence, 3), (rest[0].start, rest[-1].end), near)
