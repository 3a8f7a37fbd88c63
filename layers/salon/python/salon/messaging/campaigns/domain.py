"""Who is written to, when and how: occasions, segments, wordings, and how often is too often. Pure."""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from salon.messaging.campaigns.errors import CampaignNotInState, CampaignSenseless
from salon.platform.timeranges import local_instant

MAX_NAME_CHARS = 200
MAX_TEXT_CHARS = 1_500
MAX_URL_CHARS = 500
MAX_DAYS = 3650
MAX_BIRTHDAY_DAYS = 30
MOST_STARS = 5
LANGUAGES = ("ru", "en")
PLACES = ("name", "salon", "link", "service", "staff", "phone")
"""What a wording may leave to be filled in: the client's name, the salon's, the wording's link, the service and the
person of the last visit, the salon's telephone."""

SEND_HOUR = time(11, 0)
"""When an occasion's message goes out, by the client's clock: late enough to be awake, early enough to book today."""

WEEK, MONTH = timedelta(days=7), timedelta(days=30)
LATE = {"birthday": timedelta(days=1), "win_back": timedelta(days=14), "one_off": timedelta(days=7)}
"""How long after its time a message still makes sense; a birthday is over on the next day."""


class CampaignKind(StrEnum):
    """On what occasion something is said."""

    BIRTHDAY = "birthday"
    WIN_BACK = "win_back"  # somebody has not come for a while
    ONE_OFF = "one_off"  # once, to everybody meant


class CampaignStatus(StrEnum):
    """draft → active ⇄ paused → finished."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    FINISHED = "finished"


class CampaignMessageStatus(StrEnum):
    """The life of one message of a campaign."""

    PLANNED = "planned"
    SENT = "sent"  # handed to the queue; the message's own status says how far it came
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class SkipReason(StrEnum):
    """Why a message was not sent."""

    NO_CONSENT = "no_consent"
    UNREACHABLE = "unreachable"  # never wrote to us, or has blocked us everywhere
    TOO_OFTEN = "too_often"  # the frequency caps
    TOO_LATE = "too_late"
    CAME_BACK = "came_back"  # has booked or visited since
    WINDOW_CLOSED = "window_closed"  # the channel wants a template, and the campaign has none
    ERASED = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Whom a campaign means; what is left out excludes nobody.

    Attributes:
        last_visit_before: the last visit was before this day; who never came is not meant.
        last_visit_after: the last visit was on this day or later.
        idle_days: no visit for so many days, and none booked.
        service_ids: has had one of these.
        staff_ids: was served by one of these.
        location_ids: came to one of these.
        min_visits: has come so often.
        min_rating: the last rating they gave was so high.
        max_rating: the last rating they gave was so low.
        language: speaks it.
        birthday_within_days: has a birthday within so many days, today included. For the kind `birthday` it is how
            many days before the birthday the message goes out.
    """

    last_visit_before: date | None = None
    last_visit_after: date | None = None
    idle_days: int | None = None
    service_ids: tuple[UUID, ...] = ()
    staff_ids: tuple[UUID, ...] = ()
    location_ids: tuple[UUID, ...] = ()
    min_visits: int | None = None
    min_rating: int | None = None
    max_rating: int | None = None
    language: str | None = None
    birthday_within_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What is said, in one language.

    Attributes:
        text: with places in braces, `{name}`; see `PLACES`.
        link: what `{link}` stands for.
    """

    text: str
    link: str = ""

    @property
    def places(self) -> tuple[str, ...]:
        """The places in the order in which they first occur: a template's values come in that order."""
        return tuple(dict.fromkeys(_PLACE.findall(self.text)))

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with its places filled in; a value is never read as a place itself.

        Where there is nothing to fill in, the comma before it goes as well: «Здравствуйте, {name}!» to somebody whose
        name is not known is «Здравствуйте!».
        """
        return _PLACE_WITH_COMMA.sub(
            lambda found: f"{found['before']}{values[found['place']]}" if values[found["place"]] else "", self.text
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignDetails:
    """What a person says about a campaign.

    Attributes:
        wording: by language; a client whose language is not among them reads the first.
        template_purpose: under which purpose the accounts know the provider's approved text that says the same.
        send_at: when a `one_off` goes out and its segment is taken; occasions begin then at the earliest.
    """

    name: str
    kind: CampaignKind
    segment: Segment = field(default_factory=Segment)
    wording: Mapping[str, Wording] = field(default_factory=dict)
    template_purpose: str | None = None
    send_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign(CampaignDetails):
    """A campaign.

    Attributes:
        planned_at: when it was last worked out to whom it is said; of a `one_off` the only time.
        version: grows with every change by a person.
    """

    id: UUID
    status: CampaignStatus
    planned_at: datetime | None
    created_by: str
    created_at: datetime
    updated_at: datetime
    version: int

    def wording_for(self, language: str) -> Wording:
        """What is said to somebody who speaks `language`."""
        return self.wording.get(language) or next(iter(self.wording.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What has become of a campaign.

    Attributes:
        skipped: by reason.
        delivered: of those sent, so many are known to have arrived.
        read: and to have been read, where the messenger says so.
        failed: the messenger did not take them.
    """

    planned: int = 0
    sent: int = 0
    cancelled: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    delivered: int = 0
    read: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Whom a campaign means just now.

    Attributes:
        count: people.
        reachable: of them those who agreed to marketing and can be written to.
        client_ids: the first of them.
    """

    count: int
    reachable: int
    client_ids: tuple[UUID, ...]


_PLACE = re.compile(r"\{([a-z_]+)\}")
_PLACE_WITH_COMMA = re.compile(r"(?P<before>,?[ \u00a0]?)\{(?P<place>[a-z_]+)\}")
_PURPOSE = re.compile(r"[a-z][a-z0-9_]{0,31}")
_NUMBERS = {
    "idle_days": (1, MAX_DAYS),
    "min_visits": (1, 10_000),
    "min_rating": (1, MOST_STARS),
    "max_rating": (1, MOST_STARS),
    "birthday_within_days": (0, MAX_BIRTHDAY_DAYS),
}


def check_details(details: CampaignDetails) -> None:
    """Refuse a campaign that nobody could mean.

    Raises:
        CampaignSenseless: says what is wrong.
    """
    if not 0 < len(details.name.strip()) <= MAX_NAME_CHARS:
        raise CampaignSenseless("name", f"has 1 to {MAX_NAME_CHARS} characters")
    if details.template_purpose is not None and not _PURPOSE.fullmatch(details.template_purpose):
        raise CampaignSenseless("template_purpose", "is small letters, digits and underscores, at most 32")
    _check_segment(details)
    if not details.wording:
        raise CampaignSenseless("wording", "is there in one language at least")
    for language, wording in details.wording.items():
        if language not in LANGUAGES:
            raise CampaignSenseless(f"wording.{language}", f"is none of our languages: {', '.join(LANGUAGES)}")
        check_wording(f"wording.{language}", wording)


def check_wording(part: str, wording: Wording) -> None:
    """Refuse a text that could not be sent.

    Raises:
        CampaignSenseless: says what is wrong.
    """
    if not 0 < len(wording.text.strip()) <= MAX_TEXT_CHARS:
        raise CampaignSenseless(part, f"has 1 to {MAX_TEXT_CHARS} characters")
    for place in wording.places:
        if place not in PLACES:
            raise CampaignSenseless(part, f"knows no place {{{place}}}, but {', '.join(PLACES)}")
    if set("{}") & set(_PLACE.sub("", wording.text)):
        raise CampaignSenseless(part, "has braces around places only")
    is_web = wording.link.startswith("https://") and not any(sign.isspace() for sign in wording.link)
    if wording.link and not (is_web and len(wording.link) <= MAX_URL_CHARS):
        raise CampaignSenseless(f"{part}.link", "is an address that begins with https://")
    if ("link" in wording.places) != bool(wording.link):
        raise CampaignSenseless(f"{part}.link", "is there if and only if the text has {link}")


def check_startable(campaign: Campaign) -> None:
    """Refuse to start what runs or is over, and a message to everybody that does not say when.

    Raises:
        CampaignNotInState, CampaignSenseless: that.
    """
    check_status(campaign, CampaignStatus.DRAFT, CampaignStatus.PAUSED)
    if campaign.kind is CampaignKind.ONE_OFF and campaign.send_at is None:
        raise CampaignSenseless("send_at", "is needed: a message to everybody is sent once, at its time")


def check_status(campaign: Campaign, *allowed: CampaignStatus) -> None:
    """Refuse a step that this state does not allow.

    Raises:
        CampaignNotInState: that.
    """
    if campaign.status not in allowed:
        raise CampaignNotInState(campaign.id, campaign.status)


def birthday_on(birth_day: str, year: int) -> date:
    """When a birthday is kept in a year: that of 29 February on the 28th when there is none."""
    month, day = int(birth_day[:2]), int(birth_day[3:])
    if (month, day) == (2, 29) and not isleap(year):
        day = 28
    return date(year, month, day)


def birth_days(days: list[date]) -> list[str]:
    """Under which `MM-DD` those are found who keep their birthday on one of these days."""
    found = [f"{day:%m-%d}" for day in days]
    if any((day.month, day.day) == (2, 28) and not isleap(day.year) for day in days):
        found.append("02-29")
    return found


def send_instant(on: date, timezone: str) -> datetime:
    """When a message of that day goes out, UTC."""
    return local_instant(on, SEND_HOUR, timezone)


def _check_segment(details: CampaignDetails) -> None:
    segment = details.segment
    for name, (least, most) in _NUMBERS.items():
        value = getattr(segment, name)
        if value is not None and not least <= value <= most:
            raise CampaignSenseless(f"segment.{name}", f"is {least} to {most}")
    if segment.min_rating is not None and segment.max_rating is not None and segment.min_rating > segment.max_rating:
        raise CampaignSenseless("segment.min_rating", "is not above max_rating")
    first, last = segment.last_visit_after, segment.last_visit_before
    if first is not None and last is not None and first >= last:
        raise CampaignSenseless("segment.last_visit_after", "is before last_visit_before")
    if segment.language is not None and segment.language not in LANGUAGES:
        raise CampaignSenseless("segment.language", f"is one of {', '.join(LANGUAGES)}")
    if details.kind is CampaignKind.WIN_BACK and segment.idle_days is None:
        raise CampaignSenseless("segment.idle_days", "is needed: how long somebody has not come")
