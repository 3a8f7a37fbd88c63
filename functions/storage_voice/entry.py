"""What the image starts: an HTTP server where the platform names a port (Yandex), Lambda's runtime client elsewhere.

The port decides, and not Lambda's variables: Yandex's functions set those as well (facts/yandex.md §1.5).
"""

from __future__ import annotations

import os
import sys

from salon.platform.settings import ServerSettings


def main() -> None:
    """Serve until stopped."""
    settings = ServerSettings.load()
    if settings.port is None:
        os.execv(sys.executable, [sys.executable, "-m", "awslambdaric", "app.handler"])  # noqa: S606 - ourselves
    from app import handler
    from server import EventServer

    EventServer(settings.host, settings.port, handler).run_until_stopped()


if __name__ == "__main__":
    main()
