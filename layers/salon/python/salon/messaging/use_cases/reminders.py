"""Reminding clients of their visits, by default 24 and 2 hours before: once each, never at night, a day in one message.

Templates, for channels that let us write only approved texts by then, are `remind_day_before` and `remind_soon`. Their
places are filled in this order: day, time, service, staff, place; their quick replies carry: I am coming, move, cancel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from salon.booking import use_cases as booking
from salon.booking.domain import Booking, BookingStatus
from salon.booking.errors import VisitNotFound
from salon.booking.events import BookingFact
from salon.catalog import use_cases as catalog
from salon.catalog.domain import Location
from salon.clients import use_cases as clients
from salon.identity.use_cases import quiet_hours
from salon.messaging import repository
from salon.messaging.domain import Button, Purpose, TemplateUse, phrases, plain_words
from salon.messaging.domain.phrases import Phrases
from salon.messaging.domain.reminders import (
    USELESS_BEFORE,
    ReminderAnswer,
    ReminderKind,
    ReminderStatus,
    plan_reminders,
)
from salon.messaging.domain.taps import Tap, TapPayload, read_tap
from salon.messaging.events import AttendanceConfirmed
from salon.messaging.models import ReminderRow
from salon.messaging.repository import Conversation
from salon.messaging.use_cases.habits import habits_of
from salon.messaging.use_cases.my_bookings import is_changeable, mine, others_of_visit, say_not_active
from salon.messaging.use_cases.say import Reply, say
from salon.messaging.use_cases.talk import Talk
from salon.messaging.use_cases.timeliness import visits_said
from salon.messaging.use_cases.words import texts_for
from salon.platform.db import WriteSession
from salon.platform.facts import Fact
from salon.platform.outbox import OutboxQueue, emit
from salon.platform.texts import Texts
from salon.platform.timeranges import local_day, zone

TALKING = timedelta(hours=1)
"""Whoever wrote less than this ago may be in the middle of something: their «да» stays the answer to that."""

REMINDING = (ReminderKind.DAY_BEFORE, ReminderKind.SOON)
ANSWERING = frozenset({Tap.RESCHEDULE, Tap.CANCEL, Tap.CANCEL_VISIT})
TEMPLATES = {ReminderKind.DAY_BEFORE: "remind_day_before", ReminderKind.SOON: "remind_soon"}


def on_booking_changed(session: WriteSession, fact: Fact, now: datetime) -> None:
    """A subscriber: whatever happened to the booking, plan its reminders by how it stands now."""
    if isinstance(fact, BookingFact):
        plan_for_booking(session, fact.booking_id, now)


def plan_for_booking(session: WriteSession, booking_id: UUID, now: datetime) -> None:
    """(Re)plan the reminders of a booking after it was confirmed, moved, restored or cancelled; repeatable."""
    found = booking.get_booking(session, booking_id)
    repository.cancel_reminders(session, booking_id, now, kinds=REMINDING)
    if found.status is not BookingStatus.CONFIRMED:
        return
    location = catalog.get_location(session, found.location_id)
    client = clients.get_client(session, found.client_id)
    planned = plan_reminders(
        found.starts_at,
        booked_at=now,
        timezone=client.timezone or location.timezone,
        quiet=quiet_hours(session),
        leads=habits_of(session).reminders,
    )
    repository.add_reminders(session, booking_id, found.starts_at, planned, now)


def send_reminder(session: WriteSession, reminder_id: UUID, now: datetime) -> bool:
    """Send one reminder that is due, with what else it can say; False when there was nothing to send (any more).

    The conversation is locked before the reminder: of two visits of one client that are due at once, the first to come
    speaks for both.
    """
    from salon.messaging.campaigns.repository import reaching  # here: the dialogue needs no campaigns

    seen = repository.find_planned_reminder(session, reminder_id)
    if seen is None:
        return False
    found = booking.get_booking(session, seen.booking_id)
    conversation = reaching.lock_reachable(session, clients.list_same_person(session, found.client_id))
    reminder = repository.lock_reminder(session, reminder_id)
    if reminder is None:
        return False
    reminder.status, reminder.done_at = ReminderStatus.SKIPPED, now
    if conversation is None or not _is_worth_it(session, reminder, found, now):
        return False
    location = catalog.get_location(session, found.location_id)
    together = _together(session, reminder, found, location, now)
    for one, row in together:
        if row is not None and one.id != found.id:
            row.status, row.done_at = ReminderStatus.SENT, now
    reminder.status = ReminderStatus.SENT
    visits = [one for one, _ in together]
    _send(session, conversation, visits, kind=ReminderKind(reminder.kind), location=location, now=now)
    return True


def confirm_attendance(talk: Talk, booking_id: UUID) -> str | None:
    """«Приду», tapped under a reminder; it spoke for all visits of that day."""
    known = mine(talk, booking_id)
    if known is None or not is_changeable(talk, known):
        say_not_active(talk, known)
        return None
    on = talk.local_of(known).date()
    upcoming = booking.list_upcoming_for_client(talk.session, known.client_id, now=talk.now)
    for one in upcoming:
        if talk.local_of(one).date() == on and is_changeable(talk, one):
            _note_coming(talk, one)
    facts = talk.booking_facts(known)
    talk.say("remind-thanks", day=facts["day"], time=facts["time"])
    return talk.texts.say("remind-coming")


def ask_whether_not_coming(talk: Talk, booking_id: UUID) -> str | None:
    """A bare «нет» to a reminder: perhaps they are not coming, which is asked before anything is cancelled."""
    known = mine(talk, booking_id)
    if known is None or not is_changeable(talk, known):
        say_not_active(talk, known)
        return None
    off = _cancelling(talk, known)
    coming, move = TapPayload(Tap.REMIND_CONFIRM, known.id), TapPayload(Tap.RESCHEDULE, known.id)
    talk.remember(replace(talk.state, yes=off.encode(), no=TapPayload(Tap.KEEP).encode()))
    talk.say(
        "remind-whether-off",
        booking=talk.booking_line(known),
        buttons=(
            (talk.button("cancel-yes", off),),
            (talk.button("button-reschedule", move), talk.button("remind-coming", coming)),
        ),
    )
    return None


def written_answer(talk: Talk, text: str, asked: tuple[str | None, str | None]) -> TapPayload | None:
    """The button under a reminder that was written rather than tapped: «буду», «ок», «не приду»; None for the rest.

    Args:
        talk: the turn.
        text: the message.
        asked: the payloads that «да» and «нет» had when it came.
    """
    yes = read_tap(asked[0])
    if yes is None:
        is_meant = plain_words.says_coming(text)
        booking_id = (
            repository.find_unanswered(talk.session, talk.conversation.client_id, talk.now) if is_meant else None
        )
        return TapPayload(Tap.REMIND_CONFIRM, booking_id) if booking_id else None
    if yes.tap is not Tap.REMIND_CONFIRM:
        return None
    if plain_words.agrees(text) or plain_words.is_farewell(text):
        return yes
    if not plain_words.says_not_coming(text):
        return None
    no, known = read_tap(asked[1]), mine(talk, yes.subject)
    if no is None or no.tap is not Tap.REMIND_REFUSE or known is None:
        return no  # several visits: which of them, the list asks
    return _cancelling(talk, known)


def _cancelling(talk: Talk, known: Booking) -> TapPayload:
    """The button that cancels a visit, with all its services."""
    if known.visit_id is not None and others_of_visit(talk, known):
        return TapPayload(Tap.CANCEL_VISIT, known.visit_id)
    return TapPayload(Tap.CANCEL, known.id)


def note_answer(talk: Talk, tap: Tap, subject: UUID) -> None:
    """Somebody tapped «Перенести» or «Отменить» (`ANSWERING`): to an open reminder, that is the answer.

    Args:
        talk: the turn.
        tap: which.
        subject: the booking, or the visit for CANCEL_VISIT.
    """
    about = [subject]
    if tap is Tap.CANCEL_VISIT:
        try:
            about = [one.id for one in booking.get_visit(talk.session, subject).bookings]
        except VisitNotFound:
            return
    answer = ReminderAnswer.MOVING if tap is Tap.RESCHEDULE else ReminderAnswer.NOT_COMING
    for booking_id in about:
        if mine(talk, booking_id) is not None:
            repository.answer_reminders(talk.session, booking_id, answer, talk.now)


def _note_coming(talk: Talk, one: Booking) -> None:
    """Once: a second tap tells nobody anything new."""
    if repository.answer_reminders(talk.session, one.id, ReminderAnswer.COMING, talk.now):
        emit(
            talk.session,
            AttendanceConfirmed(
                occurred_at=talk.now, booking_id=one.id, client_id=one.client_id, starts_at=one.starts_at
            ),
        )


def _is_worth_it(session: WriteSession, reminder: ReminderRow, found: Booking, now: datetime) -> bool:
    """Whether the visit still stands as it was planned, the tenant wants the reminder, and it comes in time to help."""
    habits = habits_of(session)
    if habits.lead_of(ReminderKind(reminder.kind)) is None:
        return False
    soon = habits.lead_of(ReminderKind.SOON)
    if reminder.kind == ReminderKind.DAY_BEFORE and soon is not None and now >= found.starts_at - soon:
        return False  # the timer stood still so long that the other one is due as well
    is_current = found.status is BookingStatus.CONFIRMED and found.starts_at == reminder.starts_at
    return is_current and now <= found.starts_at - USELESS_BEFORE


def _together(
    session: WriteSession, reminder: ReminderRow, found: Booking, location: Location, now: datetime
) -> list[tuple[Booking, ReminderRow | None]]:
    """What one message speaks for, by time: the day, or shortly before a visit what follows within the lead.

    Other services of the visit belong to it as well when their own reminders were left out.
    """
    day = local_day(found.starts_at.astimezone(zone(location.timezone)).date(), location.timezone)
    until = day.end
    if reminder.kind == ReminderKind.SOON:
        lead = habits_of(session).lead_of(ReminderKind.SOON) or timedelta()
        until = min(until, found.starts_at + lead)
    same = clients.list_same_person(session, found.client_id)
    rows = {
        row.booking_id: row
        for row in repository.list_of_clients(
            session, same, kind=ReminderKind(reminder.kind), from_at=max(day.start, now), to_at=day.end
        )
    }
    others = [
        one
        for client_id in same
        for one in booking.list_upcoming_for_client(session, client_id, now=now)
        if one.status is BookingStatus.CONFIRMED and day.start <= one.starts_at < day.end and one.id != found.id
    ]
    meant = [
        (one, rows.get(one.id))
        for one in others
        if (one.visit_id is not None and one.visit_id == found.visit_id)
        or (one.id in rows and rows[one.id].starts_at == one.starts_at and one.starts_at < until)
    ]
    return sorted([(found, reminder), *meant], key=lambda pair: (pair[0].starts_at, pair[0].id))


def _send(
    session: WriteSession,
    conversation: Conversation,
    visits: Sequence[Booking],
    *,
    kind: ReminderKind,
    location: Location,
    now: datetime,
) -> None:
    language = clients.get_client(session, conversation.client_id).language
    words = texts_for(session, language)
    facts = _facts(session, words, visits, location, now)
    local = visits[0].starts_at.astimezone(zone(location.timezone))
    is_today = local.date() == now.astimezone(zone(location.timezone)).date()
    if len(visits) > 1:
        lines = "\n".join(_line(session, words, one) for one in visits)
        text = words.say("remind-several", day=facts["day"], lines=lines, place=facts["place"])
    else:
        text = words.say("remind-soon" if kind is ReminderKind.SOON and is_today else "remind-day-before", **facts)
    taps = _taps(visits)
    names = {Tap.REMIND_CONFIRM: "remind-coming", Tap.RESCHEDULE: "button-reschedule", Tap.MENU_MINE: "menu-mine"}
    buttons = [Button(words.say(names.get(tap.tap, "button-cancel")), tap.encode()) for tap in taps]
    _expect_answer(session, conversation, taps, now)
    template = TemplateUse(
        TEMPLATES[kind],
        values=tuple(facts[name] for name in ("day", "time", "service", "staff", "place")),
        payloads=tuple(tap.encode() for tap in taps),
    )
    say(
        session,
        conversation,
        Reply(text, ((buttons[0],), tuple(buttons[1:]))),
        now,
        queue=OutboxQueue.REMINDER,
        purpose=Purpose.REMINDER,
        template=template,
        not_after=visits[0].starts_at,
        visits=visits_said(visits),
    )


def _expect_answer(
    session: WriteSession, conversation: Conversation, taps: Sequence[TapPayload], now: datetime
) -> None:
    """Have a written «да» or «нет» answer the reminder, unless the person is being asked something else just now."""
    state, last = conversation.state, conversation.last_inbound_at
    has_question = bool(state.topic or state.expecting or state.yes or state.no or state.pending)
    asked = read_tap(state.yes)
    waits_for_another = asked is not None and asked.tap in {Tap.WAIT_TAKE, Tap.SHIFT_YES, Tap.LINK_YES}
    if waits_for_another or (has_question and last is not None and now - last < TALKING):
        return
    coming = taps[0]
    lists = taps[-1].tap is Tap.MENU_MINE
    no = taps[-1] if lists else TapPayload(Tap.REMIND_REFUSE, coming.subject)
    expecting = replace(state, yes=coming.encode(), no=no.encode(), news_asked=False)
    repository.save_state(session, conversation, expecting, now)


def _taps(visits: Sequence[Booking]) -> list[TapPayload]:
    """What can be tapped: for one visit its own moves, for several the list of them."""
    first = visits[0]
    coming, move = TapPayload(Tap.REMIND_CONFIRM, first.id), TapPayload(Tap.RESCHEDULE, first.id)
    if len(visits) == 1:
        return [coming, move, TapPayload(Tap.CANCEL, first.id)]
    if first.visit_id is not None and {one.visit_id for one in visits} == {first.visit_id}:
        return [coming, move, TapPayload(Tap.CANCEL_VISIT, first.visit_id)]
    return [coming, TapPayload(Tap.MENU_MINE)]


def _facts(
    session: WriteSession, words: Texts, visits: Sequence[Booking], location: Location, now: datetime
) -> dict[str, str]:
    clock, spoken = zone(location.timezone), Phrases(words.say)
    local = visits[0].starts_at.astimezone(clock)
    services = dict.fromkeys(catalog.get_service(session, one.service_id).name for one in visits)
    people = dict.fromkeys(_staff(session, one) or location.name for one in visits)
    return {
        "day": spoken.on_day(local.date(), now.astimezone(clock).date()),
        "time": phrases.clock(local),
        "service": spoken.listed(list(services)),
        "staff": spoken.listed(list(people)),
        "place": location.address or location.name,
    }


def _line(session: WriteSession, words: Texts, one: Booking) -> str:
    location = catalog.get_location(session, one.location_id)
    return words.say(
        "remind-line",
        time=phrases.clock(one.starts_at.astimezone(zone(location.timezone))),
        service=catalog.get_service(session, one.service_id).name,
        staff=_staff(session, one) or location.name,
    )


def _staff(session: WriteSession, one: Booking) -> str:
    return catalog.get_staff(session, one.staff_id).name if one.staff_id else ""
