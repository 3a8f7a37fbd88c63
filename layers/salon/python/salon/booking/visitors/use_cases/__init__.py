"""What a visitor of the site does."""

from __future__ import annotations

from salon.booking.visitors.use_cases.bookings import (
    Who,
    become_client,
    client_of,
    get_own_booking,
    get_own_entry,
    get_own_visit,
    hold_for_visitor,
    hold_visit_for_visitor,
    join_as_visitor,
    list_own_bookings,
    list_own_entries,
    move_own_booking,
)
from salon.booking.visitors.use_cases.links import booking_calendar, booking_page
from salon.booking.visitors.use_cases.menu import MenuItem, list_menu
from salon.booking.visitors.use_cases.offers import (
    Dates,
    Shown,
    VisitSearch,
    VisitsFound,
    clock_of,
    find_visits,
    list_dates,
    show_slots,
)

__all__ = [
    "Dates",
    "MenuItem",
    "Shown",
    "VisitSearch",
    "VisitsFound",
    "Who",
    "become_client",
    "booking_calendar",
    "booking_page",
    "client_of",
    "clock_of",
    "find_visits",
    "get_own_booking",
    "get_own_entry",
    "get_own_visit",
    "hold_for_visitor",
    "hold_visit_for_visitor",
    "join_as_visitor",
    "list_dates",
    "list_menu",
    "list_own_bookings",
    "list_own_entries",
    "move_own_booking",
    "show_slots",
]
