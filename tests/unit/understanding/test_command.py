"""The command line."""

import json
from pathlib import Path

import pytest

from salon.understanding.__main__ import main

NOW = ["--now", "2026-03-11T10:30:00+03:00"]


def answer(capsys, *arguments: str) -> dict:
    assert main(arguments) == 0
    return json.loads(capsys.readouterr().out)


def test_a_message_is_printed_as_json(capsys):
    found = answer(capsys, "завтра в 9 вечера на стрижку", *NOW, "--tz", "Europe/Moscow")
    assert (found["intent"], found["service"], found["staff"]) == ("book", "стрижка", None)
    assert (found["when"]["date"], found["when"]["time"], found["when"]["date_from"]) == ("2026-03-12", "21:00", None)
    assert found["confidence"] > 0.5


def test_a_catalogue_and_hours_can_be_given(capsys, tmp_path):
    file = tmp_path / "salon.json"
    file.write_text('{"services": {"7": {"name": "Татуаж", "synonyms": ["перманент"]}}, "staff": {"9": "Инна"}}')
    found = answer(capsys, "перманент у Инночки в 9", *NOW, "--catalogue", str(file), "--hours", "10:00-22:00")
    assert (found["service"], found["staff"], found["when"]["time"]) == ("7", "9", "21:00")


def test_figures_are_printed_as_json_or_as_a_table(capsys):
    file = str(Path(__file__).parent / "phrases.jsonl")
    figures = answer(capsys, "--evaluate", file, "--json")
    assert set(figures) == {"total", "exact", "wrong_silently", "asked"}
    assert main(["--evaluate", file]) == 0
    assert "wrong_silently" in capsys.readouterr().out
    intents = str(Path(__file__).parent / "intents.jsonl")
    assert set(answer(capsys, "--evaluate", intents, "--json")) == {"total", "exact"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["завтра", "--now", "2026-03-11T10:30:00"], "has no offset"), (["завтра", "--now", "soon"], "not a moment"),
        (["завтра"], "--now is required"), ([], "give either a message"),
        (["завтра", *NOW, "--hours", "nine to five"], "opening hours are"),
    ],
)  # fmt: skip
def test_bad_arguments_are_explained(capsys, arguments, message):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_bad_zones_and_files_are_explained(capsys, tmp_path):
    assert main(["завтра", *NOW, "--tz", "Mars/Base"]) == 2
    assert "unknown time zone: 'Mars/Base'" in capsys.readouterr().err
    file = tmp_path / "list.json"
    file.write_text('{"services": ["стрижка"]}')
    assert main(["завтра", *NOW, "--catalogue", str(file)]) == 2
    assert "a catalogue is" in capsys.readouterr().err
