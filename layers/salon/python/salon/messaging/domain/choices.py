"""What «первый», «вторую», «последний вариант» choose from: the options that were shown last, in their order. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from salon.messaging.domain.messages import Button
from salon.messaging.domain.taps import Tap, read_tap

TIMES = frozenset({Tap.SLOT, Tap.CHAIN, Tap.MOVE})
CANCELS = frozenset({Tap.CANCEL, Tap.CANCEL_VISIT})
MOVES = frozenset({Tap.RESCHEDULE})
_ALIKE = (Tap.STAFF, Tap.SERVICE, Tap.MEANT, Tap.DAY, Tap.TIME, Tap.EVERY, Tap.UNWAIT, Tap.CANCEL_SERIES)


def options(rows: Iterable[Iterable[Button]]) -> tuple[str, ...]:
    """The payloads of the options among buttons: times that are offered, or things of one kind; else nothing.

    Bookings to cancel or to move are options only where the question was which (`my_bookings.ask_which`): under a
    confirmation the same button is no choice.
    """
    payloads = [button.payload for row in rows for button in row]
    taps = {payload: found.tap for payload in payloads if (found := read_tap(payload)) is not None}
    times = tuple(payload for payload in payloads if taps.get(payload) in TIMES)
    if times:
        return times
    for kind in _ALIKE:
        alike = tuple(payload for payload in payloads if taps.get(payload) is kind)
        if len(alike) > 1:
            return alike
    return ()
