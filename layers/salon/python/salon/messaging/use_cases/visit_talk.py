"""Several services in a row, in conversation: «маникюр и стрижку в субботу после двенадцати»."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from salon.booking import use_cases as booking
from salon.booking.domain import Visit, VisitOffer, VisitWish
from salon.booking.errors import AlreadyBooked
from salon.catalog import use_cases as catalog
from salon.messaging.domain import Button, phrases
from salon.messaging.domain.dialogue import DialogueState, Expecting, TimeWish, Topic
from salon.messaging.domain.taps import Tap, TapPayload
from salon.messaging.use_cases import info_talk
from salon.messaging.use_cases.agreeing import book_row, say_visit_booked
from salon.messaging.use_cases.refusals import TAKEN, say_refusal
from salon.messaging.use_cases.slots_talk import OFFERS, ROUNDS, chunks, from_day_on
from salon.messaging.use_cases.talk import Rows, Talk
from salon.platform.ids import new_id
from salon.platform.timeranges import local_instant
from salon.understanding.domain import Match, Understood

MAX_CHOICES = 10
LOOKED_AT = 500
"""Chains found at a time, to choose the few from that are shown."""

APART = timedelta(hours=1)  # two offers begin so far apart as long as there are such
_IN_ORDER = re.compile(r"\b(сначала|сперва|потом|затем|после этого|а после)\b", re.IGNORECASE)
_ADDS = re.compile(r"\b(ещ[её]|плюс|также|добав\w+|заодно|вместе с)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Chains:
    """Chains to offer.

    Attributes:
        offers: by time.
        has_more: whether another round would show others.
        kept_wish: whether they are at the time that was wished for.
        kept_staff: whether they are with the person who was wished for.
    """

    offers: list[VisitOffer]
    has_more: bool = False
    kept_wish: bool = True
    kept_staff: bool = True


def wanted_row(talk: Talk, understood: Understood) -> tuple[tuple[UUID, ...], ...]:
    """Services that the message wants in a row, of each those that may be meant; empty for one service or none."""
    named = [_candidates(talk, match) for match in understood.services]
    if len(named) == 1 and _ADDS.search(understood.text) and talk.state.topic is Topic.BOOK:
        before = talk.state.row or (((talk.state.service_id,),) if talk.state.service_id else ())
        return (*before, named[0]) if before and named[0] not in before else ()
    return tuple(named) if len(named) > 1 else ()


def keeps_order(text: str) -> bool:
    """Whether the message says what comes first: «сначала стрижка, потом маникюр»."""
    return _IN_ORDER.search(text) is not None


def narrowed(row: Sequence[tuple[UUID, ...]], meant: Sequence[UUID]) -> tuple[tuple[UUID, ...], ...] | None:
    """The row after somebody said which of several services is meant; None when that is about none of it."""
    for place, candidates in enumerate(row):
        left = tuple(one for one in candidates if one in meant)
        if len(candidates) > 1 and left:
            return (*row[:place], left, *row[place + 1 :])
    return None


def continue_row(talk: Talk) -> None:
    """Ask which service is meant, or offer chains; one service alone when there are none."""
    row = talk.state.row
    open_ones = next((candidates for candidates in row if len(candidates) > 1), None)
    if open_ones is not None:
        talk.remember(replace(talk.state, expecting=Expecting.SERVICE))
        services = [talk.services[one] for one in open_ones if one in talk.services][:MAX_CHOICES]
        talk.say("ask-which-service", buttons=info_talk.service_buttons(services))
        return
    found = _find_chains(talk)
    if not found.offers:
        _say_none(talk)
        return
    _show(talk, found, _header(talk, found))


def offer_more(talk: Talk) -> None:
    """«Ещё варианты»; the first ones stay."""
    found = _find_chains(talk)
    if not found.offers:
        talk.say("offers-no-more", buttons=_alone_buttons(talk))
        return
    _show(talk, found, talk.texts.say("visit-more", services=_names(talk)))


def take_chain(talk: Talk, payload: TapPayload) -> str | None:
    """A chain was tapped: book all of it, or say what is in the way."""
    state = talk.state
    if state.done == payload.encode():
        talk.say("already-booked", buttons=talk.menu()[1:])
        return None
    place = payload.number if payload.number is not None else -1
    if payload.nonce != state.nonce or not 0 <= place < len(state.chains):
        _say_stale(talk)
        return None
    slot_ids = state.chains[place]
    made = book_row(talk, slot_ids)
    if isinstance(made, Visit):
        talk.remember(DialogueState(done=payload.encode()))
        say_visit_booked(talk, made)
        return _short(talk, made)
    if isinstance(made, TAKEN):
        _offer_again(talk)
    elif isinstance(made, AlreadyBooked):
        talk.say("already-booked", buttons=talk.menu()[1:])
    else:
        say_refusal(talk, made, again=payload)
    return None


def _short(talk: Talk, visit: Visit) -> str:
    local = talk.local_of(visit.bookings[0])
    names = ", ".join(talk.service_name(one.service_id) for one in visit.bookings)
    return f"{talk.phrases.short_day(local.date(), talk.today)}, {phrases.clock(local)} — {names}"


def _candidates(talk: Talk, match: Match) -> tuple[UUID, ...]:
    ids = {str(one): one for one in talk.services}
    return tuple(ids[one] for one in (match.id, *match.alternatives) if one in ids)


def _names(talk: Talk) -> str:
    """«Стрижка и Маникюр»."""
    names = [talk.service_name(candidates[0]) for candidates in talk.state.row]
    return talk.phrases.listed(names)


def _say_stale(talk: Talk) -> None:
    """The button is of other offers; when a row is still wished for, offer it anew."""
    if talk.state.row:
        talk.say("visit-stale")
        talk.remember(replace(talk.state, chains=(), nonce=""))
        continue_row(talk)
        return
    talk.say("button-stale", buttons=talk.menu())


def _offer_again(talk: Talk) -> None:
    """Somebody was quicker: other chains, which those that were shown may be among."""
    talk.remember(replace(talk.state, chains=(), nonce=""))
    found = _find_chains(talk)
    if found.offers:
        _show(talk, found, talk.texts.say("slot-taken"))
        return
    talk.say("visit-taken", services=_names(talk), buttons=_alone_buttons(talk))


def _say_none(talk: Talk) -> None:
    """No such row within reach: one service alone may be had."""
    talk.say(
        "visit-none",
        services=_names(talk),
        wish=talk.phrases.wish(talk.state.wish, talk.today) or "empty",
        buttons=_alone_buttons(talk),
    )


def _alone_buttons(talk: Talk) -> Rows:
    return tuple(
        (talk.button("visit-alone", TapPayload(Tap.SERVICE, candidates[0]), service=talk.service_name(candidates[0])),)
        for candidates in talk.state.row
    )


def _header(talk: Talk, found: Chains) -> str:
    wish = talk.phrases.wish(talk.state.wish, talk.today)
    if not found.kept_staff and talk.state.staff_id is not None:
        staff = talk.staff_names.get(talk.state.staff_id, "")
        return talk.texts.say("visit-other-staff", services=_names(talk), staff=staff)
    if not found.kept_wish and wish:
        return talk.texts.say("visit-other", services=_names(talk), wish=wish)
    if wish:
        return talk.texts.say("visit-exact", services=_names(talk), wish=wish)
    return talk.texts.say("visit-nearest", services=_names(talk))


def _show(talk: Talk, found: Chains, header: str) -> None:
    state = talk.state
    first = len(state.chains)
    nonce = state.nonce or new_id().hex[-8:]
    chains = (*state.chains, *(tuple(slot.id for slot in offer.slots) for offer in found.offers))
    talk.remember(replace(state, chains=chains, nonce=nonce, expecting=Expecting.WHEN, misses=0))
    rows = [
        (Button(_label(talk, offer), TapPayload(Tap.CHAIN, nonce=nonce, number=first + place).encode()),)
        for place, offer in enumerate(found.offers)
    ]
    if found.has_more and len(chains) < OFFERS * ROUNDS:
        rows.append((talk.button("offers-more", TapPayload(Tap.MORE)),))
    talk.reply(header, tuple(rows))


def _label(talk: Talk, offer: VisitOffer) -> str:
    """«сб 22 ноября, 14:00 — Стрижка · Анна, 15:00 — Маникюр · Ольга»."""
    parts = []
    for slot in offer.slots:
        staff = talk.staff_names.get(slot.staff_id, "") if slot.staff_id else ""
        line = f"{phrases.clock(talk.local_at(slot, slot.starts_at))} — {talk.service_name(slot.service_id)} · {staff}"
        parts.append(line.rstrip(" ·"))
    first = talk.local_at(offer.slots[0], offer.starts_at)
    return f"{talk.phrases.short_day(first.date(), talk.today)}, {', '.join(parts)}"


def _find_chains(talk: Talk) -> Chains:
    """The best few chains for the wish; when there are none, the nearest thing to it."""
    booking.expire_holds(talk.session, now=talk.now)
    state = talk.state
    wish, staff_id = state.wish, state.staff_id
    attempts: list[tuple[TimeWish, UUID | None, bool, bool] | None] = [
        (wish, staff_id, True, True),
        (wish.without_time(), staff_id, False, True) if wish.has_day and wish.has_time else None,
        (wish, None, True, False) if staff_id else None,
        (from_day_on(wish), staff_id, False, True) if wish.has_day else None,
        (from_day_on(wish), None, False, False) if staff_id else None,
    ]
    for attempt in attempts:
        if attempt is None:
            continue
        wanted, with_whom, kept_wish, kept_staff = attempt
        offers = _search(talk, wanted, with_whom)
        if offers:
            chosen = _choose(talk, offers, wish.at or None)
            exact = wish.at is None or any(_starts(talk, one).time() == wish.at for one in chosen)
            return Chains(chosen, len(offers) > len(chosen), kept_wish and exact, kept_staff)
    return Chains([])


def _search(talk: Talk, wish: TimeWish, staff_id: UUID | None) -> list[VisitOffer]:
    """Chains within the wish that were not shown yet, of the first days that have enough."""
    state = talk.state
    wishes = _wishes(talk, staff_id)
    shown = set(state.chains)
    found: list[VisitOffer] = []
    for first, last in chunks(*wish.window(talk.today, talk.policy.horizon_days)):
        offers = booking.find_visit_offers(
            talk.session,
            wishes=wishes,
            from_at=max(talk.now, local_instant(first, wish.from_at or time.min, talk.timezone)),
            to_at=local_instant(last + timedelta(days=1), time.min, talk.timezone),
            now=talk.now,
            any_order=not state.keeps_order,
            limit=LOOKED_AT,
        )
        fitting = [
            offer
            for offer in offers
            if wish.admits(_starts(talk, offer), talk.local_at(offer.slots[-1], offer.ends_at))
            and tuple(slot.id for slot in offer.slots) not in shown
            and not any(slot.staff_id in state.not_staff for slot in offer.slots)
        ]
        found += fitting
        if len(found) >= OFFERS:
            break
    return found


def _wishes(talk: Talk, staff_id: UUID | None) -> list[VisitWish]:
    """The services of the row; the person that was named does those that are theirs."""
    does = {skill.service_id for skill in catalog.list_skills(talk.session, staff_id)} if staff_id else set()
    services = [candidates[0] for candidates in talk.state.row]
    return [VisitWish(service_id=one, staff_id=staff_id if one in does else None) for one in services]


def _choose(talk: Talk, offers: list[VisitOffer], at: time | None) -> list[VisitOffer]:
    """The first days; there nearest to the time that was named, else the least waiting; apart if possible."""

    def badness(offer: VisitOffer) -> tuple[date, timedelta, timedelta, datetime]:
        start = _starts(talk, offer).replace(tzinfo=None)
        away = abs(start - datetime.combine(start.date(), at)) if at is not None else timedelta()
        return start.date(), away, offer.wait, offer.starts_at

    ranked = sorted(offers, key=badness)
    chosen: list[VisitOffer] = []
    for offer in ranked:
        if len(chosen) < OFFERS and all(abs(offer.starts_at - one.starts_at) >= APART for one in chosen):
            chosen.append(offer)
    chosen += [offer for offer in ranked if offer not in chosen][: OFFERS - len(chosen)]
    return sorted(chosen, key=lambda offer: offer.starts_at)


def _starts(talk: Talk, offer: VisitOffer) -> datetime:
    return talk.local_at(offer.slots[0], offer.starts_at)
