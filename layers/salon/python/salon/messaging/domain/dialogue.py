"""Where a conversation stands: what we know of the wish, what we asked, what we offered. Values and pure steps."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from salon.platform.dayparts import Daypart, first_and_last


class Topic(StrEnum):
    """What the conversation is about."""

    BOOK = "book"
    RESCHEDULE = "reschedule"
    WAIT = "wait"
    SERIES = "series"


class Expecting(StrEnum):
    """What we have just asked for."""

    SERVICE = "service"
    WHEN = "when"
    STAFF = "staff"
    COMMENT = "comment"  # about the visit that was rated just now


PARTS_OF_DAY: dict[str, tuple[time, time]] = {part.value: first_and_last(part) for part in Daypart}
"""First and last start that a part of the day means to a salon's client; named as understanding names them."""


@dataclass(frozen=True, slots=True)
class TimeWish:
    """When the person would like to come, by the wall clock of the location; every part may be open.

    Attributes:
        on: the day.
        days: days to choose from, when several were named.
        from_on, to_on: first and last day of a range.
        not_on: days that were ruled out.
        at: the time of day wished for.
        from_at, to_at: earliest and latest start.
        until_at: latest end.
    """

    on: date | None = None
    days: tuple[date, ...] = ()
    from_on: date | None = None
    to_on: date | None = None
    not_on: tuple[date, ...] = ()
    at: time | None = None
    from_at: time | None = None
    to_at: time | None = None
    until_at: time | None = None

    @property
    def first_day(self) -> date | None:
        """The first day that was wished for, if any was named."""
        return self.on or (min(self.days) if self.days else self.from_on)

    @property
    def has_day(self) -> bool:
        """Whether anything was said about the day."""
        return bool(self.on or self.days or self.from_on or self.to_on or self.not_on)

    @property
    def has_time(self) -> bool:
        """Whether anything was said about the time of day."""
        return bool(self.at or self.from_at or self.to_at or self.until_at)

    def merged_with(self, newer: TimeWish) -> TimeWish:
        """This wish as changed by a later message: a new day keeps the old time of day, and the other way round."""
        days = newer if newer.has_day else self
        times = newer if newer.has_time else self
        return TimeWish(
            on=days.on,
            days=days.days,
            from_on=days.from_on,
            to_on=days.to_on,
            not_on=days.not_on,
            at=times.at,
            from_at=times.from_at,
            to_at=times.to_at,
            until_at=times.until_at,
        )

    def window(self, today: date, horizon_days: int) -> tuple[date, date]:
        """First and last day to search, today at the earliest, the booking horizon at the latest."""
        last = today + timedelta(days=horizon_days)
        if self.on is not None:
            return self.on, self.on
        if self.days:
            return min(self.days), max(self.days)
        first = max(today, self.from_on) if self.from_on else today
        return first, min(last, self.to_on) if self.to_on else last

    def admits(self, start: datetime, end: datetime) -> bool:
        """Whether a slot (local wall time) is within the wish; a wished exact time does not exclude its neighbours."""
        if self.on is not None and start.date() != self.on:
            return False
        if self.days and start.date() not in self.days:
            return False
        if start.date() in self.not_on:
            return False
        if self.from_at is not None and start.time() < self.from_at:
            return False
        if self.to_at is not None and start.time() > self.to_at:
            return False
        return self.until_at is None or (end.date() == start.date() and end.time() <= self.until_at)

    def still_ahead(self, today: date) -> TimeWish:
        """This wish without the days that are over: a conversation may have paused for a week."""
        days = tuple(on for on in self.days if on >= today)
        is_range_over = self.to_on is not None and self.to_on < today
        return replace(
            self,
            on=self.on if self.on is None or self.on >= today else None,
            days=days,
            from_on=None if is_range_over else self.from_on,
            to_on=None if is_range_over else self.to_on,
        )

    def without_time(self) -> TimeWish:
        """The same day at any time."""
        return replace(self, at=None, from_at=None, to_at=None, until_at=None)


@dataclass(frozen=True, slots=True)
class Repeating:
    """How often somebody would like to come.

    Attributes:
        every_days: days from one visit to the next; None until it is known.
        count: how many visits; None leaves it to us.
        weekday: 0 for Monday; None when a date says it.
        after: the day of the visit that is to repeat: «ещё на 5 раз».
    """

    every_days: int | None = None
    count: int | None = None
    weekday: int | None = None
    after: date | None = None


@dataclass(frozen=True, slots=True)
class DialogueState:
    """The memory of a conversation.

    Attributes:
        topic: what it is about; None between topics.
        service_id: the service wished for.
        staff_id: the staff member wished for; None takes anybody.
        not_staff: people who were ruled out: «только не к Анне».
        wish: when.
        expecting: what we asked last, so that a bare «в 3» is understood.
        booking_id: the booking that is being moved.
        shown: slots that were offered, so that «ещё» offers others.
        misses: messages in a row that we did not understand.
        row: services wished for one after another; of each those that may be meant, one once that is known.
        keeps_order: whether the services are to happen in the order of `row`.
        chains: slots in a row that were offered; a button names one by its place.
        nonce: of the offers that `chains` holds, or of the series that was asked about: an older button has another.
        done: the payload of the last button that books by its nonce: a second tap is answered, not carried out.
        repeating: the series that is being talked about.
        pending: the payload of what goes on once we know the phone.
        yes: the payload of what a written «да» means just now.
        no: the payload of what a written «нет» means just now.
        rated_id: the booking that was rated, while a comment on it is waited for.
        news_asked: whether we have just asked if they want our news: that takes a plain yes, and no «отлично».
        numbered: the payloads of the options that were last written out as 1, 2, 3…, in that order.
        listed: the payloads of the options that were last shown, in their order: «первый вариант» names one.
        rating_for: the visit whose stars were asked for, until they are given.
        remark: what was written about it instead of stars.
        unsure: a message that may mean two things, while it is asked which.
        later: wishes of the same message that wait until the first is done, in their own words.
        later_at: when they were written.
        doubted: words that were hardly heard, while it is asked whether they were heard rightly.
        doubted_tap: the payload of what they chose from what was shown.
        undo: the payloads of what takes back what the last voice message did.
    """

    topic: Topic | None = None
    service_id: UUID | None = None
    staff_id: UUID | None = None
    not_staff: tuple[UUID, ...] = ()
    wish: TimeWish = field(default_factory=TimeWish)
    expecting: Expecting | None = None
    booking_id: UUID | None = None
    shown: tuple[UUID, ...] = ()
    misses: int = 0
    row: tuple[tuple[UUID, ...], ...] = ()
    keeps_order: bool = False
    chains: tuple[tuple[UUID, ...], ...] = ()
    nonce: str = ""
    done: str | None = None
    repeating: Repeating | None = None
    pending: str | None = None
    yes: str | None = None
    no: str | None = None
    rated_id: UUID | None = None
    news_asked: bool = False
    numbered: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    rating_for: UUID | None = None
    remark: str = ""
    unsure: str = ""
    later: tuple[str, ...] = ()
    later_at: datetime | None = None
    doubted: str = ""
    doubted_tap: str | None = None
    undo: tuple[str, ...] = ()
