"""Chairs, rooms and devices; and how much a service uses of what."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest

from salon.catalog import use_cases as catalog
from salon.catalog.domain import (
    NormDetails,
    NormUnit,
    PoolKind,
    ResourceDetails,
    ResourcePoolDetails,
    ServiceOptionDetails,
)
from salon.catalog.errors import (
    LocationNotFound,
    NormNotFound,
    NormTwice,
    OptionNotFound,
    PoolInUse,
    PoolNameTaken,
    PoolNotFound,
    ResourceNameTaken,
    ResourceNotFound,
    ServiceNotFound,
    StaffNotFound,
)
from support.factories import ACTOR, make_location, make_service, make_staff

pytestmark = pytest.mark.database
NOBODY = UUID(int=404)
CHAIRS = ResourcePoolDetails(kind=PoolKind.CHAIR, name="Кресла")


@pytest.fixture
def act(session, now):
    return lambda use_case, *arguments: use_case(session, *arguments, actor=ACTOR, now=now)


def names(things):
    return [thing.name for thing in things]


class TestResources:
    def test_a_service_needs_a_unit_of_each_of_its_pools(self, session, now, act):
        here, there = make_location(session, now=now), make_location(session, now=now, name="Там")
        cut = make_service(session, now=now, location_ids=[here.id])
        chairs = act(catalog.create_resource_pool, CHAIRS)
        steam = act(catalog.create_resource_pool, ResourcePoolDetails(kind=PoolKind.DEVICE, name="Климазоны"))
        units = [
            act(catalog.create_resource, ResourceDetails(location_id=place.id, pool_id=chairs.id, name=name))
            for place, name in ((here, "Кресло 1"), (here, "Кресло 2"), (there, "Кресло 1"))
        ]
        act(catalog.need_pools, cut.id, [steam.id, chairs.id, steam.id])
        assert names(catalog.list_service_pools(session, cut.id)) == ["Климазоны", "Кресла"]
        act(catalog.need_pools, cut.id, [chairs.id])
        assert catalog.list_service_pools(session, cut.id) == [chairs]

        assert names(catalog.list_resources(session, location_id=here.id)) == ["Кресло 1", "Кресло 2"]
        act(catalog.deactivate_resource, units[0].id)
        assert names(catalog.list_resources(session, pool_id=chairs.id, location_id=here.id)) == ["Кресло 2"]
        act(catalog.reactivate_resource, units[0].id)
        act(
            catalog.change_resource,
            units[1].id,
            ResourceDetails(location_id=there.id, pool_id=steam.id, name="Климазон"),
        )
        assert catalog.get_resource(session, units[1].id).pool_id == steam.id
        assert names(catalog.list_resources(session)) == ["Климазон", "Кресло 1", "Кресло 1"]

    def test_a_pool_in_use_keeps_its_kind_and_stays(self, session, now, act):
        here = make_location(session, now=now)
        cut = make_service(session, now=now)
        chairs = act(catalog.create_resource_pool, CHAIRS)
        act(catalog.need_pools, cut.id, [chairs.id])
        with pytest.raises(PoolInUse):
            act(catalog.remove_resource_pool, chairs.id)
        act(catalog.change_resource_pool, chairs.id, ResourcePoolDetails(kind=PoolKind.ROOM, name="Кабинеты"))
        act(catalog.need_pools, cut.id, [])
        act(catalog.create_resource, ResourceDetails(location_id=here.id, pool_id=chairs.id, name="Кабинет 1"))
        with pytest.raises(PoolInUse):
            act(catalog.remove_resource_pool, chairs.id)
        with pytest.raises(PoolInUse):
            act(catalog.change_resource_pool, chairs.id, CHAIRS)
        act(catalog.change_resource_pool, chairs.id, ResourcePoolDetails(kind=PoolKind.ROOM, name="Комнаты"))
        empty = act(catalog.create_resource_pool, CHAIRS)
        act(catalog.remove_resource_pool, empty.id)
        assert names(catalog.list_resource_pools(session)) == ["Комнаты"]
        assert catalog.get_resource_pool(session, chairs.id).kind is PoolKind.ROOM

    def test_names_are_taken_once(self, database, tenant_id, now):
        with database.transaction(tenant_id) as session:
            here = make_location(session, now=now)
            pool = catalog.create_resource_pool(session, CHAIRS, actor=ACTOR, now=now)
            unit = ResourceDetails(location_id=here.id, pool_id=pool.id, name="Кресло 1")
            catalog.create_resource(session, unit, actor=ACTOR, now=now)
        with pytest.raises(PoolNameTaken), database.transaction(tenant_id) as session:
            catalog.create_resource_pool(session, CHAIRS, actor=ACTOR, now=now)
        with pytest.raises(ResourceNameTaken), database.transaction(tenant_id) as session:
            catalog.create_resource(session, unit, actor=ACTOR, now=now)

    def test_unknown_is_refused(self, session, now, act):
        here = make_location(session, now=now)
        cut = make_service(session, now=now)
        chairs = act(catalog.create_resource_pool, CHAIRS)
        for refusal, use_case, *arguments in (
            (PoolNotFound, catalog.change_resource_pool, NOBODY, CHAIRS),
            (PoolNotFound, catalog.remove_resource_pool, NOBODY),
            (PoolNotFound, catalog.need_pools, cut.id, [NOBODY]),
            (ServiceNotFound, catalog.need_pools, NOBODY, []),
            (ResourceNotFound, catalog.deactivate_resource, NOBODY),
            (ResourceNotFound, catalog.reactivate_resource, NOBODY),
            (PoolNotFound, catalog.create_resource, ResourceDetails(location_id=here.id, pool_id=NOBODY, name="?")),
            (
                LocationNotFound,
                catalog.create_resource,
                ResourceDetails(location_id=NOBODY, pool_id=chairs.id, name="?"),
            ),
            (
                ResourceNotFound,
                catalog.change_resource,
                NOBODY,
                ResourceDetails(location_id=here.id, pool_id=chairs.id, name="?"),
            ),
        ):
            with pytest.raises(refusal):
                act(use_case, *arguments)


class TestNorms:
    @pytest.fixture
    def colour(self, session, now):
        return make_service(session, now=now, name="Окрашивание")

    def test_a_norm_for_an_option_or_a_person_stands_beside_the_general_one(self, session, now, act, colour):
        here = make_location(session, now=now)
        anna = make_staff(session, now=now, location_id=here.id)
        long = act(catalog.create_option, colour.id, ServiceOptionDetails(name="Длинные"))
        paint = NormDetails(service_id=colour.id, item="Краска", quantity=Decimal("60.5"), unit=NormUnit.GRAM)
        general = act(catalog.create_norm, paint)
        more = NormDetails(
            service_id=colour.id, item="Краска", quantity=Decimal(90), unit=NormUnit.GRAM, option_id=long.id
        )
        act(catalog.create_norm, more)
        hers = NormDetails(
            service_id=colour.id, item="Краска", quantity=Decimal(55), unit=NormUnit.GRAM, staff_id=anna.id
        )
        own = act(catalog.create_norm, hers)
        session.expire_all()
        listed = catalog.list_norms(session, service_id=colour.id)
        assert [norm.quantity for norm in listed] == [Decimal("60.5"), Decimal(55), Decimal(90)]
        other = NormDetails(service_id=colour.id, item="Краска", quantity=Decimal("0.001"), unit=NormUnit.MILLILITRE)
        act(catalog.change_norm, general.id, other)
        act(catalog.remove_norm, own.id)
        session.expire_all()
        assert catalog.get_norm(session, general.id).quantity == Decimal("0.001")
        assert len(catalog.list_norms(session)) == 2

    def test_one_thing_has_one_norm(self, database, tenant_id, now):
        with database.transaction(tenant_id) as session:
            colour = make_service(session, now=now)
            paint = NormDetails(service_id=colour.id, item="Краска", quantity=Decimal(60), unit=NormUnit.GRAM)
            catalog.create_norm(session, paint, actor=ACTOR, now=now)
        with pytest.raises(NormTwice), database.transaction(tenant_id) as session:
            catalog.create_norm(session, paint, actor=ACTOR, now=now)

    def test_unknown_is_refused(self, session, now, act, colour):
        other = make_service(session, now=now, name="Стрижка")
        foreign = act(catalog.create_option, other.id, ServiceOptionDetails(name="Мытьё"))

        def norm(service_id=colour.id, **more):
            return NormDetails(service_id=service_id, item="Краска", quantity=Decimal(1), unit=NormUnit.PIECE, **more)

        for refusal, use_case, *arguments in (
            (ServiceNotFound, catalog.create_norm, norm(NOBODY)),
            (OptionNotFound, catalog.create_norm, norm(option_id=foreign.id)),
            (StaffNotFound, catalog.create_norm, norm(staff_id=NOBODY)),
            (NormNotFound, catalog.change_norm, NOBODY, norm()),
            (NormNotFound, catalog.remove_norm, NOBODY),
        ):
            with pytest.raises(refusal):
                act(use_case, *arguments)
