"""Who of the salon answers whom: codes that bind a chat, conversations that a human has, what people are told. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from salon.messaging.domain import Button
from salon.messaging.people.errors import HandoverClosed, HandoverOutdated, HandoverTaken
from salon.platform.timeranges import zone

CODE_CHARS = 8
CODE_TTL = timedelta(hours=24)
_LETTERS, _DIGITS = "ABCDEFGHJKMNPQRSTVWXYZ", "23456789"  # nothing that is read as something else: 0 and O, 1, I and L
_HOMOGLYPHS = str.maketrans("АВСЕНКМРТХУ", "ABCEHKMPTXY")
"""Cyrillic letters that look like Latin ones: a keyboard that was not switched over types them."""
_BIND = re.compile(r"/bind(?:@\w+)?(?:\s+(?P<command>.*))?|(?:/start\s+)?bind_(?P<link>.*)", re.IGNORECASE | re.DOTALL)
_BARE = re.compile(rf"[{_LETTERS}{_DIGITS}]{{{CODE_CHARS}}}")
_COURTESY = re.compile(
    r"(?:\W*(?:спасибо|благодарю|хорошо|ок|окей|ясно|понятно|поняла?|договорились|отлично|супер|жду|до встречи"
    r"|большое|вам|thanks|thank you|ok|okay|great|fine|good)\b)*\W*",
    re.IGNORECASE,
)

OPEN_FOR = timedelta(days=7)
"""A hand-over that nobody ever took leaves the inbox after so long; the bot has gone on all the time."""


class HandoverReason(StrEnum):
    """Why a human is to answer."""

    ASKED = "asked"
    COMPLAINT = "complaint"
    NOT_UNDERSTOOD = "not_understood"
    FAILED = "failed"  # our own fault
    LOW_RATING = "low_rating"
    VOICE = "voice"
    MEDIA = "media"
    WINDOW_CLOSED = "window_closed"
    ERASURE = "erasure"  # of what we keep about them
    OTHER = "other"  # a human wrote first


_GRAVITY = {
    HandoverReason.ERASURE: 5,  # the law sets a term
    HandoverReason.COMPLAINT: 4,
    HandoverReason.ASKED: 3,
    HandoverReason.LOW_RATING: 2,
    HandoverReason.OTHER: 0,
}
"""What cannot wait behind what: a graver reason takes the place of the former one. Whatever is not here: 1."""


class HandoverStatus(StrEnum):
    """open → taken → closed; taken → open when whoever took it cannot or does not answer."""

    OPEN = "open"
    TAKEN = "taken"
    CLOSED = "closed"


class HandoverOutcome(StrEnum):
    """How a hand-over ended."""

    RETURNED = "returned"
    STALE = "stale"  # nothing was written for too long
    UNANSWERED = "unanswered"  # nobody ever took it
    ERASED = "erased"


class NoticeKind(StrEnum):
    """What the salon is told of; a person chooses among them."""

    HANDOVER = "handover"
    LOW_RATING = "low_rating"
    FAILED = "failed"
    ACCOUNT = "account"
    STOCK = "stock"


class ReadPurpose(StrEnum):
    """What somebody reads a client's conversation for; the audit log keeps it (152-FZ: bound to a purpose)."""

    HANDOVER = "handover"
    COMPLAINT = "complaint"
    BOOKING = "booking"
    QUALITY = "quality"


@dataclass(frozen=True, slots=True)
class BindingCode:
    """A code that binds a chat to a user, in the clear: shown once, kept as a digest. Never logged."""

    code: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffContact:
    """A chat that belongs to a user of the salon.

    Attributes:
        role: of the user, in identity's words.
        account_id: the salon's account that the chat is with.
        notices: what the person is told of, here.
        handover_id: whom the person's plain messages go to just now; None: to the assistant.
        ended_at: when it was unbound; only contacts that are not ended do anything.
    """

    id: UUID
    user_id: UUID
    name: str
    role: str
    conversation_id: UUID
    account_id: UUID
    channel: str
    notices: tuple[str, ...]
    handover_id: UUID | None
    created_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """A conversation that a human of the salon is to answer.

    Attributes:
        number: counts up within the salon; what people call it by.
        taken_by: a user; None with status `taken` when a human answers in the provider's own app.
        messages: what the client has written since it was opened.
        last_activity_at: when a human of the salon last wrote or took it; the client's messages put nothing off.
        due_at: when the timer looks at it next; None once it is closed.
        reminded_at: when the salon was reminded that nobody has taken it.
        version: grows with every change but the counting.
    """

    id: UUID
    number: int
    conversation_id: UUID
    client_id: UUID
    channel: str
    reason: HandoverReason
    status: HandoverStatus
    opened_at: datetime
    taken_at: datetime | None = None
    taken_by: UUID | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    outcome: HandoverOutcome | None = None
    messages: int = 0
    last_activity_at: datetime
    due_at: datetime | None
    reminded_at: datetime | None = None
    version: int = 1

    @property
    def is_outside(self) -> bool:
        """Whether a human answers where we do not see it: in the provider's own app."""
        return self.status is HandoverStatus.TAKEN and self.taken_by is None

    def check_version(self, version: int | None) -> None:
        """Refuse when somebody has changed it since it was read.

        Raises:
            HandoverOutdated: the version that was read is an older one.
        """
        if version is not None and version != self.version:
            raise HandoverOutdated(self.number)

    def take(self, user_id: UUID, now: datetime, *, return_after: timedelta) -> Handover:
        """This user answers from now on; a user who has it already keeps it.

        Raises:
            HandoverClosed: it is over.
            HandoverTaken: somebody else has it.
        """
        if self.status is HandoverStatus.CLOSED:
            raise HandoverClosed(self.number)
        if self.taken_by == user_id:
            return self
        if self.taken_by is not None:
            raise HandoverTaken(self.number, self.taken_by)
        return replace(
            self,
            status=HandoverStatus.TAKEN,
            taken_at=now,
            taken_by=user_id,
            last_activity_at=now,
            due_at=now + return_after,
            version=self.version + 1,
        )

    def take_outside(self, now: datetime, *, silent_for: timedelta) -> Handover:
        """A human has answered in the provider's own app; whoever of us has it keeps it."""
        if self.taken_by is not None:
            return self
        return replace(
            self,
            status=HandoverStatus.TAKEN,
            taken_at=self.taken_at or now,
            last_activity_at=now,
            due_at=now + silent_for,
            version=self.version + (self.status is not HandoverStatus.TAKEN),
        )

    def reopen(self, now: datetime, *, remind_after: timedelta) -> Handover:
        """Whoever had it cannot or does not answer: it waits again."""
        return replace(
            self,
            status=HandoverStatus.OPEN,
            taken_at=None,
            taken_by=None,
            reminded_at=None,
            due_at=now + remind_after,
            version=self.version + 1,
        )

    def raised(self, reason: HandoverReason, now: datetime, *, remind_after: timedelta) -> Handover:
        """The same for a graver reason; itself when the new one is no graver."""
        if _GRAVITY.get(reason, 1) <= _GRAVITY.get(self.reason, 1):
            return self
        graver = replace(self, reason=reason, version=self.version + 1)
        if self.status is not HandoverStatus.OPEN:
            return graver
        return replace(graver, reminded_at=None, due_at=now + remind_after)

    def close(self, outcome: HandoverOutcome, by: str, now: datetime) -> Handover:
        """The assistant answers again.

        Raises:
            HandoverClosed: it does already.
        """
        if self.status is HandoverStatus.CLOSED:
            raise HandoverClosed(self.number)
        return replace(
            self,
            status=HandoverStatus.CLOSED,
            closed_at=now,
            closed_by=by,
            outcome=outcome,
            due_at=None,
            version=self.version + 1,
        )


@dataclass(frozen=True, slots=True)
class Notice:
    """What the salon is told.

    Attributes:
        text_id: of the text files; `arguments` arrive formatted, in the salon's language.
        sealed_for: the client whom it is about: it is sealed with that client's key, so that erasure erases it.
        conversation_id: the conversation that it is about; its own person is not told.
    """

    kind: NoticeKind
    text_id: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    sealed_for: UUID | None = None
    buttons: tuple[tuple[Button, ...], ...] = ()
    conversation_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedMessage:
    """A message of a conversation, in the clear, for whoever may read it. Never logged.

    Attributes:
        direction: `in` or `out`.
        user_id: the human of the salon who wrote it; None for the client and the assistant.
        has_media: whether something came with it.
    """

    id: UUID
    direction: str
    kind: str
    status: str
    purpose: str
    user_id: UUID | None
    text: str = field(repr=False)
    has_media: bool
    at: datetime


def draw_code(choose: Callable[[Sequence[str]], str]) -> str:
    """A new code; at least one digit and one letter, so that neither a word nor a telephone number reads as one."""
    while True:
        code = "".join(choose(_LETTERS + _DIGITS) for _ in range(CODE_CHARS))
        if _is_mixed(code):
            return code


def shown_code(code: str) -> str:
    """As people read it: `ABCD-2345`."""
    return f"{code[: CODE_CHARS // 2]}-{code[CODE_CHARS // 2 :]}"


def read_code(text: str) -> str:
    """A code as it was drawn, from however it was typed: small letters, Cyrillic ones that look alike, a dash."""
    return "".join(text.upper().translate(_HOMOGLYPHS).replace("-", "").split())


def looks_like_binding(text: str) -> str | None:
    """The code in «/bind CODE», in a deep link's `bind_CODE` and in a bare code; None for any other message.

    What follows «/bind» is given back whatever it is ("" when nothing does): the person is told that it is no code.
    """
    found = _BIND.fullmatch(text.strip())
    if found is not None:
        return read_code(found["command"] or found["link"] or "")
    if any(sign.isspace() for sign in text.strip()):
        return None
    code = read_code(text)
    return code if _BARE.fullmatch(code) and _is_mixed(code) else None


def commands_binding(text: str) -> bool:
    """Whether it says that it is about a code: «/bind …» or a deep link, and no car's number plate."""
    return _BIND.fullmatch(text.strip()) is not None


def is_courtesy(text: str) -> bool:
    """«Спасибо!», «Хорошо, жду»: words that need no answer."""
    return bool(text.strip()) and "?" not in text and _COURTESY.fullmatch(text) is not None


def opens_at(
    places: Sequence[tuple[str, Mapping[int, tuple[tuple[time, time], ...]]]], now: datetime
) -> datetime | None:
    """When the first branch opens: `now` when one is open, None when none says its hours.

    Args:
        places: each branch's IANA zone and opening hours by ISO weekday.
        now: the current instant.
    """
    found = []
    for timezone, hours in places:
        local = now.astimezone(zone(timezone))
        for ahead in range(8):
            on = local.date() + timedelta(days=ahead)
            for opens, closes in hours.get(on.isoweekday(), ()):
                start = datetime.combine(on, opens, local.tzinfo)
                end = datetime.combine(on, closes, local.tzinfo)
                if closes <= opens:  # over midnight
                    end += timedelta(days=1)
                if end > now:
                    found.append(max(start, now))
    return min(found, default=None)


def _is_mixed(code: str) -> bool:
    return not code.isdigit() and not code.isalpha()
