"""What a visitor of the site books.

Nobody has checked who a visitor is, so a telephone number that was typed proves nothing: it never leads to a client
whom the salon knows already. A session makes a client of its own, and books as that client again as long as name and
contacts stay the same; whether two clients are one person is for the salon to say. So nobody learns whether somebody
comes here, sees somebody's bookings, or changes a name or number by knowing a telephone number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from salon.availability import use_cases as availability
from salon.availability.offers.use_cases import find_incentive, find_origin
from salon.booking import use_cases as booking
from salon.booking.domain import Booking, BookingFilters, Page, Position, Visit
from salon.booking.errors import BookingNotFound, TooManyBookings, VisitNotFound
from salon.booking.visitors import repository
from salon.booking.visitors.errors import TooManyHolds
from salon.booking.waitlist import use_cases as waitlist
from salon.booking.waitlist.domain import WaitlistEntry, Wanted
from salon.booking.waitlist.errors import WaitlistEntryNotFound, WaitlistFull
from salon.clients import use_cases as clients
from salon.clients.domain import normalise_phone
from salon.clients.errors import ClientErased
from salon.identity.access import Principal
from salon.identity.domain import Actor, ActorKind
from salon.identity.use_cases import find_tenant
from salon.identity.use_cases.sessions import attach_client
from salon.platform.db import ReadSession, WriteSession

CHANNEL = "site"
MAX_OPEN_HOLDS = 5  # seats: a visit of five services in a row is the longest there is


@dataclass(frozen=True, slots=True)
class Who:
    """Whom a visitor books for; not logged."""

    name: str = field(repr=False)
    phone: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)


def become_client(session: WriteSession, principal: Principal, who: Who, *, now: datetime) -> UUID:
    """The client of a session: the one it has booked as, if that was the same person, else a new one.

    What is left out counts as unchanged. Nobody's data are changed, not even the session's own client's.

    Raises:
        PhoneInvalid: it cannot be a phone number.
    """
    phone = normalise_phone(who.phone) if who.phone else None
    if principal.client_id is not None and _is_same(session, principal.client_id, who, phone):
        return principal.client_id
    actor = Actor(ActorKind.CLIENT, str(principal.session_id))
    tenant = find_tenant(session)
    language = tenant.locale if tenant is not None else "ru"  # what a visitor speaks, nobody has said
    client = clients.create_client(session, display_name=who.name.strip(), language=language, actor=actor, now=now)
    if phone is not None:
        clients.set_phone(session, client.id, phone, actor=actor, now=now)
    if who.email:
        clients.set_email(session, client.id, who.email, actor=actor, now=now)
    attach_client(session, principal.session_id, client.id)
    return client.id


def hold_for_visitor(
    session: WriteSession,
    principal: Principal,
    *,
    slot_id: UUID,
    who: Who,
    now: datetime,
    option_ids: Sequence[UUID] = (),
    note: str | None = None,
) -> Booking:
    """Claim a slot; the set that the session was shown it in is noted on the booking, for the experiments.

    Raises:
        PhoneInvalid: it cannot be a phone number.
        TooManyHolds, TooManyBookings: the session has as much as one may, whatever names it goes by.
        whatever `hold_slot` refuses.
    """
    _check_room(session, principal, seats=1, now=now)
    client_id = become_client(session, principal, who, now=now)
    slot = availability.get_slot(session, slot_id)
    origin = find_origin(session, subject=str(principal.session_id), slot=slot, now=now, option_ids=tuple(option_ids))
    return booking.hold_slot(
        session,
        slot_id=slot_id,
        client_id=client_id,
        channel=CHANNEL,
        option_ids=tuple(option_ids),
        note=note or None,
        session_id=principal.session_id,
        exposure_id=origin.exposure_id,
        variant=origin.variant,
        incentive_minor=origin.incentive_minor,
        actor=Actor(ActorKind.CLIENT, str(client_id)),
        now=now,
    )


def hold_visit_for_visitor(
    session: WriteSession,
    principal: Principal,
    *,
    slot_ids: Sequence[UUID],
    option_ids: Sequence[Sequence[UUID]],
    who: Who,
    now: datetime,
    note: str | None = None,
) -> Visit:
    """Claim several slots one after another, all or none.

    Raises:
        PhoneInvalid: it cannot be a phone number.
        TooManyHolds, TooManyBookings: the session has as much as one may, whatever names it goes by.
        whatever `hold_visit` refuses.
    """
    _check_room(session, principal, seats=len(slot_ids), now=now)
    client_id = become_client(session, principal, who, now=now)
    return booking.hold_visit(
        session,
        slot_ids=slot_ids,
        option_ids=option_ids,
        client_id=client_id,
        channel=CHANNEL,
        note=note or None,
        session_id=principal.session_id,
        actor=Actor(ActorKind.CLIENT, str(client_id)),
        now=now,
    )


def join_as_visitor(
    session: WriteSession,
    principal: Principal,
    wanted: Wanted,
    *,
    who: Who,
    now: datetime,
) -> WaitlistEntry:
    """Wait for something; what is offered is told on the site only, unless the salon calls.

    Raises:
        PhoneInvalid: it cannot be a phone number.
        WaitlistFull: the session waits for as many things as one may, whatever names it goes by.
        whatever `join_waitlist` refuses.
    """
    repository.lock_session(session, principal.session_id)
    before = _own_clients(session, principal)
    client_id = become_client(session, principal, who, now=now)
    most = waitlist.waitlist_policy(session).max_entries
    entry = waitlist.join_waitlist(
        session,
        client_id=client_id,
        service_id=wanted.service_id,
        staff_id=wanted.staff_id,
        location_id=wanted.location_id,
        option_ids=wanted.option_ids,
        from_at=wanted.from_at,
        to_at=wanted.to_at,
        day_from_min=wanted.day_from_min,
        day_to_min=wanted.day_to_min,
        channel=CHANNEL,
        actor=Actor(ActorKind.CLIENT, str(client_id)),
        now=now,
    )
    repository.note_entry(session, entry.id, principal.session_id)
    if repository.count_waiting(session, before | {client_id}) > most:
        raise WaitlistFull(most)  # a present entry that was asked for again makes it no more
    return entry


def move_own_booking(
    session: WriteSession, principal: Principal, booking_id: UUID, *, slot_id: UUID, now: datetime
) -> Booking:
    """Move a booking of the session to another slot, at the incentive of that slot's hour.

    Raises:
        BookingNotFound: there is none, or it is somebody else's.
        whatever `reschedule_booking` refuses.
    """
    get_own_booking(session, principal, booking_id)
    chosen = [option.option_id for option in booking.list_booked_options(session, booking_id)]
    incentive = find_incentive(session, availability.get_slot(session, slot_id), option_ids=chosen)
    return booking.reschedule_booking(
        session,
        booking_id,
        slot_id=slot_id,
        incentive_minor=incentive.minor if incentive is not None else None,
        actor=principal.actor,
        now=now,
    )


def get_own_booking(session: ReadSession, principal: Principal, booking_id: UUID) -> Booking:
    """A booking that the session made, or that the waiting list has offered to it.

    Raises:
        BookingNotFound: there is none, or it is somebody else's: the two are not told apart.
    """
    found = booking.get_booking(session, booking_id)
    if found.session_id != principal.session_id and found.client_id not in _own_clients(session, principal):
        raise BookingNotFound(booking_id)
    return found


def client_of(session: ReadSession, booking_id: UUID) -> UUID:
    """Whose booking it is, for whoever has shown the key to manage it; made by the site, and not erased.

    Raises:
        BookingNotFound: there is none such.
    """
    found = booking.get_booking(session, booking_id)
    if found.session_id is None or clients.get_client(session, found.client_id).is_erased:
        raise BookingNotFound(booking_id)
    return found.client_id


def get_own_visit(session: ReadSession, principal: Principal, visit_id: UUID) -> Visit:
    """A visit that the session made.

    Raises:
        VisitNotFound: there is none, or it is somebody else's.
    """
    found = booking.get_visit(session, visit_id)
    own = _own_clients(session, principal)
    if any(one.session_id != principal.session_id and one.client_id not in own for one in found.bookings):
        raise VisitNotFound(visit_id)
    return found


def list_own_bookings(session: ReadSession, principal: Principal, *, after: Position | None, limit: int) -> Page:
    """A page of the bookings that the session made, the latest visit first."""
    filters = BookingFilters(session_id=principal.session_id)
    return booking.search_bookings(session, filters, after=after, limit=limit, newest_first=True)


def get_own_entry(session: ReadSession, principal: Principal, entry_id: UUID) -> WaitlistEntry:
    """An entry of the waiting list that the session made.

    Raises:
        WaitlistEntryNotFound: there is none, or it is somebody else's.
    """
    found = waitlist.get_entry(session, entry_id)
    if found.client_id not in _own_clients(session, principal):
        raise WaitlistEntryNotFound(entry_id)
    return found


def list_own_entries(session: ReadSession, principal: Principal) -> list[WaitlistEntry]:
    """The session's entries of the waiting list, the oldest first."""
    found = [
        entry
        for client_id in _own_clients(session, principal)
        for entry in waitlist.list_waitlist(session, client_id=client_id)
    ]
    return sorted(found, key=lambda entry: (entry.created_at, entry.id))


def _check_room(session: WriteSession, principal: Principal, *, seats: int, now: datetime) -> None:
    """Refuse a session what the policy refuses one client: a new name makes nobody a new visitor.

    Raises:
        TooManyHolds, TooManyBookings: so it is.
    """
    repository.lock_session(session, principal.session_id)
    if repository.count_holds(session, principal.session_id, now) + seats > MAX_OPEN_HOLDS:
        raise TooManyHolds(MAX_OPEN_HOLDS)
    most = booking.policy_of(session).max_active_per_client
    if most is not None:
        own = _own_clients(session, principal)
        if repository.count_visits_ahead(session, principal.session_id, own, now) >= most:
            raise TooManyBookings(most)


def _own_clients(session: ReadSession, principal: Principal) -> set[UUID]:
    own = {principal.client_id} if principal.client_id is not None else set()
    return own | repository.list_client_ids(session, principal.session_id)


def _is_same(session: ReadSession, client_id: UUID, who: Who, phone: str | None) -> bool:
    client = clients.get_client(session, client_id)
    if client.is_erased or client.display_name != who.name.strip():
        return False
    try:
        known = clients.read_secrets(session, client_id)
    except ClientErased:
        return False
    return (phone is None or known.phone == phone) and (not who.email or known.email == who.email.strip())
