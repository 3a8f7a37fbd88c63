"""A series, in conversation: «запиши меня на маникюр каждые три недели по вторникам в 14»."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from uuid import UUID

from salon.availability import use_cases as availability
from salon.booking import use_cases as booking
from salon.booking.domain import Booking, CancelReason
from salon.booking.series import use_cases as series
from salon.booking.series.domain import MAX_OCCURRENCES, MissReason, Series, SeriesResult, SeriesStatus
from salon.booking.series.errors import SeriesNotFound, SeriesSenseless
from salon.catalog import use_cases as catalog
from salon.messaging.domain import Button, phrases
from salon.messaging.domain.dialogue import DialogueState, Expecting, Repeating, TimeWish, Topic
from salon.messaging.domain.taps import Tap, TapPayload
from salon.messaging.domain.wishes import asked_times, wish_of
from salon.messaging.use_cases import clarify_talk, info_talk
from salon.messaging.use_cases.booking_talk import known_slot, which_services
from salon.messaging.use_cases.my_bookings import changeable, cost_of_cancelling
from salon.messaging.use_cases.refusals import ask_phone, count_refusal, lacks_phone, say_refusal
from salon.messaging.use_cases.slots_talk import slot_label
from salon.messaging.use_cases.talk import Rows, Talk
from salon.platform.errors import Refusal
from salon.platform.ids import new_id, parse_id
from salon.platform.timeranges import local_instant
from salon.understanding.domain import Understood
from salon.understanding.recurrence import WEEK, Recurrence

DEFAULT_VISITS = 5
TOLERANCE_MIN = 60
"""A visit may begin an hour earlier or later when its time is taken: better than none."""

PERIODS = (WEEK, 2 * WEEK, 3 * WEEK, 4 * WEEK)
MAX_SERVICE_BUTTONS = 10
OFFERED_INSTEAD = 3
OPEN = (SeriesStatus.ACTIVE, SeriesStatus.FINISHED)


def begin(talk: Talk, understood: Understood, recurrence: Recurrence) -> None:
    """A message says that a wish repeats; what it leaves out may be known already."""
    state = talk.state if talk.state.topic in {Topic.SERIES, Topic.BOOK} else DialogueState()
    before = state.repeating or Repeating()
    repeating = replace(
        before,
        every_days=recurrence.every_days or before.every_days,
        count=recurrence.count or before.count,
        weekday=recurrence.weekday if recurrence.weekday is not None else before.weekday,
    )
    talk.remember(replace(state, topic=Topic.SERIES, repeating=repeating, nonce="", chains=(), row=()))
    _take_in(talk, understood)


def go_on(talk: Talk, understood: Understood) -> None:
    """An answer to what was asked about the series: a service, a day, a time."""
    _take_in(talk, understood)


def choose_service(talk: Talk, service_id: UUID) -> str | None:
    """The service was tapped."""
    talk.remember(replace(talk.state, service_id=service_id))
    continue_series(talk)
    return talk.service_name(service_id)


def choose_every(talk: Talk, days: int) -> str | None:
    """How often was tapped."""
    if talk.state.topic is not Topic.SERIES or talk.state.repeating is None or days not in PERIODS:
        talk.say("button-stale", buttons=talk.menu())
        return None
    talk.remember(replace(talk.state, repeating=replace(talk.state.repeating, every_days=days)))
    continue_series(talk)
    return how_often(talk, days)


def continue_series(talk: Talk) -> None:
    """Ask for what is missing, or whether it is right."""
    state, repeating = talk.state, talk.state.repeating or Repeating()
    if state.service_id is None:
        talk.remember(replace(state, expecting=Expecting.SERVICE))
        services = list(talk.services.values())[:MAX_SERVICE_BUTTONS]
        talk.say("series-service", buttons=info_talk.service_buttons(services))
    elif repeating.every_days is None:
        rows = tuple((Button(how_often(talk, days), TapPayload(Tap.EVERY, number=days).encode()),) for days in PERIODS)
        talk.say("series-how-often", buttons=rows)
    elif repeating.weekday is None and state.wish.on is None:
        talk.remember(replace(state, expecting=Expecting.WHEN))
        talk.say("series-when")
    elif _time(state.wish) is None:
        talk.remember(replace(state, expecting=Expecting.WHEN))
        talk.say("series-time")
    else:
        _ask_if_right(talk, state.service_id, repeating)


def create(talk: Talk, payload: TapPayload) -> str | None:
    """«Да, записать»: book the visits within reach and say what became of each."""
    state, repeating = talk.state, talk.state.repeating
    if state.done == payload.encode():
        talk.say("series-already", buttons=talk.menu()[1:])
        return None
    at = _time(state.wish)
    is_whole = state.service_id is not None and repeating is not None and repeating.every_days is not None
    if payload.nonce != state.nonce or not is_whole or at is None:
        talk.say("button-stale", buttons=talk.menu())
        return None
    if lacks_phone(talk):
        ask_phone(talk, payload)
        return None
    made = _create(talk, at)
    if isinstance(made, Refusal):
        count_refusal(talk, made)
        goes_on = replace(state, nonce="", expecting=Expecting.WHEN)
        talk.remember(goes_on if isinstance(made, SeriesSenseless) else DialogueState())
        say_refusal(talk, made)
        return None
    talk.remember(DialogueState(done=payload.encode()))
    _say_made(talk, made, at)
    return talk.texts.say("series-yes")


def cancel(talk: Talk) -> bool:
    """«Отмени все», «отмени серию»; False when there is no series."""
    known = open_series(talk)
    if not known:
        return False
    if len(known) > 1:
        rows = tuple((Button(describe(talk, one), TapPayload(Tap.CANCEL_SERIES, one.id).encode()),) for one in known)
        talk.say("series-which", buttons=rows)
    else:
        cancel_this(talk, known[0].id)
    return True


def cancel_this(talk: Talk, series_id: UUID, *, is_sure: bool = False) -> str | None:
    """Cancel what is still ahead of a series; what that costs is said before."""
    known = _own(talk, series_id)
    if known is None or known.id not in {one.id for one in open_series(talk)}:
        talk.say("series-over", buttons=talk.menu()[1:])
        return None
    coming = [one for one in changeable(talk) if one.series_id == series_id]
    if not is_sure and cost_of_cancelling(talk, coming, TapPayload(Tap.CANCEL_SERIES_SURE, series_id)):
        return None
    try:
        with talk.session.begin_nested():
            cancelled = series.cancel_series(
                talk.session, series_id, reason=CancelReason.CLIENT, actor=talk.actor, now=talk.now
            )
    except Refusal as refusal:
        say_refusal(talk, refusal)
        return None
    talk.remember(DialogueState())
    talk.say("series-cancelled", what=describe(talk, known), count=len(cancelled))
    return describe(talk, known)


def open_series(talk: Talk) -> list[Series]:
    """Series of the client that will still bring a visit: booked ones, or ones to be made."""
    known = series.list_series(talk.session, client_id=talk.conversation.client_id, statuses=OPEN)
    ahead = {one.series_id for one in changeable(talk)}
    return [one for one in known if one.id in ahead or one.status is SeriesStatus.ACTIVE]


def describe(talk: Talk, one: Series) -> str:
    """«Маникюр, каждые 3 недели по вторникам в 14:00»."""
    return _rhythm(talk, one.service_id, one.every_days, one.first_on, one.local_time)


def how_often(talk: Talk, days: int) -> str:
    """«каждые 3 недели»."""
    if days % WEEK == 0:
        return talk.texts.say("every-weeks", weeks=days // WEEK)
    return talk.texts.say("every-days", days=days)


def _take_in(talk: Talk, understood: Understood) -> None:
    state = talk.state
    candidates = which_services(talk, understood)
    if candidates:
        talk.remember(replace(state, wish=_merged(talk, understood), expecting=Expecting.SERVICE))
        talk.say("ask-which-service", buttons=info_talk.service_buttons(candidates))
        return
    service_id = parse_id(understood.service.id) if understood.service else state.service_id
    staff_id = clarify_talk.named_staff(talk, understood) or state.staff_id
    talk.remember(replace(state, service_id=service_id, staff_id=staff_id, wish=_merged(talk, understood)))
    if service_id is None:
        _follow_last_visit(talk)
    if talk.is_beyond_horizon(talk.state.wish):
        talk.remember(replace(talk.state, wish=replace(talk.state.wish, on=None), expecting=Expecting.WHEN))
        talk.say("beyond-horizon", until=talk.phrases.day_genitive(talk.last_day))
        return
    times = asked_times(understood.when)
    if len(times) > 1:
        buttons = tuple(Button(phrases.clock(at), TapPayload(Tap.TIME, at=at).encode()) for at in times[:2])
        first, second = phrases.clock(times[0]), phrases.clock(times[1])
        talk.say("ask-time-of-day", first=first, second=second, buttons=(buttons,))
        return
    continue_series(talk)


def _merged(talk: Talk, understood: Understood) -> TimeWish:
    wish = talk.state.wish.merged_with(wish_of(understood.when, talk.today))
    return replace(wish, on=wish.on or wish.first_day, days=(), from_on=None, to_on=None)


def _follow_last_visit(talk: Talk) -> None:
    """«Ещё на 5 раз»: what was booked last is what is meant to repeat."""
    last = booking.find_last_visit(talk.session, talk.conversation.client_id)
    if last is None or last.service_id not in talk.services:
        return
    local, state = talk.local_of(last), talk.state
    repeating = state.repeating or Repeating()
    wish = state.wish
    if not wish.has_time:
        wish = replace(wish, at=local.time().replace(tzinfo=None))
    if repeating.weekday is None and not wish.has_day:
        repeating = replace(repeating, weekday=local.weekday(), after=local.date())
    talk.remember(replace(state, service_id=last.service_id, staff_id=last.staff_id, wish=wish, repeating=repeating))


def _ask_if_right(talk: Talk, service_id: UUID, repeating: Repeating) -> None:
    at, every_days = _time(talk.state.wish), repeating.every_days
    if at is None or every_days is None:
        return
    first_on = _first_day(talk, at)
    count = min(repeating.count or DEFAULT_VISITS, MAX_OCCURRENCES)
    nonce = new_id().hex[-8:]
    yes, no = TapPayload(Tap.SERIES, nonce=nonce), TapPayload(Tap.KEEP)
    talk.remember(replace(talk.state, nonce=nonce, yes=yes.encode(), no=no.encode(), expecting=Expecting.WHEN))
    rhythm = _rhythm(talk, service_id, every_days, first_on, at)
    staff = talk.staff_names.get(talk.state.staff_id, "") if talk.state.staff_id else ""
    if staff:
        rhythm = f"{rhythm}, {talk.texts.say('wait-staff', staff=staff)}"
    buttons = ((talk.button("series-yes", yes), talk.button("button-no", no)),)
    talk.say("series-ask", what=rhythm, count=count, day=talk.phrases.on_day(first_on, talk.today), buttons=buttons)


def _create(talk: Talk, at: time) -> SeriesResult | Refusal:
    state, repeating = talk.state, talk.state.repeating or Repeating()
    first_on = _first_day(talk, at)
    if state.service_id is None or repeating.every_days is None:
        raise ValueError("a series without a service or a period was asked about")
    try:
        with talk.session.begin_nested():
            return series.create_series(
                talk.session,
                client_id=talk.conversation.client_id,
                location_id=_place(talk, state.service_id, state.staff_id, first_on, at),
                service_id=state.service_id,
                staff_id=state.staff_id,
                first_on=first_on,
                local_time=at,
                every_days=repeating.every_days,
                occurrences=min(repeating.count or DEFAULT_VISITS, MAX_OCCURRENCES),
                tolerance_min=TOLERANCE_MIN,
                channel=talk.conversation.channel,
                actor=talk.actor,
                now=talk.now,
                horizon_days=talk.policy.horizon_days,
            )
    except Refusal as refusal:
        return refusal


def _say_made(talk: Talk, made: SeriesResult, at: time) -> None:
    lines = [talk.texts.say("series-made", service=talk.service_name(made.series.service_id), count=len(made.bookings))]
    lines += [f"• {_visit(talk, one)}" for one in made.bookings]
    if any(talk.local_of(one).time() != at for one in made.bookings):
        lines.append(talk.texts.say("series-near", time=phrases.clock(at)))
    instead: list[tuple[Button, ...]] = []
    if made.misses:
        lines.append(talk.texts.say("series-missed"))
    for miss in made.misses:
        reason = "series-miss-none" if miss.reason is MissReason.NO_SLOT else "series-miss-refused"
        lines.append(f"• {talk.phrases.day(miss.on)}: {talk.texts.say(reason)}")
        slot = known_slot(talk, miss.alternative_slot_ids[0]) if miss.alternative_slot_ids else None
        if slot is not None and len(instead) < OFFERED_INSTEAD:
            instead.append((Button(slot_label(talk, slot), TapPayload(Tap.SLOT, slot.id).encode()),))
    later = made.series.occurrences - made.series.tried
    if later:
        lines.append(talk.texts.say("series-later", count=later))
    off = talk.button("series-cancel", TapPayload(Tap.CANCEL_SERIES, made.series.id))
    rows: Rows = (*instead, (off,))
    talk.reply("\n".join(lines), rows)


def _visit(talk: Talk, one: Booking) -> str:
    facts, local = talk.booking_facts(one), talk.local_of(one)
    return talk.texts.say("series-visit", day=talk.phrases.day(local.date()), time=facts["time"], staff=facts["staff"])


def _rhythm(talk: Talk, service_id: UUID, every_days: int, first_on: date, at: time) -> str:
    by_day = f" {talk.phrases.by_weekday(first_on.weekday())}" if every_days % WEEK == 0 else ""
    often = how_often(talk, every_days) + by_day
    return talk.texts.say("series-what", service=talk.service_name(service_id), often=often, time=phrases.clock(at))


def _time(wish: TimeWish) -> time | None:
    """The exact time that was named; a part of the day is none."""
    return wish.at or (wish.from_at if wish.to_at is None else None)


def _first_day(talk: Talk, at: time) -> date:
    """The first day of the rhythm that lies ahead; a weekday that is today means the next one."""
    wish, repeating = talk.state.wish, talk.state.repeating or Repeating()
    weekday, every_days = repeating.weekday, repeating.every_days or WEEK
    if repeating.after is not None and not wish.has_day and weekday == repeating.after.weekday():
        first = repeating.after + timedelta(days=every_days)
        while local_instant(first, at, talk.timezone) <= talk.now:
            first += timedelta(days=every_days)
        return first
    first = wish.on or talk.today + timedelta(days=1)
    if weekday is not None:
        first += timedelta(days=(weekday - first.weekday()) % WEEK)
    if local_instant(first, at, talk.timezone) <= talk.now:
        first += timedelta(days=WEEK if weekday is not None else 1)
    return first


def _place(talk: Talk, service_id: UUID, staff_id: UUID | None, on: date, at: time) -> UUID:
    """The branch: that of the person, else the one with the nearest time free, else one that offers the service."""
    if staff_id is not None:
        return catalog.get_staff(talk.session, staff_id).location_id
    wished_at, tolerance = local_instant(on, at, talk.timezone), timedelta(minutes=TOLERANCE_MIN)
    free = availability.list_free_slots(
        talk.session,
        service_id=service_id,
        from_at=wished_at - tolerance,
        to_at=wished_at + tolerance + timedelta(minutes=1),
        now=talk.now,
    )
    if free:
        return min(free, key=lambda slot: abs(slot.starts_at - wished_at)).location_id
    able = catalog.list_staff_for(talk.session, service_id)
    return able[0].location_id if able else talk.locations[0].id


def _own(talk: Talk, series_id: UUID) -> Series | None:
    try:
        found = series.get_series(talk.session, series_id).series
    except SeriesNotFound:
        return None
    return found if found.client_id == talk.conversation.client_id else None
