"""Refusals of identity."""

from __future__ import annotations

from salon.platform.errors import Conflict, NotFound


class ChannelAccountTaken(Conflict):
    """Another account is registered under this key already."""

    code = "CHANNEL_ACCOUNT_TAKEN"

    def __init__(self) -> None:
        super().__init__("This channel account is registered already.")


class ChannelAccountNotFound(NotFound):
    """The tenant has no such account at a messenger."""

    code = "CHANNEL_ACCOUNT_NOT_FOUND"

    def __init__(self, key: object) -> None:
        super().__init__("channel account", key)
