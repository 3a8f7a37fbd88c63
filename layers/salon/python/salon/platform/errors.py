"""The one tree of errors.

::

    SalonError
    ├── Refusal                 the caller is told, nothing is wrong with us
    │   ├── NotFound            no such thing, or not this tenant's
    │   ├── Conflict            the world has moved on: taken, expired, already done
    │   ├── Forbidden           known, but not allowed
    │   ├── Unauthenticated     not known
    │   ├── Invalid             well-formed, but makes no sense here
    │   └── TooManyRequests     come back later
    └── Fault                   something outside failed; trying again may help
        ├── DatabaseBusy        lock or statement time-out, deadlock, serialisation
        ├── DatabaseUnavailable no connection
        └── ProviderFault       a messenger, a cloud service (see messaging.errors)

A refusal knows nothing of HTTP or chat: `platform.http_problems` maps its class to a status, `messaging` to a sentence.
Every refusal has a `code`: the stable word that clients of the API switch on.
"""

from __future__ import annotations


class SalonError(Exception):
    """Base of everything this code raises on purpose."""

    code = "ERROR"


class Refusal(SalonError):
    """A request that cannot be granted; expected, logged at most as information."""

    code = "REFUSED"


class NotFound(Refusal):
    """The thing does not exist, or belongs to another tenant (the two are not told apart)."""

    code = "NOT_FOUND"

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(f"There is no {kind} {key}.")
        self.kind = kind
        self.key = key


class Conflict(Refusal):
    """The state of the world forbids it: taken, expired, already done."""

    code = "CONFLICT"


class Forbidden(Refusal):
    """The actor is known but may not do this."""

    code = "FORBIDDEN"


class Unauthenticated(Refusal):
    """The actor is not known: a missing or wrong secret, token or signature."""

    code = "UNAUTHENTICATED"


class Invalid(Refusal):
    """Well-formed input that makes no sense here."""

    code = "INVALID"


class TooManyRequests(Refusal):
    """A rate limit was hit.

    Attributes:
        retry_after_s: seconds until a request may succeed.
    """

    code = "TOO_MANY_REQUESTS"

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"Too many requests; try again in {retry_after_s} s.")
        self.retry_after_s = retry_after_s


class Fault(SalonError):
    """Something outside failed; the same request may succeed later."""

    code = "UNAVAILABLE"


class DatabaseBusy(Fault):
    """A lock or statement time-out, a deadlock or a serialisation failure."""

    code = "DATABASE_BUSY"


class DatabaseUnavailable(Fault):
    """The database cannot be reached."""

    code = "DATABASE_UNAVAILABLE"


class ConstraintViolated(SalonError):
    """A named constraint refused a row and no module has said what that means.

    Attributes:
        constraint: name of the constraint, or of the column for NOT NULL.
        sqlstate: PostgreSQL's five-letter code.
    """

    code = "CONSTRAINT_VIOLATED"

    def __init__(self, constraint: str, sqlstate: str) -> None:
        super().__init__(f"The database refused a row: {constraint} ({sqlstate}).")
        self.constraint = constraint
        self.sqlstate = sqlstate
