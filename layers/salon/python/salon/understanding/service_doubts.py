"""Doubts a service whose head word was said with a kind that no service of its family has: «балийский массаж»."""

from salon.understanding.catalogue_index import Alias, Index, key_of
from salon.understanding.concepts import Vocabulary, vocabulary
from salon.understanding.domain import Match
from salon.understanding.repository import Lexicon
from salon.understanding.service_hits import Hit
from salon.understanding.service_scores import rivals_of
from salon.understanding.text import Prepared

_ENDINGS = ("ый", "ий", "ая", "яя", "ую", "юю", "ое", "ого", "его", "ому", "ему", "ые")
"""Endings that few words but adjectives have; «-ой» and «-им» are left out for their sake."""
_MIN_LENGTH = 6
_MOST_OFFERED = 4
_DOUBT = 0.5
_UNNAMED_KIND = "women"
"""Beside «Мужская» and «Детская стрижка» a plain «Стрижка» is the women's one: price lists leave that word out."""


def doubt_unknown_kinds(
    matches: tuple[Match, ...],
    hits: list[Hit],
    prepared: Prepared,
    index: Index,
    *,
    lexicon: Lexicon,
    time_words: frozenset[str],
) -> tuple[Match, ...]:
    """Return the matches, less sure where a kind was said that the general service does not speak of.

    Only a service is doubted beside which others have all the words of its name and say what kind they are: there
    the client may mean one of those by another word, or something the salon does not have.

    Args:
        matches: The services found.
        hits: The words they were found by.
        prepared: The message.
        index: The catalogue, taken apart.
        lexicon: Adjectives that tell no kind («хороший») are its ``neutral``, known kinds its ``telling_kinds``.
        time_words: Words of the calendar.
    """
    kinds = _unknown_kinds(prepared, lexicon, time_words)
    known = vocabulary(lexicon)
    return tuple(_doubted(match, hits, index, known, has_kind=_stands_beside(kinds, match, hits)) for match in matches)


def _doubted(match: Match, hits: list[Hit], index: Index, known: Vocabulary, *, has_kind: bool) -> Match:
    if match.alternatives:
        return match
    said = [hit for hit in hits if match.span[0] <= hit.start and hit.end <= match.span[1]]
    general = next((alias for alias in index.aliases if alias.id == match.id and alias.procedures), None)
    if general is None or not said:
        return match
    family = [alias for alias in index.aliases if alias.id != match.id and _is_kind_of(alias, general, known)]
    kinds = {key for alias in family for key in alias.keys}
    unmet = [hit.key for hit in said if known.roles.get(hit.key) == "modifiers" and hit.key not in general.keys]
    telling = known.tables["telling_kinds"]
    is_kind = any(key in telling or rivals_of(known, key) & kinds for key in unmet if key != _UNNAMED_KIND)
    if not family or not (is_kind or has_kind):
        return match
    others = tuple(dict.fromkeys(alias.id for alias in family))[:_MOST_OFFERED]
    return Match(match.id, match.name, round(match.confidence * _DOUBT, 3), match.span, others)


def _is_kind_of(alias: Alias, general: Alias, known: Vocabulary) -> bool:
    """Whether a service does the same and says what kind it is."""
    more = alias.keys - general.keys
    is_kind = any(key[0] == "=" or known.roles.get(key) == "modifiers" for key in more)
    return is_kind and general.keys <= alias.keys and not alias.is_joint


def _unknown_kinds(
    prepared: Prepared, lexicon: Lexicon, time_words: frozenset[str]
) -> list[tuple[int | None, int | None, int]]:
    """Return the adjectives of no known meaning: where the word before each and after it begin, and where it does.

    A neighbour beyond a comma is none.
    """
    neutral = tuple(lexicon.services["neutral"])
    words = [word for word in prepared.words if word.text != "-"]
    found: list[tuple[int | None, int | None, int]] = []
    for place, word in enumerate(words):
        if len(word.text) < _MIN_LENGTH or not word.text.endswith(_ENDINGS) or word.text.startswith(neutral):
            continue
        if word.text in time_words or (key_of(word.text, lexicon) or "#")[0] != "=":
            continue
        before = words[place - 1] if place else None
        after = words[place + 1] if place + 1 < len(words) else None
        if before is not None and prepared.line[before.end : word.start].strip():
            before = None
        if after is not None and prepared.line[word.end : after.start].strip():
            after = None
        found.append((before.start if before else None, after.start if after else None, word.start))
    return found


def _stands_beside(kinds: list[tuple[int | None, int | None, int]], match: Match, hits: list[Hit]) -> bool:
    """Whether one of the adjectives stands right beside the service's words and is none of them."""
    taken = {hit.start for hit in hits if match.span[0] <= hit.start and hit.end <= match.span[1]}
    every = {hit.start for hit in hits}
    return any(own not in every and (before in taken or after in taken) for before, after, own in kinds)
