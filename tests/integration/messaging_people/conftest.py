"""A salon with a front desk in the messenger, and clients who write to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from salon.identity import use_cases as identity
from salon.identity.access import Role, UserDetails
from salon.messaging import repository
from salon.messaging.people import use_cases as people
from salon.messaging.people.domain import Handover, HandoverReason
from salon.messaging.people.timers import ReturnStaleHandovers
from salon.messaging.people.use_cases.handing import hand_over
from salon.messaging.repository import Conversation
from salon.messaging.use_cases.talk import Talk
from salon.platform.metrics import MemoryMetrics
from support.salon_world import ACTOR, Chat, make_salon

NOWHERE = "http://127.0.0.1:9"  # the discard port: nothing listens there


class Person(Chat):
    """Somebody who writes; what is heard is whatever came since they last listened."""

    def __init__(self, desk: Desk, user_id: int) -> None:
        super().__init__(desk.database, desk.world, desk.clock, NOWHERE, user_id=user_id)
        self.desk = desk
        self._heard = 0

    def hear(self) -> str:
        """The words that came since the last time."""
        said = self.said()
        new, self._heard = said[self._heard :], len(said)
        return "\n".join(one["text"] for one in new if one["kind"] == "message")

    def write(self, words: str) -> str:
        """Write something; the words of the answer."""
        self.hear()
        self.say(words)
        return self.hear()

    def press(self, label: str) -> str:
        """Tap the latest button with these words in it; the words of the answer."""
        found = [
            button["payload"]
            for message in self.said()
            for row in message["buttons"]
            for button in row
            if label in button["text"]
        ]
        self.hear()
        self.send(self.tap(found[-1]))
        return self.hear()

    @property
    def conversation(self) -> Conversation:
        """The chat as it is now."""
        with self.database.read(self.world.tenant_id) as session:
            chat_id = str(self.user_id)
            found = repository.find_conversation(session, account_id=self.world.account_id, chat_id=chat_id)
            assert found is not None
            return found


class Desk:
    """The salon, its users, and what tests of this folder do again and again."""

    def __init__(self, database, world, clock) -> None:
        self.database, self.world, self.clock = database, world, clock
        self.timer = ReturnStaleHandovers(database, clock)

    def do(self, use_case: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """Run a use case in a transaction of its own."""
        with self.database.transaction(self.world.tenant_id) as session:
            return use_case(session, *args, **named)

    def person(self, user_id: int) -> Person:
        """Somebody who writes."""
        return Person(self, user_id)

    def user(self, role: Role = Role.FRONTDESK, name: str = "Ольга Админова", staff: str | None = None) -> UUID:
        """Somebody of the salon."""
        details = UserDetails(name=name, role=role, staff_id=self.world.staff[staff] if staff else None)
        now = self.clock.now()
        return self.do(identity.create_user, details, actor=ACTOR, actor_role=Role.OWNER, now=now).id

    def code(self, user_id: UUID) -> str:
        """A new code of this user."""
        return self.do(people.issue_binding_code, user_id, actor=ACTOR, now=self.clock.now()).code

    def bound(self, chat_id: int, role: Role = Role.FRONTDESK, name: str = "Ольга Админова") -> Person:
        """Somebody of the salon whose chat is bound."""
        person = self.person(chat_id)
        staff = "Анна" if role is Role.STYLIST else None
        person.write(f"/bind {self.code(self.user(role, name, staff))}")
        return person

    def hand_over(self, person: Person, reason: HandoverReason = HandoverReason.ASKED) -> Handover:
        """What the dialogue does when a client wants a person."""
        with self.database.transaction(self.world.tenant_id) as session:
            talk = Talk(session, person.conversation, now=self.clock.now(), metrics=MemoryMetrics())
            return hand_over(talk, reason)

    def handover(self, handover_id: UUID) -> Handover:
        """A hand-over as it is now."""
        return self.do(people.get_handover, handover_id)

    def at(self, moment: str) -> None:
        """Let the clock run on until a Moscow wall time, `2026-03-12 14:00`."""
        local = datetime.fromisoformat(f"{moment}+03:00")
        self.clock.advance(local - self.clock.now())

    def rows(self, statement: str, **parameters: Any) -> list[Any]:
        """Rows of the database."""
        with self.database.read(self.world.tenant_id) as session:
            return [tuple(row) for row in session.execute(text(statement), parameters)]


@pytest.fixture
def desk(database, tenant_id, clock) -> Desk:
    """A salon that is open from 9 to 21; it is Wednesday, 11 March 2026, 10:30 in Moscow."""
    return Desk(database, make_salon(database, tenant_id, clock, days=2), clock)


@pytest.fixture
def client(desk) -> Person:
    """Somebody who has written to the salon."""
    person = desk.person(5)
    person.write("Здравствуйте")
    return person


@pytest.fixture
def olga(desk) -> Person:
    """The front desk, in a chat of her own."""
    return desk.bound(70)
