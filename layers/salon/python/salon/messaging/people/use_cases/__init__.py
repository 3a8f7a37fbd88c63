"""What the salon's people do in the messenger, and what they are told.

The conversation with them is `staff_talk`, the one with a client who wants a person is `handing`: these import the
dialogue's `Talk`, which the rest of this package must not. What is told about the stock is `stock`, which the events'
queue alone imports: the others start without the inventory.
"""

from salon.messaging.people.domain import looks_like_binding
from salon.messaging.people.use_cases.binding import (
    bind_by_code,
    choose_notices,
    end_contacts,
    find_staff,
    issue_binding_code,
    list_contacts,
    may_answer,
    unbind,
    void_code,
)
from salon.messaging.people.use_cases.handovers import (
    answer,
    forget_client,
    get_handover,
    list_handovers,
    open_handover,
    read_conversation,
    return_to_bot,
    take,
)
from salon.messaging.people.use_cases.notices import tell_salon
from salon.messaging.people.use_cases.relaying import note_outside_answer, relay_inbound
from salon.messaging.people.use_cases.stale import delay_handover, list_stale, return_if_stale
from salon.messaging.people.use_cases.subscribers import on_salon_fact

__all__ = [
    "answer",
    "bind_by_code",
    "choose_notices",
    "delay_handover",
    "end_contacts",
    "find_staff",
    "forget_client",
    "get_handover",
    "issue_binding_code",
    "list_contacts",
    "list_handovers",
    "list_stale",
    "looks_like_binding",
    "may_answer",
    "note_outside_answer",
    "on_salon_fact",
    "open_handover",
    "read_conversation",
    "relay_inbound",
    "return_if_stale",
    "return_to_bot",
    "take",
    "tell_salon",
    "unbind",
    "void_code",
]
