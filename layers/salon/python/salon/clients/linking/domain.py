"""Whether two clients are one person. Values and pure decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

OPEN_FOR = timedelta(days=7)
"""A question that nobody answers is over after a week."""

ASKED_AGAIN_AFTER = timedelta(days=90)
"""Whoever said no is left in peace for so long."""


ASKED_AT_MOST, ASKED_WITHIN = 2, timedelta(days=30)
"""How often somebody is asked, whoever has the same phone: a number that many type is a prank or an attack."""


class LinkStatus(StrEnum):
    """The life of a question."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A question whether two clients are one person.

    Attributes:
        client_id: who is asked: the messenger of this one vouches for the phone, so nobody else can say yes.
        other_client_id: who has the same phone.
    """

    id: UUID
    client_id: UUID
    other_client_id: UUID
    status: LinkStatus
    expires_at: datetime


def survivor(one: UUID, other: UUID) -> tuple[UUID, UUID]:
    """Which client stays and which goes: the older stays, as ids are made in the order of time."""
    return (one, other) if one < other else (other, one)
