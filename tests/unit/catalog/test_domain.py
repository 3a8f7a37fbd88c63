from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from salon.catalog.domain import (
    LocationDetails,
    NormDetails,
    NormUnit,
    OptionPrice,
    PoolKind,
    PriceItem,
    PriceListDetails,
    ResourceDetails,
    ResourcePoolDetails,
    Service,
    ServiceDetails,
    ServiceOptionDetails,
    Skill,
    StaffDetails,
)
from salon.platform.errors import Invalid
from salon.platform.money import Money


def norm(quantity):
    return NormDetails(service_id=UUID(int=1), item="Краска", quantity=Decimal(quantity), unit=NormUnit.GRAM)


NINE_TO_NINE = ((time(9), time(21)),)


@pytest.mark.parametrize(
    "senseless",
    [
        lambda: LocationDetails(name=" ", timezone="Europe/Moscow"),
        lambda: LocationDetails(name="Центр", timezone="Moscow"),
        lambda: LocationDetails(name="Центр", timezone="Europe/Moscow", opening_hours={8: NINE_TO_NINE}),
        lambda: LocationDetails(name="Центр", timezone="Europe/Moscow", latitude=55.7),
        lambda: LocationDetails(name="Центр", timezone="Europe/Moscow", latitude=91, longitude=37),
        lambda: LocationDetails(name="Центр", timezone="Europe/Moscow", latitude=55, longitude=181),
        lambda: StaffDetails(location_id=UUID(int=1), name=""),
        lambda: ServiceDetails(name="", duration_min=30),
        lambda: ServiceDetails(name="Стрижка", duration_min=0),
        lambda: ServiceDetails(name="Стрижка", duration_min=1441),
        lambda: ServiceDetails(name="Стрижка", duration_min=30, buffer_before_min=-1),
        lambda: ServiceDetails(name="Стрижка", duration_min=30, min_notice_min=-1),
        lambda: ServiceDetails(name="Стрижка", duration_min=30, min_notice_min=43_201),
        lambda: ServiceDetails(name="Стрижка", duration_min=30, buffer_before_min=1441),
        lambda: ServiceDetails(name="Стрижка", duration_min=30, buffer_after_min=2**63),
        lambda: ServiceDetails(name="С" * 201, duration_min=30),
        lambda: ServiceDetails(name="Стрижка", duration_min=30, synonyms=("стричь",) * 51),
        lambda: ServiceDetails(name="Стрижка", duration_min=30, synonyms=(" ",)),
        lambda: ServiceOptionDetails(name="С" * 110, choice="С" * 109),
        lambda: LocationDetails(name="Центр", timezone="posix/Europe/Moscow"),
        lambda: PriceItem(UUID(int=1), Money(1), staff_grade="С" * 101),
        lambda: ServiceDetails(name="Окрашивание", duration_min=90, processing_min=20),
        lambda: ServiceDetails(name="Окрашивание", duration_min=90, processing_from_min=30),
        lambda: ServiceDetails(name="Окрашивание", duration_min=90, processing_from_min=30, processing_min=-5),
        lambda: ServiceDetails(name="Окрашивание", duration_min=90, processing_from_min=0, processing_min=20),
        lambda: ServiceDetails(name="Окрашивание", duration_min=50, processing_from_min=30, processing_min=20),
        lambda: ServiceDetails(
            name="Солярий", duration_min=50, processing_from_min=10, processing_min=20, requires_staff=False
        ),
        lambda: ServiceOptionDetails(name=" "),
        lambda: ServiceOptionDetails(name="Уход", extra_min=721),
        lambda: ServiceOptionDetails(name="Уход", position=-1),
        lambda: LocationDetails(name="Центр", timezone="Europe/Moscow", travel_min=601),
        lambda: ResourcePoolDetails(kind=PoolKind.CHAIR, name=""),
        lambda: ResourceDetails(location_id=UUID(int=1), pool_id=UUID(int=2), name=""),
        lambda: norm("0"),
        lambda: norm("0.0001"),
        lambda: norm("NaN"),
        lambda: norm("1e9"),
        lambda: OptionPrice(UUID(int=1), Money(-(2**31))),
        lambda: PriceItem(UUID(int=1), Money(2**31)),
        lambda: PriceListDetails(
            name="Прайс",
            valid_from=date(2026, 1, 1),
            items=(PriceItem(UUID(int=1), Money(1)),),
            option_items=(OptionPrice(UUID(int=2), Money(1, "USD")),),
        ),
        lambda: Skill(UUID(int=1), duration_min=0),
        lambda: PriceItem(UUID(int=1), Money(-1)),
        lambda: PriceListDetails(name="", valid_from=date(2026, 1, 1)),
        lambda: PriceListDetails(name="Прайс", valid_from=date(2026, 1, 2), valid_to=date(2026, 1, 1)),
    ],
)
def test_what_makes_no_sense_is_refused(senseless):
    with pytest.raises(Invalid):
        senseless()


def test_sense_is_accepted():
    LocationDetails(
        name="Центр", timezone="Asia/Kamchatka", latitude=53.0, longitude=158.6, opening_hours={1: NINE_TO_NINE}
    )
    service = Service(
        id=UUID(int=1), is_active=True, name="Окрашивание", duration_min=90, buffer_before_min=5, buffer_after_min=10
    )
    assert (service.buffer_before, service.buffer_after) == (timedelta(minutes=5), timedelta(minutes=10))
