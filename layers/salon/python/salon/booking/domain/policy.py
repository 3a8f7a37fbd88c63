"""What a tenant allows: how long a hold lives, how late a client may change their mind, what is paid beforehand. Pure.

The limits bind clients. Staff may go beyond them: a salon bends its own rules for a regular, and somebody is
responsible for that in the audit log. What nobody may do, such as booking the past, stands in `bookings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from salon.booking.domain.bookings import Booking, BookingStatus, DepositStatus
from salon.booking.errors import (
    OutsideBookingHorizon,
    PolicySenseless,
    RescheduleLimitReached,
    SlotInThePast,
    TooLateToReschedule,
    TooShortNotice,
)
from salon.platform.ids import parse_id
from salon.platform.money import Money

WHOLE = 100
MAX_MINOR = 2**31 - 1  # what the column holds
_LIMITS = {
    "hold_minutes": (1, 24 * 60),
    "payment_hold_minutes": (1, 24 * 60),
    "horizon_days": (1, 366),
    "min_notice_min": (0, 30 * 24 * 60),
    "cancel_free_hours": (0, 30 * 24),
    "late_cancel_fee_percent": (0, WHOLE),
    "reschedule_limit": (0, 100),
    "reschedule_free_hours": (0, 30 * 24),
    "max_active_per_client": (1, 1000),
}
_MAY_BE_NONE = frozenset({"reschedule_limit", "reschedule_free_hours", "max_active_per_client"})
_SWITCHES = frozenset({"phone_required", "allow_client_overlap"})


class DepositKind(StrEnum):
    """How a deposit is reckoned."""

    NONE = "none"
    PERCENT = "percent"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositTerms:
    """What is paid before a hold is confirmed.

    Attributes:
        percent: of the price, 1 to 100.
        amount_minor: in minor units of the price's currency; never more than the price.
        service_ids: for these services only; empty for all.
    """

    kind: DepositKind = DepositKind.NONE
    percent: int = 0
    amount_minor: int = 0
    service_ids: frozenset[UUID] = frozenset()

    def __post_init__(self) -> None:
        """Refuse a share of nothing and more than the whole."""
        if self.kind is DepositKind.PERCENT and not 1 <= self.percent <= WHOLE:
            raise PolicySenseless("deposit.percent", "is between 1 and 100")
        if self.kind is DepositKind.FIXED and not 1 <= self.amount_minor <= MAX_MINOR:
            raise PolicySenseless("deposit.amount_minor", "is at least one minor unit, such as a kopeck")

    def due_for(self, service_id: UUID, price: Money | None) -> Money | None:
        """What is to be paid for a booking at this price; None for nothing, as when there is no price."""
        is_meant = not self.service_ids or service_id in self.service_ids
        if price is None or not is_meant or self.kind is DepositKind.NONE:
            return None
        minor = share(price, self.percent).minor if self.kind is DepositKind.PERCENT else self.amount_minor
        due = min(minor, price.minor)
        return Money(due, price.currency) if due > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingPolicy:
    """A tenant's rules of booking (requirements/3: a hold lives 10 minutes, slots are made for 60 days).

    Attributes:
        hold_for: how long a hold lives.
        horizon_days: how far ahead bookings are taken, by staff too.
        min_notice: clients book at least so long ahead; a service may say otherwise.
        cancel_free_hours: a client cancels for free until so many hours before the visit; 0 until it begins.
        late_cancel_fee_percent: of the price, for cancelling later than that.
        reschedule_limit: how often a client may move one booking; None without limit.
        reschedule_free_hours: a client moves a booking until so many hours before the visit; None until it is late to
            cancel. It is never less than `cancel_free_hours`: whoever could still move a visit that it is late to
            cancel would move it far ahead first and then cancel for nothing.
        deposit: what a client pays before confirming. What staff book is not asked for a deposit.
        payment_hold_for: how long a hold lives that waits for its payment.
        phone_required: clients book only once their phone is known.
        max_active_per_client: running holds and agreed visits of one client at a time; None without limit.
        allow_client_overlap: whether a client may have two bookings at the same time, with different staff. Allowed
            unless told otherwise: a mother books both her children in.
    """

    hold_for: timedelta = timedelta(minutes=10)
    horizon_days: int = 60
    min_notice: timedelta = timedelta(minutes=30)
    cancel_free_hours: int = 0
    late_cancel_fee_percent: int = 0
    reschedule_limit: int | None = None
    reschedule_free_hours: int | None = None
    deposit: DepositTerms = field(default_factory=DepositTerms)
    payment_hold_for: timedelta = timedelta(minutes=30)
    phone_required: bool = False
    max_active_per_client: int | None = None
    allow_client_overlap: bool = True

    @property
    def free_to_move_hours(self) -> int:
        """Until how many hours before a visit a client may move it; not when cancelling would be late already."""
        return max(self.cancel_free_hours, self.reschedule_free_hours or 0)

    @property
    def looks_at_other_bookings(self) -> bool:
        """Whether a client's other bookings decide about a new one."""
        return self.max_active_per_client is not None or not self.allow_client_overlap

    def settings(self) -> dict[str, Any]:
        """As the tenant's settings hold it, in JSON's types; `policy_from` reads it back."""
        deposit = {
            "kind": self.deposit.kind.value,
            "percent": self.deposit.percent,
            "amount_minor": self.deposit.amount_minor,
            "service_ids": sorted(str(service_id) for service_id in self.deposit.service_ids),
        }
        return {
            "hold_minutes": _minutes(self.hold_for),
            "payment_hold_minutes": _minutes(self.payment_hold_for),
            "horizon_days": self.horizon_days,
            "min_notice_min": _minutes(self.min_notice),
            "cancel_free_hours": self.cancel_free_hours,
            "late_cancel_fee_percent": self.late_cancel_fee_percent,
            "reschedule_limit": self.reschedule_limit,
            "reschedule_free_hours": self.reschedule_free_hours,
            "deposit": deposit,
            "phone_required": self.phone_required,
            "max_active_per_client": self.max_active_per_client,
            "allow_client_overlap": self.allow_client_overlap,
        }


DEFAULT_POLICY = BookingPolicy()
SETTINGS = frozenset({*_LIMITS, *_SWITCHES, "deposit"})


def policy_from(values: Mapping[str, Any]) -> BookingPolicy:
    """The policy that settings describe; what they leave out has its default, what is not known here is passed over.

    Raises:
        PolicySenseless: a value is of the wrong type or out of its limits; says which.
    """
    if not values:
        return DEFAULT_POLICY
    known: dict[str, Any] = {}
    for name, (least, most) in _LIMITS.items():
        if name in values:
            known[name] = _whole_number(name, values[name], least, most)
    for name in _SWITCHES & values.keys():
        if not isinstance(values[name], bool):
            raise PolicySenseless(name, "is true or false")
        known[name] = values[name]
    if "deposit" in values:
        known["deposit"] = _deposit_from(values["deposit"])
    for name, target in (
        ("hold_minutes", "hold_for"),
        ("payment_hold_minutes", "payment_hold_for"),
        ("min_notice_min", "min_notice"),
    ):
        if name in known:
            known[target] = timedelta(minutes=known.pop(name))
    return BookingPolicy(**known)


def changed_settings(present: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings after a change of some of them.

    Raises:
        PolicySenseless: a name is not known, a value makes no sense, or visits could be moved when it is too late to
            cancel them for free.
    """
    for name in sorted(values.keys() - SETTINGS):
        raise PolicySenseless(name, "is no setting of booking")
    if isinstance(values.get("deposit"), Mapping):
        for name in sorted(values["deposit"].keys() - {one.name for one in fields(DepositTerms)}):
            raise PolicySenseless(f"deposit.{name}", "is no setting of a deposit")
    changed = policy_from({**present, **values})
    if changed.reschedule_free_hours is not None and changed.reschedule_free_hours < changed.cancel_free_hours:
        raise PolicySenseless("reschedule_free_hours", "is null, or not less than cancel_free_hours")
    return changed.settings()


def check_slot_time(
    slot_id: UUID,
    starts_at: datetime,
    now: datetime,
    policy: BookingPolicy,
    *,
    min_notice: timedelta | None = None,
) -> None:
    """Refuse a slot that has begun, begins too soon, or lies too far ahead.

    Args:
        slot_id: which.
        starts_at: when it begins.
        now: the current instant.
        policy: the tenant's.
        min_notice: how long ahead it has to be booked; None for staff, who are not bound by it.

    Raises:
        SlotInThePast: it has begun.
        TooShortNotice: it begins too soon.
        OutsideBookingHorizon: it lies too far ahead.
    """
    if starts_at <= now:
        raise SlotInThePast(slot_id, starts_at)
    if min_notice is not None and starts_at < now + min_notice:
        raise TooShortNotice(slot_id, _minutes(min_notice))
    if starts_at > now + timedelta(days=policy.horizon_days):
        raise OutsideBookingHorizon(slot_id, policy.horizon_days)


def check_client_may_move(booking: Booking, now: datetime, policy: BookingPolicy, *, times_moved: int) -> None:
    """Refuse a client who moves a visit too late or too often; a hold is free to move.

    Args:
        booking: to be moved.
        now: the current instant.
        policy: the tenant's.
        times_moved: how often the client has moved it before.

    Raises:
        TooLateToReschedule: less than `free_to_move_hours` are left.
        RescheduleLimitReached: it was moved as often as is allowed.
    """
    if booking.status is not BookingStatus.CONFIRMED:
        return
    if booking.starts_at - now < timedelta(hours=policy.free_to_move_hours):
        raise TooLateToReschedule(booking.id, policy.free_to_move_hours)
    if policy.reschedule_limit is not None and times_moved >= policy.reschedule_limit:
        raise RescheduleLimitReached(booking.id, policy.reschedule_limit)


def is_late_to_cancel(booking: Booking, now: datetime, policy: BookingPolicy) -> bool:
    """Whether a client cancels an agreed visit later than is free. Hours are real ones, over a clock change as well."""
    is_agreed = booking.status is BookingStatus.CONFIRMED
    return is_agreed and booking.starts_at - now < timedelta(hours=policy.cancel_free_hours)


def cancel_fee(booking: Booking, policy: BookingPolicy) -> Money | None:
    """What a late cancellation costs; None for nothing, as when there is no price."""
    if booking.price is None:
        return None
    fee = share(booking.price, policy.late_cancel_fee_percent)
    return fee if fee.minor > 0 else None


def share(price: Money, percent: int) -> Money:
    """A percentage of a sum, rounded half up to whole minor units."""
    return Money((price.minor * percent + WHOLE // 2) // WHOLE, price.currency)


def deposit_after(
    booking: Booking, price: Money | None, terms: DepositTerms
) -> tuple[Money | None, DepositStatus | None]:
    """The deposit of a booking that costs something else now, and where it stands.

    What still has to be paid follows the price, down to nothing. What was paid is what was paid: a dearer visit asks
    for no more, and a cheaper one leaves the rest to be settled at the visit. What nobody was asked for stays so, and
    what was waived too.
    """
    if booking.deposit_status is not DepositStatus.REQUIRED or price == booking.price:
        return booking.deposit, booking.deposit_status
    due = terms.due_for(booking.service_id, price)
    return due, DepositStatus.REQUIRED if due is not None else None


def less_incentive(price: Money | None, incentive_minor: int) -> tuple[Money | None, int]:
    """The price after an incentive, and how much of it was taken off: never below nothing."""
    if price is None:
        return None, 0
    taken = min(max(incentive_minor, 0), price.minor)
    return Money(price.minor - taken, price.currency), taken


def _whole_number(name: str, value: object, least: int, most: int) -> int | None:
    if value is None and name in _MAY_BE_NONE:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise PolicySenseless(name, f"is a whole number from {least} to {most}")
    return value


def _deposit_from(value: object) -> DepositTerms:
    if not isinstance(value, Mapping):
        raise PolicySenseless("deposit", "has a kind: none, percent or fixed")
    kind = value.get("kind")
    if not isinstance(kind, str) or kind not in set(DepositKind):
        raise PolicySenseless("deposit.kind", "is none, percent or fixed")
    service_ids = [parse_id(one) for one in _listed(value.get("service_ids", []))]
    if None in service_ids:
        raise PolicySenseless("deposit.service_ids", "are ids of services")
    return DepositTerms(
        kind=DepositKind(kind),
        percent=_part("deposit.percent", value.get("percent", 0), WHOLE),
        amount_minor=_part("deposit.amount_minor", value.get("amount_minor", 0), MAX_MINOR),
        service_ids=frozenset(one for one in service_ids if one is not None),
    )


def _part(name: str, value: object, most: int) -> int:
    return _whole_number(name, value, 0, most) or 0


def _listed(value: object) -> list[object]:
    if not isinstance(value, list | tuple):
        raise PolicySenseless("deposit.service_ids", "are ids of services")
    return list(value)


def _minutes(span: timedelta) -> int:
    return span // timedelta(minutes=1)
