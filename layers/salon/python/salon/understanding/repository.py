"""Loads the lexicon: the words of the language, kept as data outside the code."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from salon.platform.shared_data import shared_path
from salon.understanding.errors import LexiconNotFound

_LANGUAGE = "ru"
_PARTS = ("calendar", "clauses", "intents", "keyboard", "names", "services")


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """The lexicon's parts as read; compiled forms are cached by the modules that use them."""

    version: str
    calendar: dict[str, Any]
    clauses: dict[str, Any]
    intents: dict[str, Any]
    keyboard: dict[str, Any]
    names: dict[str, Any]
    services: dict[str, Any]


@lru_cache(maxsize=4)
def load_lexicon(path: Path | None = None) -> Lexicon:
    """Load the lexicon once per folder.

    Args:
        path: The folder that holds one folder per language; the shared data's own when None.

    Raises:
        LexiconNotFound: There is no lexicon there.
    """
    folder = (path or shared_path("lexicon")) / _LANGUAGE
    try:
        parts = {name: json.loads((folder / f"{name}.json").read_bytes()) for name in _PARTS}
    except FileNotFoundError as error:
        raise LexiconNotFound(f"the lexicon in {folder} lacks {Path(error.filename).name}") from error
    versions = sorted({part["version"] for part in parts.values()})
    return Lexicon(version="+".join(versions), **parts)


def load_demo_catalogue(path: Path | None = None) -> dict[str, dict[str, str]]:
    """Load the small invented salon that the command line uses when it is given no catalogue."""
    folder = (path or shared_path("lexicon")) / _LANGUAGE
    demo: dict[str, dict[str, str]] = json.loads((folder / "demo_catalogue.json").read_bytes())
    return {"services": demo["services"], "staff": demo["staff"]}
