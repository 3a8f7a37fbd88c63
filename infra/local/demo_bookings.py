"""A believable diary for the demo salon: which visits a day has, and how they come into the database.

`plan_day` is pure and repeatable: the same free slots and the same seed give the same visits. `Diary` makes them
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

from salon.availability import use_cases as availability
from salon.availability.domain import Slot
from salon.booking import use_cases as booking
from salon.booking.domain import Booking, BookingStatus, CancelReason
from salon.identity.domain import Actor
from salon.platform.db import ReadSession, WriteSession
from salon.platform.errors import Conflict
from salon.platform.outbox import OutboxRef, OutboxRow, OutboxStatus
from salon.platform.timeranges import TimeRange, local_day, zone

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
        kept_free = [
            TimeRange(datetime.combine(on, start, tz).astimezone(UTC), datetime.combine(on, end, tz).astimezone(UTC))
            for who, start, end in habits.kept_free
            if who == name
        ]
        wishes: dict[str, list[tuple[Slot, int]]] = defaultdict(list)
        for slot in sorted(by_staff[name], key=lambda slot: slot.starts_at):
            if not any(slot.busy.overlaps(kept) for kept in kept_free):
                weight = habits.start_weight(slot.starts_at.astimezone(tz).time())
                wishes[names.services[slot.service_id]].append((slot, weight))
        to_sell = working_minutes(slot for fitting in wishes.values() for slot, _ in fitting)
        wanted = habits.load[on.isoweekday()] * to_sell
        visits += _plan_person(wishes, wanted, habits, habits.dice(on, name))
    return visits


def _plan_person(
    wishes: Mapping[str, list[tuple[Slot, int]]], wanted: float, habits: Habits, dice: random.Random
) -> list[Visit]:
    """Put visits beside each other until `wanted` minutes are sold, or nothing fits any more.

    A cancelled visit takes its place too: nobody else came in its stead.
    """
    visits: list[Visit] = []
    minutes = 0.0
    left = dict(wishes)
    while minutes < wanted and (choices := sorted(service for service, fitting in left.items() if fitting)):
        service = dice.choices(choices, [habits.popularity.get(choice, 1) for choice in choices])[0]
        fitting = left[service]
        taken = dice.choices([slot for slot, _ in fitting], [weight for _, weight in fitting])[0]
        visit = Visit(taken, dice.random() < habits.share_cancelled)
        visits.append(visit)
        minutes += 0.0 if visit.is_cancelled else taken.busy.duration / timedelta(minutes=1)
        left = {known: [each for each in fits if not each[0].busy.overlaps(taken.busy)] for known, fits in left.items()}
    return visits


def working_minutes(slots: Iterable[Slot]) -> float:
    """Minutes that at least one of a person's slots covers: the working time without breaks."""
    total, reached = timedelta(), datetime.min.replace(tzinfo=UTC)
    for slot in sorted(slots, key=lambda slot: slot.starts_at):
        total += max(timedelta(), slot.ends_at - max(slot.starts_at, reached))
        reached = max(reached, slot.ends_at)
    return total / timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diary:
    """The invented clients' bookings.

    Attributes:
        client_ids: who comes; bookings of anybody else are left alone.
        timezone: of the salon's wall.
        now: the real instant; nothing is made after it.
    """

    client_ids: Sequence[UUID]
    names: Names
    habits: Habits
    timezone: str
    actor: Actor
    now: datetime

    def day_of(self, instant: datetime) -> date:
        """The day on the salon's wall."""
        return instant.astimezone(zone(self.timezone)).date()

    def list_empty_days(self, session: ReadSession, behind: int, ahead: int) -> list[date]:
        """Days around today on which no invented client has any booking, whatever became of it."""
        today = self.day_of(self.now)
        days = [today + timedelta(days=step) for step in range(-behind, ahead + 1)]
        from_at, to_at = local_day(days[0], self.timezone).start, local_day(days[-1], self.timezone).end
        known = booking.list_bookings(session, from_at=from_at, to_at=to_at, limit=MANY)
        filled = {self.day_of(made.starts_at) for made in known if made.client_id in set(self.client_ids)}
        return [day for day in days if day not in filled]

    def plan(self, session: ReadSession, days: Sequence[date]) -> dict[date, list[Visit]]:
        """Visits for days whose slots are made; `days` ascend."""
        if not days:
            return {}
        first, last = local_day(days[0], self.timezone).start, local_day(days[-1], self.timezone).end
        by_day: dict[date, list[Slot]] = {day: [] for day in days}
        for service_id in self.names.services:
            for slot in availability.list_free_slots(
                session, service_id=service_id, from_at=first, to_at=last, now=first, min_notice=timedelta(), limit=MANY
            ):
                by_day.get(self.day_of(slot.starts_at), []).append(slot)
        tz = zone(self.timezone)
        return {day: plan_day(slots, day, self.names, self.habits, tz) for day, slots in by_day.items()}

    def fill_day(self, session: WriteSession, on: date, visits: Sequence[Visit]) -> int:
        """Book the visits of a day, each by another client; those that are over get their end. Returns how many."""
        dice = self.habits.dice(on, "clients")
        guests = dice.sample(list(self.client_ids), k=min(len(self.client_ids), len(visits)))
        return sum(self._book(session, visit, guest, dice) for visit, guest in zip(visits, guests, strict=False))

    def close_past_visits(self, session: WriteSession, since: datetime) -> int:
        """What the front desk would have done while the demo was off: end the visits that are over. How many."""
        invented = set(self.client_ids)
        agreed = booking.list_bookings(
            session, from_at=since, to_at=self.now, statuses=[BookingStatus.CONFIRMED], limit=MANY
        )
        return sum(
            self._close(session, made, self.habits.dice(made.id)) for made in agreed if made.client_id in invented
        )

    def _book(self, session: WriteSession, visit: Visit, client_id: UUID, dice: random.Random) -> bool:
        lead = timedelta(minutes=round(dice.uniform(*self.habits.lead_days) * 24 * 60))
        at = min(visit.slot.starts_at - lead, self.now - timedelta(minutes=dice.randint(30, 3 * 24 * 60)))
        channel = dice.choices(list(self.habits.channels), list(self.habits.channels.values()))[0]
        try:
            made = booking.hold_slot(
                session, slot_id=visit.slot.id, client_id=client_id, channel=channel, actor=self.actor, now=at
            )
        except Conflict:  # somebody was quicker: the salon may be open while this runs
            return False
        made = booking.confirm_booking(session, made.id, actor=self.actor, now=at + timedelta(minutes=1))
        if visit.is_cancelled:
            self._cancel(session, made, dice)
        else:
            self._close(session, made, dice)
        return True

    def _close(self, session: WriteSession, made: Booking, dice: random.Random) -> bool:
        """Say what became of a visit that is over by now."""
        is_missed = dice.random() < self.habits.share_no_show
        over_at = made.ends_at + timedelta(minutes=5)
        if over_at > self.now:
            return False
        if is_missed:
            late = made.starts_at + timedelta(minutes=20)
            booking.mark_no_show(session, made.id, actor=self.actor, now=late)
        else:
            booking.complete_booking(session, made.id, actor=self.actor, now=over_at)
        return True

    def _cancel(self, session: WriteSession, made: Booking, dice: random.Random) -> None:
        """Give a booking up somewhere between its making and the visit, before now."""
        first = made.created_at + timedelta(minutes=5)
        last = min(made.starts_at - timedelta(hours=1), self.now)
        at = first + timedelta(minutes=round(dice.random() * ((last - first) / timedelta(minutes=1))))
        reason = dice.choice([CancelReason.CLIENT] * 4 + [CancelReason.STAFF_ABSENT])
        booking.cancel_booking(session, made.id, reason=reason, actor=self.actor, now=at)


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
