"""How a tenant offers: what a person settles, and what it does to a price."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from salon.availability.domain import Slot
from salon.availability.offers.domain import Offer, Option
from salon.availability.offers.errors import OfferSettingsSenseless
from salon.availability.offers.schemas import SECTION, OfferPolicy, OfferSettings, parse_policy
from salon.catalog import use_cases as catalog
from salon.identity.domain import Actor
from salon.identity.use_cases import read_settings, write_settings
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.logs import logger
from salon.platform.money import Money
from salon.platform.timeranges import zone

log = logger(__name__)


def read_policy(session: ReadSession) -> OfferPolicy:
    """The tenant's policy; settings that another release wrote and this one cannot read must not stop the selling."""
    values = read_settings(session, SECTION)
    try:
        return parse_policy(values)
    except OfferSettingsSenseless:
        log.exception("offers.settings_senseless", tenant_id=str(tenant_of(session)))
        return OfferPolicy()


def find_incentive(session: ReadSession, slot: Slot, *, option_ids: Iterable[UUID] = ()) -> Money | None:
    """What the tenant takes off the price of a visit in this slot, with these options; None is nothing."""
    off_peak = read_policy(session).settings.off_peak
    if not off_peak.hours:
        return None
    local = slot.starts_at.astimezone(zone(catalog.get_location(session, slot.location_id).timezone))
    return off_peak.incentive(local, _price(session, slot, local, option_ids)) if off_peak.have(local) else None


def read_offer_settings(session: ReadSession) -> OfferSettings:
    """How the tenant offers; the defaults where nothing was settled."""
    return read_policy(session).settings


def change_offer_settings(session: WriteSession, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    """Settle how the tenant offers: weights, default variant, experiment, quiet hours and their incentive.

    Raises:
        OfferSettingsSenseless: they contradict themselves or name what does not exist.
    """
    settings = parse_policy(values).settings
    write_settings(session, SECTION, settings.model_dump(mode="json", exclude_defaults=True), actor=actor, now=now)


def with_incentives(
    session: ReadSession, policy: OfferPolicy, chosen: Sequence[Option], option_ids: Sequence[UUID] = ()
) -> tuple[Offer, ...]:
    """With what is taken off the price in quiet hours; a price is looked up once for each person."""
    off_peak = policy.settings.off_peak
    if not off_peak.hours or not any(off_peak.have(option.local) for option in chosen):
        return tuple(Offer(option.slot) for option in chosen)
    prices: dict[tuple[UUID, UUID | None], Money | None] = {}
    offers: list[Offer] = []
    for option in chosen:
        slot, whose = option.slot, (option.slot.location_id, option.slot.staff_id)
        if off_peak.have(option.local) and whose not in prices:
            prices[whose] = _price(session, slot, option.local, option_ids)
        offers.append(Offer(slot, off_peak.incentive(option.local, prices.get(whose))))
    return tuple(offers)


def _price(session: ReadSession, slot: Slot, local: datetime, option_ids: Iterable[UUID]) -> Money | None:
    return catalog.price_of(
        session,
        service_id=slot.service_id,
        location_id=slot.location_id,
        staff_id=slot.staff_id,
        on=local.date(),
        option_ids=option_ids,
    )
