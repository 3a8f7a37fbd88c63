"""A request that was let in: what a route does its work with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from pydantic_core import to_jsonable_python

from salon.identity.access import Principal
from salon.identity.domain import Actor
from salon.platform.db import ReadSession, WriteSession
from salon.platform.errors import SalonError

Out = TypeVar("Out")


@dataclass(frozen=True, slots=True)
class ReadCall:
    """A request that was let in, to read."""

    session: ReadSession
    principal: Principal
    now: datetime

    @property
    def actor(self) -> Actor:
        """Who asks, for the audit log."""
        return self.principal.actor


@dataclass(slots=True)
class WriteCall:
    """A request that was let in, to change something. `answer` says what it came to, exactly once."""

    session: WriteSession
    principal: Principal
    now: datetime
    _content: Any = field(default=None, init=False)
    _is_answered: bool = field(default=False, init=False)

    @property
    def actor(self) -> Actor:
        """Who asks, for the audit log."""
        return self.principal.actor

    def answer(self, content: Out) -> Out:
        """Keep this as the answer to the request and to its repeats; gives it back, for the route to return."""
        self._content, self._is_answered = to_jsonable_python(content), True
        return content

    @property
    def content(self) -> Any:
        """What was answered, as plain JSON values.

        Raises:
            SalonError: nothing was: the route forgot to.
        """
        if not self._is_answered:
            raise SalonError("A route that changes something says call.answer(…).")
        return self._content
