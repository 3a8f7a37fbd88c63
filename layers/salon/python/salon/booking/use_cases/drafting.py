"""What a new booking is: its length, its price and deposit, until when it is held, and its sealed note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from salon.availability.domain import Slot
from salon.booking import domain
from salon.booking.domain import BookedOption, Booking, BookingPolicy, BookingStatus, DepositStatus
from salon.booking.errors import NoteTooLong
from salon.catalog import use_cases as catalog
from salon.identity.domain import Actor, ActorKind
from salon.platform.db import ReadSession
from salon.platform.ids import new_id
from salon.platform.keys import seal_for_client
from salon.platform.money import Money
from salon.platform.timeranges import zone

MAX_NOTE_CHARS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """Everything about a booking that is to be made, but its slot and options; see `hold_slot`.

    Attributes:
        until: it runs out then at the latest, as the hold that it replaces.
    """

    client_id: UUID
    channel: str
    actor: Actor
    now: datetime
    policy: BookingPolicy | None = None
    note: str | None = None
    session_id: UUID | None = None
    exposure_id: UUID | None = None
    variant: str | None = None
    incentive_minor: int = 0
    visit_id: UUID | None = None
    visit_position: int | None = None
    series_id: UUID | None = None
    hold_for: timedelta | None = None
    until: datetime | None = None


def price_of(session: ReadSession, slot: Slot, timezone: str, option_ids: Sequence[UUID] = ()) -> Money | None:
    """What a slot costs on its local day, with options; None when no list says."""
    return catalog.price_of(
        session,
        service_id=slot.service_id,
        location_id=slot.location_id,
        staff_id=slot.staff_id,
        on=local_day(slot.starts_at, timezone),
        option_ids=option_ids,
    )


def local_day(at: datetime, timezone: str) -> date:
    """The date on the wall of a location."""
    return at.astimezone(zone(timezone)).date()


def seal_note(session: ReadSession, client_id: UUID, note: str | None) -> bytes | None:
    """A note that only the client's key opens; nothing for a blank one.

    Raises:
        NoteTooLong: it is.
    """
    if note is None or not note.strip():
        return None
    if len(note) > MAX_NOTE_CHARS:
        raise NoteTooLong(MAX_NOTE_CHARS)
    return seal_for_client(session, client_id, note.strip())


def draft(
    session: ReadSession,
    slot: Slot,
    making: Making,
    options: list[BookedOption],
    *,
    timezone: str,
    policy: BookingPolicy,
) -> Booking:
    """The hold that is to be stored; says in `options` what each of them costs."""
    listed = price_of(session, slot, timezone, [option.option_id for option in options])
    _say_prices(session, slot, timezone, options, listed)
    price, incentive = domain.less_incentive(listed, making.incentive_minor)
    by_salon = making.actor.kind in {ActorKind.STAFF, ActorKind.USER}
    deposit = None if by_salon else policy.deposit.due_for(slot.service_id, price)
    hold_for = making.hold_for or (policy.hold_for if deposit is None else policy.payment_hold_for)
    expires_at = making.now + hold_for
    extra_min = sum(option.extra_min for option in options)
    return Booking(
        id=new_id(),
        client_id=making.client_id,
        location_id=slot.location_id,
        service_id=slot.service_id,
        staff_id=slot.staff_id,
        slot_id=slot.id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at + timedelta(minutes=extra_min),
        status=BookingStatus.HELD,
        hold_expires_at=min(expires_at, making.until) if making.until is not None else expires_at,
        price=price,
        channel=making.channel,
        created_at=making.now,
        visit_id=making.visit_id,
        visit_position=making.visit_position,
        series_id=making.series_id,
        session_id=making.session_id,
        exposure_id=making.exposure_id,
        variant=making.variant,
        extra_min=extra_min,
        incentive_minor=incentive,
        deposit=deposit,
        deposit_status=DepositStatus.REQUIRED if deposit is not None else None,
        has_note=making.note is not None and bool(making.note.strip()),
    )


def _say_prices(
    session: ReadSession, slot: Slot, timezone: str, options: list[BookedOption], listed: Money | None
) -> None:
    """Put down what each option costs: what the price would be less without it."""
    if listed is None:
        return
    for number, option in enumerate(options):
        without = price_of(session, slot, timezone, [one.option_id for one in options if one is not option])
        options[number] = replace(option, price=listed - without if without is not None else None)
