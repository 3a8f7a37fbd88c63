"""Names of which nothing is seen, and figures that only Python reads."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import BaseModel, Field, ValidationError

from salon.catalog.domain.names import require_name
from salon.inventory.drafts.domain.drafts import HeaderDetails, LineDetails, NewItem
from salon.inventory.drafts.errors import HeaderSenseless, LineSenseless
from salon.inventory.items.domain import BaseUnit
from salon.inventory.suppliers.domain import SupplierDetails
from salon.platform.errors import Invalid
from salon.platform.http_fields import DecimalField
from salon.platform.names import is_visible

UNSEEN = ["", " ", "\u200b", "\u202e\u202c", "\u00ad\u2060\ufeff", "\u3164", "\u2800", "\u0301", "\x07", "\u2028\u00a0"]


class Body(BaseModel):
    quantity: DecimalField = Field(gt=0)
    price: DecimalField | None = None


@pytest.mark.parametrize("name", UNSEEN)
def test_what_nobody_sees_is_no_name(name):
    assert not is_visible(name)
    with pytest.raises(Invalid):
        require_name(name)
    with pytest.raises(Invalid):
        SupplierDetails(name=name)
    with pytest.raises(LineSenseless):
        LineDetails(name=name)
    with pytest.raises(LineSenseless):
        NewItem(name=name, base_unit=BaseUnit.GRAM)


def test_a_header_may_say_nothing_of_the_supplier_but_nothing_unseen():
    assert HeaderDetails(supplier_name="").supplier_name == ""
    with pytest.raises(HeaderSenseless):
        HeaderDetails(supplier_name="\u200b")


@pytest.mark.parametrize("name", ["Ё", "№ 1", "Краска\u00ad", "👩\u200d🎨", "…", "שלום\u200f", "é"])
def test_what_is_seen_is_a_name(name):
    assert is_visible(name)
    require_name(name)


@pytest.mark.parametrize(
    "written", ["1_000", "١٢", "１２", "1e3", "0x1", " 1", "1 ", "1,5", "1\n", "", ".", "NaN", "Infinity"]
)
def test_a_figure_is_written_in_plain_digits(written):
    with pytest.raises(ValidationError):
        Body.model_validate({"quantity": written})
    with pytest.raises(ValidationError):
        Body.model_validate({"quantity": 1, "price": written})


@pytest.mark.parametrize(
    ("written", "figure"), [("1000", "1000"), ("12.50", "12.50"), ("+3", "3"), (2.5, "2.5"), (7, "7")]
)
def test_a_plain_figure_is_taken(written, figure):
    assert Body.model_validate({"quantity": written}).quantity == Decimal(figure)


def test_the_document_shows_how_a_figure_is_written_and_its_bounds():
    shown = Body.model_json_schema()["properties"]
    assert shown["quantity"]["anyOf"] == [
        {"exclusiveMinimum": 0, "type": "number"},
        {"pattern": r"^[+-]?[0-9]+(\.[0-9]+)?$", "type": "string"},
    ]
    with pytest.raises(ValidationError):
        Body.model_validate({"quantity": "-1"})
