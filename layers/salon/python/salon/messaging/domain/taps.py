"""What our buttons carry: at most 64 bytes, the tightest provider's limit. Values and pure steps."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from uuid import UUID

from salon.platform.ids import parse_id


class Tap(StrEnum):
    """What a button of ours means; the first part of its payload."""

    MENU_BOOK = "book"
    MENU_SERVICES = "services"
    MENU_MINE = "mine"
    SLOT = "s"
    SERVICE = "v"
    MORE = "more"
    CANCEL = "cx"
    RESTORE = "un"
    RESCHEDULE = "rs"
    TIME = "t"
    KEEP = "ok"  # leave everything as it is
    CHAIN = "c"  # services in a row: the offers' nonce and the place among them
    CANCEL_VISIT = "cv"
    RESTORE_VISIT = "uv"
    CANCEL_SURE = "cy"  # although it costs something
    CANCEL_VISIT_SURE = "vy"
    WAIT = "w"  # for this service, at the times of the wish
    WAIT_TAKE = "wa"  # the hold that the waiting list has offered
    WAIT_LEAVE = "wn"
    UNWAIT = "uw"
    REWAIT = "rw"
    EVERY = "ev"  # so many days from one visit of a series to the next
    SERIES = "sr"
    CANCEL_SERIES = "cs"
    CANCEL_SERIES_SURE = "ys"
    SHIFT_YES = "sy"
    SHIFT_NO = "sn"
    MOVE = "mv"  # this booking to this slot
    CALENDAR = "ic"  # the visit as a file for calendars
    LINK_YES = "ly"  # two clients are one person
    LINK_NO = "ln"
    GIVE_UP = "gu"  # a booking that the salon cannot keep
    REMIND_CONFIRM = "rc"  # «приду», to a reminder of this booking
    REMIND_REFUSE = "rn"  # a bare «нет» to it, which is asked about
    FEEDBACK = "fb"  # so many stars for this booking
    NEWS_YES = "ny"  # yes, write to me about news
    NEWS_NO = "nn"
    STAFF = "p"  # with this person
    MEANT = "me"  # this is what the message that left two readings meant
    DAY = "dy"  # one of the days that a message left open
    PERSON = "pe"  # a human, please
    HANDOVER_TAKE = "ht"  # the salon's people: this conversation is mine
    HANDOVER_RETURN = "hr"  # and the assistant's again
    HANDOVER_SHOW = "hs"
    HEARD_YES = "hy"  # a voice message was heard rightly
    HEARD_NO = "hn"


@dataclass(frozen=True, slots=True)
class TapPayload:
    """A button's payload, read.

    Attributes:
        tap: what it means.
        subject: about which thing.
        other: and which other one.
        at: a time of day.
        number: days, a place in a list, or stars; a day as 20261231.
        nonce: of the offers that the place is in.
    """

    tap: Tap
    subject: UUID | None = None
    at: time | None = None
    other: UUID | None = None
    number: int | None = None
    nonce: str | None = None

    def encode(self) -> str:
        """At most 64 bytes: a word and 32 hexadecimal digits, with a number or not, or two ids of 22 characters."""
        parts: list[str] = [self.tap]
        if self.at is not None:
            parts.append(f"{self.at:%H%M}")
        elif self.subject is not None and self.other is not None:
            parts.append(_short(self.subject) + _short(self.other))
        elif self.subject is not None:
            parts += [self.subject.hex] if self.number is None else [self.subject.hex, str(self.number)]
        else:
            parts += [str(part) for part in (self.nonce, self.number) if part is not None]
        return ":".join(parts)


_TIME = re.compile(r"([01]\d|2[0-3])([0-5]\d)")
_NUMBER = re.compile(r"\d{1,3}", re.ASCII)
_DAY = re.compile(r"20\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", re.ASCII)
_NONCE = re.compile(r"[0-9a-f]{8}")
_PAIR = re.compile(r"([A-Za-z0-9_-]{22})([A-Za-z0-9_-]{22})")
_STARS = re.compile(r"[1-5]", re.ASCII)
_BARE = frozenset(
    {
        Tap.MENU_BOOK,
        Tap.MENU_SERVICES,
        Tap.MENU_MINE,
        Tap.MORE,
        Tap.KEEP,
        Tap.NEWS_YES,
        Tap.NEWS_NO,
        Tap.PERSON,
        Tap.HEARD_YES,
        Tap.HEARD_NO,
    }
)


def read_tap(payload: str | None) -> TapPayload | None:
    """What a tapped button meant; None for a payload that is not one of ours (old, or forged)."""
    word, _, rest = (payload or "").partition(":")
    try:
        tap = Tap(word)
    except ValueError:
        return None
    if tap in _BARE:
        return None if rest else TapPayload(tap)
    match tap:
        case Tap.TIME:
            found = _TIME.fullmatch(rest)
            return TapPayload(tap, at=time(int(found[1]), int(found[2]))) if found else None
        case Tap.EVERY | Tap.MEANT | Tap.DAY:
            figure = _DAY if tap is Tap.DAY else _NUMBER
            return TapPayload(tap, number=int(rest)) if figure.fullmatch(rest) else None
        case Tap.SERIES:
            return TapPayload(tap, nonce=rest) if _NONCE.fullmatch(rest) else None
        case Tap.CHAIN:
            nonce, _, place = rest.partition(":")
            is_ours = _NONCE.fullmatch(nonce) and _NUMBER.fullmatch(place)
            return TapPayload(tap, nonce=nonce, number=int(place)) if is_ours else None
        case Tap.MOVE:
            pair = _PAIR.fullmatch(rest)
            return TapPayload(tap, _long(pair[1]), other=_long(pair[2])) if pair else None
    about, stars = _rated(rest) if tap is Tap.FEEDBACK else (rest, None)
    subject = parse_id(about)
    return TapPayload(tap, subject, number=stars) if subject else None


def _rated(rest: str) -> tuple[str, int | None]:
    """What was rated, and its stars; nothing when they are none."""
    about, _, stars = rest.partition(":")
    return (about, int(stars)) if _STARS.fullmatch(stars) else ("", None)


def _short(subject: UUID) -> str:
    return urlsafe_b64encode(subject.bytes).decode().rstrip("=")


def _long(text: str) -> UUID:
    return UUID(bytes=urlsafe_b64decode(text + "=="))
