"""Every minute: expires holds that ran out."""

from __future__ import annotations

from bootstrap import wire
from chalice.app import Chalice, CloudWatchEvent, Rate

from salon.platform.triggers import entry_point

app = Chalice(app_name="timer_holds", configure_logs=False)
run = wire()


@app.schedule(Rate(1, unit=Rate.MINUTES))
def tick(event: CloudWatchEvent) -> None:
    """Expire stale holds; the timer's event says nothing that we need."""
    del event
    run()


handler = entry_point(tick)
