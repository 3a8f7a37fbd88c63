"""What is refused to visitors of the site alone."""

from __future__ import annotations

from salon.platform.errors import Conflict, Invalid


class DatesSenseless(Invalid):
    """The days that were asked for end before they begin, or are too many."""

    code = "DATES_SENSELESS"

    def __init__(self, most: int) -> None:
        super().__init__(f"The last day is not before the first, and at most {most} days are shown.")


class TooManyHolds(Conflict):
    """A session holds as many seats as one may; confirming or cancelling some lets it hold others.

    Attributes:
        limit: how many that is.
    """

    code = "TOO_MANY_HOLDS"

    def __init__(self, limit: int) -> None:
        super().__init__(f"At most {limit} seats are held at a time: confirm or cancel some first.")
        self.limit = limit
