"""Somebody has left the salon: neither the console, nor the messenger, nor a client waits for them any more."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from salon.identity import use_cases as identity
from salon.identity.access import Role, User
from salon.identity.domain import Actor
from salon.messaging.people import repository
from salon.messaging.people.use_cases.binding import unbind
from salon.messaging.people.use_cases.reopening import reopen_all_of
from salon.platform.db import WriteSession


def let_go(session: WriteSession, user_id: UUID, *, actor: Actor, actor_role: Role, now: datetime) -> User:
    """Deactivate a user with all that hangs on it; done again, it changes nothing.

    Every token is refused from the next request on, for each looks the session up. Their chats are nobody's, so that
    what they send there is a client's, no invoice of the salon's; codes and invitations are void. Clients they were
    writing to wait again, and the others are told. Let in again, they bind their chats anew.

    Raises:
        UserNotFound, RoleNotYours, LastOwner, NotYourself: as for `identity.deactivate_user`.
    """
    left = identity.deactivate_user(session, user_id, actor=actor, actor_role=actor_role, now=now)
    repository.void_codes(session, user_id, now)
    for conversation_id in repository.list_bound(session, user_id):
        unbind(session, conversation_id, actor=actor, now=now)
    reopen_all_of(session, user_id, now)
    return left
