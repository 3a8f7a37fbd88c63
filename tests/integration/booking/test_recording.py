"""What one statement writes about a change is what `record_audit` and `emit` would have written."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from salon.booking import events
from salon.booking.repository import recording
from salon.booking.use_cases.telling import about
from salon.identity.use_cases import record_audit
from salon.platform import correlation
from salon.platform.outbox import OutboxQueue, emit
from support.factories import ACTOR

pytestmark = pytest.mark.database
_ROWS = """
    SELECT to_jsonb(r) - ARRAY['id', 'sequence'] AS row FROM {} r
    WHERE to_jsonb(r) ->> '{}' = 'booking.confirmed'
"""


def rows(owner_engine, table, column):
    with owner_engine.connect() as owner:
        return list(owner.scalars(text(_ROWS.format(table, column))))


def test_the_rows_are_the_same_column_by_column(salon, database, owner_engine):
    held = salon.hold(salon.slots()[0].id, salon.client())
    fact = events.BookingConfirmed.model_validate(about(held, salon.now))
    data = {"status": held.status, "slot_id": held.slot_id, "version": held.version + 1}
    with correlation.bind(correlation_id="the-same-call"), database.transaction(salon.tenant_id) as session:
        emit(session, fact)
        record_audit(
            session, action=fact.name, subject="booking", subject_id=held.id, actor=ACTOR, now=salon.now, data=data
        )
        session.flush()
        recording.change_booking(session, replace(held, version=2), fact, actor=ACTOR, now=salon.now)
        refs = session.info["outbox"]
    for table, column in (("outbox", "kind"), ("audit_log", "action")):
        by_use_case, by_statement = rows(owner_engine, table, column)
        assert by_use_case == by_statement
        assert by_statement["correlation_id"] == "the-same-call"
    assert [(ref.queue, ref.tenant_id, ref.delay_s) for ref in refs] == [(OutboxQueue.EVENTS, salon.tenant_id, 0)] * 2
    with owner_engine.connect() as owner:
        ids = set(owner.scalars(text("SELECT id FROM outbox WHERE kind = 'booking.confirmed'")))
    assert {ref.outbox_id for ref in refs} == ids
