"""The import's bookkeeping: what became of each thing, and what the file's keys stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from salon.availability.salon_file.domain import Outcome, Thing
from salon.availability.salon_file.repository import attempt
from salon.platform.db import WriteSession
from salon.platform.errors import Invalid, Refusal

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Details = TypeVar("Details", bound="DataclassInstance")


class Unknown(Invalid):
    """A thing refers to what neither the file nor the tenant has."""

    code = "SALON_FILE_REFERENCE_UNKNOWN"

    def __init__(self, kind: str, key: str, *, was_refused: bool) -> None:
        what = "option" if kind.startswith("option of") else kind.replace("_", " ")
        text = f"{what} «{key}» was refused" if was_refused else f"neither the file nor the salon has a {what} «{key}»"
        super().__init__(f"{text}.")


class Tally:
    """What became of each thing so far."""

    def __init__(self, session: WriteSession) -> None:
        self._session = session
        self._things: list[Thing] = []
        self._known: dict[tuple[str, str], UUID | None] = {}

    @property
    def things(self) -> tuple[Thing, ...]:
        """In the order of the work."""
        return tuple(self._things)

    @property
    def is_refused(self) -> bool:
        """Whether anything was."""
        return any(thing.outcome is Outcome.REFUSED for thing in self._things)

    @contextmanager
    def thing(self, place: str) -> Iterator[Callable[[Outcome], None]]:
        """Work on one thing; a refusal undoes it and is noted, so that the person reads of all of them at once.

        Yields:
            To be called with each outcome: created goes before changed, and without a call nothing has changed.
        """
        outcomes: list[Outcome] = []
        try:
            with attempt(self._session):
                yield outcomes.append
        except Refusal as refusal:
            self._things.append(Thing(place, Outcome.REFUSED, str(refusal)))
        else:
            made = Outcome.CREATED if Outcome.CREATED in outcomes else Outcome.CHANGED
            self._things.append(Thing(place, made if outcomes else Outcome.UNCHANGED))

    def know(self, kind: str, key: str, thing_id: UUID | None) -> None:
        """Have a key stand for a thing; None for one that was refused."""
        self._known[kind, key] = thing_id

    def find(self, kind: str, key: str) -> UUID | None:
        """What a key stands for."""
        return self._known.get((kind, key))

    def resolve(self, kind: str, key: str) -> UUID:
        """What a key stands for.

        Raises:
            Unknown: nothing.
        """
        found = self.find(kind, key)
        if found is None:
            raise Unknown(kind, key, was_refused=(kind, key) in self._known)
        return found

    def resolve_all(self, kind: str, keys: Iterable[str]) -> list[UUID]:
        """What keys stand for.

        Raises:
            Unknown: one of them for nothing.
        """
        return [self.resolve(kind, key) for key in keys]


def match_things(wanted: Sequence[tuple[str, ...]], stored: Mapping[UUID, tuple[str, ...]]) -> list[UUID | None]:
    """For each thing of the file the stored one that it is; None for a new one.

    A natural key is a name, or a name and where. Those of the same key are the same thing, and of namesakes the first
    the first; of what is left, the only one of a name is the same thing elsewhere.
    """
    left = dict(sorted(stored.items()))
    found: list[UUID | None] = [None] * len(wanted)
    for position, natural in enumerate(wanted):
        same = next((thing_id for thing_id, known in left.items() if known == natural), None)
        if same is not None:
            found[position] = same
            del left[same]
    for position, natural in enumerate(wanted):
        namesakes = [thing_id for thing_id, known in left.items() if known[0] == natural[0]]
        is_only_one = sum(other[0] == natural[0] for other, taken in zip(wanted, found, strict=True) if taken is None)
        if found[position] is None and len(namesakes) == 1 and is_only_one == 1:
            found[position] = namesakes[0]
            del left[namesakes[0]]
    return found


def details_of(stored: Any, kind: type[Details]) -> Details:
    """What a person says about a stored thing: its fields that `kind` has."""
    return kind(**{field.name: getattr(stored, field.name) for field in fields(kind)})
