"""Approved texts. Values only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from salon.platform.errors import Invalid


class TemplateStatus(StrEnum):
    """Whether the provider lets a text be used."""

    UNKNOWN = "unknown"  # not asked yet, or the provider does not have it
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    PAUSED = "paused"


PURPOSES: Mapping[str, tuple[str, ...]] = {
    "remind_day_before": ("day", "time", "service", "staff", "place"),
    "remind_soon": ("day", "time", "service", "staff", "place"),
    "feedback_ask": ("service", "staff"),
}
"""What we may have to say when a provider's window is closed, and what fills the places {{1}}, {{2}}… of its text."""

CAMPAIGN = "campaign_"
"""A campaign's own purpose begins so; its places are filled by the wording's placeholders, in the wording's order."""

_CAMPAIGN = re.compile(rf"{CAMPAIGN}[a-z0-9_]{{1,23}}")
_NAME = re.compile(r"[a-z0-9_]{1,512}")
_LANGUAGE = re.compile(r"[a-z]{2}(_[A-Z]{2})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateDetails:
    """Which of the provider's texts is used.

    Attributes:
        name: of the text at the provider.
        provider_language: its language in the provider's words, `ru` or `en_US`.
    """

    name: str
    provider_language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTemplate(TemplateDetails):
    """A text that was chosen for a purpose.

    Attributes:
        language: of the clients that it is for: `ru` or `en`.
        category: the provider's: marketing, utility.
        body: as the provider has it, once it was asked.
    """

    id: UUID
    account_id: UUID
    purpose: str
    language: str
    category: str
    body: str
    status: TemplateStatus
    updated_at: datetime


def check_template(purpose: str, details: TemplateDetails) -> None:
    """Refuse what cannot be a template.

    Raises:
        Invalid: an unknown purpose, a name or a language that no provider knows.
    """
    if purpose not in PURPOSES and not _CAMPAIGN.fullmatch(purpose):
        raise Invalid(f"A template is for one of: {', '.join(PURPOSES)}, or for a campaign: {CAMPAIGN}….")
    if not _NAME.fullmatch(details.name):
        raise Invalid("A template's name has lower-case letters, digits and `_`.")
    if not _LANGUAGE.fullmatch(details.provider_language):
        raise Invalid("A template's language is written as `ru` or `en_US`.")
