"""Questions that every message asks are answered by an index, however long the chat and however full the outbox."""

from __future__ import annotations

import pytest
from sqlalchemy import event, text

from salon.messaging.campaigns import repository as campaigns
from salon.messaging.repository import inbound
from salon.platform import outbox_turns
from salon.platform.ids import new_id

pytestmark = pytest.mark.database


@pytest.fixture
def plans(database, engine, tenant_id):
    """How the database answers every statement of a question, asked as the application asks it."""

    def ask(question) -> str:
        asked = []
        with database.transaction(tenant_id) as session:
            connection = session.connection()
            session.execute(text("SET LOCAL enable_seqscan = off"))  # the tables of a test are small
            session.execute(text("SET LOCAL enable_bitmapscan = off"))

            def note(_connection, _cursor, statement, parameters, *_):
                asked.append((statement, parameters))

            event.listen(connection, "before_cursor_execute", note)
            question(session)
            event.remove(connection, "before_cursor_execute", note)
            found = [connection.exec_driver_sql(f"EXPLAIN {one}", values) for one, values in asked]
            return "\n".join("\n".join(plan.scalars()) for plan in found)

    return ask


def test_the_last_thing_that_somebody_wrote(plans):
    plan = plans(lambda session: inbound.find_latest_inbound(session, new_id()))
    assert "Index Scan Backward using ix_message_log_conversation" in plan
    assert "Sort" not in plan


def test_what_waits_for_a_conversation(plans, clock):
    plan = plans(lambda session: outbox_turns.cancel_conversation(session, new_id(), now=clock.now(), reason="gone"))
    assert "using ix_outbox_unsettled" in plan


def test_what_a_campaign_may_still_send_to_somebody(plans, clock):
    plan = plans(
        lambda session: campaigns.cancel_for_clients(session, [new_id()], reason="no consent", now=clock.now())
    )
    assert "using ix_outbox_unsettled" in plan
