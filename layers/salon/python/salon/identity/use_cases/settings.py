"""A tenant's settings: sections of values, each owned and explained by one module."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

from salon.identity import repository
from salon.identity.domain import Actor
from salon.identity.errors import SettingsOutdated
from salon.identity.use_cases.tenants import record_audit
from salon.platform.db import ReadSession, WriteSession
from salon.platform.errors import Invalid

MAX_SECTION_CHARS = 32
MAX_CONTENT_BYTES = 64_000
_READ, _WRITTEN = "settings", "settings_written"  # of a session, which is one transaction's


def read_settings(session: ReadSession, section: str) -> dict[str, Any]:
    """The values of a section; empty when nobody has set any. The module that owns it knows the defaults.

    The first call reads all sections for the whole transaction: several modules ask in each request. A transaction
    that has written settings reads each time.
    """
    if session.info.get(_WRITTEN):
        found = repository.find_settings(session, section)
        return found[0] if found is not None else {}
    if _READ not in session.info:
        session.info[_READ] = repository.list_settings(session)
    known: dict[str, dict[str, Any]] = session.info[_READ]
    return deepcopy(known.get(section, {}))


def read_settings_version(session: ReadSession, section: str) -> int:
    """How often a section was written; 0 when never. Pass it back to `write_settings` to notice others' changes."""
    found = repository.find_settings(session, section)
    return found[1] if found is not None else 0


def list_settings(session: ReadSession) -> dict[str, dict[str, Any]]:
    """Every section that was ever written, by name."""
    return repository.list_settings(session)


def write_settings(
    session: WriteSession,
    section: str,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> int:
    """Replace a section; its new version. What the values mean is checked by the module that owns the section.

    The audit log says that it changed and by whom, not the values: they may name people.

    Args:
        session: the transaction.
        section: `booking`, `offers`, `packing`, …
        values: all of them; what is left out is unset.
        actor: who.
        now: when.
        version: the version that was read; None writes over whatever is there.

    Raises:
        SettingsOutdated: the section was written since that version was read.
        Invalid: no name, or more values than a section may have.
    """
    if not 0 < len(section) <= MAX_SECTION_CHARS:
        raise Invalid(f"A section's name has 1 to {MAX_SECTION_CHARS} characters.")
    content = dict(values)
    if len(json.dumps(content, default=str).encode()) > MAX_CONTENT_BYTES:
        raise Invalid(f"A section holds at most {MAX_CONTENT_BYTES} bytes.")
    session.info[_WRITTEN] = True
    row_id, written = repository.put_settings(session, section, content, now)  # locks the row: the version is certain
    if version is not None and written != version + 1:
        raise SettingsOutdated(section)
    record_audit(
        session,
        action="tenant.settings_changed",
        subject="tenant_settings",
        subject_id=row_id,
        actor=actor,
        now=now,
        data={"section": section, "version": written},
    )
    return written
