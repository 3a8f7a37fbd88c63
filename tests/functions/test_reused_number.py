"""A WhatsApp number that an operator has given to somebody else, through the deployed functions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from salon.identity import use_cases as identity
from salon.identity.access import Role, UserDetails
from salon.messaging.domain import Channel
from salon.messaging.people import use_cases as people
from support.messengers import open_front
from support.salon_world import ACTOR

pytestmark = pytest.mark.database


def test_whoever_gets_a_bound_number_is_not_of_the_salon(moto, furnished_url, salons, world):
    with open_front(Channel.WHATSAPP, ("aws", furnished_url, moto), salons, world) as front:
        now = datetime.now(UTC)
        with front.database.transaction(world.tenant_id) as session:
            details = UserDetails(name="Хозяйка", role=Role.OWNER)
            user = identity.create_user(session, details, actor=ACTOR, actor_role=Role.OWNER, now=now)
            code = people.issue_binding_code(session, user.id, actor=ACTOR, now=now).code
        front.write(f"/bind {code}")
        bound = "SELECT ended_at IS NULL FROM staff_contacts"
        assert [tuple(row) for row in front.rows(bound)] == [(True,)]

        front.person = front.fake.add_person("Чужой", "Человек", phone="79000000777")  # the same number, another person
        front.write("/inbox")

        assert [tuple(row) for row in front.rows(bound)] == [(False,)]
        chats = "SELECT count(*), count(DISTINCT client_id) FROM conversations"
        assert [tuple(row) for row in front.rows(chats)] == [(1, 1)]
        assert [tuple(row) for row in front.rows("SELECT is_blocked FROM channel_contacts ORDER BY id")] == [
            (True,),
            (False,),
        ]
