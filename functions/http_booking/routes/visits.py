"""Several services in a row."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from schemas import SlotOut, VisitIn, VisitOfferOut, VisitOffersOut, VisitOut, VisitSearchIn

from routes.bookings import NOT_HOLDABLE, OVER
from routes.encode import visit_out, who
from salon.booking import use_cases as booking
from salon.booking.domain import CancelReason
from salon.booking.errors import HoldExpired, PaymentRequired, VisitBegun, VisitNotFound, VisitSenseless
from salon.booking.visitors.use_cases import VisitSearch, find_visits, get_own_visit, hold_visit_for_visitor
from salon.catalog.errors import LocationNotFound, OptionNotFound, OptionNotOffered, OptionsExclusive, ServiceNotFound
from salon.identity.access import Permission
from salon.identity.edge import BOOKINGS, Api, Quota, changes, reads
from salon.platform.http import ApiResolver
from salon.platform.timeranges import UnknownTimezone

_A_MINUTE = timedelta(minutes=1)
SEARCHES = Quota("search", lambda settings: max(1, settings.reads_per_minute // 6))  # it costs what many GETs do


def add_visits(resolver: ApiResolver, api: Api) -> None:
    """Looking for a chain, holding it, confirming and cancelling all of it."""

    @resolver.post(
        "/v1/visits/search",
        summary="Find several services in a row",
        tags=["visits"],
        responses=reads(
            VisitSenseless,
            ServiceNotFound,
            LocationNotFound,
            OptionNotFound,
            OptionNotOffered,
            OptionsExclusive,
            UnknownTimezone,
        ),
        openapi_extensions={"x-repeatable": True},
    )
    def search_visits(body: VisitSearchIn) -> VisitOffersOut:
        with api.read(Permission.SELF_BOOK, quota=SEARCHES) as call:
            search = VisitSearch(
                wishes=tuple((one.service_id, one.staff_id, tuple(one.option_ids)) for one in body.wishes),
                on=body.on,
                location_id=body.location_id,
                timezone=body.timezone,
                any_order=body.any_order,
            )
            found = find_visits(call.session, search, now=call.now)
            return VisitOffersOut(
                offers=[
                    VisitOfferOut(
                        slots=[SlotOut.of(slot, body.timezone or found.timezone, None) for slot in offer.slots],
                        wait_min=int(offer.wait / _A_MINUTE),
                    )
                    for offer in found.offers
                ]
            )

    @resolver.post(
        "/v1/visits",
        status_code=HTTPStatus.CREATED,
        summary="Hold several slots in a row, all or none",
        tags=["visits"],
        responses=changes(*NOT_HOLDABLE, VisitSenseless, status=HTTPStatus.CREATED),
    )
    def post_visit(body: VisitIn) -> VisitOut:
        with api.write(Permission.SELF_BOOK, quota=BOOKINGS) as call:
            held = hold_visit_for_visitor(
                call.session,
                call.principal,
                slot_ids=[part.slot_id for part in body.parts],
                option_ids=[part.option_ids for part in body.parts],
                who=who(body.client),
                note=body.note,
                now=call.now,
            )
            return call.answer(visit_out(api, call.session, call.principal, held))

    @resolver.get("/v1/visits/<visit_id>", summary="Look at a visit", tags=["visits"], responses=reads(VisitNotFound))
    def get_visit(visit_id: UUID) -> VisitOut:
        with api.read(Permission.SELF_BOOK) as call:
            found = get_own_visit(call.session, call.principal, visit_id)
            return visit_out(api, call.session, call.principal, found)

    @resolver.post(
        "/v1/visits/<visit_id>/confirm",
        summary="Confirm a visit, all or nothing",
        tags=["visits"],
        responses=changes(VisitNotFound, *OVER, HoldExpired, PaymentRequired),
    )
    def post_confirm_visit(visit_id: UUID) -> VisitOut:
        with api.write(Permission.SELF_BOOK) as call:
            get_own_visit(call.session, call.principal, visit_id)
            agreed = booking.confirm_visit(call.session, visit_id, actor=call.actor, now=call.now)
            return call.answer(visit_out(api, call.session, call.principal, agreed))

    @resolver.post(
        "/v1/visits/<visit_id>/cancel",
        summary="Cancel what is ahead of a visit",
        tags=["visits"],
        responses=changes(VisitNotFound, *OVER, VisitBegun),
    )
    def post_cancel_visit(visit_id: UUID) -> VisitOut:
        with api.write(Permission.SELF_BOOK) as call:
            get_own_visit(call.session, call.principal, visit_id)
            cancelled = booking.cancel_visit(
                call.session, visit_id, reason=CancelReason.CLIENT, actor=call.actor, now=call.now
            )
            return call.answer(visit_out(api, call.session, call.principal, cancelled))
