"""What an import did, thing by thing. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from salon.availability.domain import SlotsGenerated


class Outcome(StrEnum):
    """What became of a thing of the file."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing of the file.

    Attributes:
        place: where it stands, in words: «staff 3 «Анна», shifts».
        outcome: what became of it.
        reason: why it was refused.
    """

    place: str
    outcome: Outcome
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.reason or self.outcome}"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or, as a dry run, would do.

    Attributes:
        things: in the order of the work.
        is_dry_run: nothing was kept.
        slots: what became of the slots; nothing in a dry run.
    """

    things: tuple[Thing, ...]
    is_dry_run: bool
    slots: SlotsGenerated = field(default_factory=SlotsGenerated)

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """How many things had which outcome; every outcome is there."""
        found = Counter(thing.outcome for thing in self.things)
        return {outcome: found[outcome] for outcome in Outcome}

    @property
    def problems(self) -> tuple[str, ...]:
        """What was refused, a sentence each."""
        return tuple(str(thing) for thing in self.things if thing.outcome is Outcome.REFUSED)
