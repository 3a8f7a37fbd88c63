"""Settings of suppliers' documents: how they come in, are read, and are shown."""

from __future__ import annotations

from pydantic import Field

from salon.platform.settings import Settings


class DocumentQueueSettings(Settings):
    """The queue that brings jobs back to the reader of documents."""

    documents_queue_url: str


class DocumentDeadLetterSettings(Settings):
    """Where jobs are put that were given up."""

    documents_dlq_url: str


class DocumentSettings(Settings):
    """How suppliers' documents are read.

    Attributes:
        document_max_bytes: of a file.
        document_max_pages: of a PDF or a TIFF.
        document_lease_s: how long one worker has a job: as long as its function may run.
        document_micros_per_second: what a second of the function costs, in millionths of a rouble: one core and 2 GB
            at the prices in `shared/speech/prices.json` (4.80 and 3.20 an hour) come to 11.20 an hour.
    """

    document_max_bytes: int = Field(default=20_000_000, ge=1)
    document_max_pages: int = Field(default=10, ge=1, le=100)
    document_lease_s: float = Field(default=300.0, gt=0, le=900)
    document_micros_per_second: int = Field(default=3_100, ge=0)


class UploadSettings(Settings):
    """How files are taken in over HTTP.

    Attributes:
        upload_form_minutes: how long a presigned form is good for, and a file waited for.
        upload_max_bytes: of a file that comes by a form.
        upload_direct_max_bytes: of one that comes in the request itself. Yandex's API Gateway lets requests of 2.5 MB
            through (yandex.cloud/en/docs/api-gateway/concepts/limits, as of 2025-08-12).
    """

    upload_form_minutes: int = Field(default=15, ge=1, le=60)
    upload_max_bytes: int = Field(default=20_000_000, ge=1)
    upload_direct_max_bytes: int = Field(default=2_400_000, ge=1, le=4_000_000)


class PreviewSettings(Settings):
    """How pictures of documents are shown.

    Attributes:
        preview_url_seconds: how long the address of a page's picture is good for.
    """

    preview_url_seconds: int = Field(default=900, ge=60, le=86_400)
