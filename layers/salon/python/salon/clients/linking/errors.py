"""What linking refuses."""

from __future__ import annotations

from uuid import UUID

from salon.platform.errors import Conflict, NotFound


class LinkNotFound(NotFound):
    """There is no such question."""

    code = "LINK_NOT_FOUND"

    def __init__(self, link_id: UUID) -> None:
        super().__init__("link", link_id)


class LinkOver(Conflict):
    """The question was answered already, or is too old."""

    code = "LINK_OVER"

    def __init__(self) -> None:
        super().__init__("This question is over.")


class ClientsNotMergeable(Conflict):
    """Two clients that cannot become one: the same, erased, merged before, or booked for the same time."""

    code = "CLIENTS_NOT_MERGEABLE"

    def __init__(self, why: str) -> None:
        super().__init__(f"These clients cannot become one: {why}.")
