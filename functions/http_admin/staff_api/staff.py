"""Whoever serves, and what each can do."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from pydantic import BaseModel, Field
from pydantic.dataclasses import dataclass

from salon.catalog import use_cases as catalog
from salon.catalog.domain import Skill, Staff, StaffDetails
from salon.catalog.errors import LocationNotFound, ServiceLengthImpossible, ServiceNotFound, StaffNotFound
from salon.identity.access import Permission
from salon.identity.edge import Api, changes, reads
from salon.platform.http import ApiResolver
from staff_api.common import STRICT, Items

ONE = "/admin/v1/staff/<staff_id>"


@dataclass(frozen=True, kw_only=True, config=STRICT)
class StaffBody(StaffDetails):
    """What a person says about whoever serves."""


class SkillsBody(BaseModel):
    """All that somebody can do; what is left out is a skill no more."""

    model_config = STRICT

    skills: list[Skill] = Field(max_length=500)


def add_staff_routes(resolver: ApiResolver, api: Api) -> None:
    """`/staff`."""

    @resolver.get("/admin/v1/staff", tags=["staff"], responses=reads())
    def list_staff(
        location_id: Annotated[UUID | None, Query()] = None,
        include_inactive: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query's flag
    ) -> Items[Staff]:
        with api.read(Permission.STAFF_READ) as call:
            found = catalog.list_staff(call.session, location_id=location_id, active_only=not include_inactive)
            return Items(items=found)

    @resolver.post("/admin/v1/staff", tags=["staff"], status_code=201, responses=changes(LocationNotFound, status=201))
    def create_staff(details: Annotated[StaffBody, Body()]) -> Staff:
        with api.write(Permission.STAFF_WRITE) as call:
            return call.answer(catalog.create_staff(call.session, details, actor=call.actor, now=call.now))

    @resolver.get(ONE, tags=["staff"], responses=reads(StaffNotFound))
    def get_staff(staff_id: UUID) -> Staff:
        with api.read(Permission.STAFF_READ) as call:
            return catalog.get_staff(call.session, staff_id)

    @resolver.put(ONE, tags=["staff"], responses=changes(StaffNotFound, LocationNotFound))
    def change_staff(staff_id: UUID, details: Annotated[StaffBody, Body()]) -> Staff:
        with api.write(Permission.STAFF_WRITE) as call:
            catalog.change_staff(call.session, staff_id, details, actor=call.actor, now=call.now)
            return call.answer(catalog.get_staff(call.session, staff_id))

    @resolver.delete(ONE, tags=["staff"], responses=changes(StaffNotFound))
    def deactivate_staff(staff_id: UUID) -> Staff:
        with api.write(Permission.STAFF_WRITE) as call:
            catalog.deactivate_staff(call.session, staff_id, actor=call.actor, now=call.now)
            return call.answer(catalog.get_staff(call.session, staff_id))

    @resolver.post(f"{ONE}/reactivate", tags=["staff"], responses=changes(StaffNotFound))
    def reactivate_staff(staff_id: UUID) -> Staff:
        with api.write(Permission.STAFF_WRITE) as call:
            catalog.reactivate_staff(call.session, staff_id, actor=call.actor, now=call.now)
            return call.answer(catalog.get_staff(call.session, staff_id))

    @resolver.get(f"{ONE}/skills", tags=["staff"], responses=reads(StaffNotFound))
    def list_skills(staff_id: UUID) -> Items[Skill]:
        with api.read(Permission.STAFF_READ) as call:
            catalog.get_staff(call.session, staff_id)
            return Items(items=catalog.list_skills(call.session, staff_id))

    @resolver.put(
        f"{ONE}/skills", tags=["staff"], responses=changes(StaffNotFound, ServiceNotFound, ServiceLengthImpossible)
    )
    def assign_skills(staff_id: UUID, body: Annotated[SkillsBody, Body()]) -> Items[Skill]:
        with api.write(Permission.STAFF_WRITE) as call:
            catalog.assign_skills(call.session, staff_id, body.skills, actor=call.actor, now=call.now)
            return call.answer(Items(items=catalog.list_skills(call.session, staff_id)))
