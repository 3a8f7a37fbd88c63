"""What stands on our queues: ids, nothing else. Their JSON Schemas are published in `shared/schemas/queue`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class QueueMessage(BaseModel):
    """Base of messages on a queue; unknown fields of a newer sender are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)  # built by the function that reads it

    tenant_id: UUID


class InboxRefMessage(QueueMessage):
    """On `inbound`: handle this inbox row, and the open ones of its conversation."""

    inbox_id: UUID


class JobRefMessage(QueueMessage):
    """On `documents`: work on this job. On its dead-letter queue with `failed_at`: the failure that it tells of."""

    job_id: UUID
    failed_at: datetime | None = None


class OutboxRefMessage(QueueMessage):
    """On `tx`, `reminder` and `events`: work off this outbox row."""

    outbox_id: UUID
