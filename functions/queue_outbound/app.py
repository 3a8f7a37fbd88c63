"""Sends what the outbox holds, transactional messages and reminders, through the messengers."""

from __future__ import annotations

from typing import Any

from bootstrap import wire
from chalice.app import Chalice, SQSEvent, SQSRecord

from salon.platform.queue_messages import OutboxRefMessage
from salon.platform.triggers import entry_point, process_batch

app = Chalice(app_name="queue_outbound", configure_logs=False)
deliver = wire()


def handle_one(record: SQSRecord) -> None:
    """Send one row, and those of its conversation that may go now."""
    message = OutboxRefMessage.model_validate_json(record.body)
    deliver(message.tenant_id, message.outbox_id)


@app.on_sqs_message(queue="tx", batch_size=10, name="consume_tx")
def consume_tx(event: SQSEvent) -> dict[str, Any]:
    """A batch of transactional messages; answers which failed."""
    return process_batch(event, handle_one)


@app.on_sqs_message(queue="mk", batch_size=10, name="consume_mk")
def consume_mk(event: SQSEvent) -> dict[str, Any]:
    """A batch of marketing messages, which wait behind nobody's confirmation either."""
    return process_batch(event, handle_one)


@app.on_sqs_message(queue="reminder", batch_size=10, name="consume_reminder")
def consume_reminder(event: SQSEvent) -> dict[str, Any]:
    """A batch of reminders; they have a queue of their own so that they hold up nobody's confirmation."""
    return process_batch(event, handle_one)


handler = entry_point(consume_tx)  # all three queues hand over the same shape
