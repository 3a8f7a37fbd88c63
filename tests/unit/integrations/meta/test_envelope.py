from __future__ import annotations

from datetime import UTC, datetime

import pytest

from salon.integrations.meta.envelope import key_of, long_id_of, moment_of, objects_of

AT = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1700000000", AT),
        (1_700_000_000, AT),
        ("1700000000421", AT),
        (1_700_000_000_421, AT),
        *((wrong, None) for wrong in (None, "", "0", 0, -5, True, 1.5, "-1", "soon", "٣", "9" * 16, 10**30, [], {})),
    ],
)
def test_moments_in_seconds_and_milliseconds(value, expected):
    assert moment_of(value) == expected


def test_ids():
    assert long_id_of("wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUFERjg0NDEzNDdFODU3MUMxMAA=").startswith("wamid.")
    assert long_id_of(17841472110558136) == "17841472110558136"
    assert [long_id_of(wrong) for wrong in ("x" * 513, "я" * 257, None, True, 1.5, {}, [])] == [""] * 7


def test_a_key_does_not_hang_on_the_order_of_fields():
    assert key_of({"a": 1, "b": "\ud800"}) == key_of({"b": "\ud800", "a": 1}) != key_of({"a": 2})


def test_an_object_may_stand_for_a_list_of_one():
    assert [objects_of(value) for value in ([1], {"a": 1}, "x", None)] == [[1], [{"a": 1}], [], []]
