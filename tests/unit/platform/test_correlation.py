import pytest

from salon.platform import correlation


def test_ids_hold_for_the_block_and_are_inherited_inside_it():
    assert correlation.current() is None
    with correlation.bind(correlation_id="outside-1") as outer:
        with correlation.bind(tenant_id="tenant-1"):
            inner = correlation.current()
        assert correlation.current() == outer

    assert inner == correlation.Correlation("outside-1", "tenant-1")
    assert correlation.current() is None


@pytest.mark.parametrize("offered", ["short", "x" * 65, "with space", "line\nbreak1", "кириллица", None, 12345678])
def test_an_id_from_outside_is_replaced_unless_it_is_well_formed(offered):
    assert correlation.accepted_or_new("Req.2026-03_11") == "Req.2026-03_11"

    made = correlation.accepted_or_new(offered)

    assert made != offered
    assert correlation.accepted_or_new(made) == made
