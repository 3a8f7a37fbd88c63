"""TEMPORARY shim until messaging.people and delivery are there."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID


def relay_inbound(session: Any, conversation: Any, text: str, media_key: str | None, now: datetime) -> bool:
    try:
        from salon.messaging.people.use_cases import relay_inbound as real
    except ImportError:
        return False
    return real(session, conversation, text, media_key, now)


def note_outside_answer(session: Any, conversation_id: UUID, now: datetime) -> None:
    try:
        from salon.messaging.people.use_cases import note_outside_answer as real
    except ImportError:
        return
    real(session, conversation_id, now)


def find_staff(session: Any, conversation_id: UUID) -> Any:
    try:
        from salon.messaging.people.use_cases import find_staff as real
    except ImportError:
        return None
    return real(session, conversation_id)


def note_status(session: Any, account_id: UUID, report: Any, chat_id: str, now: datetime) -> None:
    try:
        from salon.messaging.use_cases.delivery import note_status as real
    except ImportError:
        return
    real(session, account_id, report, chat_id, now)
