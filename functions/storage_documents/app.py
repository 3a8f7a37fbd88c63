"""Reads suppliers' documents: an object below `documents/` becomes a result and a draft for a person to confirm.

The queue `documents` brings the same jobs back: for another attempt, after a crash, when a person asks for it.
"""

from __future__ import annotations

from typing import Any

from bootstrap import wire
from chalice.app import Chalice, S3Event, SQSEvent, SQSRecord

from salon.intake.domain import ids_of
from salon.platform.logs import logger
from salon.platform.queue_messages import JobRefMessage
from salon.platform.triggers import entry_point, process_batch

log = logger("storage_documents")
app = Chalice(app_name="storage_documents", configure_logs=False)
process = wire()


@app.on_s3_event(bucket="media", events=["s3:ObjectCreated:*"], prefix="documents/")
def arrive(event: S3Event) -> None:
    """One stored file; its key names the upload."""
    named = ids_of(event.key)
    if named is None:  # nobody's document: a repeat would not make it one
        log.warning("upload.foreign_object", bucket=event.bucket)
        return
    process.arrived(*named)


def handle_one(record: SQSRecord) -> None:
    """Work on one job, if it is due."""
    message = JobRefMessage.model_validate_json(record.body)
    process(message.tenant_id, message.job_id, failed_at=message.failed_at)


@app.on_sqs_message(queue="documents", batch_size=1)
def consume(event: SQSEvent) -> dict[str, Any]:
    """One job; answers whether it failed."""
    return process_batch(event, handle_one)


def work(event: dict[str, Any], context: Any) -> Any:
    """Whichever of the two it is."""
    is_queue = event["Records"][0]["eventSource"] == "aws:sqs"
    return consume(event, context) if is_queue else arrive(event, context)


handler = entry_point(work)
