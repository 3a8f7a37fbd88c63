"""What the routes share: strict bodies, lists, and the refusals that every route may answer with."""

from __future__ import annotations

from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Thing = TypeVar("Thing")

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

    done: bool = True


class Ids(BaseModel):
    """Several things by their ids."""

    model_config = STRICT

    ids: list[UUID] = Field(max_length=500)


class Count(BaseModel):
    """How many things were touched."""

    count: int
