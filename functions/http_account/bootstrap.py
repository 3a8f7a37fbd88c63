"""Real adapters for http_account."""

from __future__ import annotations

from routes.counter import Counter

from salon.identity.accounts.use_cases.desk import AccountDesk
from salon.identity.edge import CONSOLE, Api, open_api
from salon.intake.use_cases.nudging import JobNudge
from salon.platform.settings import ApiSettings, CloudSettings, MediaSettings
from salon.platform.settings_documents import DocumentQueueSettings, PreviewSettings, UploadSettings
from salon.platform.storage import S3Storage, s3_client
from salon.platform.wiring_light import queue


def wire() -> tuple[Api, AccountDesk, Counter]:
    """The edge behind the routes, where people sign in, and where documents are handed in.

    Raises:
        SettingsInvalid: naming what the environment lacks.
    """
    api, cloud, media = open_api(quota=CONSOLE), CloudSettings.load(), MediaSettings.load()
    counter = Counter(
        storage=lambda: S3Storage(s3_client(cloud), media.media_bucket),
        nudge=JobNudge(queue(DocumentQueueSettings.load().documents_queue_url)),
        settings=UploadSettings.load(),
        preview_url_s=PreviewSettings.load().preview_url_seconds,
    )
    return api, AccountDesk(api, ApiSettings.load()), counter
