"""A chat that somebody else writes in now: what the former person had in it is over."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from salon.clients import use_cases as clients
from salon.identity.access import Role, UserDetails
from salon.identity.use_cases import create_user
from salon.messaging import repository
from salon.messaging.domain import Channel
from salon.messaging.people import use_cases as people
from salon.messaging.people.domain import HandoverReason
from salon.messaging.use_cases.chats import open_conversation
from salon.messaging.use_cases.say import Reply, say
from support.salon_world import ACTOR

pytestmark = pytest.mark.database
NUMBER = "79000000001"


@pytest.fixture
def write(salon):
    """Write from one number, as the person with an id of the provider's own; the conversation."""

    def write_as(person: str) -> repository.Conversation:
        with salon.database.transaction(salon.world.tenant_id) as session:
            contact = clients.find_or_create_by_contact(
                session,
                channel=Channel.TELEGRAM,
                account_id=salon.world.account_id,
                external_user_id=person,
                chat_id=NUMBER,
                actor=ACTOR,
                now=salon.clock.now(),
            )
            clients.mark_unblocked(session, contact.id, actor=ACTOR, now=salon.clock.now())
            return open_conversation(
                session,
                channel=Channel.TELEGRAM,
                account_id=salon.world.account_id,
                chat_id=NUMBER,
                client_id=contact.client_id,
                now=salon.clock.now(),
            )

    return write_as


def outbox(salon):
    with salon.database.read(salon.world.tenant_id) as session:
        return list(session.scalars(text("SELECT status FROM outbox WHERE conversation_id IS NOT NULL")))


def test_a_number_with_a_new_owner_has_nothing_of_the_old_one(salon, write):
    now = salon.clock.now()
    old = write("RU.aaa")
    owner = salon.do(
        create_user, UserDetails(name="Ольга", role=Role.OWNER), actor=ACTOR, actor_role=Role.OWNER, now=now
    )
    code = salon.do(people.issue_binding_code, owner.id, actor=ACTOR, now=now).code
    salon.do(people.bind_by_code, old, code.replace("-", ""), now)
    handover = salon.do(people.open_handover, old, HandoverReason.ASKED, now)
    salon.do(people.take, handover.id, user_id=owner.id, now=now)
    for words in ("Ждём вас завтра", "Ваш код 1234"):
        salon.do(say, old, Reply(words), now)
    with salon.database.transaction(salon.world.tenant_id) as session:
        repository.save_state(session, old, repository.get_conversation(session, old.id).state, now)
        parked = (
            "UPDATE outbox SET status = 'parked' WHERE id = (SELECT max(id::text) FROM outbox WHERE queue = 'tx')::uuid"
        )
        session.execute(text(parked))

    assert write("RU.aaa").client_id == old.client_id  # the same person goes on as before
    assert salon.do(people.find_staff, old.id) is not None
    assert set(outbox(salon)) == {"open", "parked"}

    new = write("RU.bbb")
    assert (new.id, new.state) == (old.id, type(new.state)())
    assert new.client_id != old.client_id
    assert salon.do(people.find_staff, new.id) is None
    closed = salon.do(people.get_handover, handover.id)
    assert (closed.status, closed.outcome) == ("closed", "returned")
    assert set(outbox(salon)) == {"cancelled"}
    with salon.database.read(salon.world.tenant_id) as session:
        assert [one.is_blocked for one in clients.list_contacts(session, old.client_id)] == [True]
        assert repository.find_latest_conversation(session, old.client_id) is None

    again = write("RU.aaa")  # and whoever comes back gets no rights back
    assert again.client_id == old.client_id
    assert salon.do(people.find_staff, again.id) is None
