"""Things that are made when they are first asked for: a webhook verifies and unpacks without ever loading httpx."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, Protocol, TypeVar


class Closing(Protocol):
    """Something that holds connections."""

    def close(self) -> None:
        """Close them."""
        ...


_Made = TypeVar("_Made", bound=Closing)


class Lazy(Generic[_Made]):
    """One such thing; calling gives it. Safe to share between threads."""

    def __init__(self, make: Callable[[], _Made]) -> None:
        self._make = make
        self._made: _Made | None = None
        self._lock = Lock()

    def __call__(self) -> _Made:
        """The thing, made now if need be."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made

    def close(self) -> None:
        """Close it if there is one; the next call makes another."""
        with self._lock:
            made, self._made = self._made, None
        if made is not None:
            made.close()
