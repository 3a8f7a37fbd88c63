"""Finding free slots for a wish and putting them under buttons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from salon.availability import use_cases as availability
from salon.availability.domain import Slot
from salon.availability.offers import use_cases as offers
from salon.availability.offers.domain import Exposure
from salon.booking import use_cases as booking
from salon.booking.domain import Booking
from salon.booking.waitlist import use_cases as waitlist
from salon.messaging.domain import Button, phrases
from salon.messaging.domain.dialogue import DialogueState, TimeWish
from salon.messaging.domain.taps import Tap, TapPayload
from salon.messaging.use_cases.talk import Rows, Talk
from salon.platform.money import Money
from salon.platform.timeranges import local_instant

OFFERS = 3
ROUNDS = 3
"""Three offers a message, three rounds at most (facts/domain.md §4.1)."""

CHUNK_DAYS = 3
WIDER = 3
OTHER_ZONES = timedelta(hours=14)  # a branch may lie in another zone; what is too much is sorted out by its own clock
"""Days searched at a time, and by how much more when they had nothing: a full week costs few queries."""

ROWS_PER_CHUNK = 5000
MANY = 40
"""Enough candidates to choose from; searching on would only cost time."""


@dataclass(frozen=True, slots=True)
class Found:
    """Slots to offer.

    Attributes:
        slots: to be shown, by time.
        has_more: whether another round would show others.
        kept_wish: whether they are what was wished for.
        kept_staff: whether they are with the person who was wished for.
        incentives: slot id to what is taken off its price.
    """

    slots: list[Slot]
    has_more: bool
    kept_wish: bool = True
    kept_staff: bool = True
    incentives: Mapping[UUID, Money] = field(default_factory=dict)


def find_offers(
    talk: Talk, state: DialogueState, *, leaving: UUID | None = None, avoiding: Sequence[Booking] = ()
) -> Found:
    """The best few slots for the wish; when there are none, the nearest thing to it.

    First any time on the day that was wished, then the wish with anybody, then the days after it. Holds that have run
    out make room before.

    Args:
        talk: the turn.
        state: service, staff and wish.
        leaving: the slot of a booking that is being rescheduled; its time counts as free.
        avoiding: the client's other services of that visit, which nothing may overlap.
    """
    booking.expire_holds(talk.session, now=talk.now)
    wish = state.wish
    attempts = [
        (wish, state.staff_id, True, True),
        (wish.without_time(), state.staff_id, False, True) if wish.has_day else None,
        (wish, None, True, False) if state.staff_id else None,
        (from_day_on(wish), state.staff_id, False, True),
        (from_day_on(wish), None, False, False) if state.staff_id else None,
    ]
    for attempt in attempts:
        if attempt is None:
            continue
        wanted, staff_id, kept_wish, kept_staff = attempt
        fresh = [
            slot
            for slot in search(talk, replace(state, wish=wanted, staff_id=staff_id), leaving=leaving)
            if slot.id not in state.shown and not clashes(slot, avoiding)
        ]
        if fresh:
            shown = _choose(talk, state, fresh, leaving, kept_wish=kept_wish)
            chosen = shown.slots
            kept_time = wish.at is None or any(talk.local_at(slot, slot.starts_at).time() == wish.at for slot in chosen)
            return Found(
                chosen,
                len(fresh) > len(chosen),
                kept_wish and kept_time,
                kept_staff,
                {offer.slot.id: offer.incentive for offer in shown.offers if offer.incentive is not None},
            )
    return Found([], has_more=False)


def search(talk: Talk, state: DialogueState, *, leaving: UUID | None = None) -> list[Slot]:
    """Free slots within the wish, soonest first; stops when there are plenty."""
    if state.service_id is None:
        return []
    found: dict[UUID, Slot] = {}
    for first, last in chunks(*state.wish.window(talk.today, talk.policy.horizon_days)):
        slots = availability.list_free_slots(
            talk.session,
            service_id=state.service_id,
            staff_id=state.staff_id,
            location_id=None,
            from_at=max(talk.now, local_instant(first, datetime.min.time(), talk.timezone) - OTHER_ZONES),
            to_at=local_instant(last + timedelta(days=1), datetime.min.time(), talk.timezone) + OTHER_ZONES,
            now=talk.now,
            limit=ROWS_PER_CHUNK,
            leaving_slot_id=leaving,
        )
        found |= {
            slot.id: slot
            for slot in slots
            if slot.staff_id not in state.not_staff
            and state.wish.admits(talk.local_at(slot, slot.starts_at), talk.local_at(slot, slot.ends_at))
        }
        if len(found) >= MANY:
            break
    return sorted(found.values(), key=lambda slot: (slot.starts_at, str(slot.staff_id)))


def find_exact(
    talk: Talk, *, service_id: UUID, staff_id: UUID | None, starts_at: datetime, leaving: UUID | None = None
) -> Slot | None:
    """The free slot that starts at this very instant, with this person if one is named."""
    slots = availability.list_free_slots(
        talk.session,
        service_id=service_id,
        staff_id=staff_id,
        location_id=None,
        from_at=starts_at,
        to_at=starts_at + timedelta(minutes=1),
        now=talk.now,
        limit=1,
        leaving_slot_id=leaving,
    )
    return next((slot for slot in slots if slot.starts_at == starts_at), None)


def clashes(slot: Slot, bookings: Sequence[Booking]) -> bool:
    """Whether a client who has these bookings would have to be in two places."""
    return any(slot.starts_at < one.ends_at and one.starts_at < slot.ends_at for one in bookings)


def offer_buttons(talk: Talk, found: Found, *, rounds_left: bool) -> Rows:
    """A button for each slot, and «ещё варианты» while there are some."""
    rows = [
        (Button(slot_label(talk, slot, found.incentives.get(slot.id)), TapPayload(Tap.SLOT, slot.id).encode()),)
        for slot in found.slots
    ]
    if found.has_more and rounds_left:
        rows.append((Button(talk.texts.say("offers-more"), TapPayload(Tap.MORE).encode()),))
    return tuple(rows)


def wait_button(talk: Talk, service_id: UUID | None) -> Rows:
    """«В лист ожидания», where the salon keeps one."""
    if service_id is None or not waitlist.waitlist_policy(talk.session).enabled:
        return ()
    return ((talk.button("wait-button", TapPayload(Tap.WAIT, service_id)),),)


def slot_label(talk: Talk, slot: Slot, incentive: Money | None = None) -> str:
    """«завтра, 18:30 · Анна», with «−300 ₽» where that is taken off the price."""
    local = talk.local_at(slot, slot.starts_at)
    label = talk.texts.say(
        "offer-button",
        day=talk.phrases.short_day(local.date(), talk.today),
        time=phrases.clock(local),
        staff=talk.staff_names.get(slot.staff_id, "") if slot.staff_id else "",
    ).rstrip(" ·")
    return label if incentive is None else talk.texts.say("offer-cheaper", offer=label, less=talk.price(incentive))


def _choose(talk: Talk, state: DialogueState, fresh: list[Slot], leaving: UUID | None, *, kept_wish: bool) -> Exposure:
    """Near the time that was wished; the soonest and others when nothing was; else over the parts of the day."""
    wish, slots = state.wish, _first_days(talk, fresh)
    day = talk.local_at(slots[0], slots[0].starts_at).date()
    at = wish.at if kept_wish else wish.at or wish.from_at or wish.until_at or wish.to_at
    return offers.pick_slots(
        talk.session,
        slots,
        subject=str(talk.conversation.client_id),
        service_id=slots[0].service_id,
        on=wish.on or day,
        now=talk.now,
        size=OFFERS,
        staff_id=state.staff_id,
        leaving_slot_id=leaving,
        wished=datetime.combine(wish.on or day, at) if at is not None else None,
        with_soonest=not (wish.has_day or wish.has_time),
        round=len(state.shown) // OFFERS + 1,
        metrics=talk.metrics,
    )


def _first_days(talk: Talk, slots: list[Slot]) -> list[Slot]:
    """The slots of the first day, and of as many after it as a message needs."""
    days: dict[date, list[Slot]] = {}
    for slot in slots:
        days.setdefault(talk.local_at(slot, slot.starts_at).date(), []).append(slot)
    first: list[Slot] = []
    for day in sorted(days):
        if len(first) >= OFFERS:
            break
        first += days[day]
    return first


def from_day_on(wish: TimeWish) -> TimeWish:
    """Any time from the first day that was wished for."""
    first = wish.on or (min(wish.days) if wish.days else wish.from_on)
    return TimeWish(from_on=first, not_on=wish.not_on)


def chunks(first: date, last: date) -> Iterator[tuple[date, date]]:
    """First and last days to search, a few at a time and then more."""
    days = CHUNK_DAYS
    while first <= last:
        end = min(last, first + timedelta(days=days - 1))
        yield first, end
        first, days = end + timedelta(days=1), days * WIDER
