"""Every ten minutes: looks whether the channel accounts that are due still stand at their providers."""

from __future__ import annotations

from bootstrap import wire
from chalice.app import Chalice, CloudWatchEvent, Rate

from salon.platform.triggers import entry_point

app = Chalice(app_name="timer_channels", configure_logs=False)
run = wire()


@app.schedule(Rate(10, unit=Rate.MINUTES))
def tick(event: CloudWatchEvent) -> None:
    """Check what is due; the timer's event says nothing that we need."""
    del event
    run()


handler = entry_point(tick)
