"""Campaigns: what people do with them, and who is meant. Saying it is in `sending`, which only the timer loads."""

from __future__ import annotations

from salon.messaging.campaigns.use_cases.managing import (
    change_campaign,
    create_campaign,
    finish_campaign,
    get_campaign,
    list_campaigns,
    pause_campaign,
    preview_campaign,
    read_results,
    start_campaign,
)
from salon.messaging.campaigns.use_cases.planning import plan_chunk

__all__ = [
    "change_campaign",
    "create_campaign",
    "finish_campaign",
    "get_campaign",
    "list_campaigns",
    "pause_campaign",
    "plan_chunk",
    "preview_campaign",
    "read_results",
    "start_campaign",
]
