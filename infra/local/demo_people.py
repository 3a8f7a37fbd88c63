"""The demo salon's own people: an owner who signs in to the console, and a front desk that photographs invoices.

Both have a chat with the salon's bot in the simulator, bound as in any salon: by a one-time code that they write.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from infra.local.demo_salon import ACTOR
from infra.local.processes import LocalCloudError
from salon.identity.access import Role, User, UserDetails
from salon.identity.accounts import repository as accounts
from salon.identity.accounts.use_cases.entering import accept_invitation, invite_user
from salon.identity.accounts.use_cases.passwords import hash_password, is_password
from salon.identity.tokens import SigningKeys, Tokens
from salon.identity.use_cases import create_user, list_users
from salon.integrations.fakes.driving import Messenger
from salon.integrations.fakes.state import Person
from salon.messaging.people.use_cases import find_staff, issue_binding_code
from salon.messaging.repository import find_conversation
from salon.platform.clock import SystemClock
from salon.platform.db import Database, WriteSession
from salon.platform.rate_buckets import NOBODY

OWNER_EMAIL = "owner@beryozka.example"
BIND_SECONDS = 60.0
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody of the salon, invented.

    Attributes:
        first_name, last_name: in the messenger.
        phone: their number there.
    """

    role: Role
    first_name: str
    last_name: str
    phone: str

    @property
    def name(self) -> str:
        """In the console."""
        return f"{self.first_name} {self.last_name}"


OWNER = DemoPerson(Role.OWNER, "Марина", "Выдумкина", "79000000111")
DESK = DemoPerson(Role.FRONTDESK, "Кира", "Стойкина", "79000000112")


@dataclass(frozen=True, slots=True)
class DemoPeople:
    """Who there is.

    Attributes:
        owner_id: signs in with `OWNER_EMAIL` and the demo's password.
        desk_id: the front desk.
        password: made at the demo's first start, and kept beside its other secrets.
    """

    owner_id: UUID
    desk_id: UUID
    password: str = field(repr=False)


def load(database: Database, *, tenant_id: UUID, jwt_secrets: str, password: str, now: datetime) -> DemoPeople:
    """Have the owner and the front desk as users, and let the owner in with the password that is about to be printed.

    Args:
        database: with the demo salon in it.
        tenant_id: the salon.
        jwt_secrets: the keys that tokens are signed with.
        password: of the owner.
        now: the current instant.
    """
    with database.transaction(tenant_id) as session:
        owner, desk = _have(session, OWNER, now), _have(session, DESK, now)
    with database.transaction(tenant_id) as session:
        known = accounts.lock_credential(session, user_id=owner.id)
        is_right = known is not None and is_password(known.password_hash, password)
        email = accounts.email_of(session, owner.id)
    if not is_right or email != OWNER_EMAIL:
        tokens = Tokens(lambda: SigningKeys.parse(jwt_secrets))
        _give_password(database, tenant_id, owner, tokens=tokens, password=password, now=now)
    return DemoPeople(owner.id, desk.id, password)


def person_of(fake: Messenger, who: DemoPerson) -> Person:
    """Who that is in a messenger; added when there is nobody of the name."""
    for person in fake.state.people.values():
        if (person.first_name, person.last_name) == (who.first_name, who.last_name):
            return person
    return fake.add_person(who.first_name, who.last_name, phone=who.phone)


def bind(database: Database, tenant_id: UUID, account_id: UUID, fake: Messenger, wanted: dict[UUID, Person]) -> None:
    """Bind chats to users: each writes a one-time code to the bot, and all are waited for. Bound ones write nothing.

    Args:
        database: of the running cloud.
        tenant_id: the salon.
        account_id: its account at the messenger.
        fake: the messenger, its webhook set.
        wanted: who writes, by user.

    Raises:
        LocalCloudError: the bot has bound somebody's chat not.
    """

    def is_bound(user_id: UUID, person: Person) -> bool:
        with database.read(tenant_id) as session:
            chat = find_conversation(session, account_id=account_id, chat_id=str(fake.chat_of(person).chat_id))
            contact = find_staff(session, chat.id) if chat is not None else None
        return contact is not None and contact.user_id == user_id

    unbound = {user_id: person for user_id, person in wanted.items() if not is_bound(user_id, person)}
    for user_id, person in unbound.items():
        with database.transaction(tenant_id) as session:
            issued = issue_binding_code(session, user_id, actor=ACTOR, now=SystemClock().now())
        fake.say(person, f"/bind {issued.code}")
    for user_id, person in unbound.items():
        _wait(lambda user_id=user_id, person=person: is_bound(user_id, person), person)  # type: ignore[misc]  # a lambda has no types


def _wait(is_done: Callable[[], bool], person: Person) -> None:
    deadline = time.monotonic() + BIND_SECONDS
    while not is_done():
        if time.monotonic() > deadline:
            message = f"the chat of {person.first_name} was not bound in {BIND_SECONDS:.0f} s: see the logs"
            raise LocalCloudError(message)
        time.sleep(POLL_SECONDS)


def _have(session: WriteSession, who: DemoPerson, now: datetime) -> User:
    for user in list_users(session):
        if (user.name, user.role) == (who.name, who.role):
            return user
    details = UserDetails(name=who.name, role=who.role, staff_id=None)
    return create_user(session, details, actor=ACTOR, actor_role=Role.OWNER, now=now)


def _give_password(
    database: Database, tenant_id: UUID, owner: User, *, tokens: Tokens, password: str, now: datetime
) -> None:
    """As an administrator would: an invitation, which is taken at once."""
    with database.transaction(tenant_id) as session:
        invitation = invite_user(session, owner.id, OWNER_EMAIL, actor=ACTOR, actor_role=Role.OWNER, now=now)
    with database.transaction(NOBODY) as session:
        index = accounts.index_of(session, OWNER_EMAIL, now)
    with database.transaction(tenant_id) as session:
        accept_invitation(
            session,
            tokens,
            invitation.token,
            email=OWNER_EMAIL,
            index=index,
            password_hash=hash_password(password),
            place="demo",
            now=now,
        )
