"""Real adapters for http_admin."""

from __future__ import annotations

from salon.identity.edge import CONSOLE, Api, open_api
from salon.integrations.channels import account_keepers
from salon.messaging.use_cases.accounts import AccountDesk
from salon.platform.settings import ChannelSettings, PublicSettings


def wire() -> tuple[Api, AccountDesk]:
    """The edge behind the routes, and what speaks to the messengers.

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
    return api, desk
