"""Every hour: plans what campaigns have to say, and says what is due."""

from __future__ import annotations

from bootstrap import wire
from chalice.app import Chalice, CloudWatchEvent, Rate

from salon.platform.triggers import entry_point

app = Chalice(app_name="timer_campaigns", configure_logs=False)
run = wire()


@app.schedule(Rate(1, unit=Rate.HOURS))
def tick(event: CloudWatchEvent) -> None:
    """Plan and say; the timer's event says nothing that we need."""
    del event
    run()


handler = entry_point(tick)
