"""Campaigns: what people do with them, who is meant, and saying it."""

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
from salon.messaging.campaigns.use_cases.sending import send_message

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
    "send_message",
    "start_campaign",
]
