"""Holding, confirming, moving and cancelling, and looking at what this session made."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Query
from schemas import BookingOut, HoldIn, PageOut, RescheduleIn

from routes.encode import booking_out, bookings_out, who
from salon.availability.errors import SlotAlreadyTaken, SlotNotFound, SlotNotOffered
from salon.booking import use_cases as booking
from salon.booking.domain import Booking, CancelReason, Position
from salon.booking.errors import (
    AlreadyBooked,
    BookingAlreadyCancelled,
    BookingNotFound,
    BookingNotOpen,
    ClientBusy,
    HoldExpired,
    NoteTooLong,
    OtherService,
    OutsideBookingHorizon,
    PaymentRequired,
    PhoneRequired,
    RescheduleLimitReached,
    SlotInThePast,
    TooLateToReschedule,
    TooManyBookings,
    TooShortNotice,
    VisitBegun,
)
from salon.booking.visitors.errors import TooManyHolds
from salon.booking.visitors.use_cases import (
    get_own_booking,
    hold_for_visitor,
    list_own_bookings,
    move_own_booking,
)
from salon.catalog.errors import OptionNotFound, OptionNotOffered, OptionsExclusive
from salon.clients.errors import PhoneInvalid
from salon.identity.access import Permission
from salon.identity.edge import BOOKINGS, Api, changes, reads
from salon.platform.http import ApiResolver
from salon.platform.metrics import BOOKING_FUNNEL, HOLD_TO_CONFIRM_MS
from salon.platform.pagination import CursorInvalid, decode_cursor, encode_cursor

NOT_BOOKABLE = (SlotNotFound, SlotAlreadyTaken, SlotNotOffered, SlotInThePast, TooShortNotice, OutsideBookingHorizon)
NOT_HOLDABLE = (
    *NOT_BOOKABLE, AlreadyBooked, PhoneRequired, TooManyBookings, ClientBusy, OptionNotFound, OptionNotOffered,
    OptionsExclusive, NoteTooLong, PhoneInvalid, TooManyHolds,
)  # fmt: skip
OVER = (BookingNotFound, BookingAlreadyCancelled, BookingNotOpen)
NO_VARIANT = "none"


def add_bookings(resolver: ApiResolver, api: Api) -> None:
    """One booking at a time."""

    @resolver.post(
        "/v1/bookings",
        status_code=HTTPStatus.CREATED,
        summary="Hold a slot",
        description="The hold ends by itself after some minutes unless it is confirmed.",
        tags=["bookings"],
        responses=changes(*NOT_HOLDABLE, status=HTTPStatus.CREATED),
    )
    def post_booking(body: HoldIn) -> BookingOut:
        with api.write(Permission.SELF_BOOK, quota=BOOKINGS) as call:
            held = hold_for_visitor(
                call.session,
                call.principal,
                slot_id=body.slot_id,
                who=who(body.client),
                option_ids=body.option_ids,
                note=body.note,
                now=call.now,
            )
            _count(api, "held", held)
            return call.answer(booking_out(api, call.session, call.principal, held))

    @resolver.post(
        "/v1/bookings/<booking_id>/confirm",
        summary="Confirm a hold",
        tags=["bookings"],
        responses=changes(*OVER, HoldExpired, PaymentRequired),
    )
    def post_confirm(booking_id: UUID) -> BookingOut:
        with api.write(Permission.SELF_BOOK) as call:
            get_own_booking(call.session, call.principal, booking_id)
            agreed = booking.confirm_booking(call.session, booking_id, actor=call.actor, now=call.now)
            _count(api, "confirmed", agreed)
            return call.answer(booking_out(api, call.session, call.principal, agreed))

    @resolver.post(
        "/v1/bookings/<booking_id>/cancel",
        summary="Cancel a hold or a booking",
        tags=["bookings"],
        responses=changes(*OVER, VisitBegun),
    )
    def post_cancel(booking_id: UUID) -> BookingOut:
        with api.write(Permission.SELF_BOOK) as call:
            get_own_booking(call.session, call.principal, booking_id)
            cancelled = booking.cancel_booking(
                call.session, booking_id, reason=CancelReason.CLIENT, actor=call.actor, now=call.now
            )
            _count(api, "cancelled", cancelled)
            return call.answer(booking_out(api, call.session, call.principal, cancelled))

    @resolver.post(
        "/v1/bookings/<booking_id>/reschedule",
        summary="Move a booking to another slot",
        tags=["bookings"],
        responses=changes(
            *OVER,
            *NOT_BOOKABLE,
            HoldExpired,
            AlreadyBooked,
            OtherService,
            TooLateToReschedule,
            RescheduleLimitReached,
            ClientBusy,
        ),
    )
    def post_reschedule(booking_id: UUID, body: RescheduleIn) -> BookingOut:
        with api.write(Permission.SELF_BOOK, quota=BOOKINGS) as call:
            moved = move_own_booking(call.session, call.principal, booking_id, slot_id=body.slot_id, now=call.now)
            _count(api, "rescheduled", moved)
            return call.answer(booking_out(api, call.session, call.principal, moved))

    @resolver.get(
        "/v1/bookings/<booking_id>", summary="Look at a booking", tags=["bookings"], responses=reads(BookingNotFound)
    )
    def get_booking(booking_id: UUID) -> BookingOut:
        with api.read(Permission.SELF_BOOK) as call:
            found = get_own_booking(call.session, call.principal, booking_id)
            return booking_out(api, call.session, call.principal, found)

    @resolver.get(
        "/v1/bookings", summary="List this session's bookings", tags=["bookings"], responses=reads(CursorInvalid)
    )
    def get_bookings(
        cursor: Annotated[str | None, Query(max_length=512)] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> PageOut:
        with api.read(Permission.SELF_BOOK) as call:
            page = list_own_bookings(call.session, call.principal, after=position_of(cursor), limit=limit)
            after = page.next
            return PageOut(
                bookings=bookings_out(api, call.session, call.principal, page.bookings),
                next_cursor=encode_cursor(after.starts_at, after.booking_id) if after is not None else None,
            )


def position_of(cursor: str | None) -> Position | None:
    """Where a page begins.

    Raises:
        CursorInvalid: no page has given this cursor.
    """
    if not cursor:
        return None
    return Position(*decode_cursor(cursor, datetime))


def _count(api: Api, step: str, one: Booking) -> None:
    variant = one.variant or NO_VARIANT
    api.metrics.count(BOOKING_FUNNEL, kind=step, variant=variant)
    if step == "confirmed" and one.hold_to_confirm_ms is not None:
        api.metrics.timing_ms(HOLD_TO_CONFIRM_MS, one.hold_to_confirm_ms, variant=variant)
