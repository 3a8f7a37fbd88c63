"""The waiting list."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from schemas import BookingOut, WaitIn, WaitOut

from routes.bookings import OVER
from routes.encode import booking_out, who
from salon.booking.errors import HoldExpired, PaymentRequired, PhoneRequired
from salon.booking.visitors.use_cases import clock_of, get_own_entry, join_as_visitor, list_own_entries
from salon.booking.waitlist.domain import Wanted
from salon.booking.waitlist.errors import (
    NothingOffered,
    WaitlistClosed,
    WaitlistEntryNotFound,
    WaitlistEntryNotOpen,
    WaitlistFull,
    WaitlistWindowSenseless,
)
from salon.booking.waitlist.use_cases import accept_offer, decline_offer, leave_waitlist
from salon.catalog.errors import (
    LocationNotFound,
    OptionNotFound,
    OptionNotOffered,
    OptionsExclusive,
    ServiceNotFound,
    StaffNotFound,
)
from salon.clients.errors import PhoneInvalid
from salon.identity.access import Permission
from salon.identity.edge import BOOKINGS, Api, changes, reads
from salon.platform.http import ApiResolver
from salon.platform.http_fields import instant_of
from salon.platform.timeranges import UnknownTimezone


def add_waiting(resolver: ApiResolver, api: Api) -> None:
    """Joining, looking, leaving; taking or leaving what is offered."""

    @resolver.post(
        "/v1/waitlist",
        status_code=HTTPStatus.CREATED,
        summary="Wait for a slot",
        tags=["waitlist"],
        responses=changes(
            WaitlistClosed,
            WaitlistFull,
            WaitlistWindowSenseless,
            ServiceNotFound,
            StaffNotFound,
            LocationNotFound,
            OptionNotFound,
            OptionNotOffered,
            OptionsExclusive,
            PhoneInvalid,
            PhoneRequired,
            UnknownTimezone,
            status=HTTPStatus.CREATED,
        ),
    )
    def post_entry(body: WaitIn) -> WaitOut:
        with api.write(Permission.SELF_BOOK, quota=BOOKINGS) as call:
            clock = body.timezone or clock_of(call.session, body.service_id, body.location_id)
            wanted = Wanted(
                service_id=body.service_id,
                location_id=body.location_id,
                staff_id=body.staff_id,
                option_ids=tuple(body.option_ids),
                from_at=instant_of(body.from_at, clock),
                to_at=instant_of(body.to_at, clock),
                day_from_min=body.day_from_min,
                day_to_min=body.day_to_min,
            )
            entry = join_as_visitor(call.session, call.principal, wanted, who=who(body.client), now=call.now)
            return call.answer(WaitOut.of(entry))

    @resolver.get("/v1/waitlist", summary="List what this session waits for", tags=["waitlist"], responses=reads())
    def get_entries() -> list[WaitOut]:
        with api.read(Permission.SELF_BOOK) as call:
            return [WaitOut.of(entry) for entry in list_own_entries(call.session, call.principal)]

    @resolver.delete(
        "/v1/waitlist/<entry_id>",
        summary="Wait no longer",
        tags=["waitlist"],
        responses=changes(WaitlistEntryNotFound, WaitlistEntryNotOpen, *OVER),
    )
    def delete_entry(entry_id: UUID) -> WaitOut:
        with api.write(Permission.SELF_BOOK) as call:
            get_own_entry(call.session, call.principal, entry_id)
            return call.answer(WaitOut.of(leave_waitlist(call.session, entry_id, actor=call.actor, now=call.now)))

    @resolver.post(
        "/v1/waitlist/<entry_id>/accept",
        summary="Take what is offered",
        tags=["waitlist"],
        responses=changes(WaitlistEntryNotFound, NothingOffered, HoldExpired, PaymentRequired, *OVER),
    )
    def post_accept(entry_id: UUID) -> BookingOut:
        with api.write(Permission.SELF_BOOK) as call:
            get_own_entry(call.session, call.principal, entry_id)
            taken = accept_offer(call.session, entry_id, actor=call.actor, now=call.now)
            return call.answer(booking_out(api, call.session, call.principal, taken))

    @resolver.post(
        "/v1/waitlist/<entry_id>/decline",
        summary="Leave what is offered, and wait on",
        tags=["waitlist"],
        responses=changes(WaitlistEntryNotFound, NothingOffered, *OVER),
    )
    def post_decline(entry_id: UUID) -> WaitOut:
        with api.write(Permission.SELF_BOOK) as call:
            get_own_entry(call.session, call.principal, entry_id)
            return call.answer(WaitOut.of(decline_offer(call.session, entry_id, actor=call.actor, now=call.now)))
