"""What the salon's people are refused in the messenger and in the inbox."""

from __future__ import annotations

from uuid import UUID

from salon.platform.errors import Conflict, Invalid, NotFound, TooManyRequests


class BindingCodeUnknown(Invalid):
    """Nobody was given this code."""

    code = "BINDING_CODE_UNKNOWN"

    def __init__(self) -> None:
        super().__init__("There is no such code.")


class BindingCodeUsed(Conflict):
    """The code has bound a chat already; a code does so once."""

    code = "BINDING_CODE_USED"

    def __init__(self) -> None:
        super().__init__("This code was used already.")


class BindingCodeExpired(Conflict):
    """The code is too old, or a newer one was issued."""

    code = "BINDING_CODE_EXPIRED"

    def __init__(self) -> None:
        super().__init__("This code is no longer valid.")


class BindingTriesExceeded(TooManyRequests):
    """Too many codes were tried in this conversation."""

    code = "BINDING_TRIES_EXCEEDED"


class BindingInGroup(Conflict):
    """A chat that several people read is nobody's own."""

    code = "BINDING_IN_GROUP"

    def __init__(self) -> None:
        super().__init__("A group chat is not bound to a user.")


class StaffContactNotFound(NotFound):
    """The user has no such chat."""

    code = "STAFF_CONTACT_NOT_FOUND"

    def __init__(self, contact_id: UUID) -> None:
        super().__init__("staff contact", contact_id)


class ConversationNotFound(NotFound):
    """No such conversation in this tenant."""

    code = "CONVERSATION_NOT_FOUND"

    def __init__(self, conversation_id: UUID) -> None:
        super().__init__("conversation", conversation_id)


class HandoverNotFound(NotFound):
    """No such hand-over in this tenant."""

    code = "HANDOVER_NOT_FOUND"

    def __init__(self, key: object) -> None:
        super().__init__("hand-over", key)


class HandoverClosed(Conflict):
    """It is over: the assistant answers again.

    Attributes:
        number: what the salon calls it.
    """

    code = "HANDOVER_CLOSED"

    def __init__(self, number: int) -> None:
        super().__init__(f"Hand-over {number} is closed.")
        self.number = number


class HandoverTaken(Conflict):
    """Somebody else answers already.

    Attributes:
        number: what the salon calls it.
        taken_by: the user.
    """

    code = "HANDOVER_TAKEN"

    def __init__(self, number: int, taken_by: UUID) -> None:
        super().__init__(f"Hand-over {number} was taken by another user.")
        self.number = number
        self.taken_by = taken_by


class HandoverOutdated(Conflict):
    """Somebody has changed it since it was read."""

    code = "HANDOVER_OUTDATED"

    def __init__(self, number: int) -> None:
        super().__init__(f"Hand-over {number} has changed since it was read.")
        self.number = number


class AnswerEmpty(Invalid):
    """An answer says something."""

    code = "ANSWER_EMPTY"

    def __init__(self) -> None:
        super().__init__("An answer needs words.")
