"""Every query of the salon's people in the messenger."""

from __future__ import annotations

from salon.messaging.people.repository.contacts import (
    add_code,
    add_contact,
    clear_current,
    end_contact_of,
    find_contact,
    list_contacts,
    lock_code,
    lock_contact,
    set_current,
    void_codes,
)
from salon.messaging.people.repository.handovers import (
    add_handover,
    count_message,
    delay_handover,
    find_by_number,
    find_live,
    get_handover,
    list_conversations_of,
    list_handovers,
    list_live_of_client,
    list_stale,
    lock_handover,
    next_number,
    touch,
    update_handover,
)
from salon.messaging.people.repository.messages import (
    find_writer,
    get_conversation,
    list_said,
    lock_conversation,
)

__all__ = [
    "add_code",
    "add_contact",
    "add_handover",
    "clear_current",
    "count_message",
    "delay_handover",
    "end_contact_of",
    "find_by_number",
    "find_contact",
    "find_live",
    "find_writer",
    "get_conversation",
    "get_handover",
    "list_contacts",
    "list_conversations_of",
    "list_handovers",
    "list_live_of_client",
    "list_said",
    "list_stale",
    "lock_code",
    "lock_contact",
    "lock_conversation",
    "lock_handover",
    "next_number",
    "set_current",
    "touch",
    "update_handover",
    "void_codes",
]
