"""Real adapters for timer_retention, and the one list of what is kept how long."""

from __future__ import annotations

from datetime import timedelta

from salon.platform.clock import SystemClock
from salon.platform.metrics import LogMetrics
from salon.platform.retention import Purge, Rule, SmallRule
from salon.platform.settings import RetentionSettings
from salon.platform.wiring import open_database


def rules(settings: RetentionSettings) -> tuple[Rule | SmallRule, ...]:
    """What is deleted after how long. What is not here is kept: bookings, messages, consents, the audit log.

    With an upload go its job and the result (by their references); drafts and what was confirmed of them stay.
    Of a voice message that stays in the log, the words go with its recording: whoever spoke did not write them.
    """
    spoken = timedelta(days=settings.retention_transcripts_days)
    messages = timedelta(days=settings.retention_messages_days)
    parked = timedelta(days=settings.retention_parked_days)
    told = timedelta(days=settings.retention_told_days)
    keys = timedelta(days=settings.retention_keys_days)
    heard = (("event_deliveries", "outbox_id"),)
    settled = "status NOT IN ('open', 'waiting')"
    return (
        Rule("transcripts", "transcripts", spoken, "old_transcripts"),
        Rule("voice_words", "message_log", spoken, "old_voice_words", sets="body = ''"),
        Rule("inbox", "inbox", messages, "old_inbox", still="status <> 'open'", more=("done",)),
        Rule("inbox_parked", "inbox", parked, "old_inbox", still="status <> 'open'", more=("parked",)),
        Rule("outbox", "outbox", messages, "old_outbox", still=settled, more=("done",), beside=heard),
        Rule("outbox_cancelled", "outbox", messages, "old_outbox", still=settled, more=("cancelled",), beside=heard),
        Rule("outbox_parked", "outbox", parked, "old_outbox", still=settled, more=("parked",), beside=heard),
        Rule("outbox_told", "outbox", told, "old_told", still=settled, beside=heard),
        Rule("sessions", "sessions", timedelta(days=settings.retention_sessions_days), "old_sessions"),
        Rule("exposures", "exposures", timedelta(days=settings.retention_exposures_days), "old_exposures"),
        Rule("idempotency_keys", "idempotency_keys", keys, "old_idempotency_keys"),
        Rule("uploads", "uploads", timedelta(days=settings.retention_documents_days), "old_uploads"),
        Rule("login_places", "login_places", timedelta(days=settings.retention_sessions_days), "old_login_places"),
        Rule("invitations", "invitations", keys, "old_invitations"),
        Rule("binding_codes", "binding_codes", keys, "old_binding_codes"),
        SmallRule("rate_limits", "rate_limits", keys, "refilled_at"),
    )


def wire() -> Purge:
    """What the timer runs.

    Raises:
        SettingsInvalid: naming what the environment lacks.
    """
    return Purge(open_database(), SystemClock(), LogMetrics(), rules=rules(RetentionSettings.load()))
