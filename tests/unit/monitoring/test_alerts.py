"""The alerts: what they name exists and is written, each fires on a log that should set it off, none on a quiet one."""

from __future__ import annotations

import ast
import contextlib
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.monitoring.evaluate import evaluate
from infra.monitoring.rules import read_alerts
from salon.platform import metrics as figures
from salon.platform.clock import FrozenClock
from salon.platform.metrics import Label, LogMetrics

ROOT = Path(__file__).resolve().parents[3]
NOON = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
ALERTS = {alert.name: alert for alert in read_alerts()}
METRICS = {
    name: value
    for name, value in vars(figures).items()
    if name.isupper() and name != "NAMESPACE" and isinstance(value, str)
}
SOURCES = [path for folder in ("layers/salon/python", "functions") for path in (ROOT / folder).rglob("*.py")]


def metric(name, value=1, *, minute=0, times=1, **labels):
    """So many lines of a figure, as a function writes them."""
    clock = FrozenClock(NOON + timedelta(minutes=minute))
    with contextlib.redirect_stdout(io.StringIO()) as written:
        for _ in range(times):
            LogMetrics(clock).count(name, value, **labels)
    return [json.loads(line) for line in written.getvalue().splitlines()]


def event(name, *, minute=0, times=1, level="INFO", **fields):
    at = (NOON + timedelta(minutes=minute)).isoformat()
    return [{"level": level, "message": name, "timestamp": at, **fields}] * times


def answered(status, route="/webhooks/max/<account_key>", **more):
    return event("http.answered", status=status, route=route, **more)


def each_minute(minutes, make):
    return [line for minute in minutes for line in make(minute)]


def failed(outcome, number):
    return metric("send_failed", times=number, channel="max", outcome=outcome)


def sent(number):
    return metric("outbox_sent", number, channel="max")


def took(milliseconds, *, times):
    return metric("send_latency_ms", milliseconds, times=times, channel="max")


def throttled(minutes):
    return each_minute(minutes, lambda one: metric("send_throttled", 1_000, minute=one, channel="max", kind="chat"))


def depth(queue, *depths):
    return each_minute(range(len(depths)), lambda one: metric("queue_depth", depths[one], minute=one, queue=queue))


def refused(reason, number):
    return metric("webhook_refused", times=number, channel="vk", reason=reason)


def listened(outcome, number):
    return metric("speech_verdict", times=number, model="whisper:small", outcome=outcome)


def attempted(outcome, number):
    return metric("job_attempts", times=number, outcome=outcome)


def read_in(milliseconds, *, times, outcome="done"):
    return metric("job_duration_ms", milliseconds, times=times, outcome=outcome)


def confirmed(field, *, right=0, wrong=0):
    labels = {"kind": field, "source": "photo", "model": "tesseract"}
    lines = metric("ocr_fields", right, outcome="right", **labels) if right else []
    return lines + metric("ocr_fields", wrong, outcome="wrong", **labels)


def day(messages, bookings):
    """Six hours of messages, and bookings in the first of them."""
    lines = each_minute(range(400), lambda one: metric("webhook_events", messages, minute=one, channel="max"))
    return lines + each_minute(bookings, lambda one: metric("booking_success", minute=one))


# name: (a log that sets it off, and one that is just not enough)
CASES = {
    "account_rejected": (failed("account_rejected", 1), failed("recipient_gone", 9)),
    "sends_rejected": (failed("request_rejected", 4) + failed("late_request", 1), failed("request_rejected", 4)),
    "sends_failing": (sent(99) + failed("retry_later", 20), sent(100) + failed("retry_later", 20)),
    "people_gone": (failed("recipient_gone", 30), failed("recipient_gone", 29)),
    "windows_closed": (
        metric("send_waiting", times=30, channel="whatsapp"),
        metric("send_waiting", times=29, channel="whatsapp"),
    ),
    "retries_high": (
        sent(100) + metric("send_retried", times=21, channel="max"),
        sent(100) + metric("send_retried", times=20, channel="max"),
    ),
    "throttled_for_long": (throttled(range(20)), throttled(range(19))),
    "answers_slow": (
        took(900, times=38) + took(130_000, times=3),
        took(900, times=38) + took(130_000, times=2),
    ),
    "bookings_refused": (
        metric("booking_refused", times=20, channel="max", outcome="too_short_notice"),
        metric("booking_refused", times=200, channel="max", outcome="slot_full"),
    ),
    "bookings_stopped": (day(1, bookings=range(20)), day(1, bookings=[30, 200])),
    "inbox_parked": (metric("inbox_parked", channel="max"), []),
    "outbox_parked": (metric("outbox_parked", queue="events"), []),
    "dead_letters": (depth("tx-dlq", 0, 1), depth("tx-dlq", 0, 0)),
    "queues_deep": (depth("tx", *[501] * 5), depth("tx", 501, 501, 501, 501, 500, *[501] * 6)),
    "inbox_left_lying": (metric("inbox_requeued", 50), metric("inbox_requeued", 49)),
    "outbox_left_lying": (metric("outbox_requeued", 50), metric("outbox_requeued", 49)),
    "webhook_forged": (refused("secret", 20), refused("secret", 19)),
    "webhook_unusable": (refused("incomplete", 3), refused("incomplete", 2)),
    "webhook_5xx": (answered(503, times=5), answered(503, times=4) + answered(401, times=99)),
    "api_5xx": (
        answered(500, "/v1/slots", times=5),
        answered(503, "/readyz", times=9) + answered(409, "/v1/slots", times=9),
    ),
    "channel_broken": (metric("channel_problems", 1, channel="vk"), metric("channel_problems", 0, channel="vk")),
    "channel_not_checked": (
        metric("channel_unchecked"),
        metric("channel_problems", 3, channel="vk"),
    ),
    "subscription_was_lost": (
        metric("channel_mended", channel="max", kind="webhook"),
        metric("channel_mended", channel="instagram", kind="token"),
    ),
    "token_not_renewed": (failed("token_not_renewed", 1), failed("retry_later", 1)),
    "media_failing": (
        metric("media_failed", times=10, channel="max", reason="media_gone"),
        metric("media_failed", times=9, channel="max", reason="media_gone"),
    ),
    "speech_failing": (
        listened("heard", 24) + metric("speech_failed", times=5, model="whisper:small", reason="timeout"),
        listened("heard", 25) + metric("speech_failed", times=5, model="whisper:small", reason="timeout"),
    ),
    "speech_slow": (
        metric("speech_latency_ms", 2_000, times=18, model="whisper:small")
        + metric("speech_latency_ms", 15_001, times=2, model="whisper:small"),
        metric("speech_latency_ms", 15_000, times=20, model="whisper:small"),
    ),
    "speech_unclear": (
        listened("heard", 29) + listened("unclear", 20),
        listened("heard", 30) + listened("unclear", 20) + listened("silent", 30),
    ),
    "model_failing": (
        metric("model_failed", times=5, model="intent", version="2", reason="MODEL_FAILED"),
        metric("model_failed", times=4, model="intent", version="2", reason="MODEL_FAILED")
        + metric("model_failed", times=4, model="intent", version="none", reason="MODEL_NOT_FOUND")
        + metric("model_failed", times=9, model="intent", version="none", reason="INPUT_INVALID"),
    ),
    "documents_failing": (
        attempted("done", 11) + attempted("engine_unavailable", 3),
        attempted("done", 12) + attempted("engine_unavailable", 3) + attempted("document_encrypted", 50),
    ),
    "documents_interrupted": (event("job.given_up", level="ERROR"), event("job.attempt_failed", level="ERROR")),
    "documents_slow": (
        read_in(2_000, times=18) + read_in(60_001, times=2),
        read_in(60_000, times=20) + read_in(290_000, times=9, outcome="processing_failed"),
    ),
    "documents_left_lying": (metric("jobs_requeued", 20), metric("jobs_requeued", 19)),
    "uploads_lost": (metric("uploads_expired", 10), metric("uploads_expired", 9)),
    "reading_worse": (
        confirmed("quantity", right=129, wrong=15) + confirmed("sum", right=140, wrong=16),
        confirmed("quantity", right=135, wrong=15)
        + confirmed("sum", right=135, wrong=15)
        + confirmed("name", wrong=99),
    ),
    "logins_refused": (metric("login_refused", times=100), metric("login_refused", times=99)),
    "odd_events": (
        metric("event_ignored", times=100, channel="max", reason="unknown_kind_of_update"),
        metric("event_ignored", times=500, channel="max", reason="group_chat"),
    ),
    "functions_failing": (
        event("queue.message_failed", level="ERROR", times=3),
        event("queue.message_failed", level="WARNING", times=30),
    ),
}


def firing(lines, *names):
    return [one.alert.name for one in evaluate([ALERTS[name] for name in names or ALERTS], lines)]


def test_every_alert_is_tried():
    assert CASES.keys() == ALERTS.keys()


@pytest.mark.parametrize("name", CASES)
def test_an_alert_fires_on_what_should_set_it_off_and_on_nothing_less(name):
    loud, calm = CASES[name]
    assert firing(loud, name) == [name]
    assert firing(calm, name) == []


def test_a_quiet_day_is_quiet():
    def minute_of_a_day(minute):
        lines = metric("webhook_events", 3, minute=minute, channel="telegram")
        lines += metric("outbox_sent", 4, minute=minute, channel="telegram")
        lines += metric("send_latency_ms", 700, minute=minute, times=4, channel="telegram")
        lines += metric("queue_depth", minute % 7, minute=minute, queue="tx") + metric(
            "queue_depth", 0, minute=minute, queue="tx-dlq"
        )
        lines += answered(200, minute=minute, times=3)
        if minute % 10 == 0:
            lines += metric("booking_success", minute=minute) + answered(401, minute=minute)
            lines += metric("send_failed", minute=minute, channel="telegram", outcome="retry_later")
            lines += metric("send_retried", minute=minute, channel="telegram")
            lines += metric("send_throttled", minute=minute, channel="telegram", kind="chat")
            lines += metric("booking_refused", minute=minute, channel="telegram", outcome="slot_full")
            lines += metric("inbox_requeued", minute=minute) + metric(
                "channel_problems", 0, minute=minute, channel="vk"
            )
        return lines

    assert firing(each_minute(range(480), minute_of_a_day)) == []


def test_what_is_kept_apart_is_not_added_up():
    lines = metric("webhook_refused", times=19, channel="vk", reason="secret")
    lines += metric("webhook_refused", times=19, channel="max", reason="secret")
    assert firing(lines, "webhook_forged") == []
    [found] = evaluate([ALERTS["webhook_forged"]], lines + refused("secret", 6))
    assert [found.labels, found.worst] == [{"channel": "vk", "reason": "secret"}, 25]


def test_a_window_ends():
    ten, ten_later = refused("secret", 10), metric("webhook_refused", 10, minute=5, channel="vk", reason="secret")
    assert firing(ten + ten_later, "webhook_forged") == []
    a_minute_sooner = metric("webhook_refused", 10, minute=4, channel="vk", reason="secret")
    [found] = evaluate([ALERTS["webhook_forged"]], ten + a_minute_sooner)
    assert [found.first_at, found.last_at] == [NOON + timedelta(minutes=4)] * 2


def test_a_missing_booking_says_nothing_on_a_short_log_or_without_messages():
    short = each_minute(range(300), lambda one: metric("webhook_events", minute=one, channel="max"))
    assert firing(short, "bookings_stopped") == []
    nobody = each_minute(range(400), lambda one: metric("queue_depth", 0, minute=one, queue="tx"))
    assert firing(nobody, "bookings_stopped") == []


def emitted():
    """The labels that each metric is written with somewhere in the product."""
    found = {}
    for path in SOURCES:
        if path.name == "metrics.py":
            continue
        for call in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)):
            for argument in call.args:
                name = getattr(argument, "attr", None) or getattr(argument, "id", None)
                if name in METRICS:
                    found.setdefault(METRICS[name], set()).update(word.arg or "channel" for word in call.keywords)
    return found


def test_every_metric_is_written_somewhere_and_every_alert_asks_for_one_of_them():
    written = emitted()
    assert set(METRICS.values()) == written.keys()
    for alert in ALERTS.values():
        for series in alert.all_series:
            if series.is_metric:
                asked = {*series.by, *series.where, *series.unless}
                assert asked <= set(Label)
                assert asked <= written[series.names[0]], f"{alert.name}: never written with these labels"


def test_every_event_of_an_alert_is_logged_somewhere():
    text = "\n".join(path.read_text("utf-8") for path in SOURCES)
    named = {name for alert in ALERTS.values() for one in alert.all_series if not one.is_metric for name in one.names}
    assert named == {"http.answered", "queue.message_failed", "trigger.failed", "job.given_up"}
    for name in named:
        assert f'"{name}"' in text
    for alert in ALERTS.values():  # what a person is told to look for
        for said in alert.do.split("`")[1::2]:
            if "." in said and said.replace(".", "").replace("_", "").islower() and " " not in said:
                assert f'"{said}"' in text, f"{alert.name} speaks of {said}"


def test_every_outcome_that_an_alert_names_is_one_of_ours():
    from salon.intake.domain import Reason
    from salon.messaging import errors
    from salon.messaging.domain.messages import FailureClass

    classes = {error.code.lower() for error in vars(errors).values() if hasattr(error, "code")}
    known = classes | {f"late_{one}" for one in FailureClass} | {"token_not_renewed"}
    for alert in ALERTS.values():
        if alert.series.names == ("send_failed",):
            named = {*alert.series.where.get("outcome", ()), *alert.series.unless.get("outcome", ())}
            assert named <= known
        if alert.series.names == ("job_attempts",):
            assert {one.upper() for one in alert.series.where["outcome"]} <= set(Reason)
