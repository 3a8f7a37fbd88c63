"""Asking a booked client to come a little earlier or later, so that somebody else fits in.

`find_shifts` proposes nothing; it tries moves for real in a savepoint and takes them back.
"""

from salon.booking.shifts.use_cases.asking import (
    accept_shift,
    decline_shift,
    expire_shifts,
    get_shift,
    list_due_shifts,
    list_shifts,
    propose_shift,
    withdraw_shift,
)
from salon.booking.shifts.use_cases.finding import find_shifts
from salon.booking.shifts.use_cases.policy import change_shift_policy, shift_policy

__all__ = [
    "accept_shift",
    "change_shift_policy",
    "decline_shift",
    "expire_shifts",
    "find_shifts",
    "get_shift",
    "list_due_shifts",
    "list_shifts",
    "propose_shift",
    "shift_policy",
    "withdraw_shift",
]
