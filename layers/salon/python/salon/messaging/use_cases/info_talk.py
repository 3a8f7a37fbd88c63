"""Answers that need no booking: services, prices, address, people."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from uuid import UUID

from salon.catalog import use_cases as catalog
from salon.catalog.domain import Location, Service
from salon.messaging.domain import Button
from salon.messaging.domain.dialogue import DialogueState, Topic
from salon.messaging.domain.phrases import clock
from salon.messaging.domain.taps import Tap, TapPayload
from salon.messaging.use_cases.my_bookings import changeable
from salon.messaging.use_cases.talk import Rows, Talk
from salon.platform.money import Money

_THIS = re.compile(r"\b(?:это|эта|этот|эту|этого|мо[яйё]|мою|моего|моей)\b", re.IGNORECASE)
_BARE_QUESTION = 3
"""«А сколько стоит?»: no more words than these are about what is on the table."""

PriceLists = Sequence[Mapping[tuple[UUID, str | None], Money]]


def list_services(talk: Talk) -> None:
    """«Что у вас есть?»: every service with its length and price."""
    lines = [talk.texts.say("services-header"), ""]
    category = None
    prices = _price_lists(talk)
    for service in sorted(talk.services.values(), key=lambda one: (one.category, one.name)):
        if service.category != category:
            category = service.category
            if category:
                lines.append(f"{category}:")
        lines.append(_service_line(talk, service, prices))
    lines += ["", talk.texts.say("services-footer")]
    talk.reply("\n".join(lines), talk.menu()[:1])


def tell_price(talk: Talk, service: Service) -> None:
    """«Сколько стоит окрашивание?»"""
    button = Button(talk.texts.say("menu-book"), TapPayload(Tap.SERVICE, service.id).encode())
    price = _price_text(talk, service, _price_lists(talk))
    talk.remember(DialogueState(topic=Topic.BOOK, service_id=service.id))  # so that «да» goes on
    talk.say(
        "price-of",
        name=service.name,
        price=price or "—",
        duration=talk.duration(service.duration_min),
        buttons=((button,),),
    )


def tell_price_of_this(talk: Talk, text: str) -> bool:
    """«А сколько это стоит?»: the service that is talked about, or else the next booking; False for another question.

    What is being chosen stays as it is.
    """
    service = talk.services.get(talk.state.service_id) if talk.state.service_id else None
    if not _THIS.search(text) and (service is None or len(text.split()) > _BARE_QUESTION):
        return False
    visits = [] if service else changeable(talk)
    if service is not None:
        price = _price_text(talk, service, _price_lists(talk)) or "—"
        talk.say("answers-price-of-this", what=service.name, price=price)
    elif visits:
        talk.say("answers-price-of-this", what=talk.booking_line(visits[0]), price=talk.price(visits[0].price))
    return service is not None or bool(visits)


def tell_address(talk: Talk) -> None:
    """«Где вы находитесь?», «до скольки работаете?»"""
    lines = [
        talk.texts.say(
            "address-line",
            name=place.name,
            address=place.address or "—",
            hours=opening_hours(talk, place),
            phone=place.phone or talk.texts.say("salon-phone-unknown"),
        )
        for place in talk.locations
    ]
    talk.reply("\n".join(lines), talk.menu()[:1])


def tell_who(talk: Talk, service: Service | None) -> None:
    """«Кто делает маникюр?»"""
    if service is None:
        talk.say("staff-list", names=", ".join(talk.staff_names.values()))
        return
    people = catalog.list_staff_for(talk.session, service.id)
    button = Button(talk.texts.say("menu-book"), TapPayload(Tap.SERVICE, service.id).encode())
    talk.say(
        "staff-for-service",
        service=service.name,
        names=", ".join(person.name for person in people) or "—",
        buttons=((button,),),
    )


def service_buttons(services: list[Service]) -> Rows:
    """One button for each service."""
    return tuple((Button(service.name, TapPayload(Tap.SERVICE, service.id).encode()),) for service in services)


def opening_hours(talk: Talk, place: Location) -> str:
    """«пн–пт 9:00–21:00, сб 10:00–18:00»: days of the same hours together."""
    groups: list[tuple[int, int, str]] = []
    for day in range(1, 8):
        hours = ", ".join(f"{clock(opens)}–{clock(closes)}" for opens, closes in place.opening_hours.get(day, ()))
        if groups and groups[-1][2] == hours and groups[-1][1] == day - 1:
            groups[-1] = (groups[-1][0], day, hours)
        else:
            groups.append((day, day, hours))
    return ", ".join(f"{_days(talk, first, last)} {hours}" for first, last, hours in groups if hours)


def _days(talk: Talk, first: int, last: int) -> str:
    if (first, last) == (1, 7):
        return talk.texts.say("date-every-day")
    start, end = talk.phrases.short_weekday(first - 1), talk.phrases.short_weekday(last - 1)
    return start if first == last else f"{start}–{end}"


def _service_line(talk: Talk, service: Service, prices: PriceLists) -> str:
    price, duration = _price_text(talk, service, prices), talk.duration(service.duration_min)
    if price is None:
        return talk.texts.say("service-line-no-price", name=service.name, duration=duration)
    return talk.texts.say("service-line", name=service.name, duration=duration, price=price)


def _price_lists(talk: Talk) -> PriceLists:
    """What everything costs today, of each branch."""
    return [catalog.price_list_of(talk.session, place.id, talk.today) for place in talk.locations]


def _price_text(talk: Talk, service: Service, prices: PriceLists) -> str | None:
    """The price, «от …» when it depends on the branch."""
    found = {said[service.id, None] for said in prices if (service.id, None) in said}
    if not found:
        return None
    cheapest = min(found)
    return talk.price(cheapest) if len(found) == 1 else talk.texts.say("price-from", price=talk.price(cheapest))
