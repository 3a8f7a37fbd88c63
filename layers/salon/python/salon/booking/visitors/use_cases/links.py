"""What a link to a booking opens: its page and its calendar file."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from salon.booking import use_cases as booking
from salon.booking.domain import Booking, BookingStatus, CalendarTexts, to_ics
from salon.booking.visitors.domain import Page, render_page
from salon.catalog import use_cases as catalog
from salon.clients import use_cases as clients
from salon.platform.db import ReadSession
from salon.platform.timeranges import zone

if TYPE_CHECKING:
    from salon.platform.texts import Texts

CALENDAR_HOST = "booking.salon.invalid"  # makes a UID unique; nothing is looked up there (RFC 2606)
_AHEAD = frozenset({BookingStatus.HELD, BookingStatus.CONFIRMED})


def booking_page(session: ReadSession, booking_id: UUID, *, now: datetime, calendar_path: str) -> str:
    """The HTML page of a booking: status, time on the salon's clock, address, how to cancel.

    Raises:
        BookingNotFound: there is none.
    """
    # Here: it takes 80 ms to load, and few requests are for a page.
    from salon.identity.use_cases.words import texts_for

    found = booking.get_booking(session, booking_id)
    language = clients.get_client(session, found.client_id).language
    say, names = texts_for(session, language), _names(session, found, language)
    status = BookingStatus.EXPIRED if found.is_stale(now) else found.status
    facts = [(say.say("page-when"), names["when"]), (say.say("page-where"), names["where"])]
    if names["staff"]:
        facts.append((say.say("page-staff"), names["staff"]))
    if names["phone"]:
        facts.append((say.say("page-phone"), names["phone"]))
    is_ahead = status in _AHEAD and found.starts_at > now
    return render_page(
        Page(
            language=language,
            title=names["service"],
            status=say.say(f"page-status-{status.value.replace('_', '-')}"),
            facts=facts,
            explained=_explain(session, say, found, now) if is_ahead else [],
            links=[(say.say("page-calendar"), calendar_path)] if is_ahead else [],
        )
    )


def booking_calendar(session: ReadSession, booking_id: UUID, *, now: datetime) -> str:
    """The .ics file of a booking.

    Raises:
        BookingNotFound: there is none.
    """
    found = booking.get_booking(session, booking_id)
    names = _names(session, found, clients.get_client(session, found.client_id).language)
    summary = ", ".join(part for part in (names["service"], names["staff"]) if part)
    return to_ics(found, CalendarTexts(summary=summary, location=names["where"]), now=now, host=CALENDAR_HOST)


def _explain(session: ReadSession, say: Texts, found: Booking, now: datetime) -> list[str]:
    policy = booking.policy_of(session)
    terms = booking.cancel_terms(session, found, now=now, policy=policy)
    explained = [say.say("page-how-to-cancel")]
    if terms.is_late:
        explained.append(say.say("page-late"))
    elif policy.cancel_free_hours:
        explained.append(say.say("page-free-until", hours=policy.cancel_free_hours))
    return explained


def _names(session: ReadSession, found: Booking, language: str) -> dict[str, str]:
    from babel.dates import format_datetime  # as above

    place = catalog.get_location(session, found.location_id)
    person = catalog.get_staff(session, found.staff_id).name if found.staff_id is not None else ""
    local = found.starts_at.astimezone(zone(place.timezone))
    when = format_datetime(local, "EEEE, d MMMM y, HH:mm", locale=language)
    return {
        "service": catalog.get_service(session, found.service_id).name,
        "staff": person,
        "when": f"{when} ({place.timezone})",
        "where": ", ".join(part for part in (place.name, place.address) if part),
        "phone": place.phone,
    }
