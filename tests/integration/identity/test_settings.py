"""A tenant's settings: read once for a transaction, and never other than they are."""

import pytest
from sqlalchemy import event

from salon.identity.domain import system
from salon.identity.use_cases import read_settings, write_settings

pytestmark = pytest.mark.database
ACTOR = system("test")


@pytest.fixture
def settled(database, tenant_id, clock):
    with database.transaction(tenant_id) as session:
        write_settings(session, "offers", {"variant": "wide"}, actor=ACTOR, now=clock.now())


def test_all_sections_are_read_at_once(database, tenant_id, settled):
    asked = []

    def listener(_connection, _cursor, statement, *_):
        asked.append(statement)

    with database.read(tenant_id) as session:
        event.listen(database.engine, "before_cursor_execute", listener)
        try:
            assert read_settings(session, "offers") == {"variant": "wide"}
            assert read_settings(session, "booking") == {}
            read_settings(session, "offers")["variant"] = "changed by a caller"
            assert read_settings(session, "offers") == {"variant": "wide"}
        finally:
            event.remove(database.engine, "before_cursor_execute", listener)
    assert len(asked) == 1


def test_a_transaction_sees_what_it_has_written_also_when_that_is_undone(database, tenant_id, clock, settled):
    with database.transaction(tenant_id) as session:
        assert read_settings(session, "offers") == {"variant": "wide"}
        undone = session.begin_nested()
        write_settings(session, "offers", {"variant": "packed"}, actor=ACTOR, now=clock.now())
        assert read_settings(session, "offers") == {"variant": "packed"}
        undone.rollback()
        assert read_settings(session, "offers") == {"variant": "wide"}
