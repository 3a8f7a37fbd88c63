"""Handles what came in: drains the conversation of each queued inbox row."""

from __future__ import annotations

from typing import Any

from bootstrap import wire
from chalice.app import Chalice, SQSEvent, SQSRecord

from salon.platform.queue_messages import InboxRefMessage
from salon.platform.triggers import entry_point, process_batch

app = Chalice(app_name="queue_inbound", configure_logs=False)
drain = wire()


def handle_one(record: SQSRecord) -> None:
    """Handle every open row of one conversation, in order."""
    message = InboxRefMessage.model_validate_json(record.body)
    drain.drain(message.tenant_id, message.inbox_id)


@app.on_sqs_message(queue="inbound", batch_size=10)
def consume(event: SQSEvent) -> dict[str, Any]:
    """A batch from the inbound queue; answers which messages failed."""
    return process_batch(event, handle_one)


handler = entry_point(consume)
