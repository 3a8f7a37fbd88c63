from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import text

from salon.catalog import use_cases as catalog
from salon.catalog.domain import LocationDetails, PriceListDetails, ServiceDetails, Skill, StaffDetails
from salon.catalog.errors import (
    LocationNotFound,
    PriceListNotFound,
    PriceListsOverlap,
    ServiceNotFound,
    ServicePricedTwice,
    StaffNotFound,
)
from salon.platform.money import Money
from support.factories import ACTOR, make_location, make_price_list, make_service, make_staff
from support.fixtures import make_tenant

pytestmark = pytest.mark.database
NOBODY = UUID(int=404)


def names(things):
    return [thing.name for thing in things]


class TestLocations:
    def test_is_created_changed_and_deactivated(self, session, now):
        location = make_location(session, now=now, name="Арбат")
        changed = LocationDetails(name="Арбат, 12", timezone="Asia/Kamchatka", opening_hours={})
        catalog.change_location(session, location.id, changed, actor=ACTOR, now=now)
        catalog.deactivate_location(session, location.id, actor=ACTOR, now=now)
        session.expire_all()
        stored = catalog.get_location(session, location.id)
        assert (stored.name, stored.timezone, stored.is_active) == ("Арбат, 12", "Asia/Kamchatka", False)
        assert catalog.list_locations(session) == []
        assert names(catalog.list_locations(session, active_only=False)) == ["Арбат, 12"]

    def test_unknown_is_refused(self, session, now):
        for refused in (
            lambda: catalog.get_location(session, NOBODY),
            lambda: catalog.deactivate_location(session, NOBODY, actor=ACTOR, now=now),
            lambda: catalog.change_location(
                session, NOBODY, LocationDetails(name="?", timezone="UTC"), actor=ACTOR, now=now
            ),
            lambda: make_staff(session, now=now, location_id=NOBODY),
            lambda: catalog.offer_services(session, NOBODY, [], actor=ACTOR, now=now),
        ):
            with pytest.raises(LocationNotFound):
                refused()


class TestStaffAndServices:
    def test_staff_for_a_service_can_do_it_where_it_is_offered(self, session, now):
        here, there = make_location(session, now=now), make_location(session, now=now, name="Там")
        cut = make_service(session, now=now, location_ids=[here.id], name="Стрижка")
        colour = make_service(session, now=now, location_ids=[here.id], name="Окрашивание")
        anna = make_staff(session, now=now, location_id=here.id, service_ids=[cut.id, colour.id], name="Анна")
        make_staff(session, now=now, location_id=here.id, service_ids=[colour.id], name="Борис")
        make_staff(session, now=now, location_id=there.id, service_ids=[cut.id], name="Вера")
        gone = make_staff(session, now=now, location_id=here.id, service_ids=[cut.id], name="Галина")
        catalog.deactivate_staff(session, gone.id, actor=ACTOR, now=now)
        assert names(catalog.list_staff_for(session, cut.id)) == ["Анна"]
        assert names(catalog.list_staff_for(session, colour.id, location_id=here.id)) == ["Анна", "Борис"]
        assert names(catalog.list_staff(session)) == ["Анна", "Борис", "Вера"]
        assert {skill.service_id for skill in catalog.list_skills(session, anna.id)} == {cut.id, colour.id}
        assert names(catalog.list_services(session, location_id=there.id)) == []

    def test_is_changed_and_deactivated(self, session, now):
        here = make_location(session, now=now)
        cut = make_service(session, now=now, name="Стрижка")
        anna = make_staff(session, now=now, location_id=here.id)
        catalog.change_staff(
            session, anna.id, StaffDetails(location_id=here.id, name="Анна К.", grade="top"), actor=ACTOR, now=now
        )
        catalog.change_service(session, cut.id, ServiceDetails(name="Стрижка +", duration_min=45), actor=ACTOR, now=now)
        catalog.deactivate_service(session, cut.id, actor=ACTOR, now=now)
        session.expire_all()
        assert catalog.get_staff(session, anna.id).grade == "top"
        assert catalog.get_service(session, cut.id).duration_min == 45
        assert catalog.list_services(session) == []

    def test_unknown_is_refused(self, session, now):
        here = make_location(session, now=now)
        anna = make_staff(session, now=now, location_id=here.id)
        with pytest.raises(StaffNotFound):
            catalog.assign_skills(session, NOBODY, [], actor=ACTOR, now=now)
        with pytest.raises(StaffNotFound):
            catalog.deactivate_staff(session, NOBODY, actor=ACTOR, now=now)
        with pytest.raises(StaffNotFound):
            catalog.change_staff(session, NOBODY, StaffDetails(location_id=here.id, name="?"), actor=ACTOR, now=now)
        with pytest.raises(ServiceNotFound):
            catalog.assign_skills(session, anna.id, [Skill(NOBODY)], actor=ACTOR, now=now)
        with pytest.raises(ServiceNotFound):
            catalog.offer_services(session, here.id, [NOBODY], actor=ACTOR, now=now)
        with pytest.raises(ServiceNotFound):
            catalog.change_service(session, NOBODY, ServiceDetails(name="?", duration_min=5), actor=ACTOR, now=now)
        with pytest.raises(ServiceNotFound):
            catalog.deactivate_service(session, NOBODY, actor=ACTOR, now=now)

    def test_the_lexicon_holds_every_word_for_what_is_active(self, session, now):
        here = make_location(session, now=now, name="Центр")
        make_service(session, now=now, name="Стрижка", synonyms=("постричься", "подровнять"))
        gone = make_service(session, now=now, name="Завивка")
        catalog.deactivate_service(session, gone.id, actor=ACTOR, now=now)
        make_staff(session, now=now, location_id=here.id, name="Анна")
        lexicon = catalog.list_lexicon(session)
        assert [(service.name, service.synonyms) for service in lexicon.services] == [
            ("Стрижка", ("постричься", "подровнять"))
        ]
        assert (names(lexicon.staff), names(lexicon.locations)) == (["Анна"], ["Центр"])


class TestPrices:
    @pytest.fixture
    def shop(self, session, now):
        here = make_location(session, now=now)
        cut = make_service(session, now=now, location_ids=[here.id])
        top = make_staff(session, now=now, location_id=here.id, name="Анна", grade="top")
        plain = make_staff(session, now=now, location_id=here.id, name="Борис")
        return here, cut, top, plain

    def price(self, session, shop, *, staff=None, on=date(2026, 3, 11)):
        here, cut, _, _ = shop
        return catalog.price_of(
            session, service_id=cut.id, location_id=here.id, staff_id=staff.id if staff else None, on=on
        )

    def test_a_grade_and_a_location_go_before_what_is_general(self, session, now, shop):
        here, cut, top, plain = shop
        assert self.price(session, shop) is None
        make_price_list(session, now=now, prices={(cut.id, None): 250_000, (cut.id, "top"): 400_000})
        assert self.price(session, shop, staff=top) == Money(400_000)
        assert self.price(session, shop, staff=plain) == self.price(session, shop) == Money(250_000)
        make_price_list(session, now=now, prices={(cut.id, None): 300_000}, location_id=here.id)
        assert self.price(session, shop, staff=top) == Money(300_000)

    def test_a_new_list_ends_the_one_before(self, session, now, shop):
        _, cut, _, _ = shop
        old = make_price_list(session, now=now, prices={(cut.id, None): 250_000})
        make_price_list(session, now=now, prices={(cut.id, None): 280_000}, valid_from=date(2026, 4, 1))
        assert self.price(session, shop, on=date(2026, 3, 31)) == Money(250_000)
        assert self.price(session, shop, on=date(2026, 4, 1)) == Money(280_000)
        assert self.price(session, shop, on=date(2025, 12, 31)) is None
        session.expire_all()
        assert catalog.get_price_list(session, old.id).valid_to == date(2026, 3, 31)
        catalog.end_price_list(session, old.id, date(2026, 2, 1), actor=ACTOR, now=now)
        assert self.price(session, shop, on=date(2026, 3, 1)) is None

    def test_two_lists_of_one_day_are_refused_by_the_database(self, database, tenant_id, now):
        with database.transaction(tenant_id) as session:
            make_price_list(session, now=now, prices={}, valid_to=date(2026, 6, 30))
        with pytest.raises(PriceListsOverlap), database.transaction(tenant_id) as session:
            make_price_list(session, now=now, prices={}, valid_from=date(2026, 6, 30))

    def test_a_service_has_one_price_in_a_list(self, database, tenant_id, now):
        with database.transaction(tenant_id) as session:
            cut = make_service(session, now=now)
            once = make_price_list(session, now=now, prices={(cut.id, None): 1}).items
        twice = PriceListDetails(name="Прайс", valid_from=date(2026, 2, 1), items=once + once)
        with pytest.raises(ServicePricedTwice), database.transaction(tenant_id) as session:
            catalog.publish_price_list(session, twice, actor=ACTOR, now=now)

    def test_unknown_is_refused(self, session, now):
        with pytest.raises(PriceListNotFound):
            catalog.get_price_list(session, NOBODY)
        with pytest.raises(PriceListNotFound):
            catalog.end_price_list(session, NOBODY, date(2026, 1, 1), actor=ACTOR, now=now)
        with pytest.raises(ServiceNotFound):
            make_price_list(session, now=now, prices={(NOBODY, None): 1})
        with pytest.raises(LocationNotFound):
            make_price_list(session, now=now, prices={}, location_id=NOBODY)


def test_every_change_is_audited_with_ids_only(database, tenant_id, owner_engine, now):
    with database.transaction(tenant_id) as session:
        here = make_location(session, now=now, name="Секретное название")
        cut = make_service(session, now=now, location_ids=[here.id])
        make_staff(session, now=now, location_id=here.id, service_ids=[cut.id], name="Анна")
    with owner_engine.connect() as connection:
        rows = connection.execute(text("SELECT action, data::text FROM audit_log ORDER BY id")).all()
    assert [row.action for row in rows if row.action.startswith("catalog.")] == [
        "catalog.location.created",
        "catalog.service.created",
        "catalog.location.services_offered",
        "catalog.staff.created",
        "catalog.staff.skills_assigned",
    ]
    assert not any("Анна" in row.data or "Секрет" in row.data for row in rows)


def test_another_tenant_sees_nothing_and_cannot_be_referred_to(database, tenant_id, now):
    with database.transaction(tenant_id) as session:
        here = make_location(session, now=now)
        cut = make_service(session, now=now, location_ids=[here.id])
    other = make_tenant(database, now)
    with database.transaction(other) as session:
        assert catalog.list_locations(session, active_only=False) == []
        assert catalog.list_services(session, active_only=False) == []
        with pytest.raises(LocationNotFound):
            make_staff(session, now=now, location_id=here.id)
    # past the use cases' own checks, the foreign key itself carries the tenant
    with database.transaction(other) as session:
        mine = make_location(session, now=now)
    with pytest.raises(Exception, match="fk_location_services"), database.transaction(other) as session:
        session.execute(
            text("INSERT INTO location_services (id, tenant_id, location_id, service_id) VALUES (:id, :t, :l, :s)"),
            {"id": UUID(int=1), "t": other, "l": mine.id, "s": cut.id},
        )
