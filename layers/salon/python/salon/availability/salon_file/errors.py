"""What the import of a salon refuses."""

from __future__ import annotations

from collections.abc import Sequence

from salon.platform.errors import Conflict, Invalid

SHOWN = 20


class SalonFileInvalid(Invalid):
    """The file does not say what a salon is.

    Attributes:
        problems: one sentence each, with the place in the file in words.
    """

    code = "SALON_FILE_INVALID"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems[:SHOWN]))
        self.problems = tuple(problems)


class SalonFileRefused(Conflict):
    """Something in the file cannot be had in this tenant; nothing of it was imported.

    Attributes:
        problems: one sentence each, with the place in the file in words.
    """

    code = "SALON_FILE_REFUSED"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems[:SHOWN]))
        self.problems = tuple(problems)
