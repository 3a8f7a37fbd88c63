"""Facts: what has happened, told to the other modules through the events queue.

A fact carries ids, states and instants, never personal data (DESIGN law 3); whoever needs more reads it in its own
tenant transaction. Its JSON Schema is published in `shared/schemas/facts`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from salon.platform.errors import SalonError

FACTS: dict[str, type[Fact]] = {}


class UnknownFact(SalonError):
    """A message on the events queue names a fact that this version does not know."""

    code = "UNKNOWN_FACT"


class Fact(BaseModel):
    """Base of all facts; a subclass says its dotted, past-tense `name`, for example `booking.confirmed`."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", defer_build=True
    )  # an older reader meets a newer field: expand/contract

    name: ClassVar[str] = ""
    occurred_at: datetime

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Register the fact by its name; two facts of one name would be read as each other."""
        super().__pydantic_init_subclass__(**kwargs)
        if not cls.name:
            return
        known = FACTS.setdefault(cls.name, cls)
        if known.__qualname__ != cls.__qualname__:
            raise SalonError(f"Two facts are called {cls.name}.")


def read_fact(name: str, payload: dict[str, Any]) -> Fact:
    """The fact that an outbox row holds.

    Raises:
        UnknownFact: no module that this function imports declares it.
    """
    kind = FACTS.get(name)
    if kind is None:
        raise UnknownFact(f"No fact is called {name!r} here.")
    return kind.model_validate(payload)
