"""Every day: deletes what has been kept for as long as it may be."""

from __future__ import annotations

from bootstrap import wire
from chalice.app import Chalice, CloudWatchEvent, Rate

from salon.platform.triggers import entry_point

app = Chalice(app_name="timer_retention", configure_logs=False)
run = wire()


@app.schedule(Rate(1, unit=Rate.DAYS))
def tick(event: CloudWatchEvent) -> None:
    """Purge; the timer's event says nothing that we need."""
    del event
    run()


handler = entry_point(tick)
