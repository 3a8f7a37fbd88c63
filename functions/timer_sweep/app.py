"""Every minute: queues again what a crash left open, and measures the queues."""

from __future__ import annotations

from bootstrap import wire
from chalice.app import Chalice, CloudWatchEvent, Rate

from salon.platform.triggers import entry_point

app = Chalice(app_name="timer_sweep", configure_logs=False)
run = wire()


@app.schedule(Rate(1, unit=Rate.MINUTES))
def tick(event: CloudWatchEvent) -> None:
    """Sweep; the timer's event says nothing that we need."""
    del event
    run()


handler = entry_point(tick)
