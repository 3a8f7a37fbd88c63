"""Asking a booked client to come a little earlier or later, so that somebody else fits in.

`find_shifts` proposes nothing; it tries moves for real in a savepoint and takes them back. Lock order: the proposal,
then slots, then bookings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from salon.availability import use_cases as availability
from salon.booking import use_cases as booking
from salon.booking.domain import Booking
from salon.booking.errors import OtherService, PolicySenseless
from salon.booking.shifts import domain, events, repository
from salon.booking.shifts.domain import ShiftIdea, ShiftPolicy, ShiftProposal, ShiftStatus
from salon.booking.shifts.errors import ShiftNotAllowed, ShiftNotOpen, ShiftsOff
from salon.booking.waitlist import use_cases as waitlist
from salon.identity.domain import Actor, system
from salon.identity.use_cases import read_settings, record_audit, write_settings
from salon.platform.db import ReadSession, WriteSession
from salon.platform.errors import Refusal
from salon.platform.ids import new_id
from salon.platform.outbox import emit

IDEAS = 5
TRIES = 20  # moves tried for real: bounds the time of a search
AROUND = timedelta(hours=24)  # of a day's shape that a visit may be moved within
ASKED_WITHIN = timedelta(days=30)
DUE_AT_ONCE = 100
SHOWN_AT_ONCE = 50
ACTOR = system("shifts")
TOLD: Mapping[ShiftStatus, type[events.ShiftFact]] = {
    ShiftStatus.PROPOSED: events.ShiftProposed,
    ShiftStatus.ACCEPTED: events.ShiftAccepted,
    ShiftStatus.DECLINED: events.ShiftDeclined,
    ShiftStatus.WITHDRAWN: events.ShiftWithdrawn,
    ShiftStatus.EXPIRED: events.ShiftExpired,
}


def shift_policy(session: ReadSession) -> ShiftPolicy:
    """The tenant's rules: the settings section `shifts`."""
    return domain.policy_from(read_settings(session, domain.SETTINGS))


def change_shift_policy(
    session: WriteSession, values: Mapping[str, Any], *, actor: Actor, now: datetime
) -> ShiftPolicy:
    """Change some of the tenant's rules of asking clients to move; open proposals keep theirs.

    Raises:
        PolicySenseless: a name is not known, or a value makes no sense.
    """
    for name in sorted(values.keys() - ShiftPolicy.__dataclass_fields__.keys()):
        raise PolicySenseless(f"{domain.SETTINGS}.{name}", "is no setting of shifts")
    changed = domain.policy_from({**shift_policy(session).settings(), **values})
    write_settings(session, domain.SETTINGS, changed.settings(), actor=actor, now=now)
    return changed


def find_shifts(
    session: WriteSession,
    *,
    service_id: UUID,
    from_at: datetime,
    to_at: datetime,
    now: datetime,
    extra_min: int = 0,
    location_id: UUID | None = None,
    staff_id: UUID | None = None,
    max_shift_min: int = 60,
    limit: int = IDEAS,
) -> list[ShiftIdea]:
    """Single bookings whose small move, with the same person, would let this service in; the smallest moves first.

    Nothing when the service has a free slot in the window anyway, or the tenant asks nobody. Asked may be who is
    agreed for later than the notice, was neither moved nor asked about this booking, and was not asked too often.
    Each answer was tried: it holds when nothing changes until the client answers.

    Args:
        session: a transaction that may write; everything tried is taken back.
        service_id: what is to fit in.
        from_at: its start at this instant or later, UTC.
        to_at: its start before this instant.
        now: the current instant.
        extra_min: minutes that its options add.
        location_id: at this branch only.
        staff_id: with this person only.
        max_shift_min: how far a booking may move; the tenant's own limit goes before a larger one.
        limit: at most so many answers.
    """
    policy = shift_policy(session)
    wanted = availability.list_free_slots(
        session,
        service_id=service_id,
        staff_id=staff_id,
        location_id=location_id,
        from_at=from_at,
        to_at=to_at,
        now=now,
        extra_min=extra_min,
        limit=1,
    )
    if not policy.enabled or wanted:
        return []
    found: list[ShiftIdea] = []
    seen: set[tuple[UUID, UUID]] = set()
    max_shift = timedelta(minutes=min(max_shift_min, policy.max_shift_min))
    ideas = _ideas(
        session,
        service_id=service_id,
        extra_min=extra_min,
        location_id=location_id,
        staff_id=staff_id,
        window=(max(from_at, now), to_at),
        now=now,
        max_shift=max_shift,
    )
    for tried, idea in enumerate(ideas):
        if len(found) == limit or tried == TRIES:
            break
        if (idea.booking.id, idea.new_slot_id) in seen or not _may_ask(session, idea, now, policy):
            continue
        if _works(session, idea, service_id, extra_min, now):
            found.append(idea)
            seen.add((idea.booking.id, idea.new_slot_id))
    return found


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
    if not _may_ask_client(session, visit.client_id, now, policy, asking=1):
        raise ShiftNotAllowed(booking_id, "asked")
    with _trial(session):  # refuses a time that is not free, with the reason
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


def _ideas(
    session: ReadSession,
    *,
    service_id: UUID,
    extra_min: int,
    location_id: UUID | None,
    staff_id: UUID | None,
    window: tuple[datetime, datetime],
    now: datetime,
    max_shift: timedelta,
) -> list[ShiftIdea]:
    """Moves that look possible by the days' shapes alone."""
    from_at, to_at = window
    starts = repository.list_starts(
        session,
        service_ids=[service_id],
        staff_ids=[staff_id] if staff_id is not None else None,
        location_id=location_id,
        from_at=from_at,
        to_at=to_at,
    )
    wanted = [replace(start, busy=domain.longer(start.busy, extra_min)) for start in starts]
    staff_ids = {start.staff_id for start in wanted}
    if not staff_ids:
        return []
    around = (from_at - AROUND, to_at + AROUND)
    claims = repository.list_claims(session, staff_ids=staff_ids, from_at=around[0], to_at=around[1], now=now)
    slot_ids = {claim.slot_id for claim in claims if claim.slot_id is not None}
    movable = [
        booking.get_booking(session, booking_id)
        for booking_id in repository.list_movable_ids(session, slot_ids, not_before=now)
    ]
    targets = repository.list_starts(
        session,
        service_ids={visit.service_id for visit in movable},
        staff_ids=staff_ids,
        location_id=location_id,
        from_at=max(around[0], now),
        to_at=around[1],
    )
    return domain.find_ideas(wanted, claims, {visit.active_slot_id: visit for visit in movable}, targets, max_shift)


def _may_ask(session: ReadSession, idea: ShiftIdea, now: datetime, policy: ShiftPolicy) -> bool:
    try:
        domain.check_may_ask(idea.booking, idea.new_starts_at, now, policy)
    except ShiftNotAllowed:
        return False
    return _may_ask_client(session, idea.booking.client_id, now, policy, asking=0)


def _may_ask_client(session: ReadSession, client_id: UUID, now: datetime, policy: ShiftPolicy, *, asking: int) -> bool:
    asked, has_declined = repository.count_asked(session, client_id, now - ASKED_WITHIN)
    return not has_declined and asked - asking < policy.per_client_month


def _works(session: WriteSession, idea: ShiftIdea, service_id: UUID, extra_min: int, now: datetime) -> bool:
    """Move the booking, look whether the wanted slot is free, and take it all back."""
    with _trial(session):
        try:
            moved = booking.reschedule_booking(session, idea.booking.id, slot_id=idea.new_slot_id, actor=ACTOR, now=now)
        except Refusal:
            return False
        free = availability.list_free_slots(
            session,
            service_id=service_id,
            staff_id=moved.staff_id,
            location_id=moved.location_id,
            from_at=idea.wanted_starts_at,
            to_at=idea.wanted_starts_at + timedelta(seconds=1),
            now=now,
            extra_min=extra_min,
        )
        return idea.wanted_slot_id in {slot.id for slot in free}


@contextmanager
def _trial(session: WriteSession) -> Iterator[None]:
    """Take back whatever the block does, what it would have told included."""
    told = list(session.info.get("outbox", []))
    savepoint = session.begin_nested()
    try:
        yield
    finally:
        savepoint.rollback()
        session.info["outbox"] = told


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
