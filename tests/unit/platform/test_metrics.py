import json
from datetime import UTC, datetime

import pytest

from salon.platform import correlation, metrics
from salon.platform.clock import FrozenClock
from salon.platform.metrics import LogMetrics, MemoryMetrics, timed


@pytest.fixture(params=[lambda: LogMetrics(FrozenClock()), MemoryMetrics], ids=["log", "memory"])
def any_metrics(request):
    return request.param()


def test_one_line_serves_both_clouds(capsys):
    at = datetime(2026, 3, 11, 7, 30, tzinfo=UTC)
    with correlation.bind(correlation_id="request-1"):
        LogMetrics(FrozenClock(at)).count(metrics.INBOX_PARKED, 2, channel="telegram", tenant_id="t-1")

    (text,) = capsys.readouterr().out.splitlines()
    line = json.loads(text)
    assert (line["metric"], line["inbox_parked"], line["level"]) == ("inbox_parked", 2, "INFO")
    assert (line["channel"], line["tenant_id"], line["correlation_id"]) == ("telegram", "t-1", "request-1")
    embedded = line["_aws"]
    assert embedded["Timestamp"] == 1773214200000
    (directive,) = embedded["CloudWatchMetrics"]
    assert directive == {
        "Namespace": "salon",
        "Dimensions": [["channel"]],
        "Metrics": [{"Name": "inbox_parked", "Unit": "Count"}],
    }
    assert all(name in line for name in directive["Dimensions"][0])


def test_gauges_and_timings_carry_their_unit(capsys):
    made = LogMetrics(FrozenClock())
    made.gauge(metrics.QUEUE_DEPTH, 12, queue="inbound")
    made.timing_ms(metrics.SEND_LATENCY_MS, 3.14159)

    units = [
        json.loads(line)["_aws"]["CloudWatchMetrics"][0]["Metrics"][0] for line in capsys.readouterr().out.splitlines()
    ]
    assert units == [{"Name": "queue_depth", "Unit": "None"}, {"Name": "send_latency_ms", "Unit": "Milliseconds"}]


@pytest.mark.parametrize(
    "labels",
    [{"phone": "1"}, {"client": "c-1"}, {"channel": "Анна Петрова"}, {"channel": "79991234567"}, {"channel": ""},
     {"tenant_id": "a@b.ru"}],
)  # fmt: skip
def test_a_label_that_could_be_personal_is_refused(any_metrics, labels):
    with pytest.raises(ValueError, match="label"):
        any_metrics.count(metrics.BOOKING_SUCCESS, **labels)


def test_a_block_is_timed_even_when_it_fails():
    made = MemoryMetrics()
    with pytest.raises(RuntimeError), timed(made, metrics.SEND_LATENCY_MS, timer="sweep"):
        raise RuntimeError

    (found,) = made.recorded
    assert found.name == metrics.SEND_LATENCY_MS
    assert found.value >= 0
    made.count(metrics.BOOKING_SUCCESS, 2, channel="telegram", tenant_id="t")
    made.count(metrics.BOOKING_SUCCESS, channel="vk")
    assert made.total(metrics.BOOKING_SUCCESS) == 3
    assert made.total(metrics.BOOKING_SUCCESS, channel="telegram") == 2
