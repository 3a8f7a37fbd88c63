"""What a person does with prices.

A price list that has begun is never rewritten, because bookings may have been made by it: prices change by a new
version from a day on. One that lies ahead may still be corrected or withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from salon.catalog.domain import PriceList, PriceListDetails
from salon.catalog.errors import PriceListInUse, PriceListsOverlap
from salon.catalog.repository import locations, options, prices, services
from salon.catalog.use_cases.telling import audit
from salon.identity.domain import Actor
from salon.platform.db import ReadSession, WriteSession
from salon.platform.errors import Invalid
from salon.platform.money import Money
from salon.platform.timeranges import zone

A_DAY = timedelta(days=1)


def publish_price_list(session: WriteSession, details: PriceListDetails, *, actor: Actor, now: datetime) -> PriceList:
    """Make prices valid from a day on; the list before them, if open-ended, ends the day before.

    When the new list has an end, the one before goes on after it, as a version of its own: a week of lower prices does
    not leave the salon without any. Prices on bookings already made are copies and do not change.

    Raises:
        LocationNotFound: the location does not exist.
        ServiceNotFound, OptionNotFound: what has a price does not exist.
        PriceListsOverlap: another list of the same reach is valid on some of the days.
        ServicePricedTwice, OptionPricedTwice: the same thing and grade come twice.
    """
    _check_references(session, details)
    before = prices.find_list_ending(session, details.location_id, None)
    if before is not None and before.valid_from >= details.valid_from:
        before = None
    _check_overlap(session, details, except_ids=[before.id] if before else [])
    if before is not None:
        prices.end_price_list(session, before.id, details.valid_from - A_DAY)
    price_list = prices.add_price_list(session, details, now)
    audit(session, "price_list.published", price_list.id, actor, now, valid_from=details.valid_from.isoformat())
    if before is not None and details.valid_to is not None:
        again = replace(_details(before), valid_from=details.valid_to + A_DAY, valid_to=None)
        continued = prices.add_price_list(session, again, now)
        audit(session, "price_list.published", continued.id, actor, now, valid_from=again.valid_from.isoformat())
    return price_list


def change_price_list(
    session: WriteSession, price_list_id: UUID, details: PriceListDetails, *, actor: Actor, now: datetime
) -> None:
    """Correct a price list that lies ahead; the list that ended the day before it follows its first day.

    Raises:
        PriceListNotFound: there is none.
        PriceListInUse: it has begun, or would have.
        Invalid: its reach would change; that is another list.
        ServiceNotFound, OptionNotFound, PriceListsOverlap, ServicePricedTwice, OptionPricedTwice: as for a new one.
    """
    present = _get_future(session, price_list_id, now)
    if details.location_id != present.location_id:
        raise Invalid("A price list stays with its location; publish another one.")
    if details.valid_from <= _latest_today(session, details.location_id, now):
        raise PriceListInUse(price_list_id)
    _check_references(session, details)
    before = prices.find_list_ending(session, present.location_id, present.valid_from - A_DAY)
    follows = before is not None and before.valid_from < details.valid_from
    _check_overlap(session, details, except_ids=[price_list_id, *([before.id] if before and follows else [])])
    earlier = details.valid_from < present.valid_from
    if before and follows and earlier:
        prices.end_price_list(session, before.id, details.valid_from - A_DAY)
    prices.replace_price_list(session, price_list_id, details)
    if before and follows and not earlier:
        prices.end_price_list(session, before.id, details.valid_from - A_DAY)
    audit(session, "price_list.changed", price_list_id, actor, now, valid_from=details.valid_from.isoformat())


def withdraw_price_list(session: WriteSession, price_list_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Drop a price list that lies ahead; the list that ended the day before it goes on in its place.

    Raises:
        PriceListNotFound: there is none.
        PriceListInUse: it has begun.
    """
    present = _get_future(session, price_list_id, now)
    before = prices.find_list_ending(session, present.location_id, present.valid_from - A_DAY)
    prices.remove_price_list(session, price_list_id)
    if before is not None:
        prices.end_price_list(session, before.id, present.valid_to)
    audit(session, "price_list.withdrawn", price_list_id, actor, now)


def end_price_list(session: WriteSession, price_list_id: UUID, valid_to: date, *, actor: Actor, now: datetime) -> None:
    """Make a price list end after `valid_to`.

    Raises:
        PriceListNotFound: there is none.
        PriceListsOverlap: another list of the same reach begins by then.
        Invalid: it would end before it starts.
    """
    longer = replace(_details(prices.get_price_list(session, price_list_id)), valid_to=valid_to)
    _check_overlap(session, longer, except_ids=[price_list_id])
    prices.end_price_list(session, price_list_id, valid_to)
    audit(session, "price_list.ended", price_list_id, actor, now, valid_to=valid_to.isoformat())


def get_price_list(session: ReadSession, price_list_id: UUID) -> PriceList:
    """A version of the prices.

    Raises:
        PriceListNotFound: there is none.
    """
    return prices.get_price_list(session, price_list_id)


def list_price_lists(session: ReadSession, *, on: date | None = None) -> list[PriceList]:
    """All versions of the prices, the newest first; with `on`, those valid on that day: the tenant's and locations'."""
    return prices.list_price_lists(session, on=on)


def price_of(
    session: ReadSession,
    *,
    service_id: UUID,
    location_id: UUID,
    staff_id: UUID | None,
    on: date,
    option_ids: Iterable[UUID] = (),
) -> Money | None:
    """What a service costs at a location with a member of staff on a day there; None when no list says.

    Of the service and of each option, a location's own list goes before the tenant's, and there the price of the
    person's grade before the general one. An option that no list prices adds nothing; together it is never below
    nothing. Whether the options go together is `choose_options`' question.

    Raises:
        StaffNotFound: there is no such member of staff.
    """
    return prices.find_price(
        session, service_id=service_id, location_id=location_id, staff_id=staff_id, on=on, option_ids=option_ids
    )


def price_list_of(session: ReadSession, location_id: UUID, on: date) -> dict[tuple[UUID, str | None], Money]:
    """Every price at a location on a day there, by service and grade, in one statement.

    A grade without a price of its own pays the general one, under None: `prices.get((service_id, grade)) or
    prices.get((service_id, None))` is what `price_of` says.
    """
    return prices.list_prices(session, location_id, on)


def option_prices_of(session: ReadSession, location_id: UUID, on: date) -> dict[tuple[UUID, str | None], Money]:
    """What every option adds at a location on a day there, by option and grade; as `price_list_of`."""
    return prices.list_option_prices(session, location_id, on)


def _check_references(session: ReadSession, details: PriceListDetails) -> None:
    if details.location_id is not None:
        locations.get_location(session, details.location_id)
    services.require_services(session, [item.service_id for item in details.items])
    options.require_options(session, [item.option_id for item in details.option_items])


def _check_overlap(session: ReadSession, details: PriceListDetails, *, except_ids: Iterable[UUID]) -> None:
    other = prices.find_overlapping(session, details, except_ids=except_ids)
    if other is not None:
        raise PriceListsOverlap(other.name, other.valid_from)


def _get_future(session: ReadSession, price_list_id: UUID, now: datetime) -> PriceList:
    present = prices.get_price_list(session, price_list_id)
    if present.valid_from <= _latest_today(session, present.location_id, now):
        raise PriceListInUse(price_list_id)
    return present


def _latest_today(session: ReadSession, location_id: UUID | None, now: datetime) -> date:
    """The latest date that any of the locations concerned has reached: Kamchatka is a day ahead of São Paulo."""
    if location_id is not None:
        places = [locations.get_location(session, location_id)]
    else:
        places = locations.list_locations(session, active_only=False)
    return max((now.astimezone(zone(place.timezone)).date() for place in places), default=now.astimezone(UTC).date())


def _details(stored: PriceList) -> PriceListDetails:
    return PriceListDetails(
        name=stored.name,
        valid_from=stored.valid_from,
        valid_to=stored.valid_to,
        location_id=stored.location_id,
        items=stored.items,
        option_items=stored.option_items,
    )
