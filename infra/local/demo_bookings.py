"""A believable diary for the demo salon: which visits a day has, and how they come into the database.

`plan_day` is pure and repeatable: the same free slots and the same seed give the same visits. `fill_days` makes them
through the use cases, each at an instant at which somebody could really have booked.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import update

from salon.availability.domain import Slot
from salon.booking import use_cases as booking
from salon.booking.domain import Booking, BookingStatus, CancelReason
from salon.identity.domain import Actor
from salon.platform.db import WriteSession
from salon.platform.errors import Conflict
from salon.platform.outbox import OutboxRef, OutboxRow, OutboxStatus
from salon.platform.timeranges import TimeRange, zone

TRIES = 40
SEEDED = "demo: seeded, told to nobody"
MANY = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How the demo salon's clients behave; `shared/demo/bookings.json` in types.

    Attributes:
        seed: the same seed, the same diary.
        load: ISO weekday to the share of working time that is wanted.
        start_weights: from that wall time on, how much likelier a start is; ascending.
        popularity: service name to how often it is wanted.
        kept_free: (staff name, from, to): hours that stay open for whoever tries the demo.
        share_cancelled: of the visits that were booked.
        share_no_show: of the visits that are over.
        channels: where bookings are made, weighted.
        lead_days: bookings are made so long before the visit, least and most.
    """

    seed: str
    load: Mapping[int, float]
    start_weights: Sequence[tuple[time, int]]
    popularity: Mapping[str, int]
    kept_free: Sequence[tuple[str, time, time]]
    share_cancelled: float
    share_no_show: float
    channels: Mapping[str, int]
    lead_days: tuple[float, float]

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Habits:
        """From the data file."""
        return cls(
            seed=data["seed"],
            load={int(day): share for day, share in data["load"].items()},
            start_weights=[(time.fromisoformat(each["from"]), each["weight"]) for each in data["start_weights"]],
            popularity=data["popularity"],
            kept_free=[
                (each["staff"], time.fromisoformat(each["from"]), time.fromisoformat(each["to"]))
                for each in data["kept_free"]
            ],
            share_cancelled=data["share_cancelled"],
            share_no_show=data["share_no_show"],
            channels=data["channels"],
            lead_days=(data["lead_days"]["least"], data["lead_days"]["most"]),
        )

    def dice(self, *what: object) -> random.Random:
        """Chance that is the same at every start, for one thing."""
        return random.Random("/".join([self.seed, *map(str, what)]))  # noqa: S311 - a demo diary, no secret

    def start_weight(self, at: time) -> int:
        """How likely a start at a wall time is, against others."""
        return next((weight for since, weight in reversed(self.start_weights) if at >= since), 1)


@dataclass(frozen=True, slots=True)
class Names:
    """What the planner calls things: names are the same in every database, ids are not."""

    staff: Mapping[UUID, str]
    services: Mapping[UUID, str]


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit to be booked; a cancelled one is booked and given up again."""

    slot: Slot
    is_cancelled: bool


def plan_day(slots: Iterable[Slot], on: date, names: Names, habits: Habits, tz: ZoneInfo) -> list[Visit]:
    """Visits for one local day, from the free slots of that day."""
    by_staff: dict[str, list[Slot]] = defaultdict(list)
    for slot in slots:
        if slot.staff_id is not None and slot.staff_id in names.staff and slot.service_id in names.services:
            by_staff[names.staff[slot.staff_id]].append(slot)
    visits: list[Visit] = []
    for name in sorted(by_staff):
        kept = [
            TimeRange(datetime.combine(on, start, tz).astimezone(UTC), datetime.combine(on, end, tz).astimezone(UTC))
            for who, start, end in habits.kept_free
            if who == name
        ]
        visits += _plan_person(by_staff[name], on, name, kept, names, habits, tz)
    return visits


def _plan_person(
    slots: Sequence[Slot],
    on: date,
    name: str,
    kept_free: Sequence[TimeRange],
    names: Names,
    habits: Habits,
    tz: ZoneInfo,
) -> list[Visit]:
    """Put visits beside each other until the day is as full as wanted, or nothing fits any more."""
    dice = habits.dice(on, name)
    open_slots: dict[str, list[Slot]] = defaultdict(list)
    for slot in sorted(slots, key=lambda slot: slot.starts_at):
        if not any(slot.busy.overlaps(kept) for kept in kept_free):
            open_slots[names.services[slot.service_id]].append(slot)
    wanted = habits.load[on.isoweekday()] * working_minutes(slots)
    visits: list[Visit] = []
    minutes = 0.0
    for _ in range(TRIES):
        choices = sorted(service for service, fitting in open_slots.items() if fitting)
        if minutes >= wanted or not choices:
            break
        service = dice.choices(choices, [habits.popularity.get(choice, 1) for choice in choices])[0]
        fitting = open_slots[service]
        weights = [habits.start_weight(slot.starts_at.astimezone(tz).time()) for slot in fitting]
        slot = dice.choices(fitting, weights)[0]
        visit = Visit(slot, dice.random() < habits.share_cancelled)
        visits.append(visit)
        minutes += 0.0 if visit.is_cancelled else slot.busy.duration / timedelta(minutes=1)
        open_slots = {
            known: [other for other in fits if not other.busy.overlaps(slot.busy)] for known, fits in open_slots.items()
        }
    return visits


def working_minutes(slots: Iterable[Slot]) -> float:
    """Minutes that at least one of a person's slots covers: the working time without breaks."""
    total, reached = timedelta(), datetime.min.replace(tzinfo=UTC)
    for slot in sorted(slots, key=lambda slot: slot.starts_at):
        total += max(timedelta(), slot.ends_at - max(slot.starts_at, reached))
        reached = max(reached, slot.ends_at)
    return total / timedelta(minutes=1)


def fill_day(
    session: WriteSession,
    visits: Sequence[Visit],
    on: date,
    client_ids: Sequence[UUID],
    habits: Habits,
    *,
    actor: Actor,
    now: datetime,
) -> int:
    """Book the visits of a day, each by another client; those that are over get their end. Returns how many."""
    dice = habits.dice(on, "clients")
    guests = dice.sample(list(client_ids), k=min(len(client_ids), len(visits)))
    done = 0
    for visit, client_id in zip(visits, guests, strict=False):
        least, most = habits.lead_days
        booked_at = min(
            visit.slot.starts_at - timedelta(minutes=round(dice.uniform(least, most) * 24 * 60)),
            now - timedelta(minutes=dice.randint(30, 3 * 24 * 60)),
        )
        channel = dice.choices(list(habits.channels), list(habits.channels.values()))[0]
        ending = dice.random(), dice.random()
        try:
            made = booking.hold_slot(
                session, slot_id=visit.slot.id, client_id=client_id, channel=channel, actor=actor, now=booked_at
            )
        except Conflict:  # somebody is quicker while the salon is open
            continue
        made = booking.confirm_booking(session, made.id, actor=actor, now=booked_at + timedelta(minutes=1))
        done += 1
        if visit.is_cancelled:
            _cancel(session, made, ending, actor=actor, now=now)
        else:
            close_visit(session, made, ending[0] < habits.share_no_show, actor=actor, now=now)
    return done


def close_visit(session: WriteSession, made: Booking, is_no_show: bool, *, actor: Actor, now: datetime) -> bool:  # noqa: FBT001 - a fact about the visit
    """Say what became of a confirmed visit that is over by now; whether it was."""
    over_at = made.ends_at + timedelta(minutes=5)
    if over_at > now:
        return False
    if is_no_show:
        booking.mark_no_show(session, made.id, actor=actor, now=made.starts_at + timedelta(minutes=20))
    else:
        booking.complete_booking(session, made.id, actor=actor, now=over_at)
    return True


def close_past_visits(
    session: WriteSession,
    client_ids: Iterable[UUID],
    habits: Habits,
    *,
    since: datetime,
    actor: Actor,
    now: datetime,
) -> int:
    """What the front desk would have done while the demo was off: end the invented clients' visits."""
    invented = set(client_ids)
    open_ones = booking.list_bookings(session, from_at=since, to_at=now, statuses=[BookingStatus.CONFIRMED], limit=MANY)
    closed = 0
    for made in open_ones:
        if made.client_id in invented:
            dice = habits.dice(made.id, "ending")
            closed += close_visit(session, made, dice.random() < habits.share_no_show, actor=actor, now=now)
    return closed


def withdraw_facts(session: WriteSession, *, now: datetime) -> int:
    """Cancel the outbox rows of this transaction: history that is made up is told to nobody.

    The rows stay, with the reason in them. They are not relayed after the commit either, whatever `Database` it is, and
    the sweep only looks at open rows. Only what this very transaction has put out is touched.
    """
    refs: list[OutboxRef] = session.info.pop("outbox", [])
    if refs:
        session.execute(
            update(OutboxRow)
            .where(OutboxRow.id.in_([ref.outbox_id for ref in refs]), OutboxRow.status == OutboxStatus.OPEN)
            .values(status=OutboxStatus.CANCELLED, done_at=now, last_error=SEEDED)
            .execution_options(synchronize_session=False)
        )
    return len(refs)


def local_day_of(instant: datetime, timezone: str) -> date:
    """The day on the salon's wall."""
    return instant.astimezone(zone(timezone)).date()


def _cancel(session: WriteSession, made: Booking, ending: tuple[float, float], *, actor: Actor, now: datetime) -> None:
    """Give a booking up somewhere between its making and the visit, before now."""
    first = (made.confirmed_at or made.created_at) + timedelta(minutes=5)
    last = min(made.starts_at - timedelta(hours=1), now)
    at = first + (last - first) * ending[0] if last > first else first
    reason = CancelReason.CLIENT if ending[1] < 0.8 else CancelReason.STAFF_ABSENT  # noqa: PLR2004 - four in five
    booking.cancel_booking(session, made.id, reason=reason, actor=actor, now=at.replace(microsecond=0))
