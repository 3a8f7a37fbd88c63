"""What a person, a timer or another module does with working time, slots and busy people."""

from __future__ import annotations

from salon.availability.use_cases.following import on_catalog_changed
from salon.availability.use_cases.free import (
    FREE_SLOTS_SHOWN,
    count_free_by_date,
    get_slot,
    list_day_shapes,
    list_free_slots,
    list_open_stretches,
)
from salon.availability.use_cases.policy import DEFAULT_MIN_NOTICE, booking_horizon, usual_notice
from salon.availability.use_cases.rules import change_rule, create_rule, get_rule, list_rules, remove_rule
from salon.availability.use_cases.seats import (
    free_seat,
    free_staff,
    lock_slots,
    settle_seat,
    take_seat,
)
from salon.availability.use_cases.shifts import add_time_off, clear_shift, list_time_off, remove_time_off, set_shift
from salon.availability.use_cases.slots import (
    GENERATED_AT_ONCE,
    block_slot,
    generate_slots,
    list_tenant_locations,
    refresh_locations,
    refresh_slots,
    unblock_slot,
)
from salon.availability.use_cases.templates import (
    apply_template,
    change_template,
    create_template,
    get_template,
    list_templates,
    remove_template,
    unapply_template,
)

__all__ = [
    "DEFAULT_MIN_NOTICE",
    "FREE_SLOTS_SHOWN",
    "GENERATED_AT_ONCE",
    "add_time_off",
    "apply_template",
    "block_slot",
    "booking_horizon",
    "change_rule",
    "change_template",
    "clear_shift",
    "count_free_by_date",
    "create_rule",
    "create_template",
    "free_seat",
    "free_staff",
    "generate_slots",
    "get_rule",
    "get_slot",
    "get_template",
    "list_day_shapes",
    "list_free_slots",
    "list_open_stretches",
    "list_rules",
    "list_templates",
    "list_tenant_locations",
    "list_time_off",
    "lock_slots",
    "on_catalog_changed",
    "refresh_locations",
    "refresh_slots",
    "remove_rule",
    "remove_template",
    "remove_time_off",
    "set_shift",
    "settle_seat",
    "take_seat",
    "unapply_template",
    "unblock_slot",
    "usual_notice",
]
