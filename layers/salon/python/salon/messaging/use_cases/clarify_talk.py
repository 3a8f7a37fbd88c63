"""One short question where the words leave a doubt: which person, which service, what at all. Nothing is guessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from salon.catalog import use_cases as catalog
from salon.catalog.domain import Service
from salon.messaging.domain import Button
from salon.messaging.domain.cancelling import is_plain_cancelling
from salon.messaging.domain.dialogue import Expecting, Topic
from salon.messaging.domain.questions import is_plain_stop, says_unable
from salon.messaging.domain.taps import Tap, TapPayload, read_tap
from salon.messaging.domain.wishes import asks_to_move, is_declined, is_question, leaves_open_which, moves_instead
from salon.messaging.people.domain import HandoverReason
from salon.messaging.people.use_cases.handing import hand_over
from salon.messaging.use_cases.habits import habits_of
from salon.messaging.use_cases.my_bookings import changeable
from salon.messaging.use_cases.talk import Talk
from salon.platform.ids import parse_id
from salon.understanding.domain import Intent, Match, Understood, When

MAX_PEOPLE = 8
_CERTAIN = 0.9
"""What is as sure as this needs no look at the tenant's threshold."""

ASKED_ABOUT = (
    Intent.BOOK, Intent.RESCHEDULE, Intent.CANCEL, Intent.MY_BOOKINGS, Intent.PRICES, Intent.SERVICES, Intent.ADDRESS,
    Intent.WHO, Intent.WAIT, Intent.UNWAIT, Intent.REPEAT, Intent.LATE, Intent.PERSON, Intent.STOP, Intent.COMPLAINT,
)  # fmt: skip
"""Intents that a button can name, by their place here: old buttons keep their meaning, new intents go to the end."""

_CANCELLING = frozenset({Tap.CANCEL, Tap.CANCEL_VISIT, Tap.CANCEL_SURE, Tap.CANCEL_VISIT_SURE, Tap.CANCEL_SERIES_SURE})
_OF_BOOKINGS = frozenset((Intent.RESCHEDULE, Intent.CANCEL))


def is_one_too_many(talk: Talk) -> bool:
    """Count a message that was not understood, or hardly; True when that were too many in a row: a human is called."""
    misses = talk.state.misses + 1
    talk.remember(replace(talk.state, misses=misses))
    if misses < habits_of(talk.session).misses_before_person:
        return False
    hand_over(talk, HandoverReason.NOT_UNDERSTOOD)
    return True


def is_sure(talk: Talk, match: Match) -> bool:
    """Whether a service or a person was understood well enough to act on."""
    return match.confidence >= _CERTAIN or 100 * match.confidence >= habits_of(talk.session).sure_percent


def named_service(talk: Talk, understood: Understood) -> Service | None:
    """The service that was named, when there is no doubt which."""
    match = understood.service
    if match is None or match.alternatives or not is_sure(talk, match):
        return None
    known = parse_id(match.id)
    return talk.services.get(known) if known else None


def ask_whether_service(talk: Talk, understood: Understood) -> bool:
    """«Вы про маникюр?»: a service that was hardly understood; False when there is nothing to ask."""
    match = understood.service
    known = parse_id(match.id) if match and not match.alternatives and len(understood.services) == 1 else None
    if match is None or known not in talk.services or is_sure(talk, match):
        return False
    if is_one_too_many(talk):
        return True
    yes, no = TapPayload(Tap.SERVICE, known), TapPayload(Tap.MENU_SERVICES)
    talk.remember(replace(talk.state, expecting=Expecting.SERVICE, yes=yes.encode(), no=no.encode()))
    buttons = ((talk.button("clarify-yes", yes), talk.button("clarify-other-service", no)),)
    talk.say("clarify-whether-service", service=match.name, buttons=buttons)
    return True


def named_staff(talk: Talk, understood: Understood) -> UUID | None:
    """The person who was named, when there is no doubt who; of two of one name, the one who does the service."""
    people = _people(talk, understood)
    return people[0] if len(people) == 1 and understood.staff and _is_settled(talk, understood.staff, people) else None


def ask_which_staff(talk: Talk, understood: Understood) -> bool:
    """«К какой Анне?»: several of that name, or one who was hardly understood; False when there is nothing to ask."""
    people = _people(talk, understood)
    if not people or understood.staff is None or _is_settled(talk, understood.staff, people):
        return False
    talk.remember(replace(talk.state, expecting=Expecting.STAFF))
    rows = [
        (Button(talk.staff_names[one], TapPayload(Tap.STAFF, one).encode()),)
        for one in people[:MAX_PEOPLE]
        if one in talk.staff_names
    ]
    if talk.state.topic is Topic.BOOK and talk.state.service_id is not None:
        rows.append((talk.button("menu-anybody", TapPayload(Tap.SERVICE, talk.state.service_id)),))
    talk.say("clarify-which-staff", buttons=tuple(rows))
    return True


def choose_staff(talk: Talk, staff_id: UUID) -> str | None:
    """A person was tapped: remember whom; what it is for goes on. None for a button that means nothing any more."""
    name = talk.staff_names.get(staff_id)
    if name is None or talk.state.topic is None:
        talk.say("button-stale", buttons=talk.menu())
        return None
    talk.remember(replace(talk.state, staff_id=staff_id, expecting=None, shown=(), chains=(), nonce=""))
    return name


def is_sure_to_cancel(understood: Understood, yes: str | None) -> bool:
    """«Да, отменяй» to a question that was about cancelling; `yes` is the payload of what «да» means to it."""
    tapped = read_tap(yes)
    asks = tapped is not None and tapped.tap in _CANCELLING
    says = understood.intent is Intent.CANCEL and understood.service is None and understood.when is None
    is_meant = is_plain_cancelling(understood.text) and not is_declined(understood.text)
    return asks and says and is_meant and not is_question(understood.text)


def leave_open(understood: Understood) -> Understood:
    """The message with what its words leave open, or settle: one or the other, not the one but the other."""
    intent, text = understood.intent, understood.text
    if intent is Intent.STOP and not is_plain_stop(text):
        return replace(understood, intent_alternatives=(Intent.STOP, Intent.CANCEL))
    if intent in _OF_BOOKINGS and leaves_open_which(text):
        return replace(understood, intent_alternatives=(Intent.RESCHEDULE, Intent.CANCEL))
    if intent is Intent.CANCEL and moves_instead(text):
        return replace(understood, intent=Intent.RESCHEDULE, intent_alternatives=())
    return understood


def ask_which_intent(talk: Talk, understood: Understood) -> Understood | None:
    """Ask which of two things is meant, unless what is going on settles it; the message as it is settled, or None."""
    choice = [intent for intent in understood.intent_alternatives if intent in ASKED_ABOUT]
    settled = _settled(talk, understood, choice)
    if settled is not None:
        return replace(understood, intent=settled, intent_alternatives=(), intent_confidence=1.0)
    if is_one_too_many(talk):
        return None
    talk.remember(replace(talk.state, unsure=understood.text))
    rows = tuple((talk.button(text_of(intent), _meaning(intent)),) for intent in choice)
    talk.say("clarify-which-intent", buttons=rows)
    return None


def ask_which_day(talk: Talk, when: When | None) -> bool:
    """«В среду», said on a Wednesday: this one or the next; also two days that do not go together."""
    if when is None or "date" not in when.ambiguous:
        return False
    days = sorted(day for day in when.dates if day >= talk.today)
    if when.date is not None and when.date - talk.today == timedelta(days=7):
        days = [talk.today, when.date]
    if len(days) != 2:  # noqa: PLR2004 - a question with two answers
        return False
    talk.remember(replace(talk.state, wish=replace(talk.state.wish, on=None, days=()), expecting=Expecting.WHEN))
    labels = [talk.phrases.on_day(day, talk.today) for day in days]
    buttons = [
        Button(label, TapPayload(Tap.DAY, number=int(f"{day:%Y%m%d}")).encode())
        for day, label in zip(days, labels, strict=True)
    ]
    talk.say("clarify-which-day", first=labels[0], second=labels[1], buttons=(tuple(buttons),))
    return True


def choose_day(talk: Talk, number: int) -> str | None:
    """A day was tapped; None for one that means nothing any more."""
    day = safe_day(number)
    if day is None or day < talk.today or talk.state.topic is None:
        talk.say("button-stale", buttons=talk.menu())
        return None
    wish = replace(talk.state.wish, on=day, days=(), from_on=None, to_on=None)
    talk.remember(replace(talk.state, wish=wish, shown=(), chains=(), nonce=""))
    return talk.phrases.on_day(day, talk.today)


def safe_day(number: int) -> date | None:
    """20261231 as a day; None for a day that no calendar has."""
    try:
        return date(number // 10000, number // 100 % 100, number % 100)
    except ValueError:
        return None


def ask_move_or_cancel(talk: Talk, understood: Understood) -> bool:
    """«Не смогу завтра»: moved or cancelled, that is asked; False for others, and when no such visit is known."""
    if not _is_unable(talk, understood):
        return False
    when = understood.when
    days = {*when.excluded_dates, *when.dates, *((when.date,) if when.date else ())} if when else set()
    visits = [one for one in changeable(talk) if not days or talk.local_of(one).date() in days]
    if len({one.visit_id or one.id for one in visits}) != 1:
        return False
    first = visits[0]
    cancel = TapPayload(Tap.CANCEL, first.id)
    if len(visits) > 1 and first.visit_id is not None:
        cancel = TapPayload(Tap.CANCEL_VISIT, first.visit_id)
    keep = TapPayload(Tap.KEEP)
    talk.remember(replace(talk.state, no=keep.encode()))
    buttons = (
        (talk.button("button-reschedule", TapPayload(Tap.RESCHEDULE, first.id)), talk.button("button-cancel", cancel)),
        (talk.button("clarify-keep", keep),),
    )
    talk.say("clarify-move-or-cancel", booking=talk.booking_line(first), buttons=buttons)
    return True


def _is_unable(talk: Talk, understood: Understood) -> bool:
    """The day of a visit, and neither that it is cancelled nor where to move it."""
    when = understood.when
    is_about = understood.intent in _OF_BOOKINGS and talk.state.topic is None
    names_day = when is not None and bool(when.excluded_dates) and not (when.date or when.dates or when.date_from)
    return is_about and names_day and says_unable(understood.text) and is_plain_cancelling(understood.text)


def meant_by(tapped: TapPayload) -> Intent | None:
    """The intent that a button names."""
    place = tapped.number if tapped.tap is Tap.MEANT else None
    return ASKED_ABOUT[place] if place is not None and place < len(ASKED_ABOUT) else None


def text_of(intent: Intent) -> str:
    """The text that names an intent on a button."""
    return f"clarify-intent-{intent.value.replace('_', '-')}"


def _meaning(intent: Intent) -> TapPayload:
    return TapPayload(Tap.MEANT, number=ASKED_ABOUT.index(intent))


def _settled(talk: Talk, understood: Understood, choice: list[Intent]) -> Intent | None:
    """What is going on often says which of two it is: nobody moves what they have not booked."""
    if len(choice) < 2:  # noqa: PLR2004 - nothing to choose between
        return understood.intent
    is_half_said = not is_plain_cancelling(understood.text) and not asks_to_move(understood.text)
    if is_half_said and (understood.intent is Intent.CANCEL or set(choice) == _OF_BOOKINGS):
        return Intent.CANCEL  # which asks whether it is meant
    if talk.state.topic is Topic.BOOK and Intent.BOOK in choice:
        return Intent.BOOK
    if talk.state.topic is Topic.RESCHEDULE and Intent.RESCHEDULE in choice:
        return Intent.RESCHEDULE
    if Intent.STOP in choice:
        return None
    left = choice if changeable(talk) else [intent for intent in choice if intent not in _OF_BOOKINGS]
    if len(left) == 1:
        return left[0]
    return understood.intent if not left else None


def _people(talk: Talk, understood: Understood) -> list[UUID]:
    """Who may be meant; those of them who do the service that is wished for, if anybody does."""
    match = understood.staff
    if match is None:
        return []
    people = [one for one in map(parse_id, (match.id, *match.alternatives)) if one is not None]
    service = named_service(talk, understood)
    service_id = service.id if service else talk.state.service_id
    if len(people) < 2 or service_id is None:  # noqa: PLR2004 - nothing to choose between
        return people
    able = {person.id for person in catalog.list_staff_for(talk.session, service_id)}
    return [one for one in people if one in able] or people


def _is_settled(talk: Talk, match: Match, people: list[UUID]) -> bool:
    return len(people) == 1 and (bool(match.alternatives) or is_sure(talk, match))
