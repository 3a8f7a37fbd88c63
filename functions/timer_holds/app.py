"""Every minute: expires holds that ran out."""

from __future__ import annotations

from chalice import Chalice, Rate
from chalice.app import CloudWatchEvent
from salon.platform.triggers import entry_point

from bootstrap import wire

app = Chalice(app_name="timer_holds", configure_logs=False)
run = wire()


@app.schedule(Rate(1, unit=Rate.MINUTES))
def tick(event: CloudWatchEvent) -> None:
    """Expire stale holds; the timer's event says nothing that we need."""
    del event
    run()


handler = entry_point(tick)
