"""What a client and the salon do with recurring bookings.

Each visit is an ordinary booking, held and confirmed in one go; where the salon asks its clients for a deposit, they
cannot make a series themselves, because nobody is there to pay for a visit that a timer books; staff can, and what is
made later of their series is the salon's booking too. A deposit that is asked since makes visits of the others misses,
which are told. Skipping a visit is cancelling its booking, moving it is rescheduling it. Lock order: the series, then
slots (all at once, by id), then bookings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from salon.availability import use_cases as availability
from salon.availability.domain import Slot
from salon.booking import use_cases as booking
from salon.booking.domain import Booking, CancelReason
from salon.booking.errors import PaymentRequired
from salon.booking.series import domain, events, repository
from salon.booking.series.domain import Miss, MissReason, Series, SeriesResult, SeriesStatus
from salon.booking.series.errors import SeriesNeedsDeposit, SeriesSenseless
from salon.catalog import use_cases as catalog
from salon.clients import use_cases as clients
from salon.identity.domain import Actor, ActorKind
from salon.identity.use_cases import record_audit
from salon.platform.db import ReadSession, WriteSession
from salon.platform.errors import Refusal
from salon.platform.ids import new_id
from salon.platform.outbox import emit
from salon.platform.timeranges import local_day, local_instant, zone

SHOWN_AT_ONCE = 50
DUE_AT_ONCE = 1000
HORIZON_DAYS = 60  # as BookingPolicy
TRIES = 3  # slots of one visit that turn out to be taken
FOR_SALON = Actor(ActorKind.STAFF, "series")  # what the salon may book without a deposit, the timer books for it


def create_series(
    session: WriteSession,
    *,
    client_id: UUID,
    location_id: UUID,
    service_id: UUID,
    staff_id: UUID | None = None,
    option_ids: Sequence[UUID] = (),
    first_on: date,
    local_time: time,
    every_days: int,
    occurrences: int,
    tolerance_min: int = 0,
    channel: str,
    actor: Actor,
    now: datetime,
    horizon_days: int = HORIZON_DAYS,
) -> SeriesResult:
    """Book a visit every so many days at the same wall time of the location, through changes of the clocks.

    What lies within the horizon is booked at once, each at the nearest free start within the tolerance; the rest is
    made by `extend_series` when the horizon reaches it. A visit that cannot be is a miss, with the nearest free starts
    of its day, and does not stop the others.

    Raises:
        SeriesSenseless: its numbers are out of range, its first visit is past, or no visit within reach can be booked.
        SeriesNeedsDeposit: a client asks, and the salon wants a deposit.
        ClientNotFound, ServiceNotFound, StaffNotFound, LocationNotFound: what is named does not exist.
        OptionNotFound, OptionNotOffered, OptionsExclusive: the options are not to be had together (catalog's errors).
    """
    clients.get_client(session, client_id)
    catalog.get_service(session, service_id)
    if option_ids:
        catalog.choose_options(session, service_id, option_ids)
    if staff_id is not None:
        catalog.get_staff(session, staff_id)
    timezone = catalog.get_location(session, location_id).timezone
    series = Series(
        id=new_id(),
        client_id=client_id,
        location_id=location_id,
        service_id=service_id,
        staff_id=staff_id,
        option_ids=tuple(option_ids),
        first_on=first_on,
        local_time=local_time,
        every_days=every_days,
        occurrences=occurrences,
        tolerance_min=tolerance_min,
        status=SeriesStatus.ACTIVE,
        channel=channel,
        created_at=now,
    )
    domain.check_series(series, now, timezone)
    repository.add_series(session, series)
    fact = events.SeriesCreated.model_validate(
        {**_about(series, now), "first_on": first_on, "every_days": every_days, "occurrences": occurrences}
    )
    _audit(session, fact.name, series, actor, now)
    emit(session, fact)
    try:
        result = _make(session, series, timezone, actor=actor, now=now, horizon_days=horizon_days)
    except PaymentRequired as refused:
        raise SeriesNeedsDeposit(service_id) from refused
    if result.misses and not result.bookings:
        raise SeriesSenseless("None of the visits within reach can be booked.")
    return result


def extend_series(
    session: WriteSession, series_id: UUID, *, actor: Actor, now: datetime, horizon_days: int = HORIZON_DAYS
) -> SeriesResult:
    """Book the visits that the horizon has reached; doing it again books nothing twice. Misses are told as facts.

    A visit that waits for a deposit is a miss: nobody is there to pay for it.

    Raises:
        SeriesNotFound: there is none.
    """
    series = repository.lock_series(session, series_id)
    if series.status is not SeriesStatus.ACTIVE:
        return SeriesResult(series)
    timezone = catalog.get_location(session, series.location_id).timezone
    if series.is_by_salon and actor.kind is ActorKind.SYSTEM:
        actor = FOR_SALON
    return _make(session, series, timezone, actor=actor, now=now, horizon_days=horizon_days, attended=False)


def change_series(
    session: WriteSession,
    series_id: UUID,
    *,
    local_time: time,
    staff_id: UUID | None,
    occurrences: int,
    tolerance_min: int,
    actor: Actor,
    now: datetime,
) -> Series:
    """Have the visits that are not made yet at another time, with somebody else, or be more or fewer.

    Visits that are booked stay; each is moved or cancelled by itself.

    Raises:
        SeriesNotFound: there is none.
        SeriesNotActive: it makes no more visits.
        SeriesSenseless: the numbers are out of range, or fewer visits than were tried.
        StaffNotFound: there is no such person.
    """
    series = repository.lock_series(session, series_id)
    domain.check_active(series)
    if staff_id is not None:
        catalog.get_staff(session, staff_id)
    if occurrences < series.tried:
        raise SeriesSenseless(f"{series.tried} visits of this series were made already.")
    changed = replace(
        series, local_time=local_time, staff_id=staff_id, occurrences=occurrences, tolerance_min=tolerance_min
    )
    domain.check_series(changed, series.created_at, catalog.get_location(session, series.location_id).timezone)
    if changed.tried == occurrences:
        changed = replace(changed, status=SeriesStatus.FINISHED)
    repository.update_series(session, changed)
    fact = events.SeriesChanged.model_validate(_about(changed, now))
    _audit(session, fact.name, changed, actor, now)
    emit(session, fact)
    return changed


def cancel_series(
    session: WriteSession,
    series_id: UUID,
    *,
    from_on: date | None = None,
    reason: CancelReason = CancelReason.CLIENT,
    actor: Actor,
    now: datetime,
) -> list[Booking]:
    """Make no more visits from a local day on (None is today) and cancel those that are booked; which were.

    Visits before that day stay, those that have begun as well. Cancelling again changes nothing.

    Raises:
        SeriesNotFound: there is none.
        whatever `cancel_booking` refuses: nothing is cancelled then.
    """
    series = repository.lock_series(session, series_id)
    timezone = catalog.get_location(session, series.location_id).timezone
    day = from_on if from_on is not None else now.astimezone(zone(timezone)).date()
    from_at = max(local_instant(day, time.min, timezone), now)
    coming = repository.list_coming(session, series_id, from_at)
    availability.lock_slots(session, [slot_id for _, slot_id in coming])
    cancelled = [
        booking.cancel_booking(session, booking_id, reason=reason, actor=actor, now=now) for booking_id, _ in coming
    ]
    if series.status is SeriesStatus.ACTIVE:
        kept = series.occurrences_before(day)
        is_over = kept <= series.tried
        ended = replace(series, status=SeriesStatus.CANCELLED) if is_over else replace(series, occurrences=kept)
        repository.update_series(session, ended)
        fact = events.SeriesCancelled.model_validate({**_about(series, now), "from_on": day})
        _audit(session, fact.name, ended, actor, now)
        emit(session, fact)
    return cancelled


def get_series(session: ReadSession, series_id: UUID) -> SeriesResult:
    """A series with all the bookings it made, whatever became of them.

    Raises:
        SeriesNotFound: there is none.
    """
    series = repository.get_series(session, series_id)
    made = [booking.get_booking(session, booking_id) for booking_id in repository.list_booking_ids(session, series_id)]
    return SeriesResult(series, tuple(made))


def list_series(
    session: ReadSession,
    *,
    client_id: UUID | None = None,
    location_id: UUID | None = None,
    statuses: Collection[SeriesStatus] = (),
    after: UUID | None = None,
    limit: int = SHOWN_AT_ONCE,
) -> list[Series]:
    """Series, the oldest first; no statuses means all. `after` is the last id of the page before."""
    return repository.list_series(
        session, client_id=client_id, location_id=location_id, statuses=statuses, after=after, limit=limit
    )


def list_due_series(session: ReadSession, *, until: date, limit: int = DUE_AT_ONCE) -> list[tuple[UUID, UUID]]:
    """(tenant_id, series_id) of all tenants with a visit to try on this day or before; the timer extends each."""
    return repository.list_due(session, until, limit)


def _make(
    session: WriteSession,
    series: Series,
    timezone: str,
    *,
    actor: Actor,
    now: datetime,
    horizon_days: int,
    attended: bool = True,
) -> SeriesResult:
    """Try the visits that are due, and remember that they were tried.

    Raises:
        PaymentRequired: somebody attends, and a visit waits for its deposit.
    """
    horizon_days = min(horizon_days, booking.policy_of(session).horizon_days)
    due = domain.due_occurrences(series, now, timezone, horizon_days)
    wishes = {series.on(number): local_instant(series.on(number), series.local_time, timezone) for number in due}
    free = {on: _free_on(session, series, on, timezone, now) for on in wishes}
    tolerance = timedelta(minutes=series.tolerance_min)
    choices = {on: domain.within(free[on], wished_at, tolerance) for on, wished_at in wishes.items()}
    availability.lock_slots(session, [slots[0].id for slots in choices.values() if slots])
    made: list[Booking] = []
    misses: list[Miss] = []
    for on, wished_at in wishes.items():
        reason = MissReason.REFUSED if choices[on] else MissReason.NO_SLOT
        visit = _book_first(session, series, choices[on][:TRIES], actor, now, attended=attended)
        if visit is not None:
            made.append(visit)
            continue
        near = domain.nearest(free[on], wished_at)[: domain.ALTERNATIVES]
        misses.append(Miss(on, reason, tuple(slot.id for slot in near)))
    tried = replace(series, tried=due.stop)
    if tried.tried >= tried.occurrences:
        tried = replace(tried, status=SeriesStatus.FINISHED)
    repository.update_series(session, tried)
    _tell_misses(session, tried, misses, wishes, now)
    return SeriesResult(tried, tuple(made), tuple(misses))


def _free_on(session: ReadSession, series: Series, on: date, timezone: str, now: datetime) -> list[Slot]:
    """Free starts of a local day; a tolerance over midnight stays within the day."""
    day = local_day(on, timezone)
    try:
        chosen = catalog.choose_options(session, series.service_id, series.option_ids) if series.option_ids else ()
    except Refusal:  # an option is sold no more since: the visit is missed, and somebody is told
        return []
    extra_min = sum(option.extra_min for option in chosen)
    return availability.list_free_slots(
        session,
        service_id=series.service_id,
        staff_id=series.staff_id,
        location_id=series.location_id,
        from_at=day.start,
        to_at=day.end,
        now=now,
        extra_min=extra_min,
    )


def _book_first(
    session: WriteSession, series: Series, slots: Iterable[Slot], actor: Actor, now: datetime, *, attended: bool
) -> Booking | None:
    for slot in slots:
        try:
            with session.begin_nested():  # a visit that is refused must not leave a hold behind
                held = booking.hold_slot(
                    session,
                    slot_id=slot.id,
                    client_id=series.client_id,
                    channel=series.channel,
                    actor=actor,
                    now=now,
                    option_ids=series.option_ids,
                    series_id=series.id,
                )
                return booking.confirm_booking(session, held.id, actor=actor, now=now)
        except PaymentRequired:
            if attended:
                raise
        except Refusal:  # somebody was quicker, or the client is booked then; the next nearest
            continue
    return None


def _tell_misses(
    session: WriteSession, series: Series, misses: Iterable[Miss], wishes: dict[date, datetime], now: datetime
) -> None:
    for miss in misses:
        fact = events.SeriesOccurrenceMissed.model_validate(
            {
                **_about(series, now),
                "on": miss.on,
                "wished_at": wishes[miss.on],
                "reason": miss.reason.value,
                "alternative_slot_ids": miss.alternative_slot_ids,
            }
        )
        emit(session, fact, dedupe_key=f"series-missed:{series.id}:{miss.on}")


def _about(series: Series, now: datetime) -> dict[str, object]:
    return {
        "occurred_at": now,
        "series_id": series.id,
        "client_id": series.client_id,
        "location_id": series.location_id,
        "service_id": series.service_id,
        "staff_id": series.staff_id,
    }


def _audit(session: WriteSession, action: str, series: Series, actor: Actor, now: datetime) -> None:
    record_audit(
        session,
        action=action,
        subject="booking_series",
        subject_id=series.id,
        actor=actor,
        now=now,
        data={"status": series.status, "tried": series.tried, "occurrences": series.occurrences},
    )
