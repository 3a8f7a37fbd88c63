"""The life of a proposal. Lock order: the proposal, then slots, then bookings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from salon.availability import use_cases as availability
from salon.booking import use_cases as booking
from salon.booking.domain import Booking
from salon.booking.errors import OtherService
from salon.booking.shifts import domain, events, repository
from salon.booking.shifts.domain import ShiftProposal, ShiftStatus
from salon.booking.shifts.errors import ShiftNotAllowed, ShiftNotOpen, ShiftsOff
from salon.booking.shifts.use_cases.finding import ACTOR, may_ask_client, trial
from salon.booking.shifts.use_cases.policy import shift_policy
from salon.booking.waitlist import use_cases as waitlist
from salon.identity.domain import Actor
from salon.identity.use_cases import record_audit
from salon.platform.db import ReadSession, WriteSession
from salon.platform.ids import new_id
from salon.platform.outbox import emit

DUE_AT_ONCE = 100
SHOWN_AT_ONCE = 50
TOLD: Mapping[ShiftStatus, type[events.ShiftFact]] = {
    ShiftStatus.PROPOSED: events.ShiftProposed,
    ShiftStatus.ACCEPTED: events.ShiftAccepted,
    ShiftStatus.DECLINED: events.ShiftDeclined,
    ShiftStatus.WITHDRAWN: events.ShiftWithdrawn,
    ShiftStatus.EXPIRED: events.ShiftExpired,
}


def propose_shift(
    session: WriteSession,
    *,
    booking_id: UUID,
    new_slot_id: UUID,
    incentive_minor: int | None = None,
    waitlist_entry_id: UUID | None = None,
    actor: Actor,
    now: datetime,
) -> ShiftProposal:
    """Ask a booked client to come at another time, for `incentive_minor` less (None takes the tenant's own figure).

    Nothing is held meanwhile: whoever is quicker gets the new time, and the client keeps the old one.

    Raises:
        BookingNotFound, SlotNotFound, WaitlistEntryNotFound: there is none.
        ShiftsOff: the tenant asks nobody.
        ShiftNotAllowed: this booking is not to be moved that way; says why.
        ShiftAlreadyProposed: the client is being asked already.
        OtherService: the slot is of another service.
        SlotAlreadyTaken: the new time is not free.
        PolicySenseless: the incentive is not a sum.
    """
    policy = shift_policy(session)
    if not policy.enabled:
        raise ShiftsOff
    visit = booking.get_booking(session, booking_id)
    slot = availability.get_slot(session, new_slot_id)
    if slot.service_id != visit.service_id:
        raise OtherService(booking_id, new_slot_id)
    domain.check_may_ask(visit, slot.starts_at, now, policy)
    if (slot.staff_id, slot.location_id) != (visit.staff_id, visit.location_id):
        raise ShiftNotAllowed(booking_id, "staff")
    if repository.was_moved(session, booking_id):
        raise ShiftNotAllowed(booking_id, "moved")
    if waitlist_entry_id is not None:
        waitlist.get_entry(session, waitlist_entry_id)
    offered = domain.policy_from({**policy.settings(), "incentive_minor": incentive_minor or 0})
    proposal = ShiftProposal(
        id=new_id(),
        booking_id=booking_id,
        old_slot_id=visit.active_slot_id,
        new_slot_id=new_slot_id,
        waitlist_entry_id=waitlist_entry_id,
        incentive_minor=policy.incentive_minor if incentive_minor is None else offered.incentive_minor,
        status=ShiftStatus.PROPOSED,
        created_at=now,
        expires_at=domain.answer_until(visit, slot.starts_at, now, policy),
    )
    repository.add_proposal(session, proposal)
    if not may_ask_client(session, visit.client_id, now, policy, asking=1):
        raise ShiftNotAllowed(booking_id, "asked")
    with trial(session):  # refuses a time that is not free, with the reason
        booking.reschedule_booking(session, booking_id, slot_id=new_slot_id, actor=ACTOR, now=now)
    _record(
        session,
        proposal,
        visit,
        actor,
        now,
        starts_at=visit.starts_at,
        new_starts_at=slot.starts_at,
        incentive_minor=proposal.incentive_minor,
        expires_at=proposal.expires_at,
    )
    return proposal


def accept_shift(session: WriteSession, proposal_id: UUID, *, actor: Actor, now: datetime) -> Booking:
    """Come at the new time, for less; whoever it was for is offered the time that this makes free.

    The move is the salon's wish and does not count against how often the client may move. Accepting again finds the
    booking.

    Raises:
        ShiftNotFound: there is none.
        ShiftNotOpen: it was answered or withdrawn, has run out, or the booking has moved since.
        SlotAlreadyTaken, SlotNotOffered, SlotNotFound: the new time is gone; the old one is kept.
        BookingAlreadyCancelled, BookingNotOpen: the booking is over.
    """
    proposal = repository.lock_proposal(session, proposal_id)
    visit = booking.get_booking(session, proposal.booking_id)
    if proposal.status is ShiftStatus.ACCEPTED:
        return visit
    domain.check_open(proposal, now)
    if visit.slot_id != proposal.old_slot_id:
        raise ShiftNotOpen(proposal_id, "outdated")
    moved = booking.reschedule_booking(
        session,
        visit.id,
        slot_id=proposal.new_slot_id,
        actor=ACTOR,
        now=now,
        incentive_minor=visit.incentive_minor + proposal.incentive_minor,
    )
    _decide(session, proposal, ShiftStatus.ACCEPTED, actor, now)
    if proposal.waitlist_entry_id is not None:
        waitlist.fill_entry(session, proposal.waitlist_entry_id, now=now)
    return moved


def decline_shift(session: WriteSession, proposal_id: UUID, *, actor: Actor, now: datetime) -> ShiftProposal:
    """Come as agreed. The client is not asked again for 30 days.

    Raises:
        ShiftNotFound: there is none.
        ShiftNotOpen: it was answered or withdrawn, or has run out.
    """
    return _close(session, proposal_id, ShiftStatus.DECLINED, actor, now)


def withdraw_shift(session: WriteSession, proposal_id: UUID, *, actor: Actor, now: datetime) -> ShiftProposal:
    """Ask no more.

    Raises:
        ShiftNotFound: there is none.
        ShiftNotOpen: it was answered or has run out.
    """
    return _close(session, proposal_id, ShiftStatus.WITHDRAWN, actor, now)


def expire_shifts(session: WriteSession, *, now: datetime, limit: int = DUE_AT_ONCE) -> int:
    """End this tenant's proposals that nobody answered in time; how many."""
    done = 0
    for proposal_id in repository.list_expired_ids(session, now, limit):
        proposal = repository.lock_proposal(session, proposal_id)
        if proposal.status is ShiftStatus.PROPOSED:
            _decide(session, proposal, ShiftStatus.EXPIRED, ACTOR, now)
            done += 1
    return done


def get_shift(session: ReadSession, proposal_id: UUID) -> ShiftProposal:
    """A proposal.

    Raises:
        ShiftNotFound: there is none.
    """
    return repository.get_proposal(session, proposal_id)


def list_shifts(
    session: ReadSession,
    *,
    booking_id: UUID | None = None,
    statuses: Collection[ShiftStatus] = (),
    after: UUID | None = None,
    limit: int = SHOWN_AT_ONCE,
) -> list[ShiftProposal]:
    """Proposals, the oldest first; no statuses means all. `after` is the last id of the page before."""
    return repository.list_proposals(session, booking_id=booking_id, statuses=statuses, after=after, limit=limit)


def list_due_shifts(session: ReadSession, *, now: datetime, limit: int = DUE_AT_ONCE) -> list[tuple[UUID, UUID]]:
    """(tenant_id, proposal_id) of all tenants that nobody answered in time; the timer works each tenant by itself."""
    return repository.list_due(session, now, limit)


def _close(session: WriteSession, proposal_id: UUID, status: ShiftStatus, actor: Actor, now: datetime) -> ShiftProposal:
    proposal = repository.lock_proposal(session, proposal_id)
    if proposal.status is status:
        return proposal
    domain.check_open(proposal, now)
    return _decide(session, proposal, status, actor, now)


def _decide(
    session: WriteSession, proposal: ShiftProposal, status: ShiftStatus, actor: Actor, now: datetime
) -> ShiftProposal:
    decided = replace(proposal, status=status, decided_at=now)
    repository.decide(session, decided)
    _record(session, decided, booking.get_booking(session, proposal.booking_id), actor, now)
    return decided


def _record(
    session: WriteSession, proposal: ShiftProposal, visit: Booking, actor: Actor, now: datetime, **more: object
) -> None:
    """Tell and audit what a proposal has become."""
    kind = TOLD[proposal.status]
    about = {
        "occurred_at": now,
        "proposal_id": proposal.id,
        "booking_id": proposal.booking_id,
        "client_id": visit.client_id,
        "new_slot_id": proposal.new_slot_id,
        "waitlist_entry_id": proposal.waitlist_entry_id,
    }
    record_audit(
        session,
        action=kind.name,
        subject="shift_proposal",
        subject_id=proposal.id,
        actor=actor,
        now=now,
        data={"booking_id": proposal.booking_id, "status": proposal.status},
    )
    emit(session, kind.model_validate({**about, **more}))
