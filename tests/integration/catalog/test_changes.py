"""What a change of the catalogue is refused for, and whom it is told."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from salon.catalog import use_cases as catalog
from salon.catalog.domain import ServiceDetails, ServiceOptionDetails, Skill, StaffDetails
from salon.catalog.errors import (
    OptionNameTaken,
    OptionNotFound,
    OptionNotOffered,
    OptionsExclusive,
    ServiceLengthImpossible,
    ServiceNotFound,
    SkillTwice,
)
from support.factories import ACTOR, make_location, make_service, make_staff

pytestmark = pytest.mark.database
NOBODY = UUID(int=404)
COLOUR = ServiceDetails(name="Окрашивание", duration_min=120, processing_from_min=30, processing_min=40)


@pytest.fixture
def act(session, now):
    """Call a use case in the name of a person."""
    return lambda use_case, *arguments: use_case(session, *arguments, actor=ACTOR, now=now)


@pytest.fixture
def shop(session, now):
    """Two branches; the first offers a haircut that Анна, at home there, can do."""
    here, there = make_location(session, now=now, name="Здесь"), make_location(session, now=now, name="Там")
    cut = make_service(session, now=now, location_ids=[here.id], name="Стрижка")
    anna = make_staff(session, now=now, location_id=here.id, service_ids=[cut.id])
    return here, there, cut, anna


class TestWhoIsTold:
    def test_a_change_that_moves_slots_names_the_branches(self, shop, act, told):
        here, there, cut, anna = shop
        both = {str(here.id), str(there.id)}
        act(catalog.offer_services, there.id, [cut.id])
        assert told() == [{str(there.id)}]
        longer = ServiceDetails(name="Стрижка", duration_min=75, min_notice_min=60)
        for use_case, arguments in (
            (catalog.change_service, (cut.id, longer)),
            (catalog.deactivate_service, (cut.id,)),
            (catalog.reactivate_service, (cut.id,)),
            (catalog.assign_skills, (anna.id, [Skill(cut.id, 50)])),
            (catalog.deactivate_staff, (anna.id,)),
            (catalog.reactivate_staff, (anna.id,)),
            (catalog.change_staff, (anna.id, StaffDetails(location_id=there.id, name="Анна"))),
        ):
            act(use_case, *arguments)
            assert told() == [both], use_case.__name__
        moved = replace(details(here), timezone="Asia/Kamchatka")
        act(catalog.change_location, here.id, moved)
        act(catalog.deactivate_location, here.id)
        act(catalog.reactivate_location, here.id)
        assert told() == [{str(here.id)}] * 3

    def test_what_moves_none_is_told_nobody(self, shop, act, told):
        here, _, cut, anna = shop
        told()
        act(catalog.change_service, cut.id, ServiceDetails(name="Стрижка!", duration_min=60, min_notice_min=5))
        act(catalog.create_option, cut.id, ServiceOptionDetails(name="Мытьё"))
        act(catalog.change_staff, anna.id, StaffDetails(location_id=here.id, name="Анна К.", grade="top"))
        act(catalog.change_location, here.id, replace(details(here), name="Тут"))
        act(catalog.assign_skills, anna.id, [Skill(cut.id)])
        act(catalog.offer_services, here.id, [cut.id])
        act(catalog.reactivate_service, cut.id)
        assert told() == []

    def test_many_changes_can_be_told_at_once(self, session, now, shop, act, told):
        here, there, cut, _ = shop
        with catalog.gather_changes(session, now=now) as moved:
            act(catalog.offer_services, there.id, [cut.id])
            with catalog.gather_changes(session, now=now):
                act(catalog.deactivate_service, cut.id)
            assert told() == []
            assert moved == {here.id, there.id}
        assert told() == [{str(here.id), str(there.id)}]
        act(catalog.reactivate_service, cut.id)
        assert len(told()) == 1

    def test_a_failure_in_between_leaves_the_session_as_it_was(self, session, now, shop, act, told):
        _, _, cut, _ = shop

        def fail():
            with catalog.gather_changes(session, now=now):
                act(catalog.deactivate_service, cut.id)
                act(catalog.deactivate_service, NOBODY)

        with pytest.raises(ServiceNotFound):
            fail()
        assert told() == []
        act(catalog.reactivate_service, cut.id)
        assert len(told()) == 1


def details(location):
    from salon.catalog.domain import LocationDetails

    return LocationDetails(name=location.name, timezone=location.timezone, address=location.address)


class TestProcessingTime:
    def test_fits_into_everybodys_own_time(self, session, shop, act):
        *_, anna = shop
        colour = act(catalog.create_service, COLOUR)
        with pytest.raises(ServiceLengthImpossible):
            act(catalog.assign_skills, anna.id, [Skill(colour.id, 70)])
        act(catalog.assign_skills, anna.id, [Skill(colour.id, 71)])
        with pytest.raises(ServiceLengthImpossible):
            act(catalog.change_service, colour.id, replace(COLOUR, processing_min=41))
        act(catalog.change_service, colour.id, replace(COLOUR, processing_from_min=None, processing_min=0))
        session.expire_all()
        stored = catalog.get_service(session, colour.id)
        assert (stored.processing_from_min, stored.processing_min) == (None, 0)

    def test_options_leave_it_room(self, session, shop, act):
        *_, anna = shop
        colour = act(catalog.create_service, COLOUR)
        short = act(catalog.create_option, colour.id, ServiceOptionDetails(name="Короткие", extra_min=-40))
        with pytest.raises(ServiceLengthImpossible):
            act(catalog.create_option, colour.id, ServiceOptionDetails(name="Тонкие", extra_min=-10))
        with pytest.raises(ServiceLengthImpossible):
            act(catalog.change_option, short.id, ServiceOptionDetails(name="Короткие", extra_min=-50))
        with pytest.raises(ServiceLengthImpossible):
            act(catalog.assign_skills, anna.id, [Skill(colour.id, 110)])
        act(catalog.deactivate_option, short.id)
        act(catalog.assign_skills, anna.id, [Skill(colour.id, 110)])
        with pytest.raises(ServiceLengthImpossible):
            act(catalog.reactivate_option, short.id)
        act(catalog.change_option, short.id, ServiceOptionDetails(name="Короткие", extra_min=-39))
        act(catalog.reactivate_option, short.id)
        assert [one.extra_min for one in catalog.list_options(session, colour.id)] == [-39]


class TestOptions:
    def test_are_created_changed_taken_out_and_chosen(self, session, shop, act):
        _, _, cut, _ = shop
        care = act(catalog.create_option, cut.id, ServiceOptionDetails(name="Уход", extra_min=20))
        long = act(catalog.create_option, cut.id, ServiceOptionDetails(name="Длинные", choice="Длина", extra_min=30))
        short = act(catalog.create_option, cut.id, ServiceOptionDetails(name="Короткие", choice="Длина", position=1))
        act(catalog.change_option, care.id, ServiceOptionDetails(name="Уход с паром", extra_min=25))
        listed = catalog.list_options(session, cut.id)
        assert [(one.name, one.extra_min) for one in listed] == [("Длинные", 30), ("Короткие", 0), ("Уход с паром", 25)]
        assert catalog.choose_options(session, cut.id, [care.id, long.id]) == (listed[0], listed[2])
        assert catalog.choose_options(session, cut.id, []) == ()
        with pytest.raises(OptionsExclusive):
            catalog.choose_options(session, cut.id, [short.id, long.id])
        act(catalog.deactivate_option, long.id)
        with pytest.raises(OptionNotOffered):
            catalog.choose_options(session, cut.id, [long.id])
        assert len(catalog.list_options(session, cut.id)) == 2
        assert catalog.get_option(session, long.id).is_active is False

    def test_of_a_choice_have_one_name_each(self, database, tenant_id, now):
        with database.transaction(tenant_id) as session:
            cut = make_service(session, now=now)
            catalog.create_option(session, cut.id, ServiceOptionDetails(name="Уход"), actor=ACTOR, now=now)
            same = ServiceOptionDetails(name="Уход", choice="Пар")
            catalog.create_option(session, cut.id, same, actor=ACTOR, now=now)
        with pytest.raises(OptionNameTaken), database.transaction(tenant_id) as session:
            catalog.create_option(session, cut.id, same, actor=ACTOR, now=now)

    def test_unknown_is_refused(self, session, shop, act):
        _, _, cut, anna = shop
        with pytest.raises(OptionNotFound):
            catalog.choose_options(session, cut.id, [NOBODY])
        for use_case in (catalog.deactivate_option, catalog.reactivate_option):
            with pytest.raises(OptionNotFound):
                act(use_case, NOBODY)
        with pytest.raises(OptionNotFound):
            act(catalog.change_option, NOBODY, ServiceOptionDetails(name="?"))
        with pytest.raises(ServiceNotFound):
            act(catalog.create_option, NOBODY, ServiceOptionDetails(name="?"))
        with pytest.raises(ServiceNotFound):
            act(catalog.assign_skills, anna.id, [Skill(NOBODY, 30)])


def test_a_skill_is_named_once(database, tenant_id, now):
    with database.transaction(tenant_id) as session:
        here = make_location(session, now=now)
        cut = make_service(session, now=now)
        anna = make_staff(session, now=now, location_id=here.id)
    with pytest.raises(SkillTwice), database.transaction(tenant_id) as session:
        catalog.assign_skills(session, anna.id, [Skill(cut.id), Skill(cut.id, 30)], actor=ACTOR, now=now)
