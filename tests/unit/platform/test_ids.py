"""Identifiers sort by time, and are what RFC 9562 says."""

from __future__ import annotations

from uuid import RFC_4122, UUID

from salon.platform.ids import new_id, parse_id


def test_ids_are_version_7_and_sort_as_they_were_made():
    made = [new_id() for _ in range(20_000)]

    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {one.version for one in made} == {7}
    assert {one.variant for one in made} == {RFC_4122}


def test_ids_from_outside_are_not_trusted():
    known = new_id()

    assert parse_id(str(known)) == known
    assert parse_id(known.hex) == known
    assert parse_id("../etc") is None
    assert parse_id(None) is None
    assert isinstance(parse_id(str(known)), UUID)
