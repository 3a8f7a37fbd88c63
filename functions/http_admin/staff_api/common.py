"""What the routes share: strict bodies, lists, and the refusals that every route may answer with."""

from __future__ import annotations

from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from salon.catalog import use_cases as catalog
from salon.platform.db import ReadSession
from salon.platform.errors import Invalid
from salon.platform.http_fields import instant_of

Thing = TypeVar("Thing")
REPEATABLE = {"x-repeatable": True}  # a second time changes nothing more: the document asks for no Idempotency-Key
PUBLIC = {"x-public": True}  # no access token is needed

PREFIX = "/admin/v1"

STRICT = ConfigDict(extra="forbid")
"""A body is what a person says about a thing, and nothing else: a misspelt field is refused, not ignored."""


class Items(BaseModel, Generic[Thing]):
    """All of something."""

    items: list[Thing]


class Page(BaseModel, Generic[Thing]):
    """Some of something, and how to ask for the rest."""

    items: list[Thing]
    next_cursor: str | None = Field(default=None, description="Pass it as `cursor`; null at the end.")


class Made(BaseModel):
    """What was made."""

    id: UUID


class Done(BaseModel):
    """That it is done."""

    done: StrictBool = True


class Ids(BaseModel):
    """Several things by their ids."""

    model_config = STRICT

    ids: list[UUID] = Field(max_length=500)


class Count(BaseModel):
    """How many things were touched."""

    count: int


class ZoneNeeded(Invalid):
    """An instant came without an offset, and nothing says on whose clock it was read."""

    code = "ZONE_NEEDED"

    def __init__(self) -> None:
        super().__init__("Write instants with an offset, or say `timezone` or `location_id`.")


def instant(session: ReadSession, written: datetime, timezone: str | None, location_id: UUID | None = None) -> datetime:
    """The instant that was written: with an offset, or by the clock of `timezone`, else of the location.

    Raises:
        UnknownTimezone: no such zone.
        LocationNotFound: no such location.
        ZoneNeeded: without an offset, a zone and a location; a tenant with one zone only needs none of them.
    """
    if written.tzinfo is not None:
        return written
    if timezone is not None:
        return instant_of(written, timezone)
    if location_id is not None:
        return instant_of(written, catalog.get_location(session, location_id).timezone)
    zones = {location.timezone for location in catalog.list_locations(session)}
    if len(zones) != 1:
        raise ZoneNeeded
    return instant_of(written, zones.pop())
