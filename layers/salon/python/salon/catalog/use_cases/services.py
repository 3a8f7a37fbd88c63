"""What a person does with services and their options."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from salon.catalog.domain import Service, ServiceDetails, ServiceOption, ServiceOptionDetails, check_lengths
from salon.catalog.domain import services as rules
from salon.catalog.repository import locations, options, services, staff
from salon.catalog.use_cases.telling import audit, tell_slots_moved
from salon.identity.domain import Actor
from salon.platform.db import ReadSession, WriteSession


def create_service(session: WriteSession, details: ServiceDetails, *, actor: Actor, now: datetime) -> Service:
    """Add a service to the tenant's range; a location then has to offer it and staff have to be able to do it."""
    service = services.add_service(session, details, now)
    audit(session, "service.created", service.id, actor, now)
    return service


def change_service(
    session: WriteSession, service_id: UUID, details: ServiceDetails, *, actor: Actor, now: datetime
) -> None:
    """Replace what is said about a service; bookings keep the length and price they were made with.

    Raises:
        ServiceNotFound: there is none.
        ServiceLengthImpossible: somebody's own time or an option leaves less than the processing time takes.
    """
    before = services.lock_services(session, [service_id])[service_id]
    known = options.list_options(session, [service_id], active_only=True)
    check_lengths(details, staff.list_own_durations(session, service_id), known)
    services.update_service(session, service_id, details)
    audit(session, "service.changed", service_id, actor, now)
    if _shape(before) != _shape(details):
        tell_slots_moved(session, locations.list_offering_locations(session, [service_id]), now)


def deactivate_service(session: WriteSession, service_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Stop selling a service; bookings already made stay.

    The catalogue does not know of bookings: whoever stops a service asks booking first how many are ahead.

    Raises:
        ServiceNotFound: there is none.
    """
    if services.set_service_active(session, service_id, is_active=False):
        audit(session, "service.deactivated", service_id, actor, now)
        tell_slots_moved(session, locations.list_offering_locations(session, [service_id]), now)


def reactivate_service(session: WriteSession, service_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Sell a service again, where it was offered and by whom it was done.

    Raises:
        ServiceNotFound: there is none.
    """
    if services.set_service_active(session, service_id, is_active=True):
        audit(session, "service.reactivated", service_id, actor, now)
        tell_slots_moved(session, locations.list_offering_locations(session, [service_id]), now)


def get_service(session: ReadSession, service_id: UUID) -> Service:
    """A service.

    Raises:
        ServiceNotFound: there is none.
    """
    return services.get_service(session, service_id)


def list_services(session: ReadSession, *, location_id: UUID | None = None, active_only: bool = True) -> list[Service]:
    """Services by category and name; with a location, those it offers."""
    return services.list_services(session, location_id=location_id, active_only=active_only)


def create_option(
    session: WriteSession, service_id: UUID, details: ServiceOptionDetails, *, actor: Actor, now: datetime
) -> ServiceOption:
    """Add an option to a service; its price stands in the price lists.

    Raises:
        ServiceNotFound: there is no such service.
        OptionNameTaken: the service has one of this choice and name.
        ServiceLengthImpossible: with it a visit could be too short or too long.
    """
    _check_options(session, service_id, details, except_id=None)
    option = options.add_option(session, service_id, details, now)
    audit(session, "service_option.created", option.id, actor, now, service_id=service_id)
    return option


def change_option(
    session: WriteSession, option_id: UUID, details: ServiceOptionDetails, *, actor: Actor, now: datetime
) -> None:
    """Replace what is said about an option; bookings keep the length and price they were made with.

    Raises:
        OptionNotFound: there is none.
        OptionNameTaken: the service has another one of this choice and name.
        ServiceLengthImpossible: with it a visit could be too short or too long.
    """
    option = options.get_option(session, option_id)
    if option.is_active:
        _check_options(session, option.service_id, details, except_id=option_id)
    options.update_option(session, option_id, details)
    audit(session, "service_option.changed", option_id, actor, now)


def deactivate_option(session: WriteSession, option_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Stop offering an option.

    Raises:
        OptionNotFound: there is none.
    """
    if options.set_option_active(session, option_id, is_active=False):
        audit(session, "service_option.deactivated", option_id, actor, now)


def reactivate_option(session: WriteSession, option_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Offer an option again.

    Raises:
        OptionNotFound: there is none.
        ServiceLengthImpossible: the service has changed; with it a visit could be too short or too long.
    """
    option = options.get_option(session, option_id)
    if not option.is_active:
        _check_options(session, option.service_id, option, except_id=option_id)
        options.set_option_active(session, option_id, is_active=True)
        audit(session, "service_option.reactivated", option_id, actor, now)


def get_option(session: ReadSession, option_id: UUID) -> ServiceOption:
    """An option.

    Raises:
        OptionNotFound: there is none.
    """
    return options.get_option(session, option_id)


def list_options(session: ReadSession, service_id: UUID, *, active_only: bool = True) -> list[ServiceOption]:
    """The options of a service as they are shown: choices first, add-ons last."""
    return options.list_options(session, [service_id], active_only=active_only)


def choose_options(session: ReadSession, service_id: UUID, option_ids: Iterable[UUID]) -> tuple[ServiceOption, ...]:
    """The options a client takes with a service, in the order they are shown. Nothing is read for none.

    However they are combined, the visit keeps a length: that was seen to when they were made (`check_lengths`).

    Raises:
        OptionNotFound: the service has no such option.
        OptionNotOffered: an option is out of use.
        OptionsExclusive: two are of one choice.
    """
    wanted = list(option_ids)
    if not wanted:
        return ()
    return rules.choose_options(service_id, options.list_options(session, [service_id], active_only=False), wanted)


def _check_options(
    session: WriteSession, service_id: UUID, details: ServiceOptionDetails, *, except_id: UUID | None
) -> None:
    service = services.lock_services(session, [service_id])[service_id]
    others = [
        option for option in options.list_options(session, [service_id], active_only=True) if option.id != except_id
    ]
    check_lengths(service, staff.list_own_durations(session, service_id), [*others, details])


def _shape(service: ServiceDetails) -> tuple[object, ...]:
    """What of a service decides its slots; a name or a notice does not."""
    return (
        service.duration_min,
        service.buffer_before_min,
        service.buffer_after_min,
        service.requires_staff,
        service.processing_from_min,
        service.processing_min,
    )
