"""All ways to write a telephone number are one, or it is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.clients.domain import normalise_phone
from salon.clients.errors import PhoneInvalid


class TestPhones:
    @pytest.mark.parametrize(
        "text",
        ["8 (999) 123-45-67", "+7 999 123 45 67", "7-999-123-45-67", "9991234567", "+8 999 123-45-67",
         "8.999.123.45.67", "\u202f8\u00a0999 123‑45‑67", "８９９９１２３４５６７"],
    )  # fmt: skip
    def test_all_ways_to_write_a_russian_number_are_one(self, text):
        assert normalise_phone(text) == "+79991234567"

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("8 495 123-45-67", "+74951234567"),
            ("+971 50 123 4567", "+971501234567"),
            ("+375 29 123-45-67", "+375291234567"),
            ("+82 10 1234 5678", "+821012345678"),
        ],
    )
    def test_other_numbers_keep_their_country(self, text, expected):
        assert normalise_phone(text) == expected

    @pytest.mark.parametrize(
        "text",
        ["", "звоните", "12345", "+", "++79991234567", "8 999 123-45-6", "8 999 123-45-678", "+7 123",
         "+7 199 123-45-67", "19991234567", "00 7 999 123 45 67", "8 999 123-45-67 доб. 5", "+0123456789",
         "٨٩٩٩١٢٣٤٥٦٧"],
    )  # fmt: skip
    def test_what_is_no_number_is_refused_without_repeating_it(self, text):
        with pytest.raises(PhoneInvalid) as raised:
            normalise_phone(text)

        assert not text.strip("+") or text not in str(raised.value)

    @given(st.text(max_size=30))
    def test_it_gives_a_number_that_it_gives_again_or_refuses(self, text):
        try:
            found = normalise_phone(text)
        except PhoneInvalid:
            return
        assert normalise_phone(found) == found
