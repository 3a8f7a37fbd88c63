"""The command: what it reads, what it says, its status; and a file of alerts that says what it should."""

from __future__ import annotations

import json

import pytest

from infra.monitoring.__main__ import main
from infra.monitoring.reading import Reader
from infra.monitoring.rules import RulesInvalid, read_alerts
from salon.platform.http import build_resolver
from salon.platform.metrics import LogMetrics
from support.cloud_events import http_event


def written(capsys, write):
    capsys.readouterr()
    write()
    return capsys.readouterr().out


@pytest.fixture
def parked(capsys):
    return written(capsys, lambda: LogMetrics().count("inbox_parked", channel="max"))


def test_lines_are_found_as_the_clouds_export_them(parked):
    line = json.loads(parked)
    reader = Reader()
    exported = [
        parked,
        f"2026-03-11T12:00:00.000Z\t{parked}",
        json.dumps({"timestamp": "2026-03-11T12:00:00Z", "message": parked}),
        json.dumps({"timestamp": "2026-03-11T12:00:00Z", "level": "INFO", "message": "metric", "json_payload": line}),
        "START RequestId: 53dc4d37 Version: $LATEST",
        '{"cut off": ',
        "[1, 2]",
        "",
    ]
    assert [one["metric"] for one in reader.lines(exported)] == ["inbox_parked"] * 4
    assert [reader.read, reader.strange] == [4, 3]


def test_what_fires_is_told_with_what_to_do(tmp_path, capsys, parked):
    log = tmp_path / "log"
    log.write_text(parked)
    assert main([str(log)]) == 1
    told = capsys.readouterr().out
    assert "PAGE inbox_parked (channel max)" in told
    assert "make redrive QUEUE=inbound" in told
    assert main(["--json", str(log)]) == 1
    [firing] = json.loads(capsys.readouterr().out)["firing"]
    assert [firing["name"], firing["severity"], firing["labels"]] == ["inbox_parked", "page", {"channel": "max"}]


def test_nothing_fires_on_nothing_and_a_missing_file_is_said(tmp_path, capsys):
    log = tmp_path / "log"
    log.write_text("REPORT RequestId: 1\n")
    assert main([str(log)]) == 0
    assert main([str(tmp_path / "other")]) == 2
    assert "other" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([])


def test_a_share_of_nothing_is_still_json(tmp_path, capsys):
    out = written(capsys, lambda: [LogMetrics().count("send_retried", channel="max") for _ in range(20)])
    log = tmp_path / "log"
    log.write_text(out)
    assert main(["--json", str(log)]) == 1
    [firing] = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)["firing"]
    assert [firing["name"], firing["worst"]] == ["retries_high", None]


def test_the_webhook_s_own_line_sets_its_alert_off(tmp_path, capsys):
    resolver = build_resolver()

    @resolver.post("/webhooks/max/<account_key>")
    def webhook(account_key: str) -> str:
        raise ConnectionError(account_key)

    event = http_event("POST", "/webhooks/max/abc", body="{}")
    out = written(capsys, lambda: [resolver.resolve(event, None) for _ in range(5)])
    log = tmp_path / "log"
    log.write_text(out)
    assert main(["--json", str(log)]) == 1
    names = [one["name"] for one in json.loads(capsys.readouterr().out)["firing"]]
    assert names == ["webhook_5xx"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda alert: alert.pop("metric"),
        lambda alert: alert.update(event="http.answered"),
        lambda alert: alert.update(severity="loud"),
        lambda alert: alert.update(condition={"above": 1, "below": 2}),
        lambda alert: alert.update(labels=["channel"]),
        lambda alert: alert.update(window_min=0),
        lambda alert: alert.update(against={"metric": "outbox_sent", "by": ["queue"], "value": "sum"}),
    ],
)
def test_an_alert_that_says_nonsense_is_refused_by_its_name(tmp_path, spoil):
    alert = {
        "name": "odd_one", "metric": "inbox_parked", "value": "sum", "window_min": 5, "condition": {"above": 1},
        "severity": "page", "means": "m", "do": "d",
    }  # fmt: skip
    file = tmp_path / "alerts.json"
    file.write_text(json.dumps({"form": 1, "alerts": [alert]}))
    assert read_alerts(file)[0].name == "odd_one"
    spoil(alert)
    file.write_text(json.dumps({"form": 1, "alerts": [alert]}))
    with pytest.raises(RulesInvalid, match="odd_one"):
        read_alerts(file)
