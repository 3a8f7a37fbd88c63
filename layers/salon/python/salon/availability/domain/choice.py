"""The choice of a few free slots to show. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from salon.availability.domain.slots import Slot

OFFER_GAP = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Wish:
    """When a client would like to come.

    Attributes:
        at: the nearer to it, the better; None means the earlier, the better.
    """

    at: datetime | None = None


def choose_offers(slots: Sequence[Slot], wish: Wish, limit: int = 3) -> list[Slot]:
    """The few slots to show: the nearest to the wish, starts at least 30 minutes apart, spread over the staff.

    Of several people free at the same time the one shown least is taken. When there are too few starts that far
    apart, nearer ones fill up: the last free slots are never hidden. The order is by time.
    """
    by_nearness = sorted(slots, key=lambda slot: (_distance(slot, wish), slot.starts_at, str(slot.staff_id)))
    chosen: list[Slot] = []
    shown: Counter[UUID | None] = Counter()
    for keep_apart in (True, False):
        for slot in by_nearness:
            if len(chosen) == limit:
                break
            if any(slot.starts_at == other.starts_at for other in chosen):
                continue
            if keep_apart and any(abs(slot.starts_at - other.starts_at) < OFFER_GAP for other in chosen):
                continue
            same_time = [other for other in by_nearness if other.starts_at == slot.starts_at]
            pick = min(same_time, key=lambda other: (shown[other.staff_id], str(other.staff_id)))
            chosen.append(pick)
            shown[pick.staff_id] += 1
    chosen.extend([slot for slot in by_nearness if slot not in chosen][: limit - len(chosen)])
    return sorted(chosen, key=lambda slot: (slot.starts_at, str(slot.staff_id)))


def _distance(slot: Slot, wish: Wish) -> timedelta:
    return abs(slot.starts_at - wish.at) if wish.at is not None else timedelta()
