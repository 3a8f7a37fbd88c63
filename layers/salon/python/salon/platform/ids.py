"""Identifiers: UUIDv7 (RFC 9562), made in the application because servers before PostgreSQL 18 cannot."""

from __future__ import annotations

from uuid import UUID

from uuid6 import uuid7


def new_id() -> UUID:
    """A new identifier that sorts by the time it was made."""
    return UUID(int=uuid7().int)


def parse_id(text: object) -> UUID | None:
    """The identifier in `text`, or None when it is not one (ids from outside are never trusted to be well-formed)."""
    if not isinstance(text, str):
        return None
    try:
        return UUID(text)
    except ValueError:
        return None
