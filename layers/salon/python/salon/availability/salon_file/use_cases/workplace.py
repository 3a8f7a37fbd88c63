"""What every step of an import works with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from salon.availability.salon_file.domain import Outcome
from salon.availability.salon_file.use_cases.tally import Tally
from salon.identity.domain import Actor
from salon.platform.db import WriteSession


@dataclass(frozen=True, slots=True)
class Workplace:
    """One import at work.

    Attributes:
        moved: locations whose slots have moved so far.
    """

    session: WriteSession
    tally: Tally
    actor: Actor
    now: datetime
    moved: set[UUID]

    def note(self, kind: str, key: str, thing_id: UUID | None) -> bool:
        """Have a key stand for the thing just worked on, unless it was refused; whether it was accepted."""
        is_refused = self.tally.things[-1].outcome is Outcome.REFUSED
        self.tally.know(kind, key, None if is_refused else thing_id)
        return not is_refused
