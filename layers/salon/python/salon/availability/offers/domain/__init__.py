"""Which few of the free slots are shown. Pure."""

from __future__ import annotations

from salon.availability.offers.domain.choice import Choice
from salon.availability.offers.domain.rules import (
    CONTROL,
    REFILL_BELOW,
    ROUNDS,
    SHOW_ALL,
    STICKY_FOR,
    VARIANTS,
    DayPart,
    Draw,
    Exposure,
    Offer,
    Option,
    Origin,
    Question,
    RuleSet,
    check_round,
    day_part,
    rules_of,
    share_of,
)

__all__ = [
    "CONTROL",
    "REFILL_BELOW",
    "ROUNDS",
    "SHOW_ALL",
    "STICKY_FOR",
    "VARIANTS",
    "Choice",
    "DayPart",
    "Draw",
    "Exposure",
    "Offer",
    "Option",
    "Origin",
    "Question",
    "RuleSet",
    "check_round",
    "day_part",
    "rules_of",
    "share_of",
]
