"""Options of a service: which go together, and that every choice leaves a visit a possible length."""

from __future__ import annotations

from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.catalog.domain import ServiceDetails, ServiceOption, ServiceOptionDetails, check_lengths
from salon.catalog.domain.services import choose_options
from salon.catalog.errors import OptionNotFound, OptionNotOffered, OptionsExclusive, ServiceLengthImpossible

SERVICE, OTHER = UUID(int=1), UUID(int=2)


def option(number, *, choice="", service_id=SERVICE, is_active=True, position=0, extra_min=0):
    return ServiceOption(
        id=UUID(int=number), service_id=service_id, name=f"№ {number}", choice=choice, is_active=is_active,
        position=position, extra_min=extra_min,
    )  # fmt: skip


KNOWN = [
    option(11, choice="Длина", position=1),
    option(12, choice="Длина", position=2),
    option(13, choice="Густота"),
    option(14),
    option(15),
    option(16, is_active=False),
    option(17, service_id=OTHER),
]


def chosen(*numbers):
    return [one.id.int for one in choose_options(SERVICE, KNOWN, [UUID(int=number) for number in numbers])]


def test_one_of_each_choice_and_any_add_ons_go_together_in_the_order_they_are_shown():
    assert chosen() == []
    assert chosen(15, 14, 12, 13, 12) == [13, 12, 14, 15]


@pytest.mark.parametrize(
    ("numbers", "refusal"),
    [
        ((11, 12), OptionsExclusive),
        ((16,), OptionNotOffered),
        ((17,), OptionNotFound),
        ((404,), OptionNotFound),
    ],
)
def test_others_do_not(numbers, refusal):
    with pytest.raises(refusal):
        chosen(*numbers)


minutes = st.integers(-60, 60)


@given(
    duration=st.integers(1, 1440),
    processing=st.none() | st.tuples(st.integers(1, 60), st.integers(1, 60)),
    own=st.lists(st.integers(1, 1440), max_size=2),
    add_ons=st.lists(minutes, max_size=2),
    choices=st.lists(st.lists(minutes, min_size=1, max_size=2), max_size=2),
)
def test_what_passes_the_check_is_possible_in_every_combination_and_what_fails_is_not(
    duration, processing, own, add_ons, choices
):
    start, length = processing or (None, 0)
    shortest = start + length + 1 if processing else 1
    if duration < shortest:
        return
    service = ServiceDetails(name="С", duration_min=duration, processing_from_min=start, processing_min=length)
    options = [ServiceOptionDetails(name="Д", extra_min=extra) for extra in add_ons]
    options += [
        ServiceOptionDetails(name="В", choice=f"Выбор {number}", extra_min=extra)
        for number, extras in enumerate(choices)
        for extra in extras
    ]
    ways = product(*([0, extra] for extra in add_ons), *([0, *extras] for extras in choices))
    totals = [base + sum(way) for way in ways for base in (duration, *own)]
    is_possible = all(shortest <= total <= 1440 for total in totals)

    try:
        check_lengths(service, own, options)
    except ServiceLengthImpossible:
        assert not is_possible
    else:
        assert is_possible
