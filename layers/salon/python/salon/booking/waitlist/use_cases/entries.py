"""The life of an entry.

Lock order: an entry first, then slots, then bookings (see `salon.booking.use_cases`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from salon.booking import use_cases as booking
from salon.booking.domain import Booking, BookingStatus, CancelReason
from salon.booking.errors import PhoneRequired, PolicySenseless
from salon.booking.waitlist import domain, events, repository
from salon.booking.waitlist.domain import WaitlistEntry, WaitlistPolicy, WaitlistStatus, Wanted
from salon.booking.waitlist.errors import (
    NothingOffered,
    WaitlistClosed,
    WaitlistEntryNotOpen,
    WaitlistFull,
)
from salon.catalog import use_cases as catalog
from salon.clients import use_cases as clients
from salon.clients.errors import ClientErased
from salon.identity.domain import Actor, system
from salon.identity.use_cases import read_settings, record_audit, write_settings
from salon.platform.db import ReadSession, WriteSession
from salon.platform.ids import new_id
from salon.platform.outbox import emit

SHOWN_AT_ONCE = 50
DUE_AT_ONCE = 100


def waitlist_policy(session: ReadSession) -> WaitlistPolicy:
    """The tenant's rules: the settings section `waitlist`."""
    return domain.policy_from(read_settings(session, domain.SETTINGS))


def change_waitlist_policy(
    session: WriteSession, values: Mapping[str, Any], *, actor: Actor, now: datetime
) -> WaitlistPolicy:
    """Change some of the tenant's rules of the waiting list; offers that are open keep theirs.

    Raises:
        PolicySenseless: a name is not known, or a value makes no sense.
    """
    for name in sorted(values.keys() - WaitlistPolicy.__dataclass_fields__.keys()):
        raise PolicySenseless(f"{domain.SETTINGS}.{name}", "is no setting of the waiting list")
    changed = domain.policy_from({**waitlist_policy(session).settings(), **values})
    write_settings(session, domain.SETTINGS, changed.settings(), actor=actor, now=now)
    return changed


def join_waitlist(
    session: WriteSession,
    *,
    client_id: UUID,
    service_id: UUID,
    staff_id: UUID | None = None,
    location_id: UUID | None = None,
    option_ids: Sequence[UUID] = (),
    from_at: datetime,
    to_at: datetime,
    day_from_min: int | None = None,
    day_to_min: int | None = None,
    channel: str,
    actor: Actor,
    now: datetime,
) -> WaitlistEntry:
    """Wait for a visit that begins from `from_at` to `to_at`; asking for the same again finds the present entry.

    Args:
        session: the transaction.
        client_id: who waits.
        service_id: for what.
        staff_id: with this person only; None is anybody.
        location_id: at this branch only; None is any.
        option_ids: options of the service.
        from_at: earliest start, UTC.
        to_at: latest start, UTC.
        day_from_min: minute of the local day (0 to 1440), earliest start; None is any.
        day_to_min: latest start of the local day; None is any.
        channel: where the offer is to be told: a messenger, `console`, `site`.
        actor: who asks.
        now: the current instant.

    Raises:
        WaitlistClosed: the tenant keeps no waiting list.
        WaitlistWindowSenseless: the window is over, too long or contradicts itself.
        WaitlistFull: the client waits for as many things as may be.
        PhoneRequired, ClientErased: nothing could be held for this client.
        ClientNotFound, ServiceNotFound, StaffNotFound, LocationNotFound: what is named does not exist.
    """
    policy = waitlist_policy(session)
    if not policy.enabled:
        raise WaitlistClosed
    wanted = Wanted(
        service_id=service_id,
        staff_id=staff_id,
        location_id=location_id,
        option_ids=tuple(sorted(option_ids)),
        from_at=from_at,
        to_at=to_at,
        day_from_min=day_from_min,
        day_to_min=day_to_min,
    )
    _check(session, wanted, now, policy)
    _check_client(session, client_id)
    repository.lock_client(session, client_id)
    present = repository.list_open(session, client_id)
    for entry in present:
        if entry.wanted == wanted:
            return entry
    if len(present) >= policy.max_entries:
        raise WaitlistFull(policy.max_entries)
    entry = WaitlistEntry(
        id=new_id(),
        client_id=client_id,
        status=WaitlistStatus.WAITING,
        channel=channel,
        created_at=now,
        updated_at=now,
        **{name: getattr(wanted, name) for name in Wanted.__dataclass_fields__},
    )
    repository.add_entry(session, entry)
    record(session, entry, events.WaitlistJoined, actor, now)
    return entry


def change_entry(
    session: WriteSession, entry_id: UUID, wanted: Wanted, *, actor: Actor, now: datetime
) -> WaitlistEntry:
    """Wait for something else, without losing one's place; what was declined may be offered again.

    Raises:
        WaitlistEntryNotFound: there is none.
        WaitlistEntryNotOpen: it is over, or an offer is open, which must be answered first.
        WaitlistWindowSenseless: as for joining.
    """
    entry = repository.lock_entry(session, entry_id)
    if entry.status is not WaitlistStatus.WAITING:
        raise WaitlistEntryNotOpen(entry_id, entry.status)
    _check(session, wanted, now, waitlist_policy(session))
    said = {name: getattr(wanted, name) for name in Wanted.__dataclass_fields__}
    changed = replace(entry, declined_slot_ids=(), offers=0, **said)
    return change(session, changed, events.WaitlistChanged, actor, now)


def leave_waitlist(session: WriteSession, entry_id: UUID, *, actor: Actor, now: datetime) -> WaitlistEntry:
    """Wait no longer; an open offer is given up. Leaving again changes nothing.

    Raises:
        WaitlistEntryNotFound: there is none.
        WaitlistEntryNotOpen: it was booked or has expired.
    """
    entry = repository.lock_entry(session, entry_id)
    if entry.status is WaitlistStatus.WITHDRAWN:
        return entry
    domain.check_open(entry)
    withdrawn = change(session, replace(entry, status=WaitlistStatus.WITHDRAWN), events.WaitlistWithdrawn, actor, now)
    if entry.status is WaitlistStatus.OFFERED and entry.offered_booking_id is not None:
        held = booking.get_booking(session, entry.offered_booking_id)
        if held.status is BookingStatus.HELD:
            booking.cancel_booking(session, held.id, reason=CancelReason.CLIENT, actor=actor, now=now)
    return withdrawn


def rejoin_waitlist(session: WriteSession, entry_id: UUID, *, actor: Actor, now: datetime) -> WaitlistEntry:
    """Undo leaving, with the old place in the queue. Whoever waits already waits on.

    Raises:
        WaitlistEntryNotFound: there is none.
        WaitlistEntryNotOpen: it was booked or has expired.
        WaitlistWindowSenseless: the window is over.
        WaitlistFull: the client waits for as many things as may be.
        PhoneRequired, ClientErased: nothing could be held for this client.
    """
    entry = repository.lock_entry(session, entry_id)
    if entry.status in domain.OPEN:
        return entry
    if entry.status is not WaitlistStatus.WITHDRAWN:
        raise WaitlistEntryNotOpen(entry_id, entry.status)
    policy = waitlist_policy(session)
    domain.check_wanted(entry, now, policy)
    _check_client(session, entry.client_id)
    repository.lock_client(session, entry.client_id)
    if len(repository.list_open(session, entry.client_id)) >= policy.max_entries:
        raise WaitlistFull(policy.max_entries)
    again = replace(entry, status=WaitlistStatus.WAITING, offers=0)
    return change(session, again, events.WaitlistJoined, actor, now)


def accept_offer(session: WriteSession, entry_id: UUID, *, actor: Actor, now: datetime) -> Booking:
    """Take what is offered: the hold becomes a booking. Accepting again finds that booking.

    Raises:
        WaitlistEntryNotFound: there is none.
        NothingOffered: no offer is open.
        HoldExpired: the offer ran out.
        whatever else `confirm_booking` refuses, such as a deposit that is not paid: the offer stays open.
    """
    entry = repository.lock_entry(session, entry_id)
    if entry.status is WaitlistStatus.BOOKED and entry.offered_booking_id is not None:
        return booking.get_booking(session, entry.offered_booking_id)
    booking_id = domain.offered_booking(entry)
    held = booking.get_booking(session, booking_id)
    if held.status is BookingStatus.CANCELLED:
        raise NothingOffered(entry_id)
    confirmed = booking.confirm_booking(session, booking_id, actor=actor, now=now)
    booked(session, entry, confirmed, actor, now)
    return confirmed


def decline_offer(session: WriteSession, entry_id: UUID, *, actor: Actor, now: datetime) -> WaitlistEntry:
    """Leave what is offered to the next, and wait on; nothing that begins about then is offered again.

    Raises:
        WaitlistEntryNotFound: there is none.
        NothingOffered: no offer is open.
    """
    entry = repository.lock_entry(session, entry_id)
    held = booking.get_booking(session, domain.offered_booking(entry))
    if held.status is not BookingStatus.HELD:
        raise NothingOffered(entry_id)
    cancelled = booking.cancel_booking(session, held.id, reason=CancelReason.CLIENT, actor=actor, now=now)
    return _wait_on(session, entry, cancelled, actor, now)


def expire_entries(session: WriteSession, *, now: datetime, limit: int = DUE_AT_ONCE) -> int:
    """End this tenant's entries whose window is over, and those whose offer has ended; how many changed."""
    policy, done = waitlist_policy(session), 0
    for entry_id in repository.list_due_ids(session, now, limit):
        entry = repository.lock_entry(session, entry_id)
        if entry.status is WaitlistStatus.OFFERED:
            done += settle_offer(session, entry, policy, now)
        elif entry.status is WaitlistStatus.WAITING and entry.to_at <= now:
            expired = replace(entry, status=WaitlistStatus.EXPIRED)
            change(session, expired, events.WaitlistExpired, system("waitlist"), now, is_unanswered=False)
            done += 1
    return done


def settle_offer(session: WriteSession, entry: WaitlistEntry, policy: WaitlistPolicy, now: datetime) -> bool:
    """Draw from a hold that has ended what it means for the locked entry it was offered to; whether it has ended."""
    if entry.status is not WaitlistStatus.OFFERED or entry.offered_booking_id is None:
        return False
    held, actor = booking.get_booking(session, entry.offered_booking_id), system("waitlist")
    match held.status:
        case BookingStatus.HELD:
            return False
        case BookingStatus.CANCELLED:
            _wait_on(session, entry, held, actor, now)
        case BookingStatus.EXPIRED:
            _lapse(session, entry, held, policy, now)
        case _:
            booked(session, entry, held, actor, now)
    return True


def get_entry(session: ReadSession, entry_id: UUID) -> WaitlistEntry:
    """An entry.

    Raises:
        WaitlistEntryNotFound: there is none.
    """
    return repository.get_entry(session, entry_id)


def list_waitlist(
    session: ReadSession,
    *,
    statuses: Collection[WaitlistStatus] = (),
    client_id: UUID | None = None,
    service_id: UUID | None = None,
    location_id: UUID | None = None,
    staff_id: UUID | None = None,
    after: UUID | None = None,
    limit: int = SHOWN_AT_ONCE,
) -> list[WaitlistEntry]:
    """Entries, the oldest first; no statuses means all. `after` is the last id of the page before."""
    return repository.list_entries(
        session,
        statuses=statuses,
        client_id=client_id,
        service_id=service_id,
        location_id=location_id,
        staff_id=staff_id,
        after=after,
        limit=limit,
    )


def list_due_entries(session: ReadSession, *, now: datetime, limit: int = DUE_AT_ONCE) -> list[tuple[UUID, UUID]]:
    """(tenant_id, entry_id) of all tenants that `expire_entries` has something to do with."""
    return repository.list_due(session, now, limit)


def booked(session: WriteSession, entry: WaitlistEntry, visit: Booking, actor: Actor, now: datetime) -> WaitlistEntry:
    """Note on a locked entry that its client has the visit."""
    done = replace(entry, status=WaitlistStatus.BOOKED, offered_booking_id=visit.id, offers=0)
    return change(session, done, events.WaitlistBooked, actor, now, booking_id=visit.id)


def change(
    session: WriteSession,
    entry: WaitlistEntry,
    kind: type[events.WaitlistFact],
    actor: Actor,
    now: datetime,
    **more: object,
) -> WaitlistEntry:
    """Store a changed entry and all that is told about the change."""
    changed = replace(entry, version=entry.version + 1, updated_at=now)
    repository.update_entry(session, changed)
    record(session, changed, kind, actor, now, **more)
    return changed


def record(
    session: WriteSession,
    entry: WaitlistEntry,
    kind: type[events.WaitlistFact],
    actor: Actor,
    now: datetime,
    **more: object,
) -> None:
    """Tell and audit what an entry has become."""
    about = {
        "occurred_at": now,
        "entry_id": entry.id,
        "version": entry.version,
        "client_id": entry.client_id,
        "service_id": entry.service_id,
        "location_id": entry.location_id,
        "staff_id": entry.staff_id,
        "from_at": entry.from_at,
        "to_at": entry.to_at,
    }
    record_audit(
        session,
        action=kind.name,
        subject="waitlist_entry",
        subject_id=entry.id,
        actor=actor,
        now=now,
        data={"status": entry.status, "offered_booking_id": entry.offered_booking_id, "version": entry.version},
    )
    emit(session, kind.model_validate({**about, **more}))


def _wait_on(session: WriteSession, entry: WaitlistEntry, offer: Booking, actor: Actor, now: datetime) -> WaitlistEntry:
    waiting = replace(
        entry, status=WaitlistStatus.WAITING, offers=0, declined_slot_ids=_with_slot(entry.declined_slot_ids, offer)
    )
    return change(session, waiting, events.WaitlistDeclined, actor, now, slot_id=offer.slot_id)


def _lapse(
    session: WriteSession, entry: WaitlistEntry, offer: Booking, policy: WaitlistPolicy, now: datetime
) -> WaitlistEntry:
    silent, actor = replace(entry, declined_slot_ids=_with_slot(entry.declined_slot_ids, offer)), system("waitlist")
    if entry.offers >= policy.max_unanswered:
        expired = replace(silent, status=WaitlistStatus.EXPIRED)
        return change(session, expired, events.WaitlistExpired, actor, now, is_unanswered=True)
    waiting = replace(silent, status=WaitlistStatus.WAITING)
    return change(session, waiting, events.WaitlistLapsed, actor, now, slot_id=offer.slot_id)


def _with_slot(declined: tuple[UUID, ...], offer: Booking) -> tuple[UUID, ...]:
    return declined if offer.slot_id is None or offer.slot_id in declined else (*declined, offer.slot_id)


def _check_client(session: ReadSession, client_id: UUID) -> None:
    """Refuse who would wait in vain, because the tenant's policy is against every hold for them."""
    client = clients.get_client(session, client_id)
    if client.is_erased:
        raise ClientErased(client_id)
    if client.phone_last4 is None and booking.policy_of(session).phone_required:
        raise PhoneRequired


def _check(session: ReadSession, wanted: Wanted, now: datetime, policy: WaitlistPolicy) -> None:
    domain.check_wanted(wanted, now, policy)
    catalog.get_service(session, wanted.service_id)
    if wanted.staff_id is not None:
        catalog.get_staff(session, wanted.staff_id)
    if wanted.location_id is not None:
        catalog.get_location(session, wanted.location_id)
    if wanted.option_ids:
        catalog.choose_options(session, wanted.service_id, wanted.option_ids)
