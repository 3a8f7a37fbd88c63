"""The tenant's rules of booking."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from salon.booking import domain
from salon.booking.domain import BookingPolicy
from salon.identity.domain import Actor
from salon.identity.use_cases import read_settings, write_settings
from salon.platform.db import ReadSession, WriteSession

SECTION = "booking"


def policy_of(session: ReadSession) -> BookingPolicy:
    """What the tenant allows; the defaults where it says nothing."""
    return domain.policy_from(read_settings(session, SECTION))


def change_policy(session: WriteSession, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> BookingPolicy:
    """Change some of the rules: those that are named, as `BookingPolicy.settings` names them; the others stay.

    Raises:
        PolicySenseless: a name is not known, or a value makes no sense; says which. Nothing is changed then.
    """
    changed = domain.changed_settings(read_settings(session, SECTION), values)
    write_settings(session, SECTION, changed, actor=actor, now=now)
    return domain.policy_from(changed)
