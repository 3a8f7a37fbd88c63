"""Real adapters for http_console. Nothing here may import SQLAlchemy: files need no database."""

from __future__ import annotations

from pathlib import Path

from assets import Assets, page_policy

from salon.platform.settings import CloudSettings, ConsoleSettings, RuntimeSettings

BUILT = Path(__file__).parent / "dist"
"""What `infra/tools/web.sh` makes of web/."""


def wire() -> tuple[Assets, str]:
    """The files, and the policy that the page is sent with.

    Raises:
        SettingsInvalid: naming what is senseless in the environment.
    """
    RuntimeSettings.load()
    return Assets.read(BUILT), page_policy(ConsoleSettings.load(), CloudSettings.load())
