"""Every hour: makes the slots of the booking horizon."""

from __future__ import annotations

from bootstrap import wire
from chalice.app import Chalice, CloudWatchEvent, Rate

from salon.platform.triggers import entry_point

app = Chalice(app_name="timer_slots", configure_logs=False)
run = wire()


@app.schedule(Rate(1, unit=Rate.HOURS))
def tick(event: CloudWatchEvent) -> None:
    """Make the slots of every location; the timer's event says nothing that we need."""
    del event
    run()


handler = entry_point(tick)
