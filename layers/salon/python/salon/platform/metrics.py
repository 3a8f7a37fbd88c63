"""Metrics: a port, one JSON line for each figure, and a fake.

A line is both a plain record for Yandex Cloud Logging and CloudWatch's embedded metric format: `infra/monitoring` reads
the same names on both clouds. Labels are ids of a tenant or a channel and words of ours; never personal data.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from time import perf_counter
from typing import NewType, Protocol

from salon.platform import correlation
from salon.platform.clock import Clock, SystemClock

NAMESPACE = "salon"

MetricName = NewType("MetricName", str)

# Every figure that is counted, in one place; dashboards and alerts use these names.
QUEUE_DEPTH = MetricName("queue_depth")
WEBHOOK_REFUSED = MetricName("webhook_refused")  # by REASON: secret, incomplete, handshake, foreign_account
WEBHOOK_EVENTS = MetricName("webhook_events")  # kept for the first time
EVENT_IGNORED = MetricName("event_ignored")  # authentic, and nothing for us: by REASON
MEDIA_FAILED = MetricName("media_failed")  # what came with a message could not be had: by REASON
INBOX_PARKED = MetricName("inbox_parked")
INBOX_REQUEUED = MetricName("inbox_requeued")
INBOX_HELD = MetricName("inbox_held")  # waits for what another worker makes of it: a voice message for its words
VOICE_ANSWERED = MetricName("voice_answered")  # by OUTCOME: heard, messenger, or why there were no words
VOICE_WAITED_MS = MetricName("voice_waited_ms")  # from the recording's being stored until its words were answered
SPEECH_VERDICT = MetricName("speech_verdict")  # by MODEL (engine and version) and OUTCOME, «late» among them
SPEECH_FAILED = MetricName("speech_failed")  # the engine, not the recording: by MODEL and REASON
SPEECH_LATENCY_MS = MetricName("speech_latency_ms")  # by MODEL
SPEECH_CONFIDENCE = MetricName("speech_confidence")  # 0 to 1, by MODEL
JOB_ATTEMPTS = MetricName("job_attempts")  # at reading a document: by OUTCOME, done or why not
JOB_DURATION_MS = MetricName("job_duration_ms")  # of one attempt, by OUTCOME
JOB_COST_MICROS = MetricName("job_cost_micros")  # of one attempt, millionths of the currency's unit, by OUTCOME
JOBS_REQUEUED = MetricName("jobs_requeued")  # due or stuck, found by the sweep
UPLOADS_EXPIRED = MetricName("uploads_expired")  # files that were announced and never came
LOGIN_REFUSED = MetricName("login_refused")  # wrong, unknown or locked: which of them is told to nobody
RETENTION_PURGED = MetricName("retention_purged")  # rows past their time: by KIND, what they are
OUTBOX_SENT = MetricName("outbox_sent")
OUTBOX_PARKED = MetricName("outbox_parked")
OUTBOX_REQUEUED = MetricName("outbox_requeued")
SEND_LATENCY_MS = MetricName("send_latency_ms")
SEND_FAILED = MetricName("send_failed")  # by OUTCOME, the class of the failure
SEND_RETRIED = MetricName("send_retried")  # will be tried again; against outbox_sent the rate of retries
SEND_THROTTLED = MetricName("send_throttled")  # stood back for the provider's rate: by KIND, account or chat
SEND_WAITING = MetricName("send_waiting")  # the provider's window is closed, the message waits for its person
CHANNEL_PROBLEMS = MetricName("channel_problems")  # fatal ones of an account, found by its last check
CHANNEL_UNCHECKED = MetricName("channel_unchecked")  # accounts that their check could not be carried out for
CHANNEL_MENDED = MetricName("channel_mended")  # a subscription or a token that was renewed without a person
HOLD_EXPIRED = MetricName("hold_expired")
BOOKING_SUCCESS = MetricName("booking_success")
BOOKING_REFUSED = MetricName("booking_refused")
BOOKING_CANCELLED = MetricName("booking_cancelled")
BOOKING_FUNNEL = MetricName("booking_funnel")  # by step (KIND) and by the rules of exposure (VARIANT): conversion
EXPOSED_SLOTS_COUNT = MetricName("exposed_slots_count")
HOLD_TO_CONFIRM_MS = MetricName("hold_to_confirm_ms")
API_REFUSED = MetricName("api_refused")
API_CONFLICT = MetricName("api_conflict")
MODEL_LATENCY_MS = MetricName("model_latency_ms")  # by MODEL and VERSION, as the next three
MODEL_CONFIDENCE = MetricName("model_confidence")  # the model's own, calibrated; not what a rule has put above it
MODEL_DOUBT = MetricName("model_doubt")  # below the threshold: the person was asked
MODEL_FAILED = MetricName("model_failed")  # by the error's code as REASON; VERSION is `none` where none is known
OCR_FIELDS = MetricName("ocr_fields")  # confirmed against read: by KIND (field), OUTCOME, SOURCE, MODEL (engine)


class Label(StrEnum):
    """What a figure may be split by."""

    TENANT = "tenant_id"
    LOCATION = "location_id"
    CHANNEL = "channel"
    QUEUE = "queue"
    OUTCOME = "outcome"
    ROUTE = "route"
    MODEL = "model"
    TIMER = "timer"
    SOURCE = "source"
    KIND = "kind"
    REASON = "reason"
    VARIANT = "variant"
    VERSION = "version"


# CloudWatch bills each combination of dimensions: ids stay plain fields, found in the log.
_NOT_DIMENSIONS = frozenset({Label.TENANT, Label.LOCATION})
_LABEL_VALUE = re.compile(r"[A-Za-z0-9_.:/{}<>-]{1,100}")
_PHONE_LIKE = re.compile(r"\d{10,}")


class Metrics(Protocol):
    """Where figures go. Labels are named by `Label`."""

    def count(self, name: MetricName, value: int = 1, **labels: str) -> None:
        """`value` more of something."""
        ...

    def gauge(self, name: MetricName, value: float, **labels: str) -> None:
        """How much of something there is now."""
        ...

    def timing_ms(self, name: MetricName, value: float, **labels: str) -> None:
        """How long something took, in milliseconds."""
        ...


@contextmanager
def timed(metrics: Metrics, name: MetricName, **labels: str) -> Iterator[None]:
    """Time the block, whether it succeeds or not."""
    started = perf_counter()
    try:
        yield
    finally:
        metrics.timing_ms(name, (perf_counter() - started) * 1000, **labels)


def _checked(labels: dict[str, str]) -> dict[str, str]:
    """The labels, if they are of ours.

    Raises:
        ValueError: a name that is not in `Label`, or a value that could be somebody's name or telephone number.
    """
    for name, value in labels.items():
        if name not in Label.__members__.values():
            raise ValueError(f"{name} is not a label; see platform.metrics.Label.")
        if not _LABEL_VALUE.fullmatch(value) or _PHONE_LIKE.fullmatch(value):
            raise ValueError(f"The value of the label {name} is neither an id nor a word of ours.")
    return labels


@dataclass(frozen=True, slots=True)
class LogMetrics:
    """Writes to standard output, from where both clouds collect."""

    clock: Clock = field(default_factory=SystemClock)

    def count(self, name: MetricName, value: int = 1, **labels: str) -> None:
        """`value` more of something."""
        self._write(name, value, "Count", labels)

    def gauge(self, name: MetricName, value: float, **labels: str) -> None:
        """How much of something there is now."""
        self._write(name, value, "None", labels)

    def timing_ms(self, name: MetricName, value: float, **labels: str) -> None:
        """How long something took."""
        self._write(name, round(value, 3), "Milliseconds", labels)

    def _write(self, name: MetricName, value: float, unit: str, labels: dict[str, str]) -> None:
        fields: dict[str, object] = dict(_checked(labels))
        dimensions = sorted(label for label in labels if label not in _NOT_DIMENSIONS)
        now = self.clock.now()
        ids = correlation.current()
        if ids:
            fields["correlation_id"] = ids.correlation_id
            if ids.job_id is not None:
                fields["job_id"] = ids.job_id
        line = {
            "level": "INFO",
            "message": "metric",
            "timestamp": now.isoformat(timespec="milliseconds"),
            "metric": name,
            name: value,
            **fields,
            "_aws": {
                "Timestamp": int(now.timestamp() * 1000),
                "CloudWatchMetrics": [
                    {"Namespace": NAMESPACE, "Dimensions": [dimensions], "Metrics": [{"Name": name, "Unit": unit}]}
                ],
            },
        }
        sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")


@dataclass(frozen=True, slots=True)
class Recorded:
    """One figure that the fake was told."""

    name: MetricName
    value: float
    labels: dict[str, str]


@dataclass(slots=True)
class MemoryMetrics:
    """A fake that remembers."""

    recorded: list[Recorded] = field(default_factory=list)

    def count(self, name: MetricName, value: int = 1, **labels: str) -> None:
        """Remember a count."""
        self.recorded.append(Recorded(name, value, _checked(labels)))

    def gauge(self, name: MetricName, value: float, **labels: str) -> None:
        """Remember a level."""
        self.recorded.append(Recorded(name, value, _checked(labels)))

    def timing_ms(self, name: MetricName, value: float, **labels: str) -> None:
        """Remember a duration."""
        self.recorded.append(Recorded(name, value, _checked(labels)))

    def total(self, name: MetricName, **labels: str) -> float:
        """The sum of what was recorded under a name with at least these labels."""
        return sum(item.value for item in self.recorded if item.name == name and labels.items() <= item.labels.items())
