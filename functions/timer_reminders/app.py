"""Every minute: sends the reminders that are due, and looks after conversations that wait for a human."""

from __future__ import annotations

from bootstrap import wire
from chalice.app import Chalice, CloudWatchEvent, Rate

from salon.platform.triggers import entry_point

app = Chalice(app_name="timer_reminders", configure_logs=False)
run = wire()


@app.schedule(Rate(1, unit=Rate.MINUTES))
def tick(event: CloudWatchEvent) -> None:
    """Send what is due; the timer's event says nothing that we need."""
    del event
    run()


handler = entry_point(tick)
