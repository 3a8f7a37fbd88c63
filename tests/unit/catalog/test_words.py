"""Words as they are compared when somebody looks for something."""

from __future__ import annotations

import pytest

from salon.catalog.domain.words import plain, retyped
from salon.catalog.repository.words import keyboard_layout


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        ("  Алёна   ЁЖИКОВА ", "алена ежикова"),
        ("Андре\u0438\u0306", "андрей"),  # й of two characters, as a Mac types it
        ("а" * 300, "а" * 100),
        (" \n", ""),
    ],
)
def test_case_blanks_and_yo_do_not_matter(typed, compared):
    assert plain(typed) == compared


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("fyyf", "анна"),
        ("'kkf", "элла"),
        ("`;brjdf", "ежикова"),
        ("анна", None),
        ("анна b", "анна и"),
        ("12-34", None),
        ("", None),
    ],
)
def test_the_other_keyboard_layout(typed, meant):
    assert retyped(plain(typed), keyboard_layout()) == meant
