"""What a client who looks for a time is shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from uuid import UUID

from salon.availability import use_cases as availability
from salon.availability.domain import Slot
from salon.availability.offers import repository
from salon.availability.offers.domain import (
    REFILL_BELOW,
    ROUNDS,
    SHOW_ALL,
    STICKY_FOR,
    Choice,
    Exposure,
    Option,
    Origin,
    Question,
    RuleSet,
    check_round,
)
from salon.availability.offers.ports import RefreshHolds
from salon.availability.offers.repository import Place
from salon.availability.offers.schemas import OfferPolicy
from salon.availability.offers.use_cases.scoring import list_options, score_options
from salon.availability.offers.use_cases.settings import find_incentive, read_policy, with_incentives
from salon.catalog import use_cases as catalog
from salon.platform import metrics as figures
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.metrics import Metrics
from salon.platform.timeranges import local_day

SLOTS_READ = 5_000
"""More than a day of any salon has."""

SEEN_FOR = timedelta(hours=1)
"""How long a round remembers what the rounds before it have shown."""


def expose_slots(
    session: WriteSession,
    *,
    subject: str,
    service_id: UUID,
    on: date,
    now: datetime,
    staff_id: UUID | None = None,
    location_id: UUID | None = None,
    variant: str | None = None,
    round: int = 1,  # noqa: A002 - the word of the API and of the table
    extra_min: int = 0,
    option_ids: Sequence[UUID] = (),
    wish: time | None = None,
    leaving_slot_id: UUID | None = None,
    refresh: RefreshHolds | None = None,
    metrics: Metrics | None = None,
) -> Exposure:
    """The few slots of a day that somebody is shown; the set is recorded.

    The same question gets the same set for seven minutes, even over a change of the hour. What was taken meanwhile
    drops out; when fewer than two are left, others come in. Five free slots or fewer are all shown. Calls at the same
    moment get one set.

    Args:
        session: it writes the record.
        subject: who looks: the client's, user's or session's id, at most 64 characters.
        service_id: for what.
        on: the day, by the clock of each slot's location.
        now: the current instant.
        staff_id: with this person only.
        location_id: at this branch only.
        variant: the rule set that was asked for (`X-Exposure-Variant`); None for the tenant's experiment or default.
        round: 1 to 3; each shows other slots than those before it («ещё варианты»).
        extra_min: minutes that the chosen options add.
        option_ids: these options, for the incentive that is a share of the price.
        wish: the time of day that was named; the set lies around it, 09:15 and 09:30 around 09:17.
        leaving_slot_id: the slot of a booking that is being moved; its time counts as free.
        refresh: ends holds that have run out, so that their seats are offered too (`booking.use_cases.expire_holds`).
        metrics: where `exposed_slots_count` is counted, for new sets only.

    Raises:
        UnknownVariant: there is no such rule set.
        RoundOutOfRange: there is no such round.
        ServiceNotFound, LocationNotFound: there is none.
    """
    check_round(round)
    policy, tenant_id = read_policy(session), tenant_of(session)
    rules = policy.rules_for(subject, tenant_id, variant)
    if refresh is not None:
        refresh(session, now=now)
    question = Question(
        tenant_id=tenant_id,
        subject=subject,
        service_id=service_id,
        on=on,
        staff_id=staff_id,
        location_id=location_id,
        extra_min=extra_min,
        wish=wish,
        leaving_slot_id=leaving_slot_id,
    )
    keys = [question.key(rules.name, number) for number in range(1, round + 1)]
    repository.lock_question(session, keys[0])
    latest = repository.find_latest(session, keys, now - SEEN_FOR)
    places = _list_places(session, question)
    chooser = _Chooser(
        session,
        _list_free(session, question, places, now),
        places=places,
        policy=policy,
        rules=rules,
        question=question,
        now=now,
    )
    for key in keys[:-1]:
        past = latest.get(key)
        chooser.skip(past.slot_ids if past is not None else [one.slot.id for one in chooser.choose()])
    shown = latest.get(keys[-1])
    is_fresh = shown is not None and shown.expires_at > now
    kept = [option for option in chooser.fresh if shown is not None and is_fresh and option.slot.id in shown.slot_ids]
    if shown is not None and is_fresh and (len(kept) >= REFILL_BELOW or len(kept) == len(chooser.fresh)):
        chosen = kept
    else:
        chosen = chooser.choose(kept)
        shown = _record(
            session,
            question,
            key=keys[-1],
            rules=rules,
            round_=round,
            chosen=chosen,
            total=len(chooser.options),
            now=now,
        )
        _count(metrics, rules, chosen)
    return Exposure(
        offers=with_incentives(session, policy, chosen, option_ids),
        total=len(chooser.options),
        has_more=round < ROUNDS and len(chooser.fresh) > len(chosen),
        exposure_id=shown.id,
        variant=rules.name,
        round=round,
        expires_at=shown.expires_at,
    )


def pick_slots(
    session: WriteSession,
    slots: Sequence[Slot],
    *,
    subject: str,
    service_id: UUID,
    on: date,
    now: datetime,
    size: int,
    staff_id: UUID | None = None,
    leaving_slot_id: UUID | None = None,
    wished: datetime | None = None,
    with_soonest: bool = False,
    round: int = 1,  # noqa: A002 - as above
    metrics: Metrics | None = None,
) -> Exposure:
    """The few of these free slots that a chat shows, by the same rules; the set is recorded but not kept.

    Args:
        session: it writes the record.
        slots: free ones of a service that were not shown yet, of one day or of several.
        subject: who looks.
        service_id: for what.
        on: the day that was asked for, or the first one.
        now: the current instant.
        size: how many a message has.
        staff_id: the person that was asked for.
        leaving_slot_id: the slot of a booking that is being moved.
        wished: wall time around which the set should lie, naive.
        with_soonest: the first of them is shown in any case.
        round: how often this wish was answered, from 1.
        metrics: where `exposed_slots_count` is counted.
    """
    policy, tenant_id = read_policy(session), tenant_of(session)
    rules = policy.rules_for(subject, tenant_id, None)
    question = Question(
        tenant_id=tenant_id,
        subject=subject,
        service_id=service_id,
        on=on,
        staff_id=staff_id,
        leaving_slot_id=leaving_slot_id,
    )
    places = repository.list_places(session, service_id, None)
    chooser = _Chooser(
        session,
        list_options(slots, places),
        places=places,
        policy=policy,
        rules=rules,
        question=question,
        now=now,
        wished=wished,
    )
    chosen = chooser.choose(size=size, with_soonest=with_soonest)
    round_ = min(round, ROUNDS)
    shown = _record(session, question, key=None, rules=rules, round_=round_, chosen=chosen, total=len(slots), now=now)
    _count(metrics, rules, chosen)
    return Exposure(
        offers=with_incentives(session, policy, chosen),
        total=len(slots),
        has_more=round < ROUNDS and len(slots) > len(chosen),
        exposure_id=shown.id,
        variant=rules.name,
        round=round_,
        expires_at=shown.expires_at,
    )


def find_origin(
    session: ReadSession, *, subject: str, slot: Slot, now: datetime, option_ids: Sequence[UUID] = ()
) -> Origin:
    """What the hold of a slot should say about how it was offered: the newest set of the last hour, the incentive."""
    shown = repository.find_shown(session, subject=subject, slot_id=slot.id, since=now - SEEN_FOR)
    incentive = find_incentive(session, slot, option_ids=option_ids)
    return Origin(
        exposure_id=shown[0] if shown is not None else None,
        variant=shown[1] if shown is not None else None,
        incentive_minor=incentive.minor if incentive is not None else 0,
    )


class _Chooser:
    """Sets for one question after another, without what was shown; scores the slots when it has to choose."""

    def __init__(
        self,
        session: ReadSession,
        options: Sequence[Option],
        *,
        places: Mapping[UUID, Place],
        policy: OfferPolicy,
        rules: RuleSet,
        question: Question,
        now: datetime,
        wished: datetime | None = None,
    ) -> None:
        self.options = options
        self.fresh = list(options)
        self._rules = rules
        self._draw = question.draw(rules.name, now)
        self._threshold = policy.weights.threshold
        self._wish = wished or question.wished
        self._is_scored = False
        self._score = partial(
            score_options,
            session,
            options,
            places,
            policy=policy,
            rules=rules,
            wish=self._wish,
            leaving_slot_id=question.leaving_slot_id,
            now=now,
        )

    def skip(self, slot_ids: Collection[UUID]) -> None:
        """These were shown."""
        self.fresh = [option for option in self.fresh if option.slot.id not in slot_ids]

    def choose(
        self, kept: Sequence[Option] = (), *, size: int | None = None, with_soonest: bool = False
    ) -> list[Option]:
        """A set of `size`; without one, of the size that the draw says, or of all when they are few."""
        if size is None and len(self.fresh) <= SHOW_ALL:
            return list(self.fresh)
        if not self._is_scored:
            scored = {option.slot.id: option for option in self._score()}
            self.fresh, self._is_scored = [scored[option.slot.id] for option in self.fresh], True
        if with_soonest:
            kept = [*kept, *sorted(self.fresh, key=lambda option: (option.starts_at, option.cost))[:1]]
        taken = {option.slot.id for option in kept}
        choice = Choice(
            [option for option in self.fresh if option.slot.id not in taken],
            self._rules,
            self._draw,
            threshold=self._threshold,
            wish=self._wish,
            is_spread=len({option.local.date() for option in self.fresh}) == 1,
        )
        return choice.choose(size or self._draw.size(self._rules), kept)


def _list_places(session: ReadSession, question: Question) -> dict[UUID, Place]:
    """Where the service is sold; says so when there is no such service or location."""
    places = repository.list_places(session, question.service_id, question.location_id)
    if not places:
        catalog.get_service(session, question.service_id)
        if question.location_id is not None:
            catalog.get_location(session, question.location_id)
    return places


def _list_free(session: ReadSession, question: Question, places: Mapping[UUID, Place], now: datetime) -> list[Option]:
    """What is free on the day, by time."""
    if not places:
        return []
    days = [local_day(question.on, place.timezone) for place in places.values()]
    slots = availability.list_free_slots(
        session,
        service_id=question.service_id,
        from_at=min(day.start for day in days),
        to_at=max(day.end for day in days),
        now=now,
        staff_id=question.staff_id,
        location_id=question.location_id,
        leaving_slot_id=question.leaving_slot_id,
        extra_min=question.extra_min,
        limit=SLOTS_READ,
    )
    return [option for option in list_options(slots, places) if option.local.date() == question.on]


def _record(
    session: WriteSession,
    question: Question,
    *,
    key: str | None,
    rules: RuleSet,
    round_: int,
    chosen: Sequence[Option],
    total: int,
    now: datetime,
) -> repository.Shown:
    return repository.add_exposure(
        session,
        question,
        key=key,
        variant=rules.name,
        round_=round_,
        slot_ids=[option.slot.id for option in chosen],
        total=total,
        now=now,
        expires_at=now + STICKY_FOR,
    )


def _count(metrics: Metrics | None, rules: RuleSet, chosen: Sequence[Option]) -> None:
    if metrics is not None:
        metrics.count(figures.EXPOSED_SLOTS_COUNT, len(chosen), variant=rules.name)
