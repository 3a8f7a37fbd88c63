"""What a salon sells, where and by whom. Values only."""

from __future__ import annotations

from salon.catalog.domain.locations import ISO_WEEKDAYS, Location, LocationDetails, OpeningHours
from salon.catalog.domain.names import MAX_NAME_CHARS, MAX_SYNONYMS, MAX_TEXT_CHARS
from salon.catalog.domain.norms import Norm, NormDetails, NormUnit
from salon.catalog.domain.prices import OptionPrice, PriceItem, PriceList, PriceListDetails
from salon.catalog.domain.resources import PoolKind, Resource, ResourceDetails, ResourcePool, ResourcePoolDetails
from salon.catalog.domain.services import (
    MAX_DURATION_MIN,
    Service,
    ServiceDetails,
    ServiceOption,
    ServiceOptionDetails,
    check_lengths,
    require_duration,
)
from salon.catalog.domain.staff import Skill, Staff, StaffDetails
from salon.catalog.domain.words import Lexicon, NamedThing

__all__ = [
    "ISO_WEEKDAYS",
    "MAX_DURATION_MIN",
    "MAX_NAME_CHARS",
    "MAX_SYNONYMS",
    "MAX_TEXT_CHARS",
    "Lexicon",
    "Location",
    "LocationDetails",
    "NamedThing",
    "Norm",
    "NormDetails",
    "NormUnit",
    "OpeningHours",
    "OptionPrice",
    "PoolKind",
    "PriceItem",
    "PriceList",
    "PriceListDetails",
    "Resource",
    "ResourceDetails",
    "ResourcePool",
    "ResourcePoolDetails",
    "Service",
    "ServiceDetails",
    "ServiceOption",
    "ServiceOptionDetails",
    "Skill",
    "Staff",
    "StaffDetails",
    "check_lengths",
    "require_duration",
]
