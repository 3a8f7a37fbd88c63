"""Sections of an API: routes that are added when something of theirs is first asked for.

A function with many resources would otherwise load all of them before its first answer, which needs one. Where a
section's routes lie has to be known without loading it, so it is said beside it; a test compares that with the routes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import RLock


@dataclass(frozen=True, slots=True)
class Section:
    """Some routes, not added yet.

    Attributes:
        places: beginnings of their paths in whole segments, `/v1/visits`; `<…>` stands for any one segment.
        add: imports and adds them.
    """

    places: tuple[str, ...]
    add: Callable[[], None]

    def holds(self, path: str) -> bool:
        """Whether the path may be one of this section's."""
        segments = path.split("/")
        return any(_begins(segments, place.split("/")) for place in self.places)


class Sections:
    """What has not been added yet, in its order."""

    def __init__(self) -> None:
        self._closed: list[Section] = []
        self._lock = RLock()  # two first requests of a server with threads

    def append(self, section: Section) -> None:
        """Keep a section until it is asked for."""
        self._closed.append(section)

    def open_for(self, path: str) -> None:
        """Add the routes of every section that may know the path."""
        with self._lock:
            self._open([section for section in self._closed if section.holds(path)])

    def open_all(self) -> None:
        """Add all routes."""
        with self._lock:
            self._open(list(self._closed))

    def _open(self, sections: list[Section]) -> None:
        for section in sections:
            section.add()
            self._closed.remove(section)  # after it: what could not be loaded is tried again


def _begins(segments: list[str], place: list[str]) -> bool:
    if len(segments) < len(place):
        return False
    return all(wanted == found or wanted.startswith("<") for wanted, found in zip(place, segments, strict=False))
