"""The waiting list, shifts that clients are asked for, and the day when somebody is ill."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from pydantic import BaseModel, Field, StrictInt

from salon.availability.domain import Slot
from salon.availability.errors import SlotAlreadyTaken, SlotNotFound
from salon.booking.bulk import use_cases as bulk
from salon.booking.bulk.domain import AbsenceMode, AffectedBooking, Outcome
from salon.booking.errors import BookingNotFound, HoldExpired, OtherService, PaymentRequired, PhoneRequired
from salon.booking.shifts import use_cases as shifts
from salon.booking.shifts.domain import ShiftProposal, ShiftStatus
from salon.booking.shifts.errors import (
    ShiftAlreadyProposed,
    ShiftNotAllowed,
    ShiftNotFound,
    ShiftNotOpen,
    ShiftsOff,
    ShiftWindowSenseless,
)
from salon.booking.waitlist import use_cases as waitlist
from salon.booking.waitlist.domain import WaitlistEntry, WaitlistStatus
from salon.booking.waitlist.errors import (
    NothingOffered,
    WaitlistClosed,
    WaitlistEntryNotFound,
    WaitlistEntryNotOpen,
    WaitlistFull,
    WaitlistWindowSenseless,
)
from salon.catalog import use_cases as catalog
from salon.catalog.errors import LocationNotFound, ServiceNotFound, StaffNotFound
from salon.clients.errors import ClientErased, ClientNotFound
from salon.identity.access import Permission, Principal, require
from salon.identity.edge import Api, changes, reads
from salon.platform.db import ReadSession
from salon.platform.http import ApiResolver
from salon.platform.http_fields import Instant, Zone
from salon.platform.timeranges import UnknownTimezone
from staff_api.booking_view import BookingView
from staff_api.bookings import CHANNEL, OPTIONS, OVER, TAKING
from staff_api.common import REPEATABLE, STRICT, Items, ZoneNeeded, instant

ENTRY = "/admin/v1/waitlist/<entry_id>"
PROPOSAL = "/admin/v1/shift-proposals/<proposal_id>"


class JoinBody(BaseModel):
    """Who waits for what, and when it may be."""

    model_config = STRICT

    client_id: UUID
    service_id: UUID
    staff_id: UUID | None = None
    location_id: UUID | None = None
    option_ids: list[UUID] = Field(default_factory=list, max_length=20)
    from_at: Instant
    to_at: Instant
    timezone: Zone | None = None
    day_from_min: StrictInt | None = Field(default=None, ge=0, le=1440, description="Earliest start, minute of day.")
    day_to_min: StrictInt | None = Field(default=None, ge=0, le=1440, description="Latest start, minute of day.")


class IdeasBody(BaseModel):
    """A service that has no free slot, and when it is wanted."""

    model_config = STRICT

    service_id: UUID
    from_at: Instant
    to_at: Instant
    timezone: Zone | None = None
    location_id: UUID | None = None
    staff_id: UUID | None = None
    extra_min: StrictInt = Field(default=0, ge=-720, le=720)
    max_shift_min: StrictInt = Field(default=60, ge=5, le=240)


class IdeaView(BaseModel):
    """One booking that would have to move, and the slot that this makes free."""

    booking_id: UUID
    new_slot_id: UUID
    new_starts_at: datetime
    wanted_slot_id: UUID
    wanted_starts_at: datetime
    moved_min: int


class ProposeBody(BaseModel):
    """Which client is asked to come when, and what for."""

    model_config = STRICT

    booking_id: UUID
    new_slot_id: UUID
    incentive_minor: StrictInt | None = Field(default=None, ge=0, le=100_000_000)
    waitlist_entry_id: UUID | None = None


class AbsenceBody(BaseModel):
    """Who will be absent when; `move` moves at once whoever can keep their time with somebody else."""

    model_config = STRICT

    staff_id: UUID
    from_at: Instant
    to_at: Instant
    timezone: Zone | None = None
    mode: AbsenceMode = AbsenceMode.PROPOSE


class AffectedView(BaseModel):
    """A booking that cannot stay, and what to offer instead."""

    booking: BookingView
    alternatives: list[Slot]
    outcome: Outcome

    @classmethod
    def of(cls, one: AffectedBooking) -> AffectedView:
        """The view of an affected booking."""
        return cls(booking=BookingView.of(one.booking), alternatives=list(one.alternatives), outcome=one.reason)


class AbsenceView(BaseModel):
    """What was done about an absence."""

    affected: list[AffectedView]
    moved: int
    told: int


def add_waiting_routes(resolver: ApiResolver, api: Api) -> None:
    """`/waitlist`, `/shift-proposals` and `/absences`."""
    _add_waitlist(resolver, api)
    _add_answers(resolver, api)
    _add_proposals(resolver, api)
    _add_absences(resolver, api)


def _add_waitlist(resolver: ApiResolver, api: Api) -> None:
    @resolver.get("/admin/v1/waitlist", tags=["waitlist"], responses=reads())
    def list_waitlist(
        *,
        status: Annotated[list[WaitlistStatus] | None, Query()] = None,
        client_id: Annotated[UUID | None, Query()] = None,
        service_id: Annotated[UUID | None, Query()] = None,
        location_id: Annotated[UUID | None, Query()] = None,
        staff_id: Annotated[UUID | None, Query()] = None,
        after: Annotated[UUID | None, Query(description="The last id of the page before.")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Items[WaitlistEntry]:
        with api.read(Permission.WAITLIST_READ) as call:
            found = waitlist.list_waitlist(
                call.session,
                statuses=tuple(status or ()),
                client_id=client_id,
                service_id=service_id,
                location_id=location_id,
                staff_id=staff_id,
                after=after,
                limit=limit,
            )
            return Items(items=found)

    @resolver.post(
        "/admin/v1/waitlist",
        tags=["waitlist"],
        status_code=201,
        responses=changes(
            ClientNotFound,
            ServiceNotFound,
            StaffNotFound,
            LocationNotFound,
            *OPTIONS,
            WaitlistWindowSenseless,
            WaitlistFull,
            WaitlistClosed,
            PhoneRequired,
            ClientErased,
            UnknownTimezone,
            ZoneNeeded,
            status=201,
        ),
    )
    def join_waitlist(body: Annotated[JoinBody, Body()]) -> WaitlistEntry:
        with api.write(Permission.WAITLIST_WRITE) as call:
            entry = waitlist.join_waitlist(
                call.session,
                client_id=body.client_id,
                service_id=body.service_id,
                staff_id=body.staff_id,
                location_id=body.location_id,
                option_ids=body.option_ids,
                from_at=instant(call.session, body.from_at, body.timezone, body.location_id),
                to_at=instant(call.session, body.to_at, body.timezone, body.location_id),
                day_from_min=body.day_from_min,
                day_to_min=body.day_to_min,
                channel=CHANNEL,
                actor=call.actor,
                now=call.now,
            )
            return call.answer(entry)

    @resolver.get(ENTRY, tags=["waitlist"], responses=reads(WaitlistEntryNotFound))
    def get_entry(entry_id: UUID) -> WaitlistEntry:
        with api.read(Permission.WAITLIST_READ) as call:
            return waitlist.get_entry(call.session, entry_id)

    @resolver.delete(ENTRY, tags=["waitlist"], responses=changes(WaitlistEntryNotFound, WaitlistEntryNotOpen))
    def leave_waitlist(entry_id: UUID) -> WaitlistEntry:
        with api.write(Permission.WAITLIST_WRITE) as call:
            return call.answer(waitlist.leave_waitlist(call.session, entry_id, actor=call.actor, now=call.now))


def _add_answers(resolver: ApiResolver, api: Api) -> None:
    @resolver.post(
        f"{ENTRY}/accept",
        tags=["waitlist"],
        responses=changes(WaitlistEntryNotFound, NothingOffered, HoldExpired, PaymentRequired),
    )
    def accept_offer(entry_id: UUID) -> BookingView:
        with api.write(Permission.WAITLIST_WRITE) as call:
            made = waitlist.accept_offer(call.session, entry_id, actor=call.actor, now=call.now)
            return call.answer(BookingView.of(made))

    @resolver.post(f"{ENTRY}/decline", tags=["waitlist"], responses=changes(WaitlistEntryNotFound, NothingOffered))
    def decline_offer(entry_id: UUID) -> WaitlistEntry:
        with api.write(Permission.WAITLIST_WRITE) as call:
            return call.answer(waitlist.decline_offer(call.session, entry_id, actor=call.actor, now=call.now))


def _add_proposals(resolver: ApiResolver, api: Api) -> None:
    @resolver.post(
        "/admin/v1/shift-proposals/find",
        tags=["shift proposals"],
        responses=reads(ServiceNotFound, LocationNotFound, ShiftWindowSenseless, UnknownTimezone, ZoneNeeded),
        openapi_extensions=REPEATABLE,
    )
    def find_shifts(body: Annotated[IdeasBody, Body()]) -> Items[IdeaView]:
        with api.touch(Permission.BOOKINGS_BULK) as call:
            ideas = shifts.find_shifts(
                call.session,
                service_id=body.service_id,
                from_at=instant(call.session, body.from_at, body.timezone, body.location_id),
                to_at=instant(call.session, body.to_at, body.timezone, body.location_id),
                now=call.now,
                extra_min=body.extra_min,
                location_id=body.location_id,
                staff_id=body.staff_id,
                max_shift_min=body.max_shift_min,
            )
            found = [
                IdeaView(
                    booking_id=idea.booking.id,
                    new_slot_id=idea.new_slot_id,
                    new_starts_at=idea.new_starts_at,
                    wanted_slot_id=idea.wanted_slot_id,
                    wanted_starts_at=idea.wanted_starts_at,
                    moved_min=int(idea.moved.total_seconds()) // 60,
                )
                for idea in ideas
            ]
            return Items(items=found)

    @resolver.get("/admin/v1/shift-proposals", tags=["shift proposals"], responses=reads())
    def list_shifts(
        booking_id: Annotated[UUID | None, Query()] = None,
        status: Annotated[list[ShiftStatus] | None, Query()] = None,
        after: Annotated[UUID | None, Query(description="The last id of the page before.")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Items[ShiftProposal]:
        with api.read(Permission.BOOKINGS_READ) as call:
            found = shifts.list_shifts(
                call.session, booking_id=booking_id, statuses=tuple(status or ()), after=after, limit=limit
            )
            return Items(items=found)

    @resolver.post(
        "/admin/v1/shift-proposals",
        tags=["shift proposals"],
        status_code=201,
        responses=changes(
            BookingNotFound,
            SlotNotFound,
            WaitlistEntryNotFound,
            ShiftsOff,
            ShiftNotAllowed,
            ShiftAlreadyProposed,
            OtherService,
            SlotAlreadyTaken,
            status=201,
        ),
    )
    def propose_shift(body: Annotated[ProposeBody, Body()]) -> ShiftProposal:
        with api.write(Permission.BOOKINGS_BULK) as call:
            _check_incentive(call.session, call.principal, body.incentive_minor)
            made = shifts.propose_shift(
                call.session,
                booking_id=body.booking_id,
                new_slot_id=body.new_slot_id,
                incentive_minor=body.incentive_minor,
                waitlist_entry_id=body.waitlist_entry_id,
                actor=call.actor,
                now=call.now,
            )
            return call.answer(made)

    @resolver.post(
        f"{PROPOSAL}/accept", tags=["shift proposals"], responses=changes(ShiftNotFound, ShiftNotOpen, *OVER, *TAKING)
    )
    def accept_shift(proposal_id: UUID) -> BookingView:
        with api.write(Permission.BOOKINGS_BULK) as call:
            moved = shifts.accept_shift(call.session, proposal_id, actor=call.actor, now=call.now)
            return call.answer(BookingView.of(moved))

    @resolver.post(f"{PROPOSAL}/decline", tags=["shift proposals"], responses=changes(ShiftNotFound, ShiftNotOpen))
    def decline_shift(proposal_id: UUID) -> ShiftProposal:
        with api.write(Permission.BOOKINGS_BULK) as call:
            return call.answer(shifts.decline_shift(call.session, proposal_id, actor=call.actor, now=call.now))

    @resolver.delete(PROPOSAL, tags=["shift proposals"], responses=changes(ShiftNotFound, ShiftNotOpen))
    def withdraw_shift(proposal_id: UUID) -> ShiftProposal:
        with api.write(Permission.BOOKINGS_BULK) as call:
            return call.answer(shifts.withdraw_shift(call.session, proposal_id, actor=call.actor, now=call.now))


def _check_incentive(session: ReadSession, principal: Principal, incentive_minor: int | None) -> None:
    """Refuse to give away more than the salon's own figure to whoever is not trusted with money.

    Raises:
        PermissionDenied: it is more.
    """
    if incentive_minor is not None and incentive_minor > shifts.shift_policy(session).incentive_minor:
        require(principal, Permission.MONEY_WRITE)


def _add_absences(resolver: ApiResolver, api: Api) -> None:
    @resolver.post(
        "/admin/v1/absences/plan",
        tags=["absences"],
        responses=reads(StaffNotFound, UnknownTimezone),
        openapi_extensions=REPEATABLE,
    )
    def plan_absence(body: Annotated[AbsenceBody, Body()]) -> Items[AffectedView]:
        with api.read(Permission.BOOKINGS_BULK) as call:
            from_at, to_at = _stretch(call.session, body)
            plan = bulk.plan_absence(call.session, body.staff_id, from_at, to_at, now=call.now)
            return Items(items=[AffectedView.of(one) for one in plan])

    @resolver.post("/admin/v1/absences", tags=["absences"], responses=changes(StaffNotFound, UnknownTimezone))
    def carry_out_absence(body: Annotated[AbsenceBody, Body()]) -> AbsenceView:
        with api.write(Permission.BOOKINGS_BULK) as call:
            from_at, to_at = _stretch(call.session, body)
            report = bulk.carry_out_absence(
                call.session,
                body.staff_id,
                from_at,
                to_at,
                mode=body.mode,
                actor=call.actor,
                now=call.now,
            )
            affected = [AffectedView.of(one) for one in report.affected]
            return call.answer(AbsenceView(affected=affected, moved=report.moved, told=report.told))


def _stretch(session: ReadSession, body: AbsenceBody) -> tuple[datetime, datetime]:
    """From and until when somebody is absent, by the clock of their home branch where no offset says otherwise."""
    home = catalog.get_staff(session, body.staff_id).location_id
    return instant(session, body.from_at, body.timezone, home), instant(session, body.to_at, body.timezone, home)
