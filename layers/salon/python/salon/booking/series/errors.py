"""What recurring bookings refuse."""

from __future__ import annotations

from uuid import UUID

from salon.platform.errors import Conflict, Invalid, NotFound


class SeriesNotFound(NotFound):
    """No such series in this tenant."""

    code = "SERIES_NOT_FOUND"

    def __init__(self, series_id: UUID) -> None:
        super().__init__("series", series_id)


class SeriesSenseless(Invalid):
    """The series would have no visit, too many, or begins in the past."""

    code = "SERIES_SENSELESS"


class SeriesNeedsDeposit(Conflict):
    """The salon asks for a deposit: each visit must be paid for by itself, so nothing is booked unattended."""

    code = "SERIES_NEEDS_DEPOSIT"

    def __init__(self, service_id: UUID) -> None:
        super().__init__(f"Service {service_id} asks for a deposit and cannot be booked as a series.")
        self.service_id = service_id


class SeriesNotActive(Conflict):
    """The series was cancelled, or all its visits are made.

    Attributes:
        status: what it is.
    """

    code = "SERIES_NOT_ACTIVE"

    def __init__(self, series_id: UUID, status: str) -> None:
        super().__init__(f"Series {series_id} is {status}.")
        self.series_id = series_id
        self.status = status
