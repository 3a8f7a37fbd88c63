"""What proposing a shift refuses. A new time that is not free is availability's refusal: SLOT_FULL."""

from __future__ import annotations

from uuid import UUID

from salon.platform.errors import Conflict, Invalid, NotFound


class ShiftNotFound(NotFound):
    """No such proposal in this tenant."""

    code = "SHIFT_NOT_FOUND"

    def __init__(self, proposal_id: UUID) -> None:
        super().__init__("shift proposal", proposal_id)


class ShiftsOff(Conflict):
    """The tenant asks nobody to move."""

    code = "SHIFTS_OFF"

    def __init__(self) -> None:
        super().__init__("This salon asks nobody to move.")


class ShiftAlreadyProposed(Conflict):
    """This client is being asked about this booking already."""

    code = "SHIFT_ALREADY_PROPOSED"

    def __init__(self) -> None:
        super().__init__("A shift of this booking is proposed already.")


class ShiftNotAllowed(Conflict):
    """This booking is not to be moved that way.

    Attributes:
        reason: a word for the caller: `state`, `notice`, `moved`, `visit`, `staff`, `distance`, `asked`.
    """

    code = "SHIFT_NOT_ALLOWED"

    def __init__(self, booking_id: UUID, reason: str) -> None:
        super().__init__(f"Booking {booking_id} is not to be shifted: {reason}.")
        self.booking_id = booking_id
        self.reason = reason


class ShiftWindowSenseless(Invalid):
    """Nothing can be looked for in this window: it ends before it begins, or lies in no sensible year."""

    code = "SHIFT_WINDOW_SENSELESS"


class ShiftNotOpen(Conflict):
    """The proposal was answered, has run out, or the booking has moved since.

    Attributes:
        status: what became of it.
    """

    code = "SHIFT_NOT_OPEN"

    def __init__(self, proposal_id: UUID, status: str) -> None:
        super().__init__(f"Shift proposal {proposal_id} is {status}.")
        self.proposal_id = proposal_id
        self.status = status
