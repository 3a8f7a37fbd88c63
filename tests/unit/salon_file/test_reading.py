"""What is wrong with a file is told by its place, in words."""

from __future__ import annotations

import pytest

from salon.availability.salon_file.errors import SalonFileInvalid
from salon.availability.salon_file.use_cases.reading import read_salon_file
from salon.availability.salon_file.use_cases.tally import match_things

A_PERSON = {"name": "Анна", "location": "Центр"}
A_SERVICE = {"name": "Стрижка", "duration_min": 60}


def problems(content):
    with pytest.raises(SalonFileInvalid) as refused:
        read_salon_file(content)
    return refused.value.problems


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"{", "This is not JSON"),
        (b"\xff\xfe\x00", "This is not JSON"),
        ("[]", "the file: Input should be"),
        ({}, "version: Field required"),
        ({"version": 2}, "version: Input should be 1"),
        ({"version": 1, "clients": []}, "clients: Extra inputs are not permitted"),
        (
            {"version": 1, "staff": [A_PERSON, {**A_PERSON, "key": "Анна #2", "shifts": [{"from": "25:00"}]}]},
            "staff 2 «Анна #2», shifts 1, from: a time of day is written HH:MM",
        ),
        ({"version": 1, "staff": [{"location": "Центр"}]}, "staff 1, name: Field required"),
        (
            {"version": 1, "services": [{**A_SERVICE, "duration_min": 0}]},
            "services 1 «Стрижка», duration min: Input should be greater than or equal to 1",
        ),
        (
            {"version": 1, "services": [{**A_SERVICE, "options": [{"name": "Уход", "extra": 5}]}]},
            "services 1 «Стрижка», options 1 «Уход», extra: Extra inputs",
        ),
        (
            {"version": 1, "price_lists": [{"name": "П", "valid_from": "2026-01-01", "prices": {"Стрижка": {"": ""}}}]},
            "price lists 1 «П», prices, Стрижка",
        ),
        ({"version": 1, "staff": [A_PERSON, A_PERSON]}, "staff: «Анна» stands there twice"),
        (
            {"version": 1, "services": [{**A_SERVICE, "options": [{"name": "Уход"}] * 2}]},
            "options of «Стрижка»: «Уход» stands there twice",
        ),
    ],
)  # fmt: skip
def test_a_problem_names_its_place(content, problem):
    assert any(problem in one for one in problems(content)), problems(content)


def test_all_problems_are_told_at_once():
    content = {"version": 1, "staff": [{"name": "Анна"}], "services": [{"name": "Стрижка"}]}
    assert problems(content) == (
        "services 1 «Стрижка», duration min: Field required",
        "staff 1 «Анна», location: Field required",
    )


@pytest.mark.parametrize(
    ("wanted", "stored", "found"),
    [
        ([], {1: ("Анна", "а")}, []),
        ([("Анна", "а")], {1: ("Анна", "а")}, [1]),
        ([("Анна", "б")], {1: ("Анна", "а")}, [1]),
        ([("Анна", "б"), ("Анна", "а")], {1: ("Анна", "а")}, [None, 1]),
        ([("Анна", "а"), ("Анна", "а")], {2: ("Анна", "а"), 1: ("Анна", "а")}, [1, 2]),
        ([("Анна", "в")], {1: ("Анна", "а"), 2: ("Анна", "б")}, [None]),
        ([("Анна", "б"), ("Анна", "в")], {1: ("Анна", "а")}, [None, None]),
    ],
)
def test_namesakes_are_told_apart(wanted, stored, found):
    assert match_things(wanted, stored) == found
