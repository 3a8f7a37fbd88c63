"""Tells facts to their subscribers."""

from __future__ import annotations

from typing import Any

from bootstrap import wire
from chalice.app import Chalice, SQSEvent, SQSRecord

from salon.platform.queue_messages import OutboxRefMessage
from salon.platform.triggers import entry_point, process_batch

app = Chalice(app_name="queue_events", configure_logs=False)
deliver_fact = wire()


def handle_one(record: SQSRecord) -> None:
    """Tell one fact."""
    message = OutboxRefMessage.model_validate_json(record.body)
    deliver_fact(message.tenant_id, message.outbox_id)


@app.on_sqs_message(queue="events", batch_size=10)
def consume(event: SQSEvent) -> dict[str, Any]:
    """A batch of facts; answers which failed."""
    return process_batch(event, handle_one)


handler = entry_point(consume)
