"""Real adapters for timer_sweep."""

from __future__ import annotations

from collections.abc import Callable

from salon.intake.timers import SweepJobs
from salon.intake.use_cases.nudging import JobNudge
from salon.platform.clock import SystemClock
from salon.platform.metrics import LogMetrics
from salon.platform.settings import DeadLetterQueueSettings, InboundQueueSettings, OutboxQueueSettings, RetrySettings
from salon.platform.settings_documents import DocumentQueueSettings
from salon.platform.sweep import Sweep
from salon.platform.wiring import open_database
from salon.platform.wiring_light import queue


def wire() -> Callable[[], object]:
    """What the timer runs.

    Raises:
        SettingsInvalid: naming what the environment lacks.
    """
    documents = DocumentQueueSettings.load()
    inbound, outbox, dead = InboundQueueSettings.load(), OutboxQueueSettings.load(), DeadLetterQueueSettings.load()
    urls = {
        "inbound": inbound.inbound_queue_url,
        "tx": outbox.tx_queue_url,
        "mk": outbox.mk_queue_url,
        "reminder": outbox.reminder_queue_url,
        "events": outbox.events_queue_url,
        "inbound-dlq": dead.inbound_dlq_url,
        "tx-dlq": dead.tx_dlq_url,
        "mk-dlq": dead.mk_dlq_url,
        "reminder-dlq": dead.reminder_dlq_url,
        "events-dlq": dead.events_dlq_url,
        "timer-dlq": dead.timer_dlq_url,
        "voice-dlq": dead.voice_dlq_url,
        "documents": documents.documents_queue_url,
        "documents-dlq": dead.documents_dlq_url,
    }
    database, clock, metrics = open_database(), SystemClock(), LogMetrics()
    rows = Sweep(
        database,
        clock,
        RetrySettings.load(),
        metrics,
        inbound=queue(inbound.inbound_queue_url),
        depths={name: queue(url) for name, url in urls.items()},
    )
    jobs = SweepJobs(database, clock, metrics, nudge=JobNudge(queue(documents.documents_queue_url)))

    def run() -> object:
        return rows(), jobs()

    return run
