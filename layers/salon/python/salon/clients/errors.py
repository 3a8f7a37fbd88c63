"""What the client register refuses."""

from __future__ import annotations

from uuid import UUID

from salon.platform.errors import Conflict, Invalid, NotFound


class ClientNotFound(NotFound):
    """No such client in this tenant."""

    code = "CLIENT_NOT_FOUND"

    def __init__(self, client_id: UUID) -> None:
        super().__init__("client", client_id)


class ContactNotFound(NotFound):
    """No such channel contact in this tenant."""

    code = "CONTACT_NOT_FOUND"

    def __init__(self, contact_id: UUID) -> None:
        super().__init__("channel contact", contact_id)


class ClientErased(Conflict):
    """The client was erased; nothing can be stored about that person any more."""

    code = "CLIENT_ERASED"

    def __init__(self, client_id: UUID) -> None:
        super().__init__(f"Client {client_id} was erased.")
        self.client_id = client_id


class PhoneInvalid(Invalid):
    """It cannot be a phone number; the message does not repeat it, because messages are logged."""

    code = "PHONE_INVALID"

    def __init__(self) -> None:
        super().__init__("This is not a phone number.")


class BirthDayInvalid(Invalid):
    """There is no such day of the year."""

    code = "BIRTH_DAY_INVALID"

    def __init__(self) -> None:
        super().__init__("A birthday is a month and a day, 05-31.")
