"""Real adapters for http_admin."""

from __future__ import annotations

from staff_api.invoices_view import Pictures

from salon.identity.edge import CONSOLE, Api, open_api
from salon.integrations.channels import account_keepers
from salon.messaging.use_cases.accounts import AccountDesk
from salon.platform.settings import ChannelSettings, CloudSettings, MediaSettings, PreviewSettings, PublicSettings
from salon.platform.storage import S3Storage, s3_client


def wire() -> tuple[Api, AccountDesk, Pictures]:
    """The edge behind the routes, what speaks to the messengers, and what shows pictures of documents.

    Raises:
        SettingsInvalid: naming what the environment lacks.
    """
    api = open_api(quota=CONSOLE)
    desk = AccountDesk(
        api.database,
        api.clock,
        api.metrics,
        keepers=account_keepers(ChannelSettings.load()),
        public_url=PublicSettings.load().public_url,
    )
    cloud, bucket = CloudSettings.load(), MediaSettings.load().media_bucket
    pictures = Pictures(lambda: S3Storage(s3_client(cloud), bucket), PreviewSettings.load().preview_url_seconds)
    return api, desk, pictures
