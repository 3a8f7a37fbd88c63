"""How MAX says no: a status, a code and a sentence."""

from __future__ import annotations

from salon.integrations.fakes.wire import Answer, ApiRefusal


def refusal(status: int, code: str, said: str = "") -> Answer:
    """An error as MAX words it."""
    return Answer.json({"code": code, "message": said}, status)


class Refused(ApiRefusal):
    """MAX refuses a call."""

    def __init__(self, status: int, code: str, said: str = "") -> None:
        super().__init__(refusal(status, code, said))
        self.code = code


def senseless(said: str) -> Refused:
    """The request says something that makes no sense."""
    return Refused(400, "proto.payload", said)


def no_such(what: str) -> Refused:
    """It names something that is not there."""
    return Refused(404, "not.found", f"{what} not found")
