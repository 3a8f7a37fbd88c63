"""Where documents are handed in: the bucket, the queue, and the limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from salon.intake.use_cases.nudging import JobNudge
from salon.platform.settings_documents import UploadSettings
from salon.platform.storage import ObjectStorage


@dataclass(frozen=True, slots=True)
class Counter:
    """What the routes about documents need beside the edge.

    Attributes:
        storage: the bucket; opened by whoever first needs it.
        nudge: queues a job that a person wants tried again.
        settings: sizes and times.
        preview_url_s: how long the address of a page is good for.
    """

    storage: Callable[[], ObjectStorage]
    nudge: JobNudge
    settings: UploadSettings
    preview_url_s: int
