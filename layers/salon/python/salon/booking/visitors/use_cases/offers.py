"""What is free, as a visitor of the site is shown it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from salon.availability import use_cases as availability
from salon.availability.offers.domain import Exposure
from salon.availability.offers.use_cases import expose_slots
from salon.booking import use_cases as booking
from salon.booking.domain import Booking, BookingStatus, VisitOffer, VisitWish
from salon.booking.visitors import repository
from salon.booking.visitors.errors import DatesSenseless
from salon.booking.visitors.use_cases.bookings import get_own_booking
from salon.catalog import use_cases as catalog
from salon.catalog.domain import Location
from salon.identity.access import Principal
from salon.platform.db import ReadSession, WriteSession
from salon.platform.metrics import Metrics
from salon.platform.timeranges import local_day, zone

DAYS_SHOWN = 31
MAX_DAYS = 93


@dataclass(frozen=True, slots=True)
class Dates:
    """Free slots by day, and the clock by which the first and the last day were reckoned."""

    free: dict[date, int]
    timezone: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody is shown, and the clock of each location."""

    exposure: Exposure
    timezones: dict[UUID, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitSearch:
    """Several services in a row, on one day.

    Attributes:
        wishes: (service, person or nobody in particular, options), in the order in which they are to happen.
        on: the day.
        timezone: whose day; the location's unless told.
        any_order: whether another order will do.
    """

    wishes: tuple[tuple[UUID, UUID | None, tuple[UUID, ...]], ...]
    on: date
    location_id: UUID | None = None
    timezone: str | None = None
    any_order: bool = False


@dataclass(frozen=True, slots=True)
class VisitsFound:
    """Chains of slots, and the clock of the day that was searched."""

    offers: list[VisitOffer]
    timezone: str


def list_dates(
    session: ReadSession,
    *,
    service_id: UUID,
    now: datetime,
    location_id: UUID | None = None,
    staff_id: UUID | None = None,
    option_ids: Sequence[UUID] = (),
    from_on: date | None = None,
    to_on: date | None = None,
    timezone: str | None = None,
) -> Dates:
    """How much is free on each future day; days are those of the location, where the visit takes place.

    Args:
        session: reading is enough.
        service_id: for what.
        now: the current instant.
        location_id: there only.
        staff_id: with this person only.
        option_ids: what makes it longer or shorter.
        from_on: first day; today unless told.
        to_on: last day; a month later unless told.
        timezone: whose midnight the first and the last day begin and end at; the location's unless told.

    Raises:
        ServiceNotFound, LocationNotFound, StaffNotFound, OptionNotFound: there is none.
        OptionNotOffered, OptionsExclusive: the options are not to be had together.
        UnknownTimezone: no such zone.
        DatesSenseless: the last day lies before the first, or too long after it.
    """
    own = clock_of(session, service_id, location_id)
    clock = timezone or own
    today = now.astimezone(zone(clock)).date()
    first = from_on if from_on is not None else today
    last = to_on if to_on is not None else _later(first, DAYS_SHOWN - 1)
    if not timedelta(0) <= last - first < timedelta(days=MAX_DAYS):
        raise DatesSenseless(MAX_DAYS)
    if staff_id is not None:
        catalog.get_staff(session, staff_id)
    extra_min = _extra_min(session, service_id, option_ids)
    horizon = (now + timedelta(days=booking.policy_of(session).horizon_days)).date()
    first, last = max(first, today), min(last, horizon)
    if last < first:
        return Dates({}, clock)
    free = availability.count_free_by_date(
        session,
        service_id=service_id,
        from_at=local_day(first, clock).start,
        to_at=local_day(last, clock).end,
        now=now,
        staff_id=staff_id,
        location_id=location_id,
        extra_min=extra_min,
    )
    return Dates(free, clock)


def show_slots(
    session: WriteSession,
    principal: Principal,
    *,
    service_id: UUID,
    on: date,
    now: datetime,
    location_id: UUID | None = None,
    staff_id: UUID | None = None,
    option_ids: Sequence[UUID] = (),
    variant: str | None = None,
    round: int = 1,  # noqa: A002 - the word of the API
    leaving_booking_id: UUID | None = None,
    metrics: Metrics | None = None,
) -> Shown:
    """The few starts of a day that a session is shown; the same ones for some minutes.

    Args:
        session: it keeps what was shown.
        principal: who looks.
        service_id: for what.
        on: the day, by the location's clock.
        now: the current instant.
        location_id: there only.
        staff_id: with this person only.
        option_ids: what makes it longer or shorter.
        variant: the rules that choose.
        round: 1 to 3; each shows others than those before it.
        leaving_booking_id: a booking of the session that is to be moved; its own time counts as free,
            as long as it has that time, and has it alone.
        metrics: where what was shown is counted.

    Raises:
        ServiceNotFound, LocationNotFound, StaffNotFound, OptionNotFound, BookingNotFound: there is none.
        OptionNotOffered, OptionsExclusive: the options are not to be had together.
        UnknownVariant, RoundOutOfRange: no such rules, no such round.
    """
    if staff_id is not None:
        catalog.get_staff(session, staff_id)
    catalog.get_service(session, service_id)
    leaving = get_own_booking(session, principal, leaving_booking_id) if leaving_booking_id is not None else None
    if leaving is not None:
        option_ids = [one.option_id for one in booking.list_booked_options(session, leaving.id)]
    exposure = expose_slots(
        session,
        subject=str(principal.session_id),
        service_id=service_id,
        on=on,
        now=now,
        staff_id=staff_id,
        location_id=location_id,
        variant=variant,
        round=round,
        extra_min=leaving.extra_min if leaving is not None else _extra_min(session, service_id, option_ids),
        option_ids=option_ids,
        leaving_slot_id=_slot_left(session, leaving, now) if leaving is not None else None,
        refresh=booking.expire_holds,
        metrics=metrics,
    )
    return Shown(exposure, {place.id: place.timezone for place in catalog.list_locations(session, active_only=False)})


def find_visits(session: ReadSession, search: VisitSearch, *, now: datetime) -> VisitsFound:
    """Chains of free slots of a day for several services, those with the least waiting.

    Raises:
        ServiceNotFound, LocationNotFound: there is none.
        UnknownTimezone: no such zone.
        whatever `find_visit_offers` refuses.
    """
    for service_id, _, _ in search.wishes:
        catalog.get_service(session, service_id)
    clock = search.timezone or clock_of(session, search.wishes[0][0], search.location_id)
    day = local_day(search.on, clock)
    offers = booking.find_visit_offers(
        session,
        wishes=[
            VisitWish(service_id=service_id, staff_id=staff_id, option_ids=options)
            for service_id, staff_id, options in search.wishes
        ],
        from_at=max(day.start, now),
        to_at=max(day.end, now),
        now=now,
        location_id=search.location_id,
        any_order=search.any_order,
    )
    return VisitsFound(offers, clock)


def clock_of(session: ReadSession, service_id: UUID, location_id: UUID | None) -> str:
    """The clock that a question is about: the named location's, else the first one's that offers the service.

    Raises:
        ServiceNotFound, LocationNotFound: there is none.
    """
    return _location(session, service_id, location_id).timezone


def _slot_left(session: ReadSession, leaving: Booking, now: datetime) -> UUID | None:
    """The slot that moving a booking would empty; None when it has no seat there any more, or others have one too."""
    has_seat = leaving.status is BookingStatus.CONFIRMED or (
        leaving.status is BookingStatus.HELD and not leaving.is_stale(now)
    )
    return leaving.slot_id if has_seat and not repository.has_others_on_slot(session, leaving, now) else None


def _extra_min(session: ReadSession, service_id: UUID, option_ids: Sequence[UUID]) -> int:
    return sum(option.extra_min for option in catalog.choose_options(session, service_id, option_ids))


def _location(session: ReadSession, service_id: UUID, location_id: UUID | None) -> Location:
    """The location whose clock counts: the one that was named, else the first that offers the service."""
    if location_id is not None:
        return catalog.get_location(session, location_id)
    service = catalog.get_service(session, service_id)
    places = catalog.list_locations(session)
    offering = [
        place
        for place in places
        if service.id in {one.id for one in catalog.list_services(session, location_id=place.id)}
    ]
    return (offering or places or catalog.list_locations(session, active_only=False))[0]


def _later(day: date, days: int) -> date:
    return day + timedelta(days=min(days, (date.max - day).days))
