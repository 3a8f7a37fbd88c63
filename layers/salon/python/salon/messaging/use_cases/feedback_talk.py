"""«Как вам визит?»: asking, the stars, and what somebody writes about it.

The template, for channels that let us write only approved texts by then, is `feedback_ask`; its places are filled in
this order: service, staff. Its quick replies carry the stars, from 5 down to 1.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from salon.booking import use_cases as booking
from salon.booking.domain import Booking, BookingStatus
from salon.booking.events import BookingCompleted, BookingReopened
from salon.booking.feedback import use_cases as feedback
from salon.booking.feedback.domain import CHANGEABLE_FOR, MOST, Feedback
from salon.booking.feedback.errors import FeedbackSettled
from salon.catalog import use_cases as catalog
from salon.clients import use_cases as clients
from salon.identity.use_cases import quiet_hours
from salon.messaging import repository
from salon.messaging.domain import Button, Purpose, TemplateUse
from salon.messaging.domain.dialogue import Expecting
from salon.messaging.domain.plain_words import is_praise, rating_in
from salon.messaging.domain.quiet import waits_until
from salon.messaging.domain.remarks import is_other_matter, is_short, plain_answer, says_no
from salon.messaging.domain.reminders import (
    STALE_FEEDBACK,
    PlannedReminder,
    ReminderKind,
    ReminderStatus,
    plan_feedback,
)
from salon.messaging.domain.taps import Tap, TapPayload
from salon.messaging.models import ReminderRow
from salon.messaging.repository import Conversation
from salon.messaging.use_cases import marketing_talk
from salon.messaging.use_cases.habits import habits_of
from salon.messaging.use_cases.my_bookings import mine
from salon.messaging.use_cases.say import Reply, say
from salon.messaging.use_cases.talk import Talk
from salon.messaging.use_cases.words import texts_for
from salon.platform.db import ReadSession, WriteSession
from salon.platform.errors import Refusal
from salon.platform.facts import Fact
from salon.platform.outbox import OutboxQueue
from salon.platform.texts import Texts
from salon.platform.timeranges import local_day, zone
from salon.understanding.domain import Intent, Understood

TEMPLATE = "feedback_ask"
TALKING = timedelta(hours=1)
"""Whoever wrote less than this ago may be in the middle of a question of another matter."""

ASKS_FOR = timedelta(days=3)
"""A question that could not go out for so long is asked no more."""
_POLITE = frozenset({Intent.THANKS, Intent.GREETING})


def on_visit_closed(session: WriteSession, fact: Fact, now: datetime) -> None:
    """A subscriber to `FEEDBACK_FACTS`: plan to ask about a visit that took place, or forget about it again."""
    match fact:
        case BookingCompleted():
            _plan(session, booking.get_booking(session, fact.booking_id), now)
        case BookingReopened():
            repository.cancel_reminders(session, fact.booking_id, now, kinds=(ReminderKind.FEEDBACK,))


def send_feedback_request(session: WriteSession, reminder_id: UUID, now: datetime) -> bool:
    """Ask how a visit was; False when there is nobody to ask, or nothing to ask about any more."""
    from salon.messaging.campaigns.repository import reaching  # here: the dialogue needs no campaigns

    seen = repository.find_planned_reminder(session, reminder_id)
    if seen is None:
        return False
    visit = booking.get_booking(session, seen.booking_id)
    conversation = reaching.lock_reachable(session, clients.list_same_person(session, visit.client_id))
    row = repository.lock_reminder(session, reminder_id)
    if row is None:
        return False
    if conversation is not None and _is_postponed(session, row, visit, now):
        return False
    row.status, row.done_at = ReminderStatus.SKIPPED, now
    if conversation is None or not _is_worth_asking(session, visit, now):
        return False
    row.status = ReminderStatus.SENT
    _ask(session, conversation, visit, now)
    return True


def rate(talk: Talk, booking_id: UUID, rating: int, remark: str = "") -> None:
    """Stars were tapped; a second tap within the day changes them, so the keys stay where they are.

    Args:
        talk: the turn.
        booking_id: the visit.
        rating: how many stars.
        remark: what was written beside them.
    """
    visit = mine(talk, booking_id)
    if talk.state.rating_for == booking_id:
        remark = remark or talk.state.remark
        talk.remember(replace(talk.state, rating_for=None, remark=""))
    if visit is None:
        talk.say("button-stale", buttons=talk.menu())
        return
    before = feedback.find_feedback(talk.session, booking_id)
    try:
        with talk.session.begin_nested():
            said = feedback.rate_visit(
                talk.session,
                booking_id,
                rating,
                channel=talk.conversation.channel,
                actor=talk.actor,
                now=talk.now,
            )
    except FeedbackSettled:
        talk.say("feedback-settled")
    except Refusal:
        talk.say("button-stale", buttons=talk.menu())
    else:
        if remark:
            said = feedback.comment_visit(talk.session, booking_id, remark, now=talk.now)
        if before is None or before.rating != rating:
            _thank(talk, said, is_changed=before is not None)


def expects_rating(talk: Talk) -> bool:
    """Whether a bare «5» means stars."""
    return talk.state.rating_for is not None and talk.state.expecting is None


def take_rating(talk: Talk, understood: Understood) -> bool:
    """Whether the message answers «оцените от 1 до 5»: «5», «пять», «⭐⭐⭐⭐⭐», «4, всё хорошо».

    A kind word without a figure is thanked for and kept, and the figure asked for: none is made up.
    """
    booking_id = talk.state.rating_for
    if booking_id is None or not expects_rating(talk) or mine(talk, booking_id) is None:
        return False
    said = rating_in(understood.text)
    if said is not None:
        wants_more = bool(said.rest) and is_other_matter(understood)
        rate(talk, booking_id, said.stars, "" if wants_more else said.rest)
        return not wants_more
    says_more = understood.when is not None or is_other_matter(understood) or understood.intent is Intent.COMPLAINT
    if says_more or talk.state.remark or talk.state.topic is not None or not is_praise(understood.text):
        return False
    talk.remember(replace(talk.state, remark=understood.text))
    talk.say("answers-how-many-stars", buttons=_stars(talk.texts, booking_id))
    return True


def take_comment(talk: Talk, understood: Understood) -> bool:
    """Whether the message is the comment on the visit that was rated just now; it is kept, then.

    A complaint is kept as well, and answered as what it is.
    """
    booking_id, is_expected = talk.state.rated_id, talk.state.expecting is Expecting.COMMENT
    if booking_id is None or not is_expected:
        return False
    if talk.state.news_asked and plain_answer(understood.text) is not None:
        return False  # the answer to the other question
    said = feedback.find_feedback(talk.session, booking_id)
    _stop_expecting(talk)
    if said is None or talk.now - said.rated_at >= CHANGEABLE_FOR or is_other_matter(understood):
        return False
    if says_no(understood.text):
        talk.say("feedback-no-comment")
        return True
    if understood.intent in _POLITE and is_short(understood.text):
        return False
    feedback.comment_visit(talk.session, booking_id, understood.text, now=talk.now)
    if understood.intent is Intent.COMPLAINT:
        return False
    talk.say("feedback-comment-thanks")
    return True


def _plan(session: WriteSession, visit: Booking, now: datetime) -> None:
    """One question for each client and day, about the last service of the day, unless one was asked already."""
    from salon.messaging.campaigns.repository import reaching  # here: as above

    habits = habits_of(session)
    same = clients.list_same_person(session, visit.client_id)
    if not habits.asks_feedback or visit.status is not BookingStatus.COMPLETED:
        return
    if not reaching.has_conversation(session, same):
        return
    timezone = _timezone(session, visit)
    due = plan_feedback(
        visit.ends_at,
        now=now,
        delay=timedelta(minutes=habits.feedback_delay_min),
        timezone=timezone,
        quiet=quiet_hours(session),
    )
    if due is None or feedback.find_feedback(session, visit.id) is not None:
        return
    reaching.lock_reachable(session, same)  # two visits that are closed at once make one question
    day = local_day(visit.starts_at.astimezone(zone(timezone)).date(), timezone)
    others = repository.list_of_clients(
        session,
        same,
        kind=ReminderKind.FEEDBACK,
        from_at=day.start,
        to_at=day.end,
        statuses=(ReminderStatus.PLANNED, ReminderStatus.SENT),
    )
    for row in others:
        if row.booking_id == visit.id or row.status == ReminderStatus.SENT or row.starts_at > visit.starts_at:
            return
    for row in others:
        row.status, row.done_at = ReminderStatus.CANCELLED, now
    session.flush()
    repository.add_reminders(session, visit.id, visit.starts_at, [PlannedReminder(ReminderKind.FEEDBACK, due)], now)


def _is_postponed(session: WriteSession, row: ReminderRow, visit: Booking, now: datetime) -> bool:
    """Whether it is night for the client by now, because the timer stood still; then it is asked in the morning."""
    until = waits_until(now, timezone=_timezone(session, visit), quiet=quiet_hours(session), visit_at=None)
    if until is not None:
        row.due_at = until
    return until is not None


def _is_worth_asking(session: ReadSession, visit: Booking, now: datetime) -> bool:
    habits = habits_of(session)
    delay = timedelta(minutes=habits.feedback_delay_min)
    is_recent = now - visit.ends_at <= max(STALE_FEEDBACK, delay) + timedelta(days=1)
    is_open = feedback.find_feedback(session, visit.id) is None
    return habits.asks_feedback and is_recent and is_open and visit.status is BookingStatus.COMPLETED


def _ask(session: WriteSession, conversation: Conversation, visit: Booking, now: datetime) -> None:
    words = texts_for(session, clients.get_client(session, conversation.client_id).language)
    service = catalog.get_service(session, visit.service_id).name
    location = catalog.get_location(session, visit.location_id)
    staff = catalog.get_staff(session, visit.staff_id).name if visit.staff_id else location.name
    keys = _stars(words, visit.id)
    state, last = conversation.state, conversation.last_inbound_at
    if last is None or now - last >= TALKING:  # a question of hours ago is over: «5» means stars
        state = replace(state, expecting=None, numbered=())
    repository.save_state(session, conversation, replace(state, rating_for=visit.id, remark=""), now)
    say(
        session,
        conversation,
        Reply(
            words.say("feedback-ask", service=service, staff=staff),
            keys,
        ),
        now,
        queue=OutboxQueue.REMINDER,
        purpose=Purpose.FEEDBACK,
        template=TemplateUse(
            TEMPLATE, values=(service, staff), payloads=tuple(key.payload for key in reversed(keys[0]))
        ),
        not_after=now + ASKS_FOR,
    )


def _stars(words: Texts, booking_id: UUID) -> tuple[tuple[Button, ...], ...]:
    """A key for each number of stars, the worst first."""
    taps = {stars: TapPayload(Tap.FEEDBACK, booking_id, number=stars).encode() for stars in range(1, MOST + 1)}
    return (tuple(Button(words.say("feedback-key", rating=stars), tap) for stars, tap in taps.items()),)


def _thank(talk: Talk, said: Feedback, *, is_changed: bool) -> None:
    habits = habits_of(talk.session)
    if said.has_comment and not is_changed:
        lines = [talk.texts.say("feedback-comment-thanks")]
        is_low = said.rating <= habits.low_rating
        if habits.review_url and not is_low:
            lines.append(talk.texts.say("feedback-review", url=habits.review_url))
        talk.reply("\n".join(lines))
        if not is_low:
            marketing_talk.ask_for_marketing(talk)
        return
    talk.remember(replace(talk.state, expecting=Expecting.COMMENT, rated_id=said.booking_id))
    if said.rating <= habits.low_rating:
        talk.say("feedback-sorry")
        return
    lines = [talk.texts.say("feedback-thanks")]
    if habits.review_url:
        lines.append(talk.texts.say("feedback-review", url=habits.review_url))
    talk.reply("\n".join(lines))
    if not is_changed:
        marketing_talk.ask_for_marketing(talk)


def _stop_expecting(talk: Talk) -> None:
    talk.remember(replace(talk.state, expecting=None, rated_id=None))


def _timezone(session: ReadSession, visit: Booking) -> str:
    own = clients.get_client(session, visit.client_id).timezone
    return own or catalog.get_location(session, visit.location_id).timezone
