"""Refusals of identity."""

from __future__ import annotations

from uuid import UUID

from salon.platform.errors import Conflict, Forbidden, Invalid, NotFound, SalonError, Unauthenticated


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


class ChannelAccountIncomplete(Conflict):
    """The account lacks something without which it cannot work."""

    code = "CHANNEL_ACCOUNT_INCOMPLETE"

    def __init__(self, what: str) -> None:
        super().__init__(f"The account has no {what} yet.")


class TenantNotFound(NotFound):
    """There is no such business."""

    code = "TENANT_NOT_FOUND"

    def __init__(self, tenant_id: UUID) -> None:
        super().__init__("tenant", tenant_id)


class JwtSecretsInvalid(SalonError):
    """The setting that holds the signing keys is wrong; the message names the entry, never a key."""

    code = "JWT_SECRETS_INVALID"


class TokenMissing(Unauthenticated):
    """The request names nobody: no `Authorization: Bearer …`."""

    code = "TOKEN_MISSING"

    def __init__(self) -> None:
        super().__init__("A bearer token is needed.")


class TokenInvalid(Unauthenticated):
    """Not a token of ours, for something else, or changed since. Which of them is not told."""

    code = "TOKEN_INVALID"

    def __init__(self) -> None:
        super().__init__("The token is not valid.")


class TokenExpired(Unauthenticated):
    """The token was ours and has run out; renew it."""

    code = "TOKEN_EXPIRED"

    def __init__(self) -> None:
        super().__init__("The token has expired.")


class SessionRevoked(Unauthenticated):
    """The session was ended, has run out, or its user may not enter any more."""

    code = "SESSION_REVOKED"

    def __init__(self) -> None:
        super().__init__("The session has ended.")


class PermissionDenied(Forbidden):
    """The role does not allow this."""

    code = "PERMISSION_DENIED"

    def __init__(self, role: str, permission: str) -> None:
        super().__init__(f"The role {role} may not do this ({permission}).")


class RoleNotYours(Forbidden):
    """Only an owner makes, changes and deactivates owners."""

    code = "ROLE_NOT_YOURS"

    def __init__(self) -> None:
        super().__init__("Only an owner changes who is an owner.")


class UserNotFound(NotFound):
    """The tenant has no such user."""

    code = "USER_NOT_FOUND"

    def __init__(self, user_id: UUID) -> None:
        super().__init__("user", user_id)


class UserInactive(Conflict):
    """The user was deactivated."""

    code = "USER_INACTIVE"

    def __init__(self, user_id: UUID) -> None:
        super().__init__(f"User {user_id} is not active.")


class LastOwner(Conflict):
    """A salon without an owner could never be administered again."""

    code = "LAST_OWNER"

    def __init__(self) -> None:
        super().__init__("The last active owner stays one.")


class NotYourself(Conflict):
    """Whoever is let out is let out by somebody else: a slip would end one's own session."""

    code = "NOT_YOURSELF"

    def __init__(self) -> None:
        super().__init__("Nobody deactivates themselves.")


class RoleUnsuitable(Invalid):
    """A visitor's role is nobody's in the console, and a stylist is a member of staff."""

    code = "ROLE_UNSUITABLE"


class SettingsOutdated(Conflict):
    """Somebody has changed the section since it was read."""

    code = "SETTINGS_OUTDATED"

    def __init__(self, section: str) -> None:
        super().__init__(f"The settings {section} have been changed meanwhile; read them again.")
