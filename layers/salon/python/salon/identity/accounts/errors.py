"""Refusals of signing up and in."""

from __future__ import annotations

from salon.platform.errors import Conflict, Invalid, Unauthenticated


class EmailInvalid(Invalid):
    """It cannot be an e-mail address."""

    code = "EMAIL_INVALID"

    def __init__(self) -> None:
        super().__init__("This is no e-mail address.")


class EmailTaken(Conflict):
    """Somebody signs in with this e-mail already."""

    code = "EMAIL_TAKEN"

    def __init__(self) -> None:
        super().__init__("Somebody signs in with this e-mail already.")


class PasswordUnsuitable(Invalid):
    """The password is too short, or would be guessed at once."""

    code = "PASSWORD_UNSUITABLE"


class LoginRefused(Unauthenticated):
    """Which of the reasons it was is not told: no such e-mail, a wrong password, locked, deactivated."""

    code = "LOGIN_REFUSED"

    def __init__(self) -> None:
        super().__init__("The e-mail or the password is wrong, or there were too many attempts: wait a quarter hour.")


class InvitationInvalid(Invalid):
    """The token is not ours, was used, or has run out."""

    code = "INVITATION_INVALID"

    def __init__(self) -> None:
        super().__init__("The invitation is not valid any more: ask for a new one.")


class NoPassword(Conflict):
    """The user signs in some other way."""

    code = "NO_PASSWORD"

    def __init__(self) -> None:
        super().__init__("This user has no password; an invitation gives one.")
