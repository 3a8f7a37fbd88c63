"""What people say about invoices."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool, StrictInt, StrictStr

from salon.inventory.drafts.domain.drafts import (
    MAX_ITEM_CHARS,
    MAX_NUMBER_CHARS,
    MAX_SUM_MINOR,
    MAX_SUPPLIER_CHARS,
    HeaderDetails,
    LineDetails,
    NewItem,
)
from salon.inventory.drafts.domain.names import MAX_NAME_CHARS
from salon.inventory.drafts.domain.units import MAX_UNIT_CHARS
from salon.inventory.items.domain import BaseUnit
from salon.inventory.ledger.domain import MAX_LOT_CHARS
from salon.platform.http_fields import Day, DecimalField
from staff_api.common import STRICT

Minor = Annotated[StrictInt, Field(ge=0, le=MAX_SUM_MINOR)]


class HeaderBody(BaseModel):
    """What the document says, as a person puts it."""

    model_config = STRICT

    version: StrictInt = Field(description="Of the invoice as it was seen.")
    supplier_name: StrictStr = Field(default="", max_length=MAX_SUPPLIER_CHARS)
    supplier_inn: StrictStr = Field(default="", max_length=12)
    number: StrictStr = Field(default="", max_length=MAX_NUMBER_CHARS)
    issued_on: Day | None = None
    total_minor: Minor | None = None

    def details(self) -> HeaderDetails:
        """For the use case."""
        return HeaderDetails(**self.model_dump(exclude={"version"}))


class NewItemBody(BaseModel):
    """An item that is to be made of a line."""

    model_config = STRICT

    name: StrictStr = Field(min_length=1, max_length=MAX_ITEM_CHARS)
    base_unit: BaseUnit
    category: StrictStr = Field(default="", max_length=200)
    brand: StrictStr = Field(default="", max_length=200)
    pack_quantity: DecimalField | None = Field(default=None, gt=0, description="Base units in one piece.")


class LineBody(BaseModel):
    """A line as it is to stand. `item_id` says which item it is, `new_item` that it is none that there is."""

    model_config = STRICT

    version: StrictInt = Field(description="Of the invoice as it was seen.")
    name: StrictStr = Field(min_length=1, max_length=MAX_NAME_CHARS)
    unit: StrictStr = Field(default="", max_length=MAX_UNIT_CHARS)
    quantity: DecimalField | None = Field(default=None, gt=0)
    price: DecimalField | None = Field(default=None, ge=0, description="Roubles for one unit, as printed.")
    sum_minor: Minor | None = None
    vat_rate: StrictInt | None = Field(default=None, ge=0, le=100)
    vat_minor: Minor | None = None
    sum_with_vat_minor: Minor | None = None
    item_id: UUID | None = None
    new_item: NewItemBody | None = None
    base_per_unit: DecimalField | None = Field(
        default=None, gt=0, description="Base units in one unit of the document; left out, it is worked out or asked."
    )
    is_checked: StrictBool = Field(default=True, description="Somebody has looked at it.")
    is_excluded: StrictBool = Field(default=False, description="On the paper, and not for the stock.")
    lot: StrictStr = Field(default="", max_length=MAX_LOT_CHARS, description="Of the batch, as it stands on the goods.")
    expires_on: Day | None = Field(default=None, description="Of the batch; one that has passed is flagged.")

    def details(self) -> LineDetails:
        """For the use case."""
        said = self.model_dump(exclude={"version", "new_item"})
        new = NewItem(**self.new_item.model_dump()) if self.new_item is not None else None
        return LineDetails(**said, new_item=new)


class VersionBody(BaseModel):
    """Which state of the invoice was seen."""

    model_config = STRICT

    version: StrictInt


class ConfirmBody(BaseModel):
    """Where the goods are, and what is right although it does not look so."""

    model_config = STRICT

    version: StrictInt
    location_id: UUID
    despite_duplicate: StrictBool = False
    despite_difference: StrictBool = False
    despite_count: StrictBool = Field(
        default=False, description="Although its items were counted since its day: the goods were not there yet."
    )


class ReverseBody(BaseModel):
    """Why."""

    model_config = STRICT

    reason: StrictStr | None = Field(default=None, max_length=1_000)
    despite_count: StrictBool = Field(
        default=False, description="Although a count has corrected some of it since: the goods may go a second time."
    )
