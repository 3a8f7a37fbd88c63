"""Real adapters for http_admin."""

from __future__ import annotations

from salon.identity.edge import CONSOLE, Api, open_api


def wire() -> Api:
    """The edge behind the routes.

    Raises:
        SettingsInvalid: naming what the environment lacks.
    """
    return open_api(quota=CONSOLE)
