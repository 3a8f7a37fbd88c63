"""What visits really used, and which item of the stock a norm means."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import BaseModel, Field, StrictBool

from salon.booking import use_cases as booking
from salon.booking.domain import BookingStatus
from salon.booking.errors import BookingNotFound
from salon.catalog.domain import Norm, NormUnit
from salon.catalog.errors import NormNotFound
from salon.identity.access import Permission
from salon.identity.edge import Api, ReadCall, WriteCall, changes, reads
from salon.inventory.consumption import use_cases as consumption
from salon.inventory.consumption.domain import HairLength, LineState, Linked
from salon.inventory.consumption.errors import ActualSenseless, ConsumptionCounted, ItemUnitUnfit
from salon.inventory.consumption.use_cases import ConsumptionView as Used
from salon.inventory.items.errors import ItemNotFound
from salon.inventory.ledger.errors import NotEnoughInBatch, StockBeyondBelief
from salon.platform.http import ApiResolver
from salon.platform.http_fields import DecimalField
from staff_api.common import STRICT, Items

VISIT = "/admin/v1/visits/<booking_id>/consumption"


class ActualBody(BaseModel):
    """What was really used of one item."""

    model_config = STRICT

    item_id: UUID
    quantity: DecimalField = Field(ge=0, description="Base units; 0 for none of it.")


class ConsumptionBody(BaseModel):
    """What a visit really used, instead of what was said before; what is not named goes by the norm."""

    model_config = STRICT

    items: list[ActualBody] = Field(max_length=100)
    hair_length: HairLength | None = Field(default=None, description="Null leaves the norms as they are.")


class LinkBody(BaseModel):
    """Which item a norm means."""

    model_config = STRICT

    item_id: UUID | None = Field(description="Null leaves it to the name.")
    by_length: StrictBool | None = Field(
        default=None,
        description="Whether it grows with the length of the hair; null: what is weighed or measured does.",
    )


class UsedLineView(BaseModel):
    """A norm or an actual of a visit, and what became of it."""

    norm_id: UUID | None
    item_text: str
    item_id: UUID | None
    norm_quantity: Decimal | None
    norm_unit: NormUnit | None
    norm_base: Decimal | None = Field(description="With the length of the hair, in the item's base units.")
    used: Decimal | None
    is_actual: bool
    state: LineState
    cost_minor: int | None


class ConsumptionView(BaseModel):
    """What a booking used; before it is completed, what it would use."""

    booking_id: UUID
    service_id: UUID
    staff_id: UUID | None
    status: BookingStatus
    ends_at: datetime
    hair_length: HairLength | None
    is_posted: bool
    actuals: list[ActualBody]
    lines: list[UsedLineView]

    @classmethod
    def of(cls, used: Used, *, with_sums: bool) -> ConsumptionView:
        """From what was used."""
        own = set(UsedLineView.model_fields) - {"cost_minor"}
        return cls(
            booking_id=used.booking.id,
            service_id=used.booking.service_id,
            staff_id=used.booking.staff_id,
            status=used.booking.status,
            ends_at=used.booking.ends_at,
            hair_length=used.hair_length,
            is_posted=used.is_posted,
            actuals=[ActualBody(item_id=item_id, quantity=quantity) for item_id, quantity in used.actuals.items()],
            lines=[
                UsedLineView(**{name: getattr(line, name) for name in own}, cost_minor=cost if with_sums else None)
                for line, cost in zip(used.lines, used.costs, strict=True)
            ],
        )


class ProposalView(BaseModel):
    """An item that a norm may mean."""

    item_id: UUID
    name: str


class LinkedView(BaseModel):
    """A norm that the stock cannot follow, or one that was just linked."""

    norm: Norm
    item_id: UUID | None
    is_by_name: bool
    fits_unit: bool
    visits: int = Field(description="Visits that used it and that the ledger does not know of.")
    proposals: list[ProposalView]

    @classmethod
    def of(cls, linked: Linked) -> LinkedView:
        """From the norm."""
        return cls(
            norm=linked.norm,
            item_id=linked.item_id,
            is_by_name=linked.is_by_name,
            fits_unit=linked.fits_unit,
            visits=linked.visits,
            proposals=[ProposalView(item_id=item.id, name=item.name) for item in linked.proposals],
        )


class LinkView(BaseModel):
    """What linking came to."""

    linked: LinkedView
    visits: int = Field(description="Past visits that were caught up with.")
    is_more: bool = Field(description="More of them are left: link again.")


def add_consumption_routes(resolver: ApiResolver, api: Api) -> None:
    """`/visits/…/consumption`, `/stock/unlinked-norms` and `/stock/norms/…/link`."""

    @resolver.get(VISIT, tags=["consumption"], responses=reads(BookingNotFound))
    def get_consumption(booking_id: UUID) -> ConsumptionView:
        with api.read(Permission.STOCK_READ, Permission.BOOKINGS_CLOSE_OWN) as call:
            _check_may(call, booking_id)
            used = consumption.get_consumption(call.session, booking_id)
            return ConsumptionView.of(used, with_sums=call.principal.may(Permission.MONEY_READ))

    @resolver.put(
        VISIT,
        tags=["consumption"],
        responses=changes(
            BookingNotFound, ItemNotFound, ActualSenseless, ConsumptionCounted, StockBeyondBelief, NotEnoughInBatch
        ),
    )
    def say_consumption(booking_id: UUID, body: Annotated[ConsumptionBody, Body()]) -> ConsumptionView:
        with api.write(Permission.BOOKINGS_CLOSE, Permission.BOOKINGS_CLOSE_OWN) as call:
            _check_may(call, booking_id)
            used = consumption.say_consumption(
                call.session,
                booking_id,
                actuals=_actuals(body),
                hair_length=body.hair_length,
                actor=call.actor,
                now=call.now,
            )
            return call.answer(ConsumptionView.of(used, with_sums=call.principal.may(Permission.MONEY_READ)))

    @resolver.get("/admin/v1/stock/unlinked-norms", tags=["consumption"], responses=reads())
    def list_unlinked_norms() -> Items[LinkedView]:
        with api.read(Permission.STOCK_READ) as call:
            return Items(items=[LinkedView.of(one) for one in consumption.list_unlinked(call.session)])

    @resolver.put(
        "/admin/v1/stock/norms/<norm_id>/link",
        tags=["consumption"],
        responses=changes(NormNotFound, ItemNotFound, ItemUnitUnfit, StockBeyondBelief, NotEnoughInBatch),
    )
    def link_norm(norm_id: UUID, body: Annotated[LinkBody, Body()]) -> LinkView:
        with api.write(Permission.STOCK_ADJUST) as call:
            outcome = consumption.link_norm(
                call.session,
                norm_id,
                item_id=body.item_id,
                by_length=body.by_length,
                actor=call.actor,
                now=call.now,
            )
            linked = LinkedView.of(outcome.linked)
            return call.answer(LinkView(linked=linked, visits=outcome.visits, is_more=outcome.is_more))


def _actuals(body: ConsumptionBody) -> dict[UUID, Decimal]:
    actuals: dict[UUID, Decimal] = {}
    for one in body.items:
        if one.item_id in actuals:
            raise ActualSenseless(one.item_id, "is said twice")
        actuals[one.item_id] = one.quantity
    return actuals


def _check_may(call: ReadCall | WriteCall, booking_id: UUID) -> None:
    """A stylist sees and says what the own visits used.

    Raises:
        BookingNotFound: there is none, or it is in another diary: the two are not told apart.
    """
    if call.principal.may(Permission.BOOKINGS_CLOSE):
        return
    if not booking.get_booking(call.session, booking_id).staff_id == call.principal.staff_id is not None:
        raise BookingNotFound(booking_id)
