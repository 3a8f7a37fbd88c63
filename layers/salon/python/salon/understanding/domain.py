"""What a message can mean, and the context it is read in."""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

from salon.platform.dayparts import Daypart

GRAMMAR_VERSION = "2026.11.3"


class Intent(StrEnum):
    """What the writer wants."""

    BOOK = "book"
    RESCHEDULE = "reschedule"
    CANCEL = "cancel"
    REPEAT = "repeat"
    MY_BOOKINGS = "my_bookings"
    WAIT = "wait"
    UNWAIT = "unwait"
    SERVICES = "services"
    PRICES = "prices"
    ADDRESS = "address"
    WHO = "who"
    LATE = "late"
    COMPLAINT = "complaint"
    PERSON = "person"
    STOP = "stop"
    THANKS = "thanks"
    GREETING = "greeting"
    CONFIRM = "confirm"
    REJECT = "reject"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A service or a staff member as the salon calls it."""

    id: str
    name: str
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What can be booked and with whom."""

    services: tuple[CatalogueEntry, ...] = ()
    staff: tuple[CatalogueEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What a message is read against.

    Attributes:
        now: The instant of the message, aware.
        timezone: IANA name of the salon's zone; dates and times in the answer are local to it.
        hours: Opening and closing time; equal values mean round the clock, a smaller closing time the next day.
        catalogue: Services and staff to recognise.
        expecting: What the dialogue has just asked for: ``service``, ``when``, ``staff`` or nothing.
    """

    now: dt.datetime
    timezone: str
    hours: tuple[dt.time, dt.time]
    catalogue: Catalogue
    expecting: str | None = None


@dataclass(frozen=True, slots=True)
class When:
    """The date and time wishes of a message, local to the salon; what was not said is empty.

    ``ambiguous`` is the honest part. Every entry is a field, or ``field:reading/reading``, that must be asked
    before anything is booked: ``time:08:00/20:00`` (both fit the opening hours), ``time`` (neither fits),
    ``date`` (several unrelated dates, a weekday that is today, a day that does not exist), ``past`` (the moment
    is gone), ``daypart``, ``negation``, ``condition`` («если», «каждую», «в ту субботу»), ``earlier``
    and ``later`` without an amount, ``shift`` (a move without a direction, or two),
    ``unread`` (a number or a time word was left over) and ``truncated`` (the message was too long).

    ``span`` is the evidence, the stretch of the text that this was read in, end exclusive; ``confidence`` goes from 0
    to 1 and is low when anything is ambiguous, lower than full when a slip of the pen was forgiven. Neither counts
    when two readings are compared.
    """

    date: dt.date | None = None
    date_from: dt.date | None = None
    date_to: dt.date | None = None
    dates: tuple[dt.date, ...] = ()
    excluded_dates: tuple[dt.date, ...] = ()
    time: dt.time | None = None
    time_from: dt.time | None = None
    time_to: dt.time | None = None
    daypart: Daypart | None = None
    approx: bool = False
    asap: bool = False
    finish_by: dt.time | None = None
    shift_minutes: int | None = None
    shift_days: int | None = None
    ambiguous: tuple[str, ...] = ()
    confidence: float = field(default=1.0, compare=False)
    span: tuple[int, int] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Match:
    """A service or a staff member found in the text.

    Attributes:
        id: The catalogue's id of the best candidate.
        name: Its name.
        confidence: 0 to 1.
        span: Where in the text the words stand, end exclusive.
        alternatives: Ids of candidates within eight points of the best: ask which one when there are any.
    """

    id: str
    name: str
    confidence: float
    span: tuple[int, int]
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Understood:
    """The reading of one message.

    Attributes:
        text: The message as it came.
        intent: The best intent; ``OTHER`` when nothing speaks for any.
        intent_confidence: 0 to 1, calibrated.
        intent_alternatives: Two intents, the likelier first, between which the message does not decide: ask which.
        intent_span: Where in the text the words stand that decided the intent, end exclusive.
        service: The first service named.
        services: Every service named, in the order of the text.
        staff: The staff member asked for.
        when: Date and time wishes, or None when the message has none.
        confidence: 0 to 1 for the reading as a whole; low when anything is ambiguous.
        phone: A phone number in the text, with a plus and the country code.
        email: An e-mail address in the text, as it was written.
        negated_services: Ids of services that were declined («не маникюр»).
        negated_staff: Ids of staff that were declined («только не к Анне»).
        unknown_staff: A first name asked for that the catalogue does not have, in its base form.
        wishes: Each wish by itself when the message has more than one («сколько стоит стрижка и можно завтра?»), in
            their order; otherwise empty. The other attributes then read the message as a whole.
        versions: Versions of the lexicon, of the grammar and of the intent model that decided; ``rules`` for the
            model when it could not answer.
    """

    text: str
    intent: Intent
    intent_confidence: float
    intent_alternatives: tuple[Intent, ...] = ()
    intent_span: tuple[int, int] | None = None
    service: Match | None = None
    services: tuple[Match, ...] = ()
    staff: Match | None = None
    when: When | None = None
    confidence: float = 0.0
    phone: str | None = None
    email: str | None = None
    negated_services: tuple[str, ...] = ()
    negated_staff: tuple[str, ...] = ()
    unknown_staff: str | None = None
    wishes: tuple["Understood", ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
