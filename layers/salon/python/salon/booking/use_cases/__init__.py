"""What happens to bookings.

Refusals leave the transaction usable, so a dialogue can offer something else in the same one. Locks are taken in one
order, which `locking` says.
"""

from __future__ import annotations

from salon.booking.domain import DEFAULT_POLICY
from salon.booking.use_cases.changing import (
    CancelTerms,
    cancel_booking,
    cancel_terms,
    grant_incentive,
    reschedule_booking,
    restore_booking,
)
from salon.booking.use_cases.closing import (
    complete_booking,
    mark_no_show,
    read_note,
    record_deposit,
    reopen_booking,
    write_note,
)
from salon.booking.use_cases.holding import confirm_booking, hold_slot
from salon.booking.use_cases.locking import expire_holds, list_stale_holds
from salon.booking.use_cases.policy import change_policy, policy_of
from salon.booking.use_cases.reading import (
    find_last_visit,
    get_booking,
    list_booked_options,
    list_bookings,
    list_history,
    list_schedule,
    list_slot_history,
    list_upcoming_for_client,
    search_bookings,
)
from salon.booking.use_cases.visits import (
    cancel_visit,
    confirm_visit,
    find_visit_offers,
    get_visit,
    hold_visit,
)

__all__ = [
    "DEFAULT_POLICY",
    "CancelTerms",
    "cancel_booking",
    "cancel_terms",
    "cancel_visit",
    "change_policy",
    "complete_booking",
    "confirm_booking",
    "confirm_visit",
    "expire_holds",
    "find_last_visit",
    "find_visit_offers",
    "get_booking",
    "get_visit",
    "grant_incentive",
    "hold_slot",
    "hold_visit",
    "list_booked_options",
    "list_bookings",
    "list_history",
    "list_schedule",
    "list_slot_history",
    "list_stale_holds",
    "list_upcoming_for_client",
    "mark_no_show",
    "policy_of",
    "read_note",
    "record_deposit",
    "reopen_booking",
    "reschedule_booking",
    "restore_booking",
    "search_bookings",
    "write_note",
]
