"""Bodies of up to a thousand items, taken apart. Whatever comes, nothing here raises."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from salon.integrations.wire import digest_id, id_of, instant_of, load_object, text_of, whole_of
from salon.messaging.domain import WireEvent

_FEW_DIGITS = re.compile(r"[0-9]{1,15}\Z")
_ID_LIMIT_BYTES = 512  # an Instagram message's id has some 200; two of these still fit into an index's entry
_LATEST_IN_SECONDS = 100_000_000_000  # the year 5138; a larger number counts milliseconds


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a body, with its surroundings.

    Attributes:
        kind: the list it stood in: `messages`, `statuses`, …; "" for what has no place in the format.
        content: the item itself.
        around: what stands beside the list: the account, the people.
        external_id, conversation, account: as in `WireEvent`.
        envelope: the body as it would be with this item alone.
    """

    kind: str
    content: dict[str, Any]
    around: dict[str, Any]
    external_id: str
    conversation: str
    account: str
    envelope: dict[str, Any]


Items = Callable[[dict[str, Any]], Iterator[Item]]


def unpack(body: bytes, items_of: Items) -> tuple[WireEvent, ...]:
    """The body's items, each in an envelope of its own; a body without any is one event."""
    try:
        items = list(items_of(load_object(body) or {}))
        if len(items) == 1:
            return (_event(items[0], body),)
        events = tuple(_event(item, _packed(item.envelope)) for item in items)
    except (ValueError, RecursionError):  # nested so deeply that it can be read and not written
        events = ()
    return events or (WireEvent(digest_id(body), "", body),)


def first_of(body: bytes, items_of: Items) -> Item | None:
    """The first item, which is the only one once the body was unpacked; None when there is none."""
    try:
        return next(items_of(load_object(body) or {}), None)
    except (ValueError, RecursionError):
        return None


def objects_of(value: object) -> list[Any]:
    """The items of a list; an object that stands where a list of one should be counts as one (facts §5.3)."""
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, dict) else []


def long_id_of(value: object) -> str:
    """An identifier of Meta's, "" when there is none or it cannot be one."""
    if not isinstance(value, str):
        return id_of(value)
    clean = text_of(value)
    return clean if len(clean.encode()) <= _ID_LIMIT_BYTES else ""


def key_of(value: object) -> str:
    """A key for an item that carries none: equal items have an equal key, whatever the order of their fields."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


def moment_of(value: object) -> datetime | None:
    """An instant given in seconds or milliseconds, as a number or as text, or None."""
    if isinstance(value, str):
        value = int(value) if _FEW_DIGITS.match(value) else None
    number = whole_of(value)
    if number is None:
        return None
    return instant_of(number // 1000 if number >= _LATEST_IN_SECONDS else number)


def _event(item: Item, body: bytes) -> WireEvent:
    return WireEvent(item.external_id, item.conversation, body, item.account)


def _packed(envelope: dict[str, Any]) -> bytes:
    # Escaped, as it came: a lone surrogate can be written in no other way.
    return json.dumps(envelope, separators=(",", ":")).encode()
