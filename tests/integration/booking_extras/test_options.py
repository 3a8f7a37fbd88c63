"""Options make what is waited for, repeated or let in longer."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from salon.booking import use_cases as booking
from salon.booking.series import use_cases as series
from salon.booking.series.domain import MissReason
from salon.booking.waitlist.domain import WaitlistStatus
from salon.catalog import use_cases as catalog
from salon.catalog.domain import ServiceOptionDetails
from salon.catalog.errors import OptionNotFound
from salon.platform.ids import new_id
from support.factories import ACTOR

pytestmark = pytest.mark.database
HOUR = timedelta(hours=1)


@pytest.fixture
def care(stage):
    """An add-on of half an hour."""
    details = ServiceOptionDetails(name="Уход", extra_min=30)
    return stage.act(catalog.create_option, stage.salon.service.id, details, actor=ACTOR, now=stage.clock.now())


def test_one_free_hour_is_not_offered_for_an_hour_and_a_half(stage, care):
    visits = stage.fill_day()
    waiting = stage.join(option_ids=[care.id])
    stage.cancel(visits[2])
    stage.tell()
    assert stage.entry(waiting).status is WaitlistStatus.WAITING
    stage.cancel(visits[3])
    stage.tell()
    offer = stage.salon.booking(stage.entry(waiting).offered_booking_id)
    assert (offer.slot_id, offer.ends_at - offer.starts_at) == (visits[2].slot_id, 1.5 * HOUR)
    stage.sound()


def test_what_is_sold_no_more_is_not_offered(stage, care):
    visits = stage.fill_day()
    waiting = stage.join(option_ids=[care.id])
    stage.act(catalog.deactivate_option, care.id, actor=ACTOR, now=stage.clock.now())
    stage.cancel(visits[2])
    stage.tell()
    assert stage.entry(waiting).status is WaitlistStatus.WAITING
    with pytest.raises(OptionNotFound):
        stage.join(option_ids=[new_id()])


def test_each_visit_of_a_series_has_the_options_until_they_are_sold_no_more(stage, care):
    said = {
        "client_id": stage.salon.client(),
        "location_id": stage.salon.location.id,
        "service_id": stage.salon.service.id,
        "option_ids": [care.id],
        "first_on": date(2026, 3, 12),
        "local_time": time(14),
        "every_days": 1,
        "occurrences": 2,
        "channel": "telegram",
        "actor": ACTOR,
        "now": stage.clock.now(),
    }
    made = stage.act(series.create_series, **said, horizon_days=2)
    (visit,) = made.bookings
    assert visit.ends_at - visit.starts_at == 1.5 * HOUR
    assert [one.option_id for one in stage.act(booking.list_booked_options, visit.id)] == [care.id]
    stage.act(catalog.deactivate_option, care.id, actor=ACTOR, now=stage.clock.now())
    last = stage.act(series.extend_series, made.series.id, actor=ACTOR, now=stage.clock.now(), horizon_days=3)
    assert [miss.reason for miss in last.misses] == [MissReason.NO_SLOT]
