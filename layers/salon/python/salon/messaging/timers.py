"""What the reminder timer does."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from salon.messaging import repository
from salon.messaging.domain.reminders import ReminderKind
from salon.messaging.use_cases.feedback_talk import send_feedback_request
from salon.messaging.use_cases.reminders import send_reminder
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.logs import logger
from salon.platform.single_flight import single_flight

log = logger(__name__)
LEASE = timedelta(minutes=5)
BATCH = 1000
AGAIN_AFTER = timedelta(minutes=5)
"""A reminder that fails stands back so long, so that it does not keep the others waiting at the head of the line."""


class SendDueReminders:
    """Sends what is due, tenant by tenant, and asks how visits were; one run at a time."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def __call__(self) -> int:
        """Send what is due, each in its own transaction; how many went out."""
        with single_flight(self._database, "timer_reminders", clock=self._clock, lease=LEASE) as mine:
            if not mine:
                return 0
            with self._database.without_tenant() as session:
                due = repository.list_due_reminders(session, until=self._clock.now(), limit=BATCH)
            return sum(self._send(tenant_id, reminder_id) for tenant_id, reminder_id in due)

    def _send(self, tenant_id: UUID, reminder_id: UUID) -> bool:
        now = self._clock.now()
        try:
            with self._database.transaction(tenant_id) as session:
                seen = repository.find_planned_reminder(session, reminder_id)
                if seen is None:  # another one of that day has spoken for it
                    return False
                is_question = seen.kind == ReminderKind.FEEDBACK
                return (send_feedback_request if is_question else send_reminder)(session, reminder_id, now)
        except Exception:  # one tenant's trouble must not keep the others from being reminded
            log.exception("reminder.failed", reminder_id=str(reminder_id))
        with self._database.transaction(tenant_id) as session:
            repository.delay_reminder(session, reminder_id, now + AGAIN_AFTER)
        return False
