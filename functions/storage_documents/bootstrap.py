"""Real adapters for storage_documents. Engines are opened when the first document comes: they take a second to load."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Lock

from salon.intake.documents.domain import Limits, ReadResult, RecognisedDocument
from salon.intake.documents.ports import Engines
from salon.intake.documents.reading import read_document
from salon.intake.domain import JobLimits
from salon.intake.inference.domain import LinePrediction, LineText
from salon.intake.inference.use_cases import predict_lines
from salon.intake.ports import PredictLines, ReadDocument
from salon.intake.use_cases.nudging import JobNudge
from salon.intake.use_cases.processing import ProcessDocument
from salon.inventory.drafts.use_cases import draft_from_result
from salon.platform.clock import SystemClock
from salon.platform.inference.in_process import default_inference
from salon.platform.metrics import LogMetrics
from salon.platform.settings import CloudSettings, MediaSettings
from salon.platform.settings_documents import DocumentDeadLetterSettings, DocumentQueueSettings, DocumentSettings
from salon.platform.storage import S3Storage, s3_client
from salon.platform.wiring import open_database
from salon.platform.wiring_light import queue


def wire() -> ProcessDocument:
    """What an object below `documents/` sets off.

    Raises:
        SettingsInvalid: naming what the environment lacks.
    """
    documents, metrics = DocumentSettings.load(), LogMetrics()
    return ProcessDocument(
        open_database(),
        SystemClock(),
        metrics,
        storage=S3Storage(s3_client(CloudSettings.load()), MediaSettings.load().media_bucket),
        read=reader(
            open_engines,
            Limits(max_bytes=documents.document_max_bytes, max_pages=documents.document_max_pages),
        ),
        predict=predictor(metrics),
        sink=draft_from_result,
        nudge=JobNudge(
            queue(DocumentQueueSettings.load().documents_queue_url),
            queue(DocumentDeadLetterSettings.load().documents_dlq_url),
        ),
        limits=JobLimits(
            max_bytes=documents.document_max_bytes,
            lease=timedelta(seconds=documents.document_lease_s),
            micros_per_second=documents.document_micros_per_second,
        ),
    )


def open_engines() -> Engines:
    """The engines of this image; imported now and not before."""
    from salon.integrations.documents import open_engines as open_all

    return open_all()


def reader(make: Callable[[], Engines], limits: Limits) -> ReadDocument:
    """The reader on engines that are made once and used by one document at a time, as they must be."""
    lock, made = Lock(), list[Engines]()

    def read(data: bytes, *, tell: Callable[[int], None]) -> ReadResult:
        with lock:
            if not made:
                made.append(make())
            return read_document(data, engines=made[0], limits=limits, tell=tell)

    return read


def predictor(metrics: LogMetrics) -> PredictLines:
    """The model `stock_item`, in this process; the version that the settings name."""
    port = default_inference()

    def predict(document: RecognisedDocument) -> tuple[LinePrediction, ...]:
        lines = [LineText(name=line.name.value, unit=line.unit.value) for line in document.lines]
        return predict_lines(port, lines, metrics=metrics)

    return predict
