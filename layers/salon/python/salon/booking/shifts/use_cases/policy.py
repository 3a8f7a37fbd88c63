"""The tenant's rules of asking clients to move."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from salon.booking.errors import PolicySenseless
from salon.booking.shifts import domain
from salon.booking.shifts.domain import ShiftPolicy
from salon.identity.domain import Actor
from salon.identity.use_cases import read_settings, write_settings
from salon.platform.db import ReadSession, WriteSession


def shift_policy(session: ReadSession) -> ShiftPolicy:
    """The tenant's rules: the settings section `shifts`."""
    return domain.policy_from(read_settings(session, domain.SETTINGS))


def change_shift_policy(
    session: WriteSession, values: Mapping[str, Any], *, actor: Actor, now: datetime
) -> ShiftPolicy:
    """Change some of the tenant's rules of asking clients to move; open proposals keep theirs.

    Raises:
        PolicySenseless: a name is not known, or a value makes no sense.
    """
    for name in sorted(values.keys() - ShiftPolicy.__dataclass_fields__.keys()):
        raise PolicySenseless(f"{domain.SETTINGS}.{name}", "is no setting of shifts")
    changed = domain.policy_from({**shift_policy(session).settings(), **values})
    write_settings(session, domain.SETTINGS, changed.settings(), actor=actor, now=now)
    return changed
