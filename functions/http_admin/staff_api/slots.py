"""Slots as the salon sees them: make, look, block, and who did what on one."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from pydantic import BaseModel, Field

from salon.availability import use_cases as availability
from salon.availability.domain import Slot, SlotsGenerated
from salon.availability.errors import SlotNotFound
from salon.booking import use_cases as booking
from salon.booking.domain import BookingChange
from salon.catalog.errors import LocationNotFound
from salon.identity.access import Permission
from salon.identity.edge import Api, changes, reads
from salon.platform.errors import Invalid
from salon.platform.http import ApiResolver
from salon.platform.http_fields import Day, Instant, Zone
from salon.platform.timeranges import UnknownTimezone
from staff_api.common import STRICT, Items, ZoneNeeded, instant

ONE = "/admin/v1/slots/<slot_id>"
LONGEST_DAYS = 400


class GenerateBody(BaseModel):
    """Where and for which local days slots are made equal to what the rules say."""

    model_config = STRICT

    location_id: UUID
    from_on: Day
    to_on: Day
    staff_id: UUID | None = Field(default=None, description="This person's only.")
    service_id: UUID | None = Field(default=None, description="This service's only.")


class BlockView(BaseModel):
    """What became of a slot that was unblocked: null when no rule covers it, so that it is gone."""

    slot: Slot | None


def add_slot_routes(resolver: ApiResolver, api: Api) -> None:
    """`/slots`."""

    @resolver.post("/admin/v1/slots/generate", tags=["slots"], responses=changes(LocationNotFound))
    def generate_slots(body: Annotated[GenerateBody, Body()]) -> SlotsGenerated:
        with api.write(Permission.SLOTS_GENERATE) as call:
            if not 0 <= (body.to_on - body.from_on).days < LONGEST_DAYS:
                raise Invalid(f"Slots are made for 1 to {LONGEST_DAYS} days, the first before the last.")
            made = availability.generate_slots(
                call.session,
                location_id=body.location_id,
                from_on=body.from_on,
                to_on=body.to_on,
                now=call.now,
                staff_id=body.staff_id,
                service_id=body.service_id,
            )
            return call.answer(made)

    @resolver.get("/admin/v1/slots", tags=["slots"], responses=reads(LocationNotFound, UnknownTimezone, ZoneNeeded))
    def list_free_slots(
        *,
        service_id: Annotated[UUID, Query()],
        from_at: Annotated[Instant, Query()],
        to_at: Annotated[Instant, Query()],
        staff_id: Annotated[UUID | None, Query()] = None,
        location_id: Annotated[UUID | None, Query()] = None,
        timezone: Annotated[Zone | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=2000)] = 500,
    ) -> Items[Slot]:
        """Every free slot, for the desk: nothing is hidden and nothing is drawn."""
        with api.read(Permission.SCHEDULE_READ) as call:
            found = availability.list_free_slots(
                call.session,
                service_id=service_id,
                from_at=instant(call.session, from_at, timezone, location_id),
                to_at=instant(call.session, to_at, timezone, location_id),
                now=call.now,
                staff_id=staff_id,
                location_id=location_id,
                limit=limit,
            )
            return Items(items=found)

    @resolver.get(ONE, tags=["slots"], responses=reads(SlotNotFound))
    def get_slot(slot_id: UUID) -> Slot:
        with api.read(Permission.SCHEDULE_READ) as call:
            return availability.get_slot(call.session, slot_id)

    @resolver.get(f"{ONE}/history", tags=["slots"], responses=reads(SlotNotFound))
    def slot_history(slot_id: UUID) -> Items[BookingChange]:
        with api.read(Permission.SCHEDULE_READ) as call:
            availability.get_slot(call.session, slot_id)
            return Items(items=booking.list_slot_history(call.session, slot_id))

    @resolver.post(f"{ONE}/block", tags=["slots"], responses=changes(SlotNotFound))
    def block_slot(slot_id: UUID) -> Slot:
        with api.write(Permission.SLOTS_BLOCK) as call:
            return call.answer(availability.block_slot(call.session, slot_id, actor=call.actor, now=call.now))

    @resolver.post(f"{ONE}/unblock", tags=["slots"], responses=changes(SlotNotFound))
    def unblock_slot(slot_id: UUID) -> BlockView:
        with api.write(Permission.SLOTS_BLOCK) as call:
            left = availability.unblock_slot(call.session, slot_id, actor=call.actor, now=call.now)
            return call.answer(BlockView(slot=left))
