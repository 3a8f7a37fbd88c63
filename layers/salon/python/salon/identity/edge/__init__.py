"""The edge of the HTTP APIs: who asks, may they, how often, once; one transaction around one use case.

A route opens it and does its work inside::

    @resolver.post("/v1/things", status_code=201, responses=changes(ThingTaken, status=201))
    def post_thing(body: ThingIn) -> ThingOut:
        with api.write(Permission.THINGS_WRITE) as call:
            thing = make_thing(call.session, body.name, actor=call.actor, now=call.now)
            return call.answer(ThingOut.of(thing))

The order is: the token's signature, the limits (counted in a transaction of their own), then in the route's transaction
the session's row, the permission, the idempotency key, the work in a savepoint, the answer. A refusal of the work rolls
the savepoint back and is kept as the answer; a fault rolls everything back, so that a repeat tries again.
"""

from __future__ import annotations

from salon.identity.edge.answers import changes, reads
from salon.identity.edge.api import Api, open_api
from salon.identity.edge.calls import ReadCall, WriteCall
from salon.identity.edge.quotas import BOOKINGS, CHANGES, CONSOLE, READS, SESSIONS, Quota

__all__ = [
    "BOOKINGS",
    "CHANGES",
    "CONSOLE",
    "READS",
    "SESSIONS",
    "Api",
    "Quota",
    "ReadCall",
    "WriteCall",
    "changes",
    "open_api",
    "reads",
]
