"""What a client, the salon and the timers do with the waiting list."""

from salon.booking.waitlist.use_cases.entries import (
    accept_offer,
    change_entry,
    change_waitlist_policy,
    decline_offer,
    expire_entries,
    get_entry,
    join_waitlist,
    leave_waitlist,
    list_due_entries,
    list_waitlist,
    rejoin_waitlist,
    waitlist_policy,
)
from salon.booking.waitlist.use_cases.filling import (
    fill_entry,
    fill_from_waitlist,
    list_waiting_tenants,
    on_capacity_freed,
)

__all__ = [
    "accept_offer",
    "change_entry",
    "change_waitlist_policy",
    "decline_offer",
    "expire_entries",
    "fill_entry",
    "fill_from_waitlist",
    "get_entry",
    "join_waitlist",
    "leave_waitlist",
    "list_due_entries",
    "list_waiting_tenants",
    "list_waitlist",
    "on_capacity_freed",
    "rejoin_waitlist",
    "waitlist_policy",
]
