"""An erased client: nothing of theirs can be read or sent any more, and whoever writes again is somebody new."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from salon.clients.use_cases import erase_client
from salon.identity.domain import system
from salon.messaging.use_cases.erasure import on_client_erased
from salon.platform.settings import RetrySettings
from salon.platform.subscribers import DeliverFact, Subscription
from support.salon_world import Chat, make_salon

pytestmark = pytest.mark.database


def test_chats_are_blanked_and_what_waited_is_dropped(database, tenant_id, clock):
    chat = Chat(database, make_salon(database, tenant_id, clock), clock, "http://127.0.0.1:9")
    chat.say("привет")
    with database.transaction(tenant_id) as session:
        client_id = session.scalar(text("SELECT client_id FROM conversations"))
        erase_client(session, client_id, actor=system("tests"), now=clock.now())
        row_id = session.scalar(text("SELECT id FROM outbox WHERE kind = 'client.erased'"))
    subscription = Subscription("messaging.erasure", frozenset({"client.erased"}), on_client_erased)
    DeliverFact(database, clock, RetrySettings(), chat.metrics, subscriptions=[subscription], jitter=lambda: 0.0)(
        tenant_id, row_id
    )

    with database.read(tenant_id) as session:
        found = session.execute(text("SELECT chat_id, state, external_user_id FROM conversations")).all()
        [(chat_id, state, external_user_id)] = found
        left = session.scalars(text("SELECT status FROM outbox WHERE conversation_id IS NOT NULL")).all()
        logged = session.scalars(text("SELECT status FROM message_log WHERE direction = 'out'")).all()
    assert chat_id.startswith("erased:")
    assert (state, external_user_id) == (None, None)
    assert set(left) == {"cancelled"}
    assert set(logged) == {"cancelled"}

    assert "Здравствуйте" in chat.say("привет")[-1]["text"]
    with database.read(tenant_id) as session:
        assert session.scalar(text("SELECT count(DISTINCT client_id) FROM conversations")) == 2
