"""What has happened to a job. Ids only."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from salon.intake.domain import Reason
from salon.platform.facts import Fact


class JobFact(Fact):
    """What both facts say.

    Attributes:
        same_as: the job of the same contents that did the work.
        conversation_id: the chat that the file came in.
    """

    job_id: UUID
    upload_id: UUID
    same_as: UUID | None = None
    conversation_id: UUID | None = None


class JobDone(JobFact):
    """A document was read; its result, and the draft that was made of it, can be looked at.

    Attributes:
        lines: how many were read.
    """

    name: ClassVar[str] = "job.done"

    result_id: UUID
    lines: int = 0


class JobFailed(JobFact):
    """A document was not read, and nobody will try again by themselves."""

    name: ClassVar[str] = "job.failed"

    reason_code: Reason
