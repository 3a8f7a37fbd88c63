"""What a person does with consumption norms."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from salon.catalog.domain import Norm, NormDetails
from salon.catalog.errors import OptionNotFound
from salon.catalog.repository import norms, options, services, staff
from salon.catalog.use_cases.telling import audit
from salon.identity.domain import Actor
from salon.platform.db import ReadSession, WriteSession


def create_norm(session: WriteSession, details: NormDetails, *, actor: Actor, now: datetime) -> Norm:
    """Say how much of an item a service uses.

    Raises:
        ServiceNotFound, StaffNotFound: what it refers to does not exist.
        OptionNotFound: the service has no such option.
        NormTwice: there is a norm for this already.
    """
    _check(session, details)
    norm = norms.add_norm(session, details, now)
    audit(session, "consumption_norm.created", norm.id, actor, now)
    return norm


def change_norm(session: WriteSession, norm_id: UUID, details: NormDetails, *, actor: Actor, now: datetime) -> None:
    """Replace what a norm says; what was consumed stays as it was counted.

    Raises:
        NormNotFound: there is none.
        ServiceNotFound, StaffNotFound, OptionNotFound: what it refers to does not exist.
        NormTwice: there is another norm for this.
    """
    _check(session, details)
    norms.update_norm(session, norm_id, details)
    audit(session, "consumption_norm.changed", norm_id, actor, now)


def link_norm(
    session: WriteSession, norm_id: UUID, *, item_id: UUID | None, by_length: bool | None, actor: Actor, now: datetime
) -> None:
    """Say which item of the stock a norm means, and whether it grows with the length of the hair.

    Whether there is such an item the stock knows, which calls this (`inventory.consumption`).

    Raises:
        NormNotFound: there is none.
    """
    norms.link_norm(session, norm_id, item_id=item_id, by_length=by_length)
    linked = str(item_id) if item_id is not None else None
    audit(session, "consumption_norm.linked", norm_id, actor, now, item_id=linked, by_length=by_length)


def remove_norm(session: WriteSession, norm_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Drop a norm.

    Raises:
        NormNotFound: there is none.
    """
    norms.remove_norm(session, norm_id)
    audit(session, "consumption_norm.removed", norm_id, actor, now)


def get_norm(session: ReadSession, norm_id: UUID) -> Norm:
    """A norm.

    Raises:
        NormNotFound: there is none.
    """
    return norms.get_norm(session, norm_id)


def list_norms(session: ReadSession, *, service_id: UUID | None = None) -> list[Norm]:
    """Norms of a service, or all, by item; the general one before those of an option or a person."""
    return norms.list_norms(session, service_id=service_id)


def _check(session: ReadSession, details: NormDetails) -> None:
    services.get_service(session, details.service_id)
    if (
        details.option_id is not None
        and options.get_option(session, details.option_id).service_id != details.service_id
    ):
        raise OptionNotFound(details.option_id)
    if details.staff_id is not None:
        staff.get_staff(session, details.staff_id)
