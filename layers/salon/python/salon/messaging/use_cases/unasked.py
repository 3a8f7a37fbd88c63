"""Writing to clients first: what became free for them, whether they could come at another time, that somebody is ill.

Every fact is told once (the subscriber's delivery is remembered with its effect), and only while it still holds: an
offer that was answered meanwhile is not made again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from salon.booking import use_cases as booking
from salon.booking.bulk.events import BookingNeedsReschedule
from salon.booking.domain import Booking, BookingStatus
from salon.booking.shifts import use_cases as shifts
from salon.booking.shifts.domain import ShiftStatus
from salon.booking.shifts.events import ShiftProposed
from salon.booking.waitlist import use_cases as waitlist
from salon.booking.waitlist.domain import WaitlistStatus
from salon.booking.waitlist.events import WaitlistExpired, WaitlistLapsed, WaitlistOffered
from salon.catalog import use_cases as catalog
from salon.clients import use_cases as clients
from salon.identity.use_cases import quiet_hours
from salon.messaging import repository
from salon.messaging.domain import Button, phrases
from salon.messaging.domain.quiet import waits_until
from salon.messaging.domain.taps import Tap, TapPayload
from salon.messaging.events import MessagePostponed
from salon.messaging.use_cases import wait_talk
from salon.messaging.use_cases.booking_talk import known_slot
from salon.messaging.use_cases.my_bookings import is_changeable
from salon.messaging.use_cases.slots_talk import slot_label
from salon.messaging.use_cases.talk import Talk
from salon.platform.db import ReadSession, WriteSession
from salon.platform.facts import Fact
from salon.platform.metrics import Metrics
from salon.platform.money import Money
from salon.platform.outbox import OutboxQueue, enqueue
from salon.platform.subscribers import React
from salon.platform.timeranges import zone


def tell_clients(metrics: Metrics) -> React:
    """A subscriber to `TOLD_FACTS`: writes to the client where they wrote last; nowhere when they never did."""

    def react(session: WriteSession, fact: Fact, now: datetime) -> None:
        told = fact.told if isinstance(fact, MessagePostponed) else fact
        match told:
            case WaitlistOffered():
                _offer(session, told, now, metrics)
            case WaitlistLapsed() | WaitlistExpired():
                _say_ended(session, told, now, metrics)
            case ShiftProposed():
                _ask_to_shift(session, told, now, metrics)
            case BookingNeedsReschedule():
                _ask_to_move(session, told, now, metrics)

    return react


def _offer(session: WriteSession, fact: WaitlistOffered, now: datetime, metrics: Metrics) -> None:
    """«Освободилось … Берёте?» The filler offers nothing in quiet hours, and a hold would not outlast them."""
    entry = waitlist.get_entry(session, fact.entry_id)
    held = booking.get_booking(session, fact.booking_id)
    is_open = entry.status is WaitlistStatus.OFFERED and entry.offered_booking_id == held.id
    if not is_open or held.status is not BookingStatus.HELD or not held.hold_expires_at or held.hold_expires_at <= now:
        return
    talk = _talk(session, fact.client_id, now, metrics)
    if talk is None:
        return
    take, leave = TapPayload(Tap.WAIT_TAKE, held.id), TapPayload(Tap.WAIT_LEAVE, held.id)
    _ask(talk, take, leave)
    facts = talk.booking_facts(held)
    talk.say(
        "wait-offer",
        **{name: facts[name] for name in ("service", "day", "time", "staff", "price")},
        until=phrases.clock(held.hold_expires_at.astimezone(zone(talk.zone_of(held.location_id)))),
        buttons=((talk.button("wait-take", take), talk.button("wait-leave", leave)),),
        not_after=held.hold_expires_at,
    )


def _say_ended(session: WriteSession, fact: WaitlistLapsed | WaitlistExpired, now: datetime, metrics: Metrics) -> None:
    """That an offer ran out, or that there is nothing to wait for any more."""
    entry = waitlist.get_entry(session, fact.entry_id)
    if entry.version != fact.version:  # answered, offered anew or left meanwhile: the newer fact says more
        return
    later = MessagePostponed(
        occurred_at=now,
        lapsed=fact if isinstance(fact, WaitlistLapsed) else None,
        expired=fact if isinstance(fact, WaitlistExpired) else None,
    )
    if _is_postponed(session, later, fact.client_id, None, now):
        return
    talk = _talk(session, fact.client_id, now, metrics)
    if talk is None:
        return
    what = wait_talk.describe(talk, entry)
    if isinstance(fact, WaitlistLapsed):
        talk.say("wait-lapsed", what=what, buttons=((talk.button("wait-stop", TapPayload(Tap.UNWAIT, entry.id)),),))
    elif fact.is_unanswered:
        talk.say("wait-unanswered", what=what)
    else:
        again = talk.button("menu-book", TapPayload(Tap.SERVICE, entry.service_id))
        talk.say("wait-expired", what=what, buttons=((again,),))


def _ask_to_shift(session: WriteSession, fact: ShiftProposed, now: datetime, metrics: Metrics) -> None:
    """«Можно перенести вас на 13:30?»"""
    proposal = shifts.get_shift(session, fact.proposal_id)
    visit = booking.get_booking(session, fact.booking_id)
    is_open = proposal.status is ShiftStatus.PROPOSED and proposal.expires_at > now
    if not is_open or visit.slot_id != proposal.old_slot_id or visit.status is not BookingStatus.CONFIRMED:
        return
    later = MessagePostponed(occurred_at=now, shift=fact)
    if _is_postponed(session, later, fact.client_id, min(fact.starts_at, fact.new_starts_at), now):
        return
    talk = _talk(session, fact.client_id, now, metrics)
    if talk is None:
        return
    yes, no = TapPayload(Tap.SHIFT_YES, proposal.id), TapPayload(Tap.SHIFT_NO, proposal.id)
    _ask(talk, yes, no)
    facts, clock = talk.booking_facts(visit), zone(talk.zone_of(visit.location_id))
    said = {
        "from": facts["time"],
        "time": phrases.clock(fact.new_starts_at.astimezone(clock)),
        **{name: facts[name] for name in ("service", "day", "staff")},
    }
    buttons = ((talk.button("shift-yes", yes), talk.button("shift-no", no)),)
    less = _less(visit, proposal.incentive_minor)
    if less is None:
        text = talk.texts.say("shift-ask", **said)
    else:
        text = talk.texts.say("shift-ask-less", less=talk.price(less), **said)
    talk.reply(text, buttons, not_after=proposal.expires_at)


def _ask_to_move(session: WriteSession, fact: BookingNeedsReschedule, now: datetime, metrics: Metrics) -> None:
    """An apology, and what is free instead."""
    visit = booking.get_booking(session, fact.booking_id)
    is_same = (visit.staff_id, visit.starts_at) == (fact.staff_id, fact.starts_at)
    if not is_same or visit.status is not BookingStatus.CONFIRMED or visit.starts_at <= now:
        return
    later = MessagePostponed(occurred_at=now, needs_reschedule=fact)
    if _is_postponed(session, later, fact.client_id, visit.starts_at, now):
        return
    talk = _talk(session, fact.client_id, now, metrics)
    if talk is None or not is_changeable(talk, visit):
        return
    rows: list[tuple[Button, ...]] = []
    for slot_id in fact.alternative_slot_ids:
        slot = known_slot(talk, slot_id)
        if slot is not None and slot.starts_at > now:
            payload = TapPayload(Tap.MOVE, visit.id, other=slot.id)
            rows.append((Button(slot_label(talk, slot), payload.encode()),))
    other = talk.button("needs-move-other", TapPayload(Tap.RESCHEDULE, visit.id))
    off = talk.button("button-cancel", TapPayload(Tap.GIVE_UP, visit.id))
    said = {"staff": talk.booking_facts(visit)["staff"], "booking": talk.booking_line(visit)}
    if rows:
        talk.reply(talk.texts.say("needs-move", **said), (*rows, (other, off)), not_after=visit.starts_at)
    else:
        talk.reply(
            talk.texts.say("needs-move-nothing", phone=talk.phone, **said), ((other, off),), not_after=visit.starts_at
        )


def _less(visit: Booking, minor: int) -> Money | None:
    return Money(minor, visit.price.currency) if minor and visit.price is not None else None


def _ask(talk: Talk, yes: TapPayload, no: TapPayload) -> None:
    """Have a written «да» or «нет» mean this question, whatever was talked about before."""
    talk.remember(replace(talk.state, yes=yes.encode(), no=no.encode(), news_asked=False))


def _talk(session: WriteSession, client_id: UUID, now: datetime, metrics: Metrics) -> Talk | None:
    """The client's conversation, locked; None for somebody who never wrote, whom the salon calls."""
    conversation = repository.lock_latest_conversation(session, client_id)
    return Talk(session, conversation, now=now, metrics=metrics) if conversation else None


def _is_postponed(
    session: WriteSession, later: MessagePostponed, client_id: UUID, visit_at: datetime | None, now: datetime
) -> bool:
    """Whether it is night for the client; then `later` is told in the morning."""
    until = waits_until(now, timezone=_timezone(session, client_id), quiet=quiet_hours(session), visit_at=visit_at)
    if until is None:
        return False
    enqueue(
        session,
        queue=OutboxQueue.EVENTS,
        kind=later.name,
        payload=later.model_dump(mode="json"),
        now=now,
        not_before=until,
    )
    return True


def _timezone(session: ReadSession, client_id: UUID) -> str:
    own = clients.get_client(session, client_id).timezone
    places = catalog.list_locations(session)
    return own or (places[0].timezone if places else "Europe/Moscow")
