"""What people read, from Fluent files in `shared/texts/<locale>/`: Russian plural forms, translators' tools."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from fluent.runtime import FluentBundle, FluentResource

from salon.platform.errors import SalonError
from salon.platform.shared_data import shared_path

DEFAULT_LOCALE = "ru"


class TextMissing(SalonError):
    """A text is not in the files, or misses an argument; a bug that the tests find."""

    code = "TEXT_MISSING"


class Texts:
    """The texts of one locale."""

    def __init__(self, bundle: FluentBundle) -> None:
        self._bundle = bundle

    def say(self, text_id: str, **arguments: Any) -> str:
        """The text `text_id` with its arguments (underscores in their names become hyphens).

        Raises:
            TextMissing: there is no such text, or an argument is missing.
        """
        message = self._bundle.get_message(text_id) if self._bundle.has_message(text_id) else None
        if message is None or message.value is None:
            raise TextMissing(f"There is no text {text_id}.")
        named = {name.replace("_", "-"): value for name, value in arguments.items()}
        text, problems = self._bundle.format_pattern(message.value, named)
        if problems:
            raise TextMissing(f"The text {text_id} cannot be formed: {problems[0]}.")
        return str(text)


@lru_cache(maxsize=4)
def texts(locale: str = DEFAULT_LOCALE) -> Texts:
    """The texts of a locale; a locale we do not have speaks Russian."""
    folder = shared_path("texts")
    chosen = locale if (folder / locale).is_dir() else DEFAULT_LOCALE
    bundle = FluentBundle([chosen], use_isolating=False)
    for file in sorted((folder / chosen).glob("*.ftl")):
        bundle.add_resource(FluentResource(file.read_text("utf-8")))
    return Texts(bundle)
