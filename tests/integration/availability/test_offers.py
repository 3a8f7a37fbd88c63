"""Offers of a day on a real database: what is shown, recorded, counted and asked back."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from salon.availability.offers import use_cases as offers
from salon.availability.offers.domain import DayPart, Origin, day_part
from salon.availability.offers.errors import OfferSettingsSenseless, RoundOutOfRange, UnknownVariant
from salon.booking import use_cases as booking
from salon.catalog.errors import LocationNotFound, ServiceNotFound
from salon.platform import metrics as figures
from salon.platform.ids import new_id
from salon.platform.metrics import MemoryMetrics
from salon.platform.money import Money
from support.factories import ACTOR, make_price_list, make_salon
from support.fixtures import make_tenant

pytestmark = pytest.mark.database
THURSDAY = date(2026, 3, 12)
MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.fixture
def salon(database, tenant_id, clock):
    """Two people, three days from nine to nine, a start each half hour."""
    return make_salon(
        database,
        tenant_id,
        now=clock.now(),
        staff_names=("Анна", "Борис"),
        hours=("09:00", "21:00"),
        granularity_min=30,
    )


def expose(salon, subject="somebody", *, now=None, **how):
    with salon.database.transaction(salon.tenant_id) as session:
        values = {"service_id": salon.service.id, "on": THURSDAY, "now": now or salon.now, **how}
        return offers.expose_slots(session, subject=subject, **values)


def local(slot, zone=MOSCOW):
    return slot.starts_at.astimezone(zone)


def settle(salon, values):
    with salon.database.transaction(salon.tenant_id) as session:
        offers.change_offer_settings(session, values, actor=ACTOR, now=salon.now)


def rows(salon, sql="SELECT * FROM exposures ORDER BY id"):
    with salon.database.read(salon.tenant_id) as session:
        return session.execute(text(sql)).all()


def test_a_set_is_of_the_day_in_order_over_its_parts_and_recorded(salon):
    metrics = MemoryMetrics()
    shown = expose(salon, location_id=salon.location.id, metrics=metrics)

    starts = [local(slot) for slot in shown.slots]
    assert {start.date() for start in starts} == {THURSDAY}
    assert starts == sorted(starts)
    assert {day_part(start) for start in starts} == set(DayPart)
    assert shown.total == 46
    assert shown.has_more
    [row] = rows(salon)
    assert (row.id, row.variant, row.subject, row.round) == (shown.exposure_id, "control", "somebody", 1)
    assert (row.total, row.on_date, row.slot_ids) == (46, THURSDAY, [slot.id for slot in shown.slots])
    assert (row.created_at, row.expires_at) == (salon.now, salon.now + timedelta(minutes=7))
    assert metrics.total(figures.EXPOSED_SLOTS_COUNT, variant="control") == len(shown.slots)


def test_five_or_fewer_are_all_shown(salon):
    noon = datetime(2026, 3, 12, 16, 0, tzinfo=UTC)  # 19:00 in Moscow: 19:30 and 20:00 are left
    shown = expose(salon, now=noon)
    assert [local(slot).hour for slot in shown.slots] == [19, 19, 20, 20]
    assert (shown.total, shown.has_more) == (4, False)
    assert not expose(salon, now=noon, round=2).slots


def test_a_day_without_slots_is_an_empty_set(salon):
    shown = expose(salon, on=date(2026, 5, 1))
    assert (shown.slots, shown.total, shown.has_more) == ([], 0, False)


def test_visits_draw_others_to_their_side(salon):
    """Packing in production: what touches a visit or an end of the shift is shown more often than what stands alone."""
    anna = salon.staff[0]
    one = next(slot for slot in salon.slots() if slot.staff_id == anna.id and local(slot).strftime("%d %H") == "12 14")
    salon.book(one.id, salon.client())
    beside = {local(one) - timedelta(hours=1), local(one) + timedelta(hours=1)}
    strict = expose(salon, staff_id=anna.id, variant="packed")
    edges = {datetime(2026, 3, 12, hour, tzinfo=MOSCOW) for hour in (9, 20)}
    assert len({local(slot) for slot in strict.slots} & (beside | edges)) == min(len(strict.slots), 4)
    shown = Counter(local(slot) for number in range(60) for slot in expose(salon, f"{number}", staff_id=anna.id).slots)
    alone = [count for start, count in shown.items() if start not in beside | edges]
    assert sum(shown[start] for start in beside) / 2 > 2 * sum(alone) / 17


def test_a_named_time_brings_the_nearest(database, tenant_id, clock):
    salon = make_salon(database, tenant_id, now=clock.now(), hours=("09:00", "21:00"), granularity_min=15)
    starts = [local(slot).strftime("%H:%M") for slot in expose(salon, wish=time(9, 17)).slots]
    assert {"09:15", "09:30"} <= set(starts)


def test_rounds_show_others_until_the_third(salon):
    shown = [expose(salon, round=number, now=salon.now + timedelta(minutes=number)) for number in (1, 2, 3)]
    ids = [slot.id for one in shown for slot in one.slots]
    assert len(set(ids)) == len(ids) >= 9
    assert [one.has_more for one in shown] == [True, True, False]
    with pytest.raises(RoundOutOfRange):
        expose(salon, round=4)


def test_a_round_without_the_ones_before_it_leaves_room_for_them(salon):
    second, first = expose(salon, round=2), expose(salon)
    assert not {slot.id for slot in first.slots} & {slot.id for slot in second.slots}


def test_variants_are_chosen_by_name_and_recorded(salon):
    settle(salon, {"variant": "packed", "experiment": {"wide": 100}})
    for variant in ("control", "random", "packed", "wide"):
        assert expose(salon, variant=variant).variant == variant
    assert expose(salon, "by experiment").variant == "wide"
    assert {len(expose(salon, f"{number}", variant="wide").slots) for number in range(5)} == {5}
    assert Counter(row.variant for row in rows(salon))["wide"] == 7
    settle(salon, {"variant": "packed"})
    assert expose(salon, "by default").variant == "packed"
    with pytest.raises(UnknownVariant):
        expose(salon, variant="nonsense")


def test_senseless_settings_are_refused_and_foreign_ones_do_not_stop_the_selling(salon, owner_engine):
    with pytest.raises(OfferSettingsSenseless):
        settle(salon, {"experiment": {"wide": 70, "packed": 40}})
    settle(salon, {"variant": "wide"})
    with owner_engine.begin() as connection:
        connection.execute(text("""UPDATE tenant_settings SET content = '{"variant": "of the next release"}'"""))
    assert expose(salon).variant == "control"


def test_quiet_hours_carry_an_incentive(salon):
    with salon.database.transaction(salon.tenant_id) as session:
        make_price_list(session, now=salon.now, prices={(salon.service.id, None): 250_000})
    settle(salon, {"off_peak": {"hours": [{"start": "09:00", "end": "13:00"}], "incentive_percent": 10}})
    shown = expose(salon, variant="wide")
    for offer in shown.offers:
        assert offer.incentive == (Money(25_000) if local(offer.slot).hour < 13 else None)
    assert any(offer.incentive for offer in shown.offers)
    early = next(offer.slot for offer in shown.offers if offer.incentive)
    with salon.database.read(salon.tenant_id) as session:
        origin = offers.find_origin(session, subject="somebody", slot=early, now=salon.now)
        assert origin == Origin(exposure_id=shown.exposure_id, variant="wide", incentive_minor=25_000)
        late = next(offer.slot for offer in shown.offers if not offer.incentive)
        assert offers.find_incentive(session, late) is None


def test_the_day_is_the_location_s(database, tenant_id, clock):
    salon = make_salon(
        database, tenant_id, now=clock.now(), timezone="Asia/Kamchatka", hours=("09:00", "21:00"), granularity_min=30
    )
    shown = expose(salon)
    assert {local(slot, ZoneInfo("Asia/Kamchatka")).date() for slot in shown.slots} == {THURSDAY}
    assert shown.total == 23


def test_a_hold_that_ran_out_is_offered_again_after_a_refresh(database, tenant_id, clock):
    """A seat counted by a hold that has run out: without the refresh the slot looks full."""
    salon = make_salon(database, tenant_id, now=clock.now(), hours=("12:00", "14:00"), days=2)
    first = next(slot for slot in salon.slots() if local(slot).date() == THURSDAY)
    salon.hold(first.id, salon.client())
    later = salon.now + timedelta(minutes=11)
    refreshed = expose(salon, now=later, refresh=booking.expire_holds)
    assert first.id in {slot.id for slot in refreshed.slots}
    assert refreshed.total == 2


def test_what_does_not_exist_is_said(salon):
    with pytest.raises(ServiceNotFound):
        expose(salon, service_id=new_id())
    with pytest.raises(LocationNotFound):
        expose(salon, location_id=new_id())


def test_a_hold_learns_where_it_was_chosen_from(salon, database, clock):
    shown = expose(salon)
    slot, now = shown.slots[0], clock.now()
    asked = {"subject": "somebody", "slot": slot, "now": now}
    with database.read(salon.tenant_id) as session:
        assert offers.find_origin(session, **asked) == Origin(exposure_id=shown.exposure_id, variant="control")
        assert offers.find_origin(session, **{**asked, "subject": "else"}) == Origin()
        assert offers.find_origin(session, **{**asked, "now": now + timedelta(hours=2)}) == Origin()
    with database.read(make_tenant(database, now)) as session:
        assert offers.find_origin(session, **asked) == Origin()
