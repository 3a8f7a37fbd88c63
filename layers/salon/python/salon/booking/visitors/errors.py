"""What is refused to visitors of the site alone."""

from __future__ import annotations

from salon.platform.errors import Invalid


class DatesSenseless(Invalid):
    """The days that were asked for end before they begin, or are too many."""

    code = "DATES_SENSELESS"

    def __init__(self, most: int) -> None:
        super().__init__(f"The last day is not before the first, and at most {most} days are shown.")
