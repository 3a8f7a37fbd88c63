"""Loads the lexicon: the words of the language, kept as data outside the code."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from salon.understanding.errors import LexiconNotFound

_LANGUAGE = "ru"
_PARTS = ("calendar", "intents", "keyboard", "names", "services")


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """The lexicon's parts as read; compiled forms are cached by the modules that use them."""

    version: str
    calendar: dict[str, Any]
    intents: dict[str, Any]
    keyboard: dict[str, Any]
    names: dict[str, Any]
    services: dict[str, Any]


def find_lexicon(start: Path) -> Path:
    """Return the lexicon's folder for code that lies at ``start``.

    In the cloud the data is copied beside the layer's code, in ``salon_data/lexicon``; in the repository it is
    ``shared/lexicon`` in a folder above.

    Raises:
        LexiconNotFound: Neither place has it.
    """
    places = [folder / "salon_data" / "lexicon" for folder in start.parents[2:3]]
    places += [folder / "shared" / "lexicon" for folder in start.parents]
    for place in places:
        if (place / _LANGUAGE).is_dir():
            return place
    raise LexiconNotFound(f"no salon_data/lexicon or shared/lexicon found from {start}")


@lru_cache(maxsize=4)
def load_lexicon(path: Path | None = None) -> Lexicon:
    """Load the lexicon once per folder.

    Args:
        path: The folder that holds one folder per language; found from this file when None.

    Raises:
        LexiconNotFound: There is no lexicon there.
    """
    folder = (path or find_lexicon(Path(__file__).resolve())) / _LANGUAGE
    try:
        parts = {name: json.loads((folder / f"{name}.json").read_bytes()) for name in _PARTS}
    except FileNotFoundError as error:
        raise LexiconNotFound(f"the lexicon in {folder} lacks {Path(error.filename).name}") from error
    versions = sorted({part["version"] for part in parts.values()})
    return Lexicon(version="+".join(versions), **parts)


def load_demo_catalogue(path: Path | None = None) -> dict[str, dict[str, str]]:
    """Load the small invented salon that the command line uses when it is given no catalogue."""
    folder = (path or find_lexicon(Path(__file__).resolve())) / _LANGUAGE
    demo: dict[str, dict[str, str]] = json.loads((folder / "demo_catalogue.json").read_bytes())
    return {"services": demo["services"], "staff": demo["staff"]}
