from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from salon.availability import use_cases as availability
from salon.availability.domain import RuleKind
from salon.booking import use_cases as booking
from salon.booking.domain import BookingStatus
from salon.booking.series import use_cases as series
from salon.booking.series.domain import MissReason, SeriesStatus
from salon.booking.series.errors import SeriesNeedsDeposit, SeriesNotActive, SeriesNotFound, SeriesSenseless
from salon.identity.domain import Actor, ActorKind, system
from salon.platform.ids import new_id
from support.consistency import find_contradictions
from support.factories import ACTOR, make_price_list, make_rule, make_salon

pytestmark = pytest.mark.database
CLIENT = Actor(ActorKind.CLIENT, "the client")


@pytest.fixture
def salon(database, tenant_id, clock):
    """Анна, 20 days of six one-hour slots (12:00 to 18:00); 2026-03-11 is the first."""
    return make_salon(database, tenant_id, now=clock.now(), days=20)


@pytest.fixture
def begin(stage):
    """Begin a series on the 12th at two, every seventh day, four times."""

    def call(**changes):
        said = {
            "client_id": stage.salon.client(),
            "location_id": stage.salon.location.id,
            "service_id": stage.salon.service.id,
            "first_on": date(2026, 3, 12),
            "local_time": time(14),
            "every_days": 7,
            "occurrences": 4,
            "channel": "telegram",
            "actor": ACTOR,
            "now": stage.clock.now(),
            "horizon_days": 15,
            **changes,
        }
        return stage.act(series.create_series, **said)

    return call


def extend(stage, made, horizon_days=15):
    return stage.act(
        series.extend_series, made.series.id, actor=ACTOR, now=stage.clock.now(), horizon_days=horizon_days
    )


def starts(visits):
    return [visit.starts_at.isoformat()[5:16] for visit in visits]


def test_visits_within_the_horizon_are_booked_at_once_and_the_rest_when_it_gets_there(stage, begin, owner_engine):
    made = begin()
    assert starts(made.bookings) == ["03-12T11:00", "03-19T11:00"]
    assert {visit.status for visit in made.bookings} == {BookingStatus.CONFIRMED}
    assert {visit.series_id for visit in made.bookings} == {made.series.id}
    assert extend(stage, made).bookings == ()

    stage.clock.advance(timedelta(days=1))
    assert starts(extend(stage, made).bookings) == ["03-26T11:00"]
    stage.clock.advance(timedelta(days=7))
    with stage.salon.database.transaction(stage.salon.tenant_id) as session:
        first, last = date(2026, 4, 1), date(2026, 4, 4)
        availability.generate_slots(
            session, location_id=stage.salon.location.id, from_on=first, to_on=last, now=stage.clock.now()
        )
    last = extend(stage, made)
    assert (starts(last.bookings), last.series.status) == (["04-02T11:00"], SeriesStatus.FINISHED)
    assert extend(stage, made).bookings == ()
    assert len(stage.act(series.get_series, made.series.id).bookings) == 4
    assert find_contradictions(owner_engine) == {}


@pytest.mark.parametrize(
    ("timezone", "instants"),
    [
        ("Europe/Berlin", ["03-26T09:00", "04-02T08:00"]),  # summer time begins on 29 March
        ("America/Sao_Paulo", ["03-26T13:00", "04-02T13:00"]),  # has none
    ],
)
def test_the_wall_clock_stays_when_the_clocks_change(stage, begin, timezone, instants):
    database, tenant_id = stage.salon.database, stage.salon.tenant_id
    there = make_salon(database, tenant_id, now=stage.clock.now(), timezone=timezone, hours=("09:00", "12:00"), days=30)
    made = begin(
        location_id=there.location.id,
        service_id=there.service.id,
        first_on=date(2026, 3, 26),
        local_time=time(10),
        occurrences=2,
        horizon_days=30,
    )
    assert starts(made.bookings) == instants


def test_the_nearest_start_within_the_tolerance_is_taken_and_the_rest_is_told(stage, begin):
    taken = [slot for slot in stage.salon.slots(days=20) if slot.starts_at.hour == 11 and slot.starts_at.day == 12]
    stage.salon.book(taken[0].id, stage.salon.client())
    exact = begin(occurrences=2)
    (miss,) = exact.misses
    assert (starts(exact.bookings), miss.on, miss.reason) == (["03-19T11:00"], date(2026, 3, 12), MissReason.NO_SLOT)
    near = [stage.salon.slot(slot_id).starts_at.hour for slot_id in miss.alternative_slot_ids]
    assert near == [10, 12, 9]  # 13:00, 15:00 and 12:00 in Moscow
    (told,) = stage.facts("series.occurrence_missed")
    assert (told["on"], told["alternative_slot_ids"]) == ("2026-03-12", [str(one) for one in miss.alternative_slot_ids])

    flexible = begin(occurrences=2, tolerance_min=60)
    assert starts(flexible.bookings) == ["03-12T10:00", "03-19T10:00"]
    assert flexible.series.status is SeriesStatus.FINISHED


def test_a_closed_day_is_missed_and_the_series_goes_on(stage, begin):
    with stage.salon.database.transaction(stage.salon.tenant_id) as session:
        make_rule(
            session,
            now=stage.clock.now(),
            location_id=stage.salon.location.id,
            kind=RuleKind.EXCEPTION,
            hours=None,
            is_closed=True,
            valid_from=date(2026, 3, 19),
            valid_to=date(2026, 3, 19),
        )
        availability.generate_slots(
            session,
            location_id=stage.salon.location.id,
            from_on=date(2026, 3, 19),
            to_on=date(2026, 3, 19),
            now=stage.clock.now(),
        )
    made = begin(occurrences=3, horizon_days=20)
    assert starts(made.bookings) == ["03-12T11:00", "03-26T11:00"]
    assert [(miss.on.day, miss.alternative_slot_ids) for miss in made.misses] == [(19, ())]


def test_two_series_of_one_time_do_not_get_each_other_s_visits(stage, begin, owner_engine):
    first, second = begin(), begin(tolerance_min=60)
    assert starts(second.bookings) == ["03-12T10:00", "03-19T10:00"]
    assert {visit.slot_id for visit in first.bookings} & {visit.slot_id for visit in second.bookings} == set()
    assert find_contradictions(owner_engine) == {}


def test_cancelling_ends_what_comes_and_keeps_what_was(stage, begin, owner_engine):
    made = begin()
    stage.clock.advance(timedelta(days=2))  # the first visit is over
    cancelled = stage.act(series.cancel_series, made.series.id, actor=ACTOR, now=stage.clock.now())
    assert starts(cancelled) == ["03-19T11:00"]
    found = stage.act(series.get_series, made.series.id)
    assert found.series.status is SeriesStatus.CANCELLED
    assert [visit.status for visit in found.bookings] == [BookingStatus.CONFIRMED, BookingStatus.CANCELLED]
    assert stage.act(series.cancel_series, made.series.id, actor=ACTOR, now=stage.clock.now()) == []
    assert extend(stage, made, horizon_days=40).bookings == ()
    assert len(stage.facts("series.cancelled")) == 1
    assert find_contradictions(owner_engine) == {}


def test_cancelling_from_a_day_keeps_the_visits_before_it(stage, begin):
    made = begin()
    from_on = date(2026, 3, 20)
    assert stage.act(series.cancel_series, made.series.id, from_on=from_on, actor=ACTOR, now=stage.clock.now()) == []
    assert stage.act(series.get_series, made.series.id).series.status is SeriesStatus.CANCELLED
    later = begin(local_time=time(15))
    from_on = date(2026, 3, 27)
    stage.act(series.cancel_series, later.series.id, from_on=from_on, actor=ACTOR, now=stage.clock.now())
    stage.clock.advance(timedelta(days=1))
    last = extend(stage, later)
    assert (starts(last.bookings), last.series.status) == (["03-26T12:00"], SeriesStatus.FINISHED)


def test_one_visit_is_skipped_and_brought_back_by_itself(stage, begin):
    made = begin()
    stage.cancel(made.bookings[1])
    back = stage.act(booking.restore_booking, made.bookings[1].id, actor=ACTOR, now=stage.clock.now())
    assert (back.status, back.series_id) == (BookingStatus.CONFIRMED, made.series.id)


def test_what_is_not_made_yet_can_be_changed(stage, begin):
    made = begin()
    said = {"staff_id": None, "tolerance_min": 0, "actor": ACTOR, "now": stage.clock.now()}
    stage.act(series.change_series, made.series.id, local_time=time(16), occurrences=3, **said)
    stage.clock.advance(timedelta(days=1))
    last = extend(stage, made)
    assert (starts(last.bookings), last.series.status) == (["03-26T13:00"], SeriesStatus.FINISHED)
    with pytest.raises(SeriesNotActive):
        stage.act(series.change_series, made.series.id, local_time=time(16), occurrences=9, **said)
    other = begin(local_time=time(15))
    with pytest.raises(SeriesSenseless, match="3 visits"):
        stage.act(series.change_series, other.series.id, local_time=time(16), occurrences=2, **said)
    stage.act(series.change_series, other.series.id, local_time=time(16), occurrences=3, **said)
    assert stage.act(series.get_series, other.series.id).series.status is SeriesStatus.FINISHED


def test_a_series_of_which_nothing_can_be_booked_is_none(stage, begin):
    with pytest.raises(SeriesSenseless, match="None of the visits"):
        begin(local_time=time(8))
    assert stage.act(series.list_series) == []
    with pytest.raises(SeriesNotFound):
        stage.act(series.get_series, new_id())


def test_series_are_listed_by_client_and_state(stage, begin):
    first = begin(tolerance_min=360).series
    second = begin(tolerance_min=360, occurrences=1).series
    assert stage.act(series.list_series, client_id=first.client_id) == [first]
    assert stage.act(series.list_series, statuses=[SeriesStatus.FINISHED]) == [second]
    assert stage.act(series.list_series, limit=1, after=first.id) == [second]


@pytest.fixture
def ask_deposit(stage):
    """The salon asks for a deposit from now on."""

    def call():
        with stage.salon.database.transaction(stage.salon.tenant_id) as session:
            make_price_list(session, now=stage.clock.now(), prices={(stage.salon.service.id, None): 100_000})
        terms = {"deposit": {"kind": "fixed", "amount_minor": 50_000}}
        stage.act(booking.change_policy, terms, actor=ACTOR, now=stage.clock.now())

    return call


def test_where_a_deposit_is_asked_only_staff_make_a_series(begin, ask_deposit):
    ask_deposit()
    with pytest.raises(SeriesNeedsDeposit):
        begin(actor=CLIENT)
    assert len(begin().bookings) == 2


@pytest.mark.parametrize(("channel", "booked"), [("console", ["03-26T11:00"]), ("telegram", [])])
def test_the_timer_goes_on_with_the_salon_s_series_and_tells_what_others_would_have_to_pay_for(
    stage, begin, ask_deposit, channel, booked
):
    """Neither of them sticks: each visit is tried once, and the series ends."""
    made = begin(channel=channel, occurrences=3)
    ask_deposit()
    stage.clock.advance(timedelta(days=1))

    timed = {"actor": system("series"), "now": stage.clock.now(), "horizon_days": 15}
    last = stage.act(series.extend_series, made.series.id, **timed)

    assert (starts(last.bookings), last.series.status) == (booked, SeriesStatus.FINISHED)
    assert [visit.deposit_status for visit in last.bookings] == [None for _ in booked]
    reasons = [] if booked else ["refused"]
    assert [miss.reason for miss in last.misses] == [fact["reason"] for fact in stage.facts("series.occurrence_missed")]
    assert [miss.reason for miss in last.misses] == reasons
    assert len(stage.act(series.get_series, made.series.id).bookings) == 2 + len(booked)
