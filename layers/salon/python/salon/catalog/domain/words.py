"""The words for what a salon has. Values only."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

MAX_WORDS = 100  # letters looked at of what somebody looks for


@dataclass(frozen=True, slots=True)
class NamedThing:
    """A service or a person by all the words for it: what understanding is given to recognise."""

    id: UUID
    name: str
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Names of everything active that a client may mention."""

    services: tuple[NamedThing, ...]
    staff: tuple[NamedThing, ...]
    locations: tuple[NamedThing, ...]


def plain(words: str) -> str:
    """Words as they are compared: small letters, one blank between them, «е» for «ё»; at most 100 letters.

    The index of clients' names says the same in SQL (migration 0006).
    """
    composed = unicodedata.normalize("NFC", words)  # й in two characters is one letter all the same
    return " ".join(composed.lower().replace("ё", "е").split())[:MAX_WORDS].rstrip()


def retyped(words: str, layout: Mapping[str, str]) -> str | None:
    """What the same keys give on the other keyboard layout: «fyyf» is «анна»; None for what was not typed on this one.

    Args:
        words: as `plain` makes them.
        layout: key to letter.
    """
    if not any(letter in layout and letter.isalpha() for letter in words):
        return None
    other = plain("".join(layout.get(letter, letter) for letter in words))
    return other if other != words and not any(letter.isascii() and letter.isalpha() for letter in other) else None
