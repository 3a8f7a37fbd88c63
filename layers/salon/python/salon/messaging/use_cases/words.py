"""A tenant's own words: the tone it speaks in, and the texts that it says in its own way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salon.identity.use_cases.business import LOCALES
from salon.identity.use_cases.words import SECTION, salon_language, salon_texts, texts_for
from salon.platform.errors import Invalid
from salon.platform.texts import DEFAULT_TONE, check_changes, tones

__all__ = ["SECTION", "check_words", "salon_language", "salon_texts", "texts_for"]


def check_words(content: Mapping[str, Any]) -> None:
    """Refuse a section of settings that could not be spoken: `{"tone": "friendly", "ru": {"thanks": "…"}}`.

    Raises:
        Invalid: an unknown tone, language or setting.
        TextUnusable: a text that does not exist or cannot be formed; says which and why.
    """
    for name in content.keys() - {"tone", *LOCALES}:
        raise Invalid(f"`{SECTION}.{name}` is no setting of this section.")
    if content.get("tone", DEFAULT_TONE) not in tones():
        raise Invalid(f"`{SECTION}.tone` is one of: {', '.join(tones())}.")
    for locale in LOCALES:
        changes = content.get(locale, {})
        if not isinstance(changes, Mapping):
            raise Invalid(f"`{SECTION}.{locale}` says texts by their names.")
        check_changes(locale, changes)
