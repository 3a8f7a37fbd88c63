"""Real adapters for http_admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from salon.identity.edge import CONSOLE, Api, open_api
from salon.platform.settings import ChannelSettings, CloudSettings, MediaSettings, PublicSettings
from salon.platform.settings_documents import PreviewSettings

if TYPE_CHECKING:
    from staff_api.invoices_view import Pictures

    from salon.messaging.use_cases.accounts import AccountDesk


def wire() -> tuple[Api, Callable[[], AccountDesk], Callable[[], Pictures]]:
    """The edge behind the routes, what makes the messengers' speaker, and what makes the shower of documents' pictures.

    These two load much that few requests need; the settings of both are read now.

    Raises:
        SettingsInvalid: naming what the environment lacks.
    """
    api = open_api(quota=CONSOLE)
    channels, public_url = ChannelSettings.load(), PublicSettings.load().public_url
    cloud, bucket = CloudSettings.load(), MediaSettings.load().media_bucket
    seconds = PreviewSettings.load().preview_url_seconds

    def desk() -> AccountDesk:
        from salon.integrations.channels import account_keepers
        from salon.messaging.use_cases.accounts import AccountDesk

        keepers = account_keepers(channels)
        return AccountDesk(api.database, api.clock, api.metrics, keepers=keepers, public_url=public_url)

    def pictures() -> Pictures:
        from staff_api.invoices_view import Pictures

        from salon.platform.storage import S3Storage, s3_client

        return Pictures(lambda: S3Storage(s3_client(cloud), bucket), seconds)

    return api, desk, pictures
