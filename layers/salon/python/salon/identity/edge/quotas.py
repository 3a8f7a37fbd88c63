"""How often somebody may ask, by kind of request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from salon.platform.settings import ApiSettings


class Take(Protocol):
    """Which of the settings' limits a request counts against."""

    def __call__(self, settings: ApiSettings) -> int:
        """Requests a minute."""
        ...


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit by name: requests of one address, and of one session, are counted apart."""

    name: str
    per_minute: Take


READS = Quota("read", lambda settings: settings.reads_per_minute)
BOOKINGS = Quota("book", lambda settings: settings.bookings_per_minute)
CHANGES = Quota("change", lambda settings: settings.changes_per_minute)
SESSIONS = Quota("session", lambda settings: settings.sessions_per_minute)
CONSOLE = Quota("console", lambda settings: settings.console_per_minute)
