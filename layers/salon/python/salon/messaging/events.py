"""What has happened to a message. Ids and instants only."""

from __future__ import annotations

from typing import Any, ClassVar

from salon.platform.facts import Fact


class MessagePostponed(Fact):
    """The client is to be told of a fact, and it was night: they are told when the quiet hours are over."""

    name: ClassVar[str] = "message.postponed"

    about: str
    fact: dict[str, Any]
