"""Refusals of intake. Why a document is not read: `documents/errors.py`."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from salon.platform.errors import Conflict, Fault, Forbidden, Invalid, NotFound


class FileTypeNotTaken(Invalid):
    """No picture, PDF or XML."""

    code = "FILE_TYPE_NOT_TAKEN"

    def __init__(self, taken: Sequence[str]) -> None:
        super().__init__(f"A document is one of: {', '.join(taken)}.")


class FileTooLarge(Invalid):
    """More bytes than are read."""

    code = "FILE_TOO_LARGE"

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"A document has at most {max_bytes} bytes.")


class FileEmpty(Invalid):
    """The request has no body."""

    code = "FILE_EMPTY"

    def __init__(self) -> None:
        super().__init__("The file is empty.")


class UploadElsewhere(Conflict):
    """Somebody else's file has this id; nobody makes up such an id by chance."""

    code = "UPLOAD_ELSEWHERE"

    def __init__(self) -> None:
        super().__init__("This upload belongs to nobody here.")


class JobNotFound(NotFound):
    """The tenant has no such job."""

    code = "JOB_NOT_FOUND"

    def __init__(self, job_id: UUID) -> None:
        super().__init__("job", job_id)


class ResultNotFound(NotFound):
    """The tenant has no such result."""

    code = "RESULT_NOT_FOUND"

    def __init__(self, result_id: UUID) -> None:
        super().__init__("result", result_id)


class ResultClosed(Forbidden):
    """It shows what the salon pays, to somebody who may not see that (any more)."""

    code = "RESULT_CLOSED"

    def __init__(self) -> None:
        super().__init__("Whoever handed the document in sees it for a day; then only whoever may see money.")


class JobNotFailed(Conflict):
    """Only what has failed is tried again."""

    code = "JOB_NOT_FAILED"

    def __init__(self) -> None:
        super().__init__("The job has not failed: there is nothing to try again.")


class JobHasNoFile(Conflict):
    """The file never came, or is not what was announced: upload it anew."""

    code = "JOB_HAS_NO_FILE"

    def __init__(self) -> None:
        super().__init__("There is no file to read: upload it again.")


class JobSuperseded(Conflict):
    """The same contents were uploaded once more since, and that job is or was worked on."""

    code = "JOB_SUPERSEDED"

    def __init__(self) -> None:
        super().__init__("A newer job reads the same file.")


class LeaseLost(Fault):
    """The job took longer than its lease, and another worker has it."""

    code = "LEASE_LOST"
