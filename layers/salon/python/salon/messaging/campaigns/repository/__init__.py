"""Every query of campaigns, and who can be reached."""

from __future__ import annotations

from salon.messaging.campaigns.repository.campaigns import (
    add_campaign,
    change_details,
    change_status,
    count_results,
    get_campaign,
    list_active,
    list_campaigns,
    lock_campaign,
    mark_planned,
)
from salon.messaging.campaigns.repository.messages import (
    Planned,
    add_planned,
    cancel_for_clients,
    cancel_planned,
    count_sent,
    delay_message,
    find_message,
    is_anything_planned,
    list_due,
    lock_message,
)
from salon.messaging.campaigns.repository.reaching import (
    has_conversation,
    is_in_talks,
    last_inbound_at,
    lock_reachable,
)
from salon.messaging.campaigns.repository.segments import Bounds, Meant, count_meant, has_come_since, list_meant

__all__ = [
    "Bounds",
    "Meant",
    "Planned",
    "add_campaign",
    "add_planned",
    "cancel_for_clients",
    "cancel_planned",
    "change_details",
    "change_status",
    "count_meant",
    "count_results",
    "count_sent",
    "delay_message",
    "find_message",
    "get_campaign",
    "has_come_since",
    "has_conversation",
    "is_anything_planned",
    "is_in_talks",
    "last_inbound_at",
    "list_active",
    "list_campaigns",
    "list_due",
    "list_meant",
    "lock_campaign",
    "lock_message",
    "lock_reachable",
    "mark_planned",
]
