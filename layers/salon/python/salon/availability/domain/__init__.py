"""Rules of working time, templates of them, and slots. Pure."""

from __future__ import annotations

from salon.availability.domain.rules import (
    DAYS_OF_WEEK,
    EVERY_DAY,
    MINUTES_OF_DAY,
    Rule,
    RuleDetails,
    RuleKind,
    RulePurpose,
    TimeOff,
    find_overlap,
    minute_of,
)
from salon.availability.domain.slots import (
    OFFER_GAP,
    ResourceKind,
    Slot,
    SlotsGenerated,
    SlotStatus,
    staff_claims,
    whole_claim,
)
from salon.availability.domain.templates import Template, TemplateDetails, TemplateEntry, rules_of

__all__ = [
    "DAYS_OF_WEEK",
    "EVERY_DAY",
    "MINUTES_OF_DAY",
    "OFFER_GAP",
    "ResourceKind",
    "Rule",
    "RuleDetails",
    "RuleKind",
    "RulePurpose",
    "Slot",
    "SlotStatus",
    "SlotsGenerated",
    "Template",
    "TemplateDetails",
    "TemplateEntry",
    "TimeOff",
    "find_overlap",
    "minute_of",
    "rules_of",
    "staff_claims",
    "whole_claim",
]
