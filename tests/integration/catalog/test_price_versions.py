"""Versions of the prices: one follows another, what has begun stays, options add to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import event

from salon.catalog import use_cases as catalog
from salon.catalog.domain import OptionPrice, PriceItem, PriceListDetails, ServiceOptionDetails
from salon.catalog.errors import (
    OptionNotFound,
    OptionPricedTwice,
    PriceListInUse,
    PriceListNotFound,
    PriceListsOverlap,
    StaffNotFound,
)
from salon.platform.errors import Invalid
from salon.platform.money import CurrencyMismatch, Money
from support.factories import ACTOR, make_location, make_service, make_staff

pytestmark = pytest.mark.database
NOBODY = UUID(int=404)
TODAY = date(2026, 3, 11)
JANUARY, APRIL, MAY, JUNE = (date(2026, month, 1) for month in (1, 4, 5, 6))
A_DAY = timedelta(days=1)


@pytest.fixture
def cut(session, now):
    return make_service(session, now=now, name="Стрижка")


@pytest.fixture
def publish(session, now, cut):
    def publish(valid_from, roubles=1, *, valid_to=None, location_id=None, option_items=(), name="Прайс"):
        details = PriceListDetails(
            name=name,
            valid_from=valid_from,
            valid_to=valid_to,
            location_id=location_id,
            items=(PriceItem(cut.id, Money(roubles * 100)),),
            option_items=tuple(option_items),
        )
        return catalog.publish_price_list(session, details, actor=ACTOR, now=now)

    return publish


@pytest.fixture
def versions(session):
    """(first day, last day, roubles) of every version, the oldest first."""

    def versions():
        session.expire_all()
        return sorted(
            (one.valid_from, one.valid_to, one.items[0].price.minor // 100) for one in catalog.list_price_lists(session)
        )

    return versions


class TestVersions:
    def test_a_week_of_lower_prices_leaves_no_gap_behind(self, publish, versions):
        publish(JANUARY, 10)
        publish(APRIL, 5, valid_to=date(2026, 4, 7))
        assert versions() == [
            (JANUARY, APRIL - A_DAY, 10),
            (APRIL, date(2026, 4, 7), 5),
            (date(2026, 4, 8), None, 10),
        ]

    def test_a_list_before_a_coming_one_must_end_in_time(self, session, now, publish, versions):
        first = publish(JANUARY, 10)
        publish(MAY, 12, name="Летний")
        with pytest.raises(PriceListsOverlap, match="«Прайс», from 2026-01-01"):
            publish(APRIL, 11)
        catalog.end_price_list(session, first.id, APRIL - A_DAY, actor=ACTOR, now=now)
        with pytest.raises(PriceListsOverlap, match="«Летний», from 2026-05-01"):
            publish(APRIL, 11)
        publish(APRIL, 11, valid_to=MAY - A_DAY)
        assert versions() == [(JANUARY, APRIL - A_DAY, 10), (APRIL, MAY - A_DAY, 11), (MAY, None, 12)]

    def test_what_is_valid_on_a_day(self, session, now, publish):
        here = make_location(session, now=now)
        publish(JANUARY, name="Общий")
        publish(APRIL, name="Здесь", location_id=here.id)
        publish(MAY, name="Летний")

        def valid(on):
            return {one.name for one in catalog.list_price_lists(session, on=on)}

        assert valid(date(2025, 12, 31)) == set()
        assert valid(APRIL - A_DAY) == {"Общий"}
        assert valid(APRIL) == {"Общий", "Здесь"}
        assert valid(MAY) == {"Летний", "Здесь"}

    def test_a_list_ahead_can_be_corrected_and_the_one_before_follows(self, session, now, publish, versions):
        publish(JANUARY, 10)
        ahead = publish(MAY, 12)
        wanted = replace(without_id(ahead), items=(replace(ahead.items[0], price=Money(1300)),))
        for first in (APRIL, JUNE, MAY):
            moved = replace(wanted, valid_from=first)
            catalog.change_price_list(session, ahead.id, moved, actor=ACTOR, now=now)
            assert versions() == [(JANUARY, first - A_DAY, 10), (first, None, 13)]
        there = make_location(session, now=now).id
        with pytest.raises(Invalid):
            catalog.change_price_list(session, ahead.id, replace(wanted, location_id=there), actor=ACTOR, now=now)

    def test_a_list_ahead_can_be_withdrawn(self, session, now, publish, versions):
        publish(JANUARY, 10)
        ahead = publish(MAY, 12)
        catalog.withdraw_price_list(session, ahead.id, actor=ACTOR, now=now)
        assert versions() == [(JANUARY, None, 10)]

    def test_one_that_has_begun_is_not_rewritten(self, session, now, publish):
        begun = publish(TODAY)
        with pytest.raises(PriceListInUse):
            catalog.change_price_list(session, begun.id, without_id(begun), actor=ACTOR, now=now)
        with pytest.raises(PriceListInUse):
            catalog.withdraw_price_list(session, begun.id, actor=ACTOR, now=now)
        ahead = publish(MAY)
        with pytest.raises(PriceListInUse):
            catalog.change_price_list(
                session, ahead.id, replace(without_id(ahead), valid_from=TODAY), actor=ACTOR, now=now
            )

    def test_it_has_begun_where_the_day_begins_first(self, session, now, publish):
        tomorrow = publish(TODAY + A_DAY)
        evening = now.replace(hour=13)  # of the eleventh; it is the twelfth in Kamchatka
        catalog.change_price_list(session, tomorrow.id, without_id(tomorrow), actor=ACTOR, now=evening)
        make_location(session, now=now, timezone="Asia/Kamchatka")
        with pytest.raises(PriceListInUse):
            catalog.change_price_list(session, tomorrow.id, without_id(tomorrow), actor=ACTOR, now=evening)

    def test_the_end_cannot_reach_the_next_nor_lie_before_the_start(self, session, now, publish, versions):
        first = publish(JANUARY, 10)
        publish(MAY, 12)
        with pytest.raises(PriceListsOverlap):
            catalog.end_price_list(session, first.id, MAY, actor=ACTOR, now=now)
        with pytest.raises(Invalid):
            catalog.end_price_list(session, first.id, JANUARY - A_DAY, actor=ACTOR, now=now)
        catalog.end_price_list(session, first.id, APRIL, actor=ACTOR, now=now)
        assert versions()[0] == (JANUARY, APRIL, 10)

    def test_unknown_is_refused(self, session, now, publish):
        option = OptionPrice(NOBODY, Money(1))
        with pytest.raises(OptionNotFound):
            publish(JANUARY, option_items=[option])
        with pytest.raises(PriceListNotFound):
            catalog.withdraw_price_list(session, NOBODY, actor=ACTOR, now=now)


def without_id(stored):
    return PriceListDetails(
        name=stored.name,
        valid_from=stored.valid_from,
        valid_to=stored.valid_to,
        location_id=stored.location_id,
        items=stored.items,
        option_items=stored.option_items,
    )


class TestOptions:
    @pytest.fixture
    def care(self, session, now, cut):
        return catalog.create_option(session, cut.id, ServiceOptionDetails(name="Уход"), actor=ACTOR, now=now)

    @pytest.fixture
    def long(self, session, now, cut):
        return catalog.create_option(session, cut.id, ServiceOptionDetails(name="Длинные"), actor=ACTOR, now=now)

    def test_add_to_the_price_by_the_same_precedence(self, session, publish, care, long, *, cut, now):
        here, there = make_location(session, now=now), make_location(session, now=now, name="Там")
        top = make_staff(session, now=now, location_id=here.id, grade="top")
        publish(
            JANUARY,
            1000,
            option_items=[
                OptionPrice(care.id, Money(30_000)),
                OptionPrice(care.id, Money(40_000), "top"),
                OptionPrice(long.id, Money(-5_000)),
            ],
        )
        publish(JANUARY, 2000, location_id=there.id, option_items=[OptionPrice(care.id, Money(50_000))])

        def price(place, *options, staff=None):
            return catalog.price_of(
                session,
                service_id=cut.id,
                location_id=place.id,
                staff_id=staff.id if staff else None,
                on=TODAY,
                option_ids=[option.id for option in options],
            )

        assert price(here) == Money(100_000)
        assert price(here, care, long) == Money(125_000)
        assert price(here, care, staff=top) == Money(140_000)
        assert price(there, care, long) == Money(245_000)
        assert price(there, care, staff=top) == Money(250_000)
        assert catalog.option_prices_of(session, there.id, TODAY) == {
            (care.id, None): Money(50_000),
            (long.id, None): Money(-5_000),
        }

    def test_never_make_it_less_than_nothing(self, session, now, publish, cut, long):
        here = make_location(session, now=now)
        publish(JANUARY, 1, option_items=[OptionPrice(long.id, Money(-5_000))])
        asked = {"service_id": cut.id, "location_id": here.id, "staff_id": None, "on": TODAY}
        assert catalog.price_of(session, **asked, option_ids=[long.id]) == Money(0)
        with pytest.raises(StaffNotFound):
            catalog.price_of(session, **{**asked, "staff_id": NOBODY})

    def test_of_another_currency_are_not_added(self, session, now, publish, cut, long):
        here = make_location(session, now=now)
        publish(JANUARY, 1, option_items=[OptionPrice(long.id, Money(1))])
        dollars = PriceListDetails(
            name="$", valid_from=JANUARY, location_id=here.id, items=(PriceItem(cut.id, Money(1, "USD")),)
        )
        catalog.publish_price_list(session, dollars, actor=ACTOR, now=now)
        with pytest.raises(CurrencyMismatch):
            catalog.price_of(
                session, service_id=cut.id, location_id=here.id, staff_id=None, on=TODAY, option_ids=[long.id]
            )

    def test_have_one_price_in_a_list(self, database, tenant_id, now):
        with database.transaction(tenant_id) as session:
            cut = make_service(session, now=now)
            option = catalog.create_option(session, cut.id, ServiceOptionDetails(name="Уход"), actor=ACTOR, now=now)
        twice = PriceListDetails(name="Прайс", valid_from=JANUARY, option_items=(OptionPrice(option.id, Money(1)),) * 2)
        with pytest.raises(OptionPricedTwice), database.transaction(tenant_id) as session:
            catalog.publish_price_list(session, twice, actor=ACTOR, now=now)


def test_a_whole_price_list_says_what_single_prices_say_in_one_statement(session, engine, now):
    here = make_location(session, now=now)
    services = [make_service(session, now=now, name=name) for name in "АБВГ"]
    people = {grade: make_staff(session, now=now, location_id=here.id, grade=grade) for grade in (None, "top", "new")}
    a, b, c, _ = (service.id for service in services)

    def publish(prices, location_id=None):
        items = tuple(PriceItem(service_id, Money(minor), grade) for (service_id, grade), minor in prices.items())
        details = PriceListDetails(name="П", valid_from=JANUARY, location_id=location_id, items=items)
        catalog.publish_price_list(session, details, actor=ACTOR, now=now)

    publish({(a, None): 1, (a, "top"): 2, (a, "new"): 3, (b, None): 4, (b, "top"): 5, (b, "new"): 6, (c, "top"): 7})
    publish({(a, None): 8, (b, "top"): 9}, here.id)
    statements = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    whole = catalog.price_list_of(session, here.id, TODAY)
    assert len(statements) == 1
    for service in services:
        for grade, person in people.items():
            single = catalog.price_of(session, service_id=service.id, location_id=here.id, staff_id=person.id, on=TODAY)
            assert (whole.get((service.id, grade)) or whole.get((service.id, None))) == single
    assert len(statements) == 1 + 12
    assert whole[b, "top"] == Money(9)
    assert whole[a, None] == Money(8)
