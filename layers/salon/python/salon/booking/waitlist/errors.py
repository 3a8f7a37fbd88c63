"""What the waiting list refuses. An offer whose hold ran out is booking's refusal: `HoldExpired`."""

from __future__ import annotations

from uuid import UUID

from salon.platform.errors import Conflict, Invalid, NotFound


class WaitlistEntryNotFound(NotFound):
    """No such entry in this tenant."""

    code = "WAITLIST_ENTRY_NOT_FOUND"

    def __init__(self, entry_id: UUID) -> None:
        super().__init__("waiting list entry", entry_id)


class WaitlistWindowSenseless(Invalid):
    """Nobody could ever be offered anything in this window: it is over, too long, or its day ends before it begins."""

    code = "WAITLIST_WINDOW_SENSELESS"


class WaitlistFull(Conflict):
    """The client waits for as many things as a client may.

    Attributes:
        limit: open entries of one client.
    """

    code = "WAITLIST_FULL"

    def __init__(self, limit: int) -> None:
        super().__init__(f"This client waits for {limit} things already.")
        self.limit = limit


class WaitlistClosed(Conflict):
    """The tenant keeps no waiting list."""

    code = "WAITLIST_CLOSED"

    def __init__(self) -> None:
        super().__init__("This salon keeps no waiting list.")


class WaitlistEntryNotOpen(Conflict):
    """What is asked for cannot be done to an entry in this state.

    Attributes:
        status: the state it is in.
    """

    code = "WAITLIST_ENTRY_NOT_OPEN"

    def __init__(self, entry_id: UUID, status: str) -> None:
        super().__init__(f"Waiting list entry {entry_id} is {status}.")
        self.entry_id = entry_id
        self.status = status


class NothingOffered(Conflict):
    """There is no offer to accept or decline; what was offered has run out or was answered."""

    code = "NOTHING_OFFERED"

    def __init__(self, entry_id: UUID) -> None:
        super().__init__(f"Nothing is offered to waiting list entry {entry_id} now.")
        self.entry_id = entry_id
