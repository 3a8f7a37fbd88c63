"""Percentiles, verdicts, and the two forms in which figures are told."""

import json

import pytest

from infra.bench.figures import COLUMNS, Figure, Measured, Verdict, median, percentile, report, spread, table
from infra.bench.machine import Machine, doubts

IDLE = Machine(cores=4, load=0.5, processor="p", system="s", python="3.11", sync_ms=0.2)


def test_a_percentile_is_a_sample_that_was_measured():
    samples = [float(number) for number in range(100, 0, -1)]
    assert [percentile(samples, share) for share in (50, 95, 99, 100)] == [50, 95, 99, 100]
    assert percentile([7.0], 99) == 7.0
    assert percentile([1.0, 9.0], 95) == 9.0
    assert percentile(list(range(1, 102)), 50) == 51


def test_the_median_of_an_even_number_is_the_lower_middle():
    assert median([4.0, 1.0, 3.0, 2.0]) == 2.0


@pytest.mark.parametrize(("samples", "share"), [([], 50), ([1.0], 0), ([1.0], 101)])
def test_there_is_no_percentile_of_nothing(samples, share):
    with pytest.raises(ValueError, match=r"samples|share"):
        percentile(samples, share)


@pytest.mark.parametrize(
    ("measured", "target", "is_floor", "verdict"),
    [
        (30.0, 30.0, False, Verdict.REACHED),
        (30.1, 30.0, False, Verdict.MISSED),
        (0.5, 0.5, True, Verdict.REACHED),
        (0.49, 0.5, True, Verdict.MISSED),
        (1e9, None, False, Verdict.NONE),
    ],
)
def test_a_target_is_a_ceiling_or_a_floor(measured, target, is_floor, verdict):
    assert Figure(name="x", measured=measured, unit="ms", target=target, is_floor=is_floor).verdict is verdict


def test_only_the_p95_has_a_target():
    figures = spread("booking.hold", [1.0, 2.0, 50.0], p95_target=30)
    assert [figure.name for figure in figures] == ["booking.hold.p50", "booking.hold.p95", "booking.hold.p99"]
    assert [figure.target for figure in figures] == [None, 30, None]
    assert [figure.verdict for figure in figures] == [Verdict.NONE, Verdict.MISSED, Verdict.NONE]


def test_the_table_aligns_every_column_under_its_header():
    figures = [
        *spread("webhook.own", [3.456] * 9, p95_target=15),
        Figure(name="booking.ratio", measured=0.418, unit="x", target=0.5, is_floor=True, peer="pgbench 401 1/s"),
    ]
    header, rule, *lines = table(figures).splitlines()
    assert header.split() == list(COLUMNS)
    assert set(rule) == {"-", " "}
    starts = [header.index(column) for column in COLUMNS]
    assert lines[1][starts[1] :].startswith("3.46 ms")
    assert lines[1][starts[2] :].startswith("≤ 15 ms")
    assert lines[-1][starts[2] :].split() == ["≥", "0.50", "x", "pgbench", "401", "1/s", "missed"]
    assert lines[-1][starts[4] :] == "missed"


def test_the_report_is_one_json_object_that_says_what_was_missed():
    parts = {
        "offers": Measured(spread("offers.day", [25.0], p95_target=20), ["one day"]),
        "booking": Measured([Figure(name="booking.ratio", measured=0.6, unit="x", target=0.5, is_floor=True)]),
    }
    told = json.loads(json.dumps(report(IDLE.as_json(), parts, ["busy"], 12.34)))
    assert set(told) == {"machine", "warnings", "figures", "notes", "missed", "seconds"}
    assert told["machine"]["cores"] == 4
    assert told["warnings"] == ["busy"]
    assert told["missed"] == ["offers.day.p95"]
    assert told["notes"] == {"offers": ["one day"], "booking": []}
    assert told["seconds"] == 12.3
    by_name = {figure["name"]: figure for figure in told["figures"]}
    assert by_name["offers.day.p50"]["comparison"] is None
    assert by_name["booking.ratio"] == {
        "name": "booking.ratio",
        "measured": 0.6,
        "unit": "x",
        "target": 0.5,
        "comparison": "at_least",
        "peer": None,
        "verdict": "reached",
    }


def test_a_busy_machine_casts_doubt_on_the_figures():
    assert doubts(IDLE, 9.0) == []
    busy = Machine(cores=4, load=2.1, processor="p", system="s", python="3.11", sync_ms=0.2)
    [doubt] = doubts(busy, 5.0)
    assert "2.10" in doubt
    assert "5.00" in doubt
    assert "unreliable" in doubt
