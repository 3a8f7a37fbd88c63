"""What a client who looks for a time is shown, and what a salon settles about it."""

from __future__ import annotations

from salon.availability.offers.use_cases.expose import expose_slots, find_origin, pick_slots
from salon.availability.offers.use_cases.settings import change_offer_settings, find_incentive, read_offer_settings

__all__ = [
    "change_offer_settings",
    "expose_slots",
    "find_incentive",
    "find_origin",
    "pick_slots",
    "read_offer_settings",
]
