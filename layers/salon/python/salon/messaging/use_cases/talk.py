"""What every part of the dialogue works with: the transaction, the conversation, its memory and the salon's words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from uuid import UUID

from salon.availability.domain import Slot
from salon.booking import use_cases as booking
from salon.booking.domain import Booking, BookingPolicy
from salon.catalog import use_cases as catalog
from salon.catalog.domain import Location, Service
from salon.clients import use_cases as clients
from salon.clients.domain import Client
from salon.identity.domain import Actor, ActorKind
from salon.identity.repository import IdentityRepository
from salon.messaging import repository
from salon.messaging.domain import Button, phrases
from salon.messaging.domain.choices import options
from salon.messaging.domain.dialogue import DialogueState, TimeWish
from salon.messaging.domain.phrases import Phrases
from salon.messaging.domain.taps import Tap, TapPayload
from salon.messaging.repository import Conversation
from salon.messaging.use_cases.say import Reply, say
from salon.messaging.use_cases.words import texts_for
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.metrics import Metrics
from salon.platform.money import Money
from salon.platform.settings import BookingSettings
from salon.platform.texts import Texts
from salon.platform.timeranges import zone

Links = Callable[[UUID, UUID], str]
"""Gives the address of a tenant's booking's calendar file."""

Rows = tuple[tuple[Button, ...], ...]
OPENING = (time(9, 0), time(21, 0))
"""Hours by which «в 7» is read when no location has any."""


class Talk:
    """One turn of a conversation: a message came in, and this is what it is answered with."""

    def __init__(
        self,
        session: WriteSession,
        conversation: Conversation,
        *,
        now: datetime,
        metrics: Metrics,
        settings: BookingSettings | None = None,
        links: Links | None = None,
    ) -> None:
        self.session = session
        self.conversation = conversation
        self.now = now
        self.metrics = metrics
        self._settings = settings or BookingSettings()
        self._links = links
        self._footnote = ""
        self.state = conversation.state
        self.actor = Actor(ActorKind.CLIENT, str(conversation.client_id))

    @cached_property
    def policy(self) -> BookingPolicy:
        """The tenant's rules of booking, and no day for which no slots are made."""
        rules = booking.policy_of(self.session)
        return replace(rules, horizon_days=min(rules.horizon_days, self._settings.slot_horizon_days))

    @cached_property
    def client(self) -> Client:
        """Whom we talk to."""
        return clients.get_client(self.session, self.conversation.client_id)

    @cached_property
    def language(self) -> str:
        """What is spoken: the client's language, unless `speak` said otherwise."""
        return self.client.language

    @cached_property
    def texts(self) -> Texts:
        """The words, in the language that is spoken and the salon's tone."""
        return texts_for(self.session, self.language)

    @cached_property
    def phrases(self) -> Phrases:
        """Dates and times, in the language that is spoken."""
        return Phrases(self.texts.say)

    @cached_property
    def locations(self) -> list[Location]:
        """The salon's branches."""
        return catalog.list_locations(self.session)

    @cached_property
    def services(self) -> dict[UUID, Service]:
        """What can be booked."""
        return {service.id: service for service in catalog.list_services(self.session)}

    @cached_property
    def staff_names(self) -> dict[UUID, str]:
        """Who works here."""
        return {person.id: person.name for person in catalog.list_staff(self.session)}

    @property
    def timezone(self) -> str:
        """The zone that «завтра» is meant in: the branch's."""
        return self.locations[0].timezone if self.locations else "Europe/Moscow"

    @property
    def today(self) -> date:
        """The salon's date."""
        return self.now.astimezone(zone(self.timezone)).date()

    @property
    def hours(self) -> tuple[time, time]:
        """The earliest opening and the latest closing of any branch on any day."""
        ranges = [hours for place in self.locations for day in place.opening_hours.values() for hours in day]
        if not ranges:
            return OPENING
        return min(opens for opens, _ in ranges), max(closes for _, closes in ranges)

    @property
    def phone(self) -> str:
        """The salon's telephone, for a person who wants a person."""
        return salon_phone(self.session, self.texts)

    @property
    def salon(self) -> str:
        """The salon's name."""
        return IdentityRepository(self.session).get_tenant().name

    def local(self, instant: datetime) -> datetime:
        """An instant by the salon's wall clock."""
        return instant.astimezone(zone(self.timezone))

    def zone_of(self, location_id: UUID) -> str:
        """The time zone of a branch."""
        return self._zones.get(location_id) or catalog.get_location(self.session, location_id).timezone

    def local_of(self, booking: Booking) -> datetime:
        """When a booking starts, by the wall clock of its branch."""
        return booking.starts_at.astimezone(zone(self.zone_of(booking.location_id)))

    @property
    def last_day(self) -> date:
        """The last day that can be booked."""
        return self.today + timedelta(days=self.policy.horizon_days)

    def is_beyond_horizon(self, wish: TimeWish) -> bool:
        """Whether every day that was wished for lies too far ahead."""
        first = wish.first_day
        return first is not None and first > self.last_day

    def local_at(self, slot: Slot, instant: datetime) -> datetime:
        """An instant by the wall clock of the slot's own branch."""
        return instant.astimezone(zone(self.zone_of(slot.location_id)))

    @cached_property
    def _zones(self) -> dict[UUID, str]:
        return {place.id: place.timezone for place in self.locations}

    def link_to_calendar(self, booking_id: UUID) -> str | None:
        """Where a visit's calendar file can be had on the web; None where this cloud has no public address."""
        return self._links(tenant_of(self.session), booking_id) if self._links else None

    def follow_client(self) -> None:
        """The conversation belongs to another client now: two were one person."""
        self.conversation = replace(
            repository.get_conversation(self.session, self.conversation.id), state=self.conversation.state
        )
        self.actor = Actor(ActorKind.CLIENT, str(self.conversation.client_id))
        self.forget_client()

    def forget_client(self) -> None:
        """The client was changed, and perhaps what they speak: look again."""
        for known in ("client", "language", "texts", "phrases"):
            self.__dict__.pop(known, None)

    def speak(self, language: str) -> None:
        """Speak a language for the rest of this turn, whatever the client's own is."""
        self.forget_client()
        self.__dict__["language"] = language

    def remember(self, state: DialogueState) -> None:
        """Change where the dialogue stands; wishes that wait for their turn stay, whatever ends before it."""
        if self.state.later and not state.later:
            state = replace(state, later=self.state.later, later_at=self.state.later_at)
        self.state = state
        repository.save_state(self.session, self.conversation, state, self.now)

    def wait_with(self, wishes: tuple[str, ...]) -> None:
        """Keep these wishes for later, and no others."""
        self.state = replace(self.state, later=(), later_at=None)
        self.remember(replace(self.state, later=wishes, later_at=self.now if wishes else None))

    def say(self, text_id: str, *, buttons: Rows = (), not_after: datetime | None = None, **arguments: object) -> None:
        """Answer with a text of the files, unless it cannot go out before `not_after`."""
        self.reply(self.texts.say(text_id, **arguments), buttons, not_after=not_after)

    def add_footnote(self, text: str) -> None:
        """Have the next answer of this turn end with these words."""
        self._footnote = text

    def ask_phone(self, text_id: str) -> None:
        """Answer with a text, and the messenger's own button that shares one's number."""
        label = self.texts.say("language-share-phone")
        reply = Reply(self._with_footnote(self.texts.say(text_id)), ask_phone=True, phone_label=label)
        say(self.session, self.conversation, reply, self.now)

    def button(self, text_id: str, payload: TapPayload, **arguments: object) -> Button:
        """A button that says a text of the files."""
        return Button(self.texts.say(text_id, **arguments), payload.encode())

    def reply(self, text: str, buttons: Rows = (), *, not_after: datetime | None = None) -> None:
        """Answer with a text made elsewhere, unless it cannot go out before `not_after`."""
        reply = Reply(self._with_footnote(text), buttons)
        say(self.session, self.conversation, reply, self.now, not_after=not_after)
        listed = options(buttons)
        if listed:
            self.remember(replace(self.state, listed=listed))

    def menu(self) -> Rows:
        """The buttons that always help."""
        return (
            (Button(self.texts.say("menu-book"), TapPayload(Tap.MENU_BOOK).encode()),),
            (
                Button(self.texts.say("menu-services"), TapPayload(Tap.MENU_SERVICES).encode()),
                Button(self.texts.say("menu-mine"), TapPayload(Tap.MENU_MINE).encode()),
            ),
        )

    def _with_footnote(self, text: str) -> str:
        footnote, self._footnote = self._footnote, ""
        return f"{text}\n\n{footnote}" if footnote else text

    def price(self, money: Money | None) -> str:
        """A price for reading; a dash when no list has one."""
        return money.format(self.language) if money is not None else "—"

    def duration(self, minutes: int) -> str:
        """«1 ч 30 мин»."""
        hours, rest = phrases.hours_and_minutes(minutes)
        if hours == 0:
            return self.texts.say("duration-minutes", minutes=rest)
        return self.texts.say("duration-hours", hours=hours, minutes=rest)

    def service_name(self, service_id: UUID) -> str:
        """What a service is called, whether it is still offered or not."""
        known = self.services.get(service_id)
        return known.name if known else catalog.get_service(self.session, service_id).name

    def booking_facts(self, booking: Booking) -> dict[str, str]:
        """What a confirmation says: service, day, time, staff, place, price."""
        location = catalog.get_location(self.session, booking.location_id)
        local = booking.starts_at.astimezone(zone(location.timezone))
        staff = catalog.get_staff(self.session, booking.staff_id).name if booking.staff_id else location.name
        return {
            "service": self.service_name(booking.service_id),
            "day": self.phrases.on_day(local.date(), self.today),
            "time": phrases.clock(local),
            "staff": staff,
            "place": f"{location.name}, {location.address}",
            "price": self.price(booking.price),
        }

    def booking_line(self, booking: Booking) -> str:
        """A booking in one line, for a list or a button."""
        facts = self.booking_facts(booking)
        return self.texts.say(
            "booking-line", service=facts["service"], day=facts["day"], time=facts["time"], staff=facts["staff"]
        )


def salon_phone(session: ReadSession, words: Texts) -> str:
    """The first branch's telephone, or words that do not promise one."""
    phones = [place.phone for place in catalog.list_locations(session) if place.phone]
    return phones[0] if phones else words.say("salon-phone-unknown")
