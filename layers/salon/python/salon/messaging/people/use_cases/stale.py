"""Hand-overs that wait: for somebody who takes them, and for another word."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from salon.catalog import use_cases as catalog
from salon.clients import use_cases as clients
from salon.messaging.people import repository
from salon.messaging.people.domain import (
    OPEN_FOR,
    Handover,
    HandoverOutcome,
    HandoverStatus,
    Notice,
    NoticeKind,
    opens_at,
)
from salon.messaging.people.use_cases.handovers import ACTOR, announce, close, name_of, remind_after, return_after
from salon.messaging.people.use_cases.notices import morning, tell
from salon.messaging.people.use_cases.reopening import awaits_answer, chats_of, reopen
from salon.platform.db import ReadSession, WriteSession


def list_stale(session: ReadSession, *, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant, hand-over) of all tenants that are due: for the timer."""
    return repository.list_stale(session, before=now, limit=limit)


def delay_handover(session: WriteSession, handover_id: UUID, until: datetime) -> None:
    """Look at a hand-over later: it failed just now."""
    repository.delay_handover(session, handover_id, until)


def return_if_stale(session: WriteSession, handover_id: UUID, now: datetime) -> bool:
    """Remind the salon of a hand-over that nobody took, once; end one in which nothing happens any more.

    Where the client still waits for a word, it is not ended but waits again, and they hear that the assistant is back.

    Returns:
        Whether anything was done; what is not due after all is looked at later.
    """
    handover, _ = repository.lock_handover(session, handover_id)
    if handover.status is HandoverStatus.CLOSED or handover.due_at is None or handover.due_at > now:
        return False
    if handover.status is HandoverStatus.OPEN:
        return _look_at_open(session, handover, now)
    due_at = handover.last_activity_at + return_after(session, handover)
    waits = awaits_answer(session, handover)
    is_alone = waits and not handover.is_outside and not chats_of(session, handover)  # nobody can hear the client
    if due_at > now and not is_alone:  # the tenant has become more patient, or the console has answered
        repository.delay_handover(session, handover.id, due_at)
        return False
    if waits:
        reopen(session, handover, now, tells_client=True, not_before=morning(session, now))
        return True
    close(session, handover, HandoverOutcome.STALE, ACTOR, now)
    if handover.taken_by is not None:
        _tell_taker(session, handover, handover.taken_by, now)
    return True


def _look_at_open(session: WriteSession, handover: Handover, now: datetime) -> bool:
    if handover.reminded_at is not None:
        close(session, handover, HandoverOutcome.UNANSWERED, ACTOR, now)
        return True
    opens = opening(session, now)
    if opens is not None and opens > now:  # nobody is there: they have their minutes once they are
        repository.delay_handover(session, handover.id, opens + remind_after(session))
        return False
    announce(session, handover, now, text_id="people-notice-waiting")
    repository.update_handover(session, replace(handover, reminded_at=now, due_at=now + OPEN_FOR))
    return True


def opening(session: ReadSession, now: datetime) -> datetime | None:
    """When somebody is there to answer: `now` while a branch is open, None when no branch says its hours."""
    places = catalog.list_locations(session)
    return opens_at([(place.timezone, place.opening_hours) for place in places], now)


def _tell_taker(session: WriteSession, handover: Handover, taker: UUID, now: datetime) -> None:
    notice = Notice(
        NoticeKind.HANDOVER,
        "people-notice-stale",
        {"number": handover.number, "name": name_of(clients.get_client(session, handover.client_id))},
        sealed_for=handover.client_id,
    )
    not_before = morning(session, now)
    for contact in repository.list_contacts(session, user_id=taker):
        tell(session, contact, notice, now, not_before=not_before)
