"""Working time: rules, templates of shifts, single shifts and time off. Slots follow in the same transaction."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from pydantic import BaseModel, Field, StrictInt
from pydantic.dataclasses import dataclass

from salon.availability import use_cases as availability
from salon.availability.domain import Rule, RuleDetails, RulePurpose, Template, TemplateDetails, TimeOff
from salon.availability.errors import (
    RuleNotFound,
    RuleSenseless,
    RulesOverlap,
    TemplateNameTaken,
    TemplateNotFound,
    TemplateSenseless,
    TimeOffNotFound,
)
from salon.catalog.domain import MAX_NAME_CHARS
from salon.catalog.errors import LocationNotFound, ServiceNotFound, StaffNotFound
from salon.identity.access import Permission
from salon.identity.edge import Api, changes, reads
from salon.platform.http import ApiResolver
from salon.platform.http_fields import Day, Instant, WallTime, Zone
from salon.platform.timeranges import UnknownTimezone
from staff_api.common import STRICT, Count, Done, Items, ZoneNeeded, instant

RULE = "/admin/v1/availabilities/<rule_id>"
TEMPLATE = "/admin/v1/rule-templates/<template_id>"
SHIFT = "/admin/v1/shifts"
NAMED = (LocationNotFound, StaffNotFound, ServiceNotFound)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class RuleBody(RuleDetails):
    """When a location or a person works, or does not."""

    valid_from: Day | None = None
    valid_to: Day | None = None


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TemplateBody(TemplateDetails):
    """A pattern of shifts that repeats, such as two days on and two off."""

    name: Annotated[str, Field(max_length=MAX_NAME_CHARS)]


class ApplyBody(BaseModel):
    """Whose shifts a pattern gives, and when."""

    model_config = STRICT

    location_id: UUID
    staff_id: UUID
    from_on: Day
    to_on: Day | None = None
    anchor_on: Day = Field(description="Some day that is the first of a cycle.")


class UnapplyBody(BaseModel):
    """Whose shifts of a pattern are taken back, and when."""

    model_config = STRICT

    location_id: UUID
    staff_id: UUID
    from_on: Day
    to_on: Day | None = None


class ShiftBody(BaseModel):
    """How somebody works on one day, whatever templates and weekly rules say."""

    model_config = STRICT

    location_id: UUID
    staff_id: UUID
    on: Day
    hours: tuple[WallTime, WallTime] | None = Field(description="From and until, on the wall; null for a day off.")
    breaks: list[tuple[WallTime, WallTime]] = Field(default_factory=list, max_length=10)
    granularity_min: StrictInt = Field(default=15, ge=1, le=1440)


class TimeOffBody(BaseModel):
    """When somebody is away: whole local days, or two instants. Nothing says why."""

    model_config = STRICT

    staff_id: UUID
    from_on: Day | None = None
    to_on: Day | None = None
    from_at: Instant | None = None
    to_at: Instant | None = None
    timezone: Zone | None = None


def add_rule_routes(resolver: ApiResolver, api: Api) -> None:
    """`/availabilities`, `/rule-templates`, `/shifts`, `/time-off`."""
    _add_rules(resolver, api)
    _add_templates(resolver, api)
    _add_shifts(resolver, api)
    _add_time_off(resolver, api)


def _add_rules(resolver: ApiResolver, api: Api) -> None:
    @resolver.get("/admin/v1/availabilities", tags=["rules"], responses=reads())
    def list_rules(
        location_id: Annotated[UUID | None, Query()] = None,
        staff_id: Annotated[UUID | None, Query()] = None,
        purpose: Annotated[RulePurpose | None, Query()] = None,
        from_on: Annotated[Day | None, Query()] = None,
        to_on: Annotated[Day | None, Query()] = None,
    ) -> Items[Rule]:
        with api.read(Permission.RULES_READ) as call:
            found = availability.list_rules(
                call.session, location_id, staff_id=staff_id, purpose=purpose, from_on=from_on, to_on=to_on
            )
            return Items(items=found)

    @resolver.post(
        "/admin/v1/availabilities",
        tags=["rules"],
        status_code=201,
        responses=changes(*NAMED, RulesOverlap, RuleSenseless, status=201),
    )
    def create_rule(details: Annotated[RuleBody, Body()]) -> Rule:
        with api.write(Permission.RULES_WRITE) as call:
            return call.answer(availability.create_rule(call.session, details, actor=call.actor, now=call.now))

    @resolver.get(RULE, tags=["rules"], responses=reads(RuleNotFound))
    def get_rule(rule_id: UUID) -> Rule:
        with api.read(Permission.RULES_READ) as call:
            return availability.get_rule(call.session, rule_id)

    @resolver.put(RULE, tags=["rules"], responses=changes(RuleNotFound, *NAMED, RulesOverlap, RuleSenseless))
    def change_rule(rule_id: UUID, details: Annotated[RuleBody, Body()]) -> Rule:
        with api.write(Permission.RULES_WRITE) as call:
            availability.change_rule(call.session, rule_id, details, actor=call.actor, now=call.now)
            return call.answer(availability.get_rule(call.session, rule_id))

    @resolver.delete(RULE, tags=["rules"], responses=changes(RuleNotFound))
    def remove_rule(rule_id: UUID) -> Done:
        with api.write(Permission.RULES_WRITE) as call:
            availability.remove_rule(call.session, rule_id, actor=call.actor, now=call.now)
            return call.answer(Done())


def _add_templates(resolver: ApiResolver, api: Api) -> None:
    @resolver.get("/admin/v1/rule-templates", tags=["rules"], responses=reads())
    def list_templates() -> Items[Template]:
        with api.read(Permission.RULES_READ) as call:
            return Items(items=availability.list_templates(call.session))

    @resolver.post(
        "/admin/v1/rule-templates",
        tags=["rules"],
        status_code=201,
        responses=changes(TemplateNameTaken, TemplateSenseless, status=201),
    )
    def create_template(details: Annotated[TemplateBody, Body()]) -> Template:
        with api.write(Permission.RULES_WRITE) as call:
            return call.answer(availability.create_template(call.session, details, actor=call.actor, now=call.now))

    @resolver.put(TEMPLATE, tags=["rules"], responses=changes(TemplateNotFound, TemplateNameTaken, TemplateSenseless))
    def change_template(template_id: UUID, details: Annotated[TemplateBody, Body()]) -> Template:
        with api.write(Permission.RULES_WRITE) as call:
            availability.change_template(call.session, template_id, details, actor=call.actor, now=call.now)
            return call.answer(availability.get_template(call.session, template_id))

    @resolver.delete(TEMPLATE, tags=["rules"], responses=changes(TemplateNotFound))
    def remove_template(template_id: UUID) -> Done:
        with api.write(Permission.RULES_WRITE) as call:
            availability.remove_template(call.session, template_id, actor=call.actor, now=call.now)
            return call.answer(Done())

    @resolver.post(
        f"{TEMPLATE}/apply",
        tags=["rules"],
        responses=changes(TemplateNotFound, LocationNotFound, StaffNotFound, TemplateSenseless, RulesOverlap),
    )
    def apply_template(template_id: UUID, body: Annotated[ApplyBody, Body()]) -> Items[Rule]:
        with api.write(Permission.RULES_WRITE) as call:
            made = availability.apply_template(
                call.session,
                template_id,
                location_id=body.location_id,
                staff_id=body.staff_id,
                from_on=body.from_on,
                to_on=body.to_on,
                anchor_on=body.anchor_on,
                actor=call.actor,
                now=call.now,
            )
            return call.answer(Items(items=made))

    @resolver.post(f"{TEMPLATE}/unapply", tags=["rules"], responses=changes(TemplateNotFound, *NAMED))
    def unapply_template(template_id: UUID, body: Annotated[UnapplyBody, Body()]) -> Count:
        with api.write(Permission.RULES_WRITE) as call:
            gone = availability.unapply_template(
                call.session,
                template_id,
                location_id=body.location_id,
                staff_id=body.staff_id,
                from_on=body.from_on,
                to_on=body.to_on,
                actor=call.actor,
                now=call.now,
            )
            return call.answer(Count(count=gone))


def _add_shifts(resolver: ApiResolver, api: Api) -> None:
    @resolver.put(
        SHIFT, tags=["shifts"], responses=changes(LocationNotFound, StaffNotFound, RuleSenseless, RulesOverlap)
    )
    def set_shift(body: Annotated[ShiftBody, Body()]) -> Items[Rule]:
        with api.write(Permission.RULES_WRITE) as call:
            made = availability.set_shift(
                call.session,
                location_id=body.location_id,
                staff_id=body.staff_id,
                on=body.on,
                hours=body.hours,
                breaks=body.breaks,
                granularity_min=body.granularity_min,
                actor=call.actor,
                now=call.now,
            )
            return call.answer(Items(items=made))

    @resolver.delete(SHIFT, tags=["shifts"], responses=changes(LocationNotFound, StaffNotFound))
    def clear_shift(
        location_id: Annotated[UUID, Query()], staff_id: Annotated[UUID, Query()], on: Annotated[Day, Query()]
    ) -> Count:
        with api.write(Permission.RULES_WRITE) as call:
            gone = availability.clear_shift(
                call.session, location_id=location_id, staff_id=staff_id, on=on, actor=call.actor, now=call.now
            )
            return call.answer(Count(count=gone))


def _add_time_off(resolver: ApiResolver, api: Api) -> None:
    @resolver.get("/admin/v1/time-off", tags=["shifts"], responses=reads())
    def list_time_off(
        staff_id: Annotated[UUID | None, Query()] = None,
        from_on: Annotated[Day | None, Query()] = None,
        to_on: Annotated[Day | None, Query()] = None,
    ) -> Items[TimeOff]:
        with api.read(Permission.RULES_READ) as call:
            found = availability.list_time_off(call.session, staff_id=staff_id, from_on=from_on, to_on=to_on)
            return Items(items=found)

    @resolver.post(
        "/admin/v1/time-off",
        tags=["shifts"],
        status_code=201,
        responses=changes(StaffNotFound, RuleSenseless, RulesOverlap, UnknownTimezone, ZoneNeeded, status=201),
    )
    def add_time_off(body: Annotated[TimeOffBody, Body()]) -> TimeOff:
        with api.write(Permission.RULES_WRITE) as call:
            noted = availability.add_time_off(
                call.session,
                body.staff_id,
                from_on=body.from_on,
                to_on=body.to_on,
                from_at=instant(call.session, body.from_at, body.timezone) if body.from_at else None,
                to_at=instant(call.session, body.to_at, body.timezone) if body.to_at else None,
                actor=call.actor,
                now=call.now,
            )
            return call.answer(noted)

    @resolver.delete("/admin/v1/time-off/<time_off_id>", tags=["shifts"], responses=changes(TimeOffNotFound))
    def remove_time_off(time_off_id: UUID) -> Done:
        with api.write(Permission.RULES_WRITE) as call:
            availability.remove_time_off(call.session, time_off_id, actor=call.actor, now=call.now)
            return call.answer(Done())
