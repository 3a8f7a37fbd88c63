"""What the tenant has told its assistant to do of itself."""

from __future__ import annotations

from salon.identity.use_cases import read_settings
from salon.messaging.domain.habits import SETTINGS, MessagingSettings, habits_from
from salon.platform.db import ReadSession


def habits_of(session: ReadSession) -> MessagingSettings:
    """The tenant's habits; what it never said takes its default."""
    return habits_from(read_settings(session, SETTINGS))
