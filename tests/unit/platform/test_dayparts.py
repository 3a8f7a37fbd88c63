"""The borders of the parts of a day are one table: whoever speaks of them reads it there."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from salon.availability.offers.domain import DayPart, day_part
from salon.messaging.domain.dialogue import PARTS_OF_DAY
from salon.messaging.domain.wishes import wish_of
from salon.platform.dayparts import BORDERS, SPREAD, Daypart, first_and_last, holds, spread_part
from salon.understanding.domain import Daypart as UnderstoodDaypart
from salon.understanding.domain import When
from salon.understanding.grammar.hours import belongs

MINUTES = [(datetime(2026, 3, 11, tzinfo=UTC) + timedelta(minutes=minute)).time() for minute in range(24 * 60)]


def test_the_spread_parts_share_the_waking_day_without_gap_or_overlap():
    for at in MINUTES:
        named = [part for part in SPREAD if holds(part, at)]
        assert named == ([] if holds(Daypart.NIGHT, at) else [spread_part(at)])


def test_exposure_spreads_over_the_same_borders():
    names = {Daypart.MORNING: DayPart.MORNING, Daypart.DAY: DayPart.AFTERNOON, Daypart.EVENING: DayPart.EVENING}
    for at in MINUTES:
        part = spread_part(at)
        assert day_part(datetime.combine(date(2026, 3, 11), at)) is (names[part] if part else None)


@pytest.mark.parametrize("part", Daypart)
def test_what_is_understood_becomes_a_wish_with_the_same_borders(part):
    assert UnderstoodDaypart is Daypart
    wish = wish_of(When(daypart=part), date(2026, 3, 11))
    assert (wish.from_at, wish.to_at) == PARTS_OF_DAY[part] == first_and_last(part)
    assert wish.from_at == BORDERS[part][0]
    assert holds(part, wish.to_at) or part is Daypart.EVENING


@pytest.mark.parametrize("part", Daypart)
def test_an_hour_within_the_borders_never_contradicts_the_part(part):
    assert all(belongs(at, part) for at in MINUTES if holds(part, at))
    assert not belongs((datetime.combine(date(2026, 3, 11), BORDERS[part][0]) - timedelta(hours=2)).time(), part)


def test_an_evening_lasts_until_midnight_for_whoever_wants_to_come():
    assert first_and_last(Daypart.EVENING) == (time(17), time(23, 59))
    assert first_and_last(Daypart.AFTERNOON) == (time(12), time(17, 59))
