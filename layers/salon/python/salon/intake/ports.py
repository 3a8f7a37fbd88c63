"""What intake needs from outside: a reader, a model, and whoever makes something of a result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from salon.identity.domain import Actor
from salon.intake.documents.domain import ReadResult, RecognisedDocument
from salon.platform.db import WriteSession


class ReadDocument(Protocol):
    """Makes a document of a file's bytes; `documents.reading.read_document` on its engines and limits."""

    def __call__(self, data: bytes, *, tell: Callable[[int], None]) -> ReadResult:
        """Read it.

        Args:
            data: the file.
            tell: is told the progress, per cent.

        Raises:
            DocumentRefused: the same file will be refused again.
            EngineUnavailable: another attempt may succeed.
        """
        ...


class Predicted(Protocol):
    """What a model says of one line; a dataclass whose fields are kept as they are."""

    @property
    def model(self) -> str:
        """The model's name."""
        ...

    @property
    def version(self) -> str:
        """Its version."""
        ...


class PredictLines(Protocol):
    """Asks the model about each line of a document."""

    def __call__(self, document: RecognisedDocument) -> Sequence[Any]:
        """A prediction (`Predicted`) for each line, in their order."""
        ...


class ResultSink(Protocol):
    """Makes something of a result: an invoice draft, in the transaction that stores the result."""

    def __call__(
        self,
        session: WriteSession,
        *,
        job_id: UUID,
        result_id: UUID,
        document: RecognisedDocument,
        predictions: Sequence[Any],
        actor: Actor,
        now: datetime,
    ) -> UUID:
        """Make it; its id. The same job makes it once."""
        ...
