"""Bookings at the desk: make, find, move, cancel, close, and undo each."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from pydantic import BaseModel, Field, StrictBool, model_validator

from salon.availability.errors import OptionsNotForGroups, SlotAlreadyTaken, SlotNotFound, SlotNotOffered, SlotTooShort
from salon.booking import use_cases as booking
from salon.booking.domain import (
    Booking,
    BookingChange,
    BookingFilters,
    BookingStatus,
    CancelReason,
    DepositStatus,
    Position,
)
from salon.booking.errors import (
    AlreadyBooked,
    BookingAlreadyCancelled,
    BookingNotFound,
    BookingNotOpen,
    BookingNotRestorable,
    DepositNotDue,
    HoldExpired,
    NoteTooLong,
    OtherService,
    OutsideBookingHorizon,
    PaymentRequired,
    SlotInThePast,
    StaffOnly,
    VisitNotBegun,
)
from salon.catalog.errors import LocationNotFound, OptionNotFound, OptionNotOffered, OptionsExclusive
from salon.clients import use_cases as clients
from salon.clients.errors import ClientNotFound
from salon.identity.access import Permission
from salon.identity.edge import Api, WriteCall, changes, reads
from salon.identity.errors import PermissionDenied
from salon.platform.http import ApiResolver
from salon.platform.http_fields import Instant, Zone
from salon.platform.pagination import CursorInvalid, decode_cursor, encode_cursor
from salon.platform.timeranges import UnknownTimezone
from staff_api.booking_view import BookingView
from staff_api.common import STRICT, Items, Page, ZoneNeeded, instant

ALL = "/admin/v1/bookings"
ONE = "/admin/v1/bookings/<booking_id>"
CHANNEL = "console"
TAKING = (SlotNotFound, SlotAlreadyTaken, SlotNotOffered, SlotTooShort, SlotInThePast, OutsideBookingHorizon)
OVER = (BookingNotFound, BookingAlreadyCancelled, BookingNotOpen)
OPTIONS = (OptionNotFound, OptionNotOffered, OptionsExclusive, OptionsNotForGroups)


class HoldBody(BaseModel):
    """A slot for a client; agreed at once unless `confirm` is false."""

    model_config = STRICT

    slot_id: UUID
    client_id: UUID
    option_ids: list[UUID] = Field(default_factory=list, max_length=20)
    note: str | None = Field(default=None, max_length=1_000)
    confirm: StrictBool = True


class PatchBody(BaseModel):
    """One change: another state, or another slot.

    `confirmed` agrees to a hold, brings a cancelled booking back, or undoes that a visit was completed or missed.
    """

    model_config = STRICT

    status: Literal["confirmed", "cancelled", "completed", "no_show"] | None = None
    reason: CancelReason = CancelReason.SALON
    slot_id: UUID | None = None

    @model_validator(mode="after")
    def _one_change(self) -> PatchBody:
        if (self.status is None) == (self.slot_id is None):
            raise ValueError("Say either status or slot_id.")
        return self


class DepositBody(BaseModel):
    """What became of a deposit."""

    model_config = STRICT

    outcome: DepositStatus


class NoteBody(BaseModel):
    """What to remember about a visit; null takes it away."""

    model_config = STRICT

    note: str | None = Field(max_length=1_000)


class NoteView(BaseModel):
    """What was noted."""

    note: str | None


def add_booking_routes(resolver: ApiResolver, api: Api) -> None:
    """`/bookings`."""
    _add_reading(resolver, api)
    _add_making(resolver, api)
    _add_changing(resolver, api)


def _add_reading(resolver: ApiResolver, api: Api) -> None:
    @resolver.get(ALL, tags=["bookings"], responses=reads(CursorInvalid, LocationNotFound, UnknownTimezone, ZoneNeeded))
    def list_bookings(
        *,
        status: Annotated[list[BookingStatus] | None, Query()] = None,
        location_id: Annotated[UUID | None, Query()] = None,
        staff_id: Annotated[UUID | None, Query()] = None,
        service_id: Annotated[UUID | None, Query()] = None,
        client_id: Annotated[UUID | None, Query()] = None,
        series_id: Annotated[UUID | None, Query()] = None,
        from_at: Annotated[Instant | None, Query()] = None,
        to_at: Annotated[Instant | None, Query()] = None,
        timezone: Annotated[Zone | None, Query()] = None,
        newest_first: Annotated[bool, Query()] = False,
        cursor: Annotated[str | None, Query(max_length=512)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Page[BookingView]:
        with api.read(Permission.BOOKINGS_READ) as call:
            filters = BookingFilters(
                statuses=tuple(status or ()),
                location_id=location_id,
                staff_id=staff_id,
                service_id=service_id,
                client_id=client_id,
                series_id=series_id,
                from_at=instant(call.session, from_at, timezone, location_id) if from_at else None,
                to_at=instant(call.session, to_at, timezone, location_id) if to_at else None,
            )
            page = booking.search_bookings(
                call.session, filters, after=_position(cursor), limit=limit, newest_first=newest_first
            )
            following = encode_cursor(page.next.starts_at, page.next.booking_id) if page.next else None
            return Page(items=[BookingView.of(one) for one in page.bookings], next_cursor=following)

    @resolver.get(ONE, tags=["bookings"], responses=reads(BookingNotFound))
    def get_booking(booking_id: UUID) -> BookingView:
        with api.read(Permission.BOOKINGS_READ) as call:
            return BookingView.of(booking.get_booking(call.session, booking_id))

    @resolver.get(f"{ONE}/history", tags=["bookings"], responses=reads(BookingNotFound))
    def booking_history(booking_id: UUID) -> Items[BookingChange]:
        with api.read(Permission.BOOKINGS_READ) as call:
            booking.get_booking(call.session, booking_id)
            return Items(items=booking.list_history(call.session, booking_id))

    @resolver.get(f"{ONE}/note", tags=["bookings"], responses=reads(BookingNotFound))
    def read_note(booking_id: UUID) -> NoteView:
        with api.read(Permission.BOOKINGS_READ) as call:
            return NoteView(note=booking.read_note(call.session, booking_id))


def _add_making(resolver: ApiResolver, api: Api) -> None:
    @resolver.post(
        ALL,
        tags=["bookings"],
        status_code=201,
        responses=changes(ClientNotFound, *TAKING, *OPTIONS, AlreadyBooked, PaymentRequired, NoteTooLong, status=201),
    )
    def create_booking(body: Annotated[HoldBody, Body()]) -> BookingView:
        with api.write(Permission.BOOKINGS_WRITE) as call:
            clients.get_client(call.session, body.client_id)
            made = booking.hold_slot(
                call.session,
                slot_id=body.slot_id,
                client_id=body.client_id,
                channel=CHANNEL,
                actor=call.actor,
                now=call.now,
                option_ids=body.option_ids,
                note=body.note,
            )
            if body.confirm:
                made = booking.confirm_booking(call.session, made.id, actor=call.actor, now=call.now)
            return call.answer(BookingView.of(made))


def _add_changing(resolver: ApiResolver, api: Api) -> None:
    @resolver.patch(
        ONE,
        tags=["bookings"],
        responses=changes(
            *OVER,
            *TAKING,
            HoldExpired,
            PaymentRequired,
            AlreadyBooked,
            OtherService,
            BookingNotRestorable,
            VisitNotBegun,
        ),
    )
    def change_booking(booking_id: UUID, body: Annotated[PatchBody, Body()]) -> BookingView:
        with api.write(Permission.BOOKINGS_WRITE, Permission.BOOKINGS_CLOSE, Permission.BOOKINGS_CLOSE_OWN) as call:
            _check_may(call, booking_id, body)
            return call.answer(BookingView.of(_change(call, booking_id, body)))

    @resolver.post(f"{ONE}/deposit", tags=["bookings"], responses=changes(BookingNotFound, StaffOnly, DepositNotDue))
    def record_deposit(booking_id: UUID, body: Annotated[DepositBody, Body()]) -> BookingView:
        with api.write(Permission.MONEY_WRITE) as call:
            done = booking.record_deposit(
                call.session, booking_id, outcome=body.outcome, actor=call.actor, now=call.now
            )
            return call.answer(BookingView.of(done))

    @resolver.put(f"{ONE}/note", tags=["bookings"], responses=changes(BookingNotFound, NoteTooLong))
    def write_note(booking_id: UUID, body: Annotated[NoteBody, Body()]) -> NoteView:
        with api.write(Permission.BOOKINGS_WRITE) as call:
            booking.write_note(call.session, booking_id, body.note, actor=call.actor, now=call.now)
            return call.answer(NoteView(note=body.note))


def _check_may(call: WriteCall, booking_id: UUID, body: PatchBody) -> None:
    """A stylist closes visits of the own diary and does nothing else.

    Raises:
        BookingNotFound: there is none, or it is in another diary: the two are not told apart.
        PermissionDenied: something else is asked for.
    """
    if call.principal.may(Permission.BOOKINGS_WRITE):
        return
    if not booking.get_booking(call.session, booking_id).staff_id == call.principal.staff_id is not None:
        raise BookingNotFound(booking_id)
    if body.status not in {"completed", "no_show"}:
        raise PermissionDenied(call.principal.role, Permission.BOOKINGS_WRITE)


def _change(call: WriteCall, booking_id: UUID, body: PatchBody) -> Booking:
    session, actor, now = call.session, call.actor, call.now
    if body.slot_id is not None:
        return booking.reschedule_booking(session, booking_id, slot_id=body.slot_id, actor=actor, now=now)
    match body.status:
        case "cancelled":
            return booking.cancel_booking(session, booking_id, reason=body.reason, actor=actor, now=now)
        case "completed":
            return booking.complete_booking(session, booking_id, actor=actor, now=now)
        case "no_show":
            return booking.mark_no_show(session, booking_id, actor=actor, now=now)
        case _:
            return _agree(call, booking_id)


def _agree(call: WriteCall, booking_id: UUID) -> Booking:
    """To `confirmed` from wherever the booking stands."""
    match booking.get_booking(call.session, booking_id).status:
        case BookingStatus.CANCELLED:
            return booking.restore_booking(call.session, booking_id, actor=call.actor, now=call.now)
        case BookingStatus.COMPLETED | BookingStatus.NO_SHOW:
            return booking.reopen_booking(call.session, booking_id, actor=call.actor, now=call.now)
        case _:
            return booking.confirm_booking(call.session, booking_id, actor=call.actor, now=call.now)


def _position(cursor: str | None) -> Position | None:
    if cursor is None:
        return None
    return Position(*decode_cursor(cursor, datetime))
