"""Giving what became free to whoever waits for it.

One call makes at most one offer, so a transaction locks one entry and then one slot, never two: fillers cannot wait for
each other in a circle. The fact of the offer calls the subscriber again, until nothing that is free suits anybody.
A slot cannot go to two, because holding it takes its seat under the slot's lock; an entry cannot get two, because it is
locked and must still be waiting. An entry that gets nothing gives its lock back and is in nobody's way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from salon.availability import use_cases as availability
from salon.availability.domain import Slot
from salon.availability.errors import (
    OptionsNotForGroups,
    SlotAlreadyTaken,
    SlotNotFound,
    SlotNotOffered,
    SlotTooShort,
)
from salon.availability.events import SlotsOpened
from salon.booking import events as booking_events
from salon.booking import use_cases as booking
from salon.booking.domain import BookingStatus
from salon.booking.errors import AlreadyBooked, OutsideBookingHorizon, SlotInThePast, TooShortNotice
from salon.booking.waitlist import domain, events, repository
from salon.booking.waitlist.domain import Fit, Freed, Preference, WaitlistEntry, WaitlistOffer, WaitlistPolicy
from salon.booking.waitlist.errors import WaitlistEntryNotOpen
from salon.booking.waitlist.use_cases.entries import booked, change, leave_waitlist, settle_offer, waitlist_policy
from salon.catalog import use_cases as catalog
from salon.clients import use_cases as clients
from salon.clients.events import ClientErased
from salon.identity.domain import Actor, ActorKind, system
from salon.identity.use_cases import quiet_hours
from salon.platform.db import ReadSession, WriteSession
from salon.platform.errors import Refusal
from salon.platform.facts import Fact
from salon.platform.timeranges import TimeRange, zone

CONSIDERED = 1000  # entries that one free moment is tried on: bounds the time of a call
PAGE = 50  # entries that are read at once; the best fit is sought among so many
TRIES = 20  # slots of one entry that turn out not to be had; the next event or the hour tries again
OF_THE_SLOT = (
    OptionsNotForGroups,
    OutsideBookingHorizon,
    SlotAlreadyTaken,
    SlotInThePast,
    SlotNotFound,
    SlotNotOffered,
    SlotTooShort,
    TooShortNotice,
)
SLOTS_LOOKED_AT = 2000
AROUND = timedelta(hours=12)  # a start this far from what became free may use it
ACTOR = system("waitlist")
Kind = tuple[UUID, UUID | None, UUID | None, int]  # service, person, place, minutes that the options add
FOR_CLIENT = Actor(ActorKind.CLIENT, "waitlist")  # what binds clients binds what is held for them, a deposit first


def fill_from_waitlist(
    session: WriteSession,
    *,
    location_id: UUID | None = None,
    service_id: UUID | None = None,
    from_at: datetime | None = None,
    to_at: datetime | None = None,
    now: datetime,
) -> WaitlistOffer | None:
    """Hold one free slot for one of those who wait for it, and have it offered; None when nothing suits anybody.

    Nobody is asked in their quiet hours, about a visit that is too near to answer, or about a time at which they come
    for something else.

    Args:
        session: the transaction; it should hold no slot's lock.
        location_id: where something became free; None looks everywhere.
        service_id: only those who wait for this service.
        from_at: what became free begins here, UTC; None looks at any time.
        to_at: and ends here.
        now: the current instant.
    """
    policy = waitlist_policy(session)
    if not policy.enabled:
        return None
    freed = Freed(
        location_id=location_id,
        service_id=service_id,
        from_at=from_at - AROUND if from_at is not None else None,
        to_at=to_at + AROUND if to_at is not None else None,
    )
    looking = _Looking(session, freed, now)
    last: WaitlistEntry | None = None
    for _ in range(CONSIDERED // PAGE):
        waiting = repository.list_waiting(session, freed, now, PAGE, after=last)
        offer = _offer_first(session, _fits(looking, waiting, policy), policy, now)
        if offer is not None or len(waiting) < PAGE:
            return offer
        last = waiting[-1]
    return None


def fill_entry(session: WriteSession, entry_id: UUID, *, now: datetime) -> WaitlistOffer | None:
    """Hold the best free slot for this entry, whoever else waits; None when nothing suits it, or it waits no longer."""
    policy = waitlist_policy(session)
    entry = repository.get_entry(session, entry_id)
    return _offer_first(session, _fits(_Looking(session, Freed(), now), [entry], policy), policy, now)


def on_capacity_freed(session: WriteSession, fact: Fact, now: datetime) -> None:
    """React to what may let somebody in, and to how an offer ended; told twice or out of order, it does nothing."""
    match fact:
        case booking_events.BookingConfirmed():
            _settle(session, fact.booking_id, now)
            _satisfy(session, fact, now)
        case booking_events.BookingRescheduled():
            lasted = fact.ends_at - fact.starts_at
            _fill(session, fact.old_location_id, fact.old_starts_at, fact.old_starts_at + lasted, now)
        case booking_events.BookingFact():
            _settle(session, fact.booking_id, now)
            _fill(session, fact.location_id, fact.starts_at, fact.ends_at, now)
        case events.WaitlistOffered():
            _fill(session, fact.location_id, fact.starts_at, fact.ends_at, now)
        case events.WaitlistFact():
            fill_from_waitlist(session, service_id=fact.service_id, from_at=fact.from_at, to_at=fact.to_at, now=now)
        case ClientErased():
            for entry in repository.list_open(session, fact.client_id):
                leave_waitlist(session, entry.id, actor=ACTOR, now=now)
        case SlotsOpened():
            fill_from_waitlist(session, location_id=fact.location_id, now=now)
        case _:  # slots were made anew, who knows where
            fill_from_waitlist(session, now=now)


def list_waiting_tenants(session: ReadSession, *, now: datetime, limit: int = 10_000) -> list[UUID]:
    """Tenants in which anybody waits; the timer fills each in its own transactions."""
    return repository.list_waiting_tenants(session, now, limit)


def _fill(session: WriteSession, location_id: UUID | None, from_at: datetime, to_at: datetime, now: datetime) -> None:
    if to_at > now:
        fill_from_waitlist(session, location_id=location_id, from_at=from_at, to_at=to_at, now=now)


def _settle(session: WriteSession, booking_id: UUID, now: datetime) -> None:
    entry_id = repository.find_by_offer(session, booking_id)
    if entry_id is not None:
        settle_offer(session, repository.lock_entry(session, entry_id), waitlist_policy(session), now)


def _satisfy(session: WriteSession, fact: booking_events.BookingFact, now: datetime) -> None:
    """Whoever has booked by themselves what they wait for since before, waits no longer."""
    visit = booking.get_booking(session, fact.booking_id)
    if visit.status is not BookingStatus.CONFIRMED:
        return
    timezone = catalog.get_location(session, visit.location_id).timezone
    for seen in repository.list_open(session, fact.client_id):
        is_asked_for = seen.service_id == visit.service_id and seen.created_at <= fact.occurred_at
        if not is_asked_for or not seen.suits(visit.starts_at, timezone):
            continue
        if seen.staff_id not in {None, visit.staff_id} or seen.location_id not in {None, visit.location_id}:
            continue
        entry = repository.lock_if_waiting(session, seen.id)
        if entry is not None:
            booked(session, entry, visit, ACTOR, now)


def _offer_first(
    session: WriteSession, fits: Iterable[Fit], policy: WaitlistPolicy, now: datetime
) -> WaitlistOffer | None:
    """Offer what can be had; what is refused about a client, not about a slot, passes over all of that entry."""
    tried: Counter[UUID] = Counter()
    for fit in fits:
        entry_id = fit.entry.id
        lasts = domain.hold_for(fit.slot.starts_at, now, policy)
        if lasts is None or tried[entry_id] >= TRIES:
            continue
        tried[entry_id] += 1
        try:
            return _offer(session, fit, lasts, now)
        except OF_THE_SLOT:  # somebody was quicker, or it is bookable for nobody after all
            continue
        except Refusal:  # a phone is missing, as many visits as may be: no other slot would change that
            tried[entry_id] = TRIES
    return None


def _offer(session: WriteSession, fit: Fit, lasts: timedelta, now: datetime) -> WaitlistOffer:
    with session.begin_nested():  # a refusal also gives back the locks, before the next ones are asked for
        entry = repository.lock_if_waiting(session, fit.entry.id)
        if entry is None or entry.version != fit.entry.version:
            raise WaitlistEntryNotOpen(fit.entry.id, "changing")
        held = booking.hold_slot(
            session,
            slot_id=fit.slot.id,
            client_id=entry.client_id,
            channel=entry.channel,
            actor=FOR_CLIENT,
            now=now,
            option_ids=entry.option_ids,
            hold_for=lasts,
        )
        if repository.find_by_offer(session, held.id) is not None or held.created_at != now:
            raise AlreadyBooked(held.id)  # the client holds this slot already
    expires_at = held.hold_expires_at or now + lasts
    offered = replace(entry, status=domain.WaitlistStatus.OFFERED, offered_booking_id=held.id, offers=entry.offers + 1)
    told = change(
        session,
        offered,
        events.WaitlistOffered,
        ACTOR,
        now,
        location_id=held.location_id,
        staff_id=held.staff_id,
        booking_id=held.id,
        slot_id=held.active_slot_id,
        starts_at=held.starts_at,
        ends_at=held.ends_at,
        expires_at=expires_at,
    )
    return WaitlistOffer(told, held.id, fit.slot, expires_at)


def _fits(looking: _Looking, waiting: Sequence[WaitlistEntry], policy: WaitlistPolicy) -> Iterator[Fit]:
    """What suits whom, in the order in which to ask; by age, nothing is looked up for those behind the first."""
    looking.look_at(waiting)
    if policy.prefer is Preference.OLDEST:
        for entry in waiting:
            yield from domain.order_fits(looking.fits(entry), policy.prefer)
    else:
        every = [fit for entry in waiting for fit in looking.fits(entry)]
        yield from domain.order_fits(every, policy.prefer)


class _Looking:
    """Free slots for entries; what several entries ask for alike is looked up once."""

    def __init__(self, session: ReadSession, freed: Freed, now: datetime) -> None:
        self._session = session
        self._freed = freed
        self._now = now
        self._quiet = quiet_hours(session)
        self._zones = {place.id: place.timezone for place in catalog.list_locations(session, active_only=False)}
        self._policy = booking.policy_of(session)
        self._extras: dict[tuple[object, ...], int] = {}
        self._spans: dict[Kind, tuple[datetime, datetime]] = {}
        self._found: dict[tuple[Kind, datetime, datetime], list[Slot]] = {}
        self._days: dict[UUID, list[TimeRange]] = {}

    def look_at(self, waiting: Iterable[WaitlistEntry]) -> None:
        """Learn whose windows are to be looked at together."""
        self._spans = {}
        for entry in waiting:
            kind, (from_at, to_at) = self._kind(entry), self._window(entry)
            since, until = self._spans.get(kind, (from_at, to_at))
            self._spans[kind] = (min(since, from_at), max(until, to_at))

    def fits(self, entry: WaitlistEntry) -> list[Fit]:
        """The free slots that this entry could be offered now."""
        extra_min = self._extra_min(entry)
        slots = [slot for slot in self._slots(entry) if entry.suits(slot.starts_at, self._zones[slot.location_id])]
        if not slots:
            return []
        client = clients.get_client(self._session, entry.client_id)
        if client.is_erased or (self._policy.phone_required and client.phone_last4 is None):
            return []
        declined = repository.list_starts(self._session, entry.declined_slot_ids)
        own = booking.list_upcoming_for_client(self._session, entry.client_id, now=self._now, limit=SLOTS_LOOKED_AT)
        found = []
        for slot in slots:
            ends_at = slot.ends_at + timedelta(minutes=extra_min)
            if (
                not self._is_quiet(client.timezone or self._zones[slot.location_id])
                and not domain.is_declined(slot, entry, declined)
                and not any(visit.starts_at < ends_at and slot.starts_at < visit.ends_at for visit in own)
            ):
                found.append((slot, TimeRange(slot.busy.start, slot.busy.end + timedelta(minutes=extra_min))))
        self._learn_days([slot for slot, _ in found])
        return [
            Fit(
                entry=entry,
                slot=slot,
                minutes=int((slot.ends_at - slot.starts_at) / timedelta(minutes=1)) + extra_min,
                idle=self._idle(slot, busy),
            )
            for slot, busy in found
        ]

    def _extra_min(self, entry: WaitlistEntry) -> int:
        key = (entry.service_id, *entry.option_ids)
        if key not in self._extras:
            try:
                chosen = catalog.choose_options(self._session, entry.service_id, entry.option_ids)
            except Refusal:  # an option is sold no more; the hold would say so too
                chosen = ()
            self._extras[key] = sum(option.extra_min for option in chosen)
        return self._extras[key]

    def _kind(self, entry: WaitlistEntry) -> Kind:
        location_id = entry.location_id or self._freed.location_id
        return (entry.service_id, entry.staff_id, location_id, self._extra_min(entry))

    def _window(self, entry: WaitlistEntry) -> tuple[datetime, datetime]:
        """When a visit may begin, the end excluded; empty where what became free is no part of what is wanted."""
        from_at = max(entry.from_at, self._now, *([self._freed.from_at] if self._freed.from_at else []))
        reached = self._now + timedelta(days=self._policy.horizon_days)
        to_at = min([entry.to_at, reached, *([self._freed.to_at] if self._freed.to_at else [])])
        return from_at, max(from_at, to_at + timedelta(seconds=1))

    def _slots(self, entry: WaitlistEntry) -> list[Slot]:
        """Free slots of the entry's kind in its window: found for all alike at once, where these are not too many."""
        from_at, to_at = self._window(entry)
        if to_at <= from_at:
            return []
        kind = self._kind(entry)
        slots = self._search(kind, *self._spans[kind])
        if len(slots) == SLOTS_LOOKED_AT and slots[-1].starts_at < to_at:
            slots = self._search(kind, from_at, to_at)
        return [slot for slot in slots if from_at <= slot.starts_at < to_at]

    def _search(self, kind: Kind, from_at: datetime, to_at: datetime) -> list[Slot]:
        if (kind, from_at, to_at) not in self._found:
            service_id, staff_id, location_id, extra_min = kind
            self._found[kind, from_at, to_at] = availability.list_free_slots(
                self._session,
                service_id=service_id,
                staff_id=staff_id,
                location_id=location_id,
                from_at=from_at,
                to_at=to_at,
                now=self._now,
                limit=SLOTS_LOOKED_AT,
                extra_min=extra_min,
            )
        return self._found[kind, from_at, to_at]

    def _is_quiet(self, timezone: str) -> bool:
        local = self._now.astimezone(zone(timezone))
        return self._quiet.contains(local.hour * 60 + local.minute)

    def _learn_days(self, slots: list[Slot]) -> None:
        staff_ids = {slot.staff_id for slot in slots if slot.staff_id is not None} - self._days.keys()
        if not staff_ids:
            return
        from_at = min(slot.starts_at for slot in slots) - AROUND
        to_at = max(slot.ends_at for slot in slots) + AROUND
        shapes = availability.list_day_shapes(
            self._session, staff_ids=staff_ids, from_at=from_at, to_at=to_at, now=self._now
        )
        for staff_id in staff_ids:
            self._days[staff_id] = [TimeRange(start, end) for start, end in shapes.get(staff_id, [])]

    def _idle(self, slot: Slot, busy: TimeRange) -> int:
        if slot.staff_id is None:
            return 0
        opening = TimeRange(slot.open_from, slot.open_until) if slot.open_from and slot.open_until else None
        return domain.idle_minutes(busy, self._days.get(slot.staff_id, []), opening)
