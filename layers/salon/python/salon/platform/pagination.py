"""Cursors: where a page of a list ended, opaque to whoever pages."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import TypeVar, cast
from uuid import UUID

from salon.platform.errors import Invalid

MAX_CURSOR_CHARS = 1_024
Sorted = TypeVar("Sorted", datetime, str)


class CursorInvalid(Invalid):
    """The cursor is none that a page has given."""

    code = "CURSOR_INVALID"

    def __init__(self) -> None:
        super().__init__("This cursor was not given by this list; start again without one.")


def encode_cursor(sorted_by: datetime | str, item_id: UUID) -> str:
    """The position of a page's last item: what the list is sorted by, then the item's id."""
    plain = [sorted_by.isoformat() if isinstance(sorted_by, datetime) else sorted_by, str(item_id)]
    return base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, kind: type[Sorted]) -> tuple[Sorted, UUID]:
    """The position that `encode_cursor` wrote.

    Args:
        cursor: as it came back.
        kind: what the list is sorted by: `datetime` or `str`.

    Raises:
        CursorInvalid: it is of another form.
    """
    try:
        plain = json.loads(base64.urlsafe_b64decode(cursor[:MAX_CURSOR_CHARS] + "=" * (-len(cursor) % 4)))
        sorted_by, item_id = plain
        if not isinstance(sorted_by, str) or not isinstance(item_id, str) or "\x00" in sorted_by:
            raise CursorInvalid
        sorted_by.encode()  # a lone surrogate could not be sent to PostgreSQL
        found: object = datetime.fromisoformat(sorted_by) if kind is datetime else sorted_by
        if isinstance(found, datetime):
            if found.tzinfo is None:
                raise CursorInvalid
            found = found.astimezone(UTC)
        return cast("Sorted", found), UUID(item_id)
    except (ValueError, TypeError, RecursionError, OverflowError):
        raise CursorInvalid from None
