"""Who a supplier is."""

from __future__ import annotations

import pytest

from salon.inventory.suppliers.domain import SupplierDetails, is_valid_inn, supplier_key
from salon.platform.errors import Invalid


@pytest.mark.parametrize(
    ("inn", "is_valid"),
    [
        ("7830002293", True),  # the worked example of the Federal Tax Service's own description
        ("7830002294", False),
        ("500100732259", True),
        ("500100732258", False),
        ("500100732269", False),
        ("770000000", False),
        ("0000000000", False),
        ("", False),
        (None, False),
        ("７８３０００２２９３", False),
    ],
)
def test_control_digits(inn, is_valid):
    assert is_valid_inn(inn) is is_valid


def test_a_name_without_its_legal_form():
    assert supplier_key("ООО «Ромашка-Опт»") == supplier_key('"РОМАШКА ОПТ", ооо') == "ромашка опт"
    assert supplier_key("ООО") == "ооо"
    assert supplier_key("«»") == "«»"


def test_a_number_that_is_none():
    for inn in ("77000000081234", "77 00000008", "семь"):
        with pytest.raises(Invalid):
            SupplierDetails(name="Опт", inn=inn)
