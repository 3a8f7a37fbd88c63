"""Real adapters for http_booking."""

from __future__ import annotations

from salon.identity.edge import Api, open_api


def wire() -> Api:
    """The edge that the routes work behind.

    Raises:
        SettingsInvalid: naming what the environment lacks.
    """
    return open_api()
