"""The command line."""

import json
import os
import subprocess
import sys
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


def test_intents_are_shown_as_a_table_of_what_was_taken_for_what(capsys, tmp_path):
    file = tmp_path / "intents.jsonl"
    rows = [("спасибо", "thanks"), ("хочу на маникюр", "book"), ("отмените запись", "address")]
    file.write_text("".join(json.dumps({"text": text, "intent": intent}) + "\n" for text, intent in rows))
    assert main(["--evaluate", str(file)]) == 0
    printed = capsys.readouterr().out
    header = next(line for line in printed.splitlines() if line.startswith("meant, and read as"))
    columns = header.removeprefix("meant, and read as").split()
    lines = [line.split() for line in printed.splitlines()]
    cells = {line[0]: line[1:] for line in lines if len(line) == len(columns) + 1}
    assert cells["address"][columns.index("cancel")] == "1"
    assert cells["thanks"][columns.index("thanks")] == "1"
    assert "wrong_silently: 'отмените запись'" in printed
    assert answer(capsys, "--evaluate", str(file), "--json") == {"total": 3, "exact": 2}


def test_the_catalogue_that_is_given_is_the_one_that_is_measured_against(capsys, tmp_path):
    salon, names = tmp_path / "salon.json", tmp_path / "names.json"
    salon.write_text(json.dumps({"services": {"7": "Татуаж бровей"}, "staff": {"9": "Инна"}}))
    queries = [{"text": "на татуаж бровей к Инне", "service": "7", "staff": "9"}]
    names.write_text(json.dumps({"services": {}, "staff": {}, "queries": queries}))
    assert answer(capsys, "--evaluate", str(names), "--json")["exact"] == 0
    given = answer(capsys, "--evaluate", str(names), "--catalogue", str(salon), "--json")
    assert given == {"total": 1, "exact": 1, "wrong_silently": 0, "asked": 0}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "must be a JSON object"), (b"[1, 2]", "must be a JSON object"), (b"\xff\xfe", "no UTF-8 text"),
        (b'{"text": "a"}\n{"text"', "line 2"), (b'{"words": "a"}', "documented fields"),
        (b'{"text": "a", "intent": "book"}\n{"text": "b"}', "row 2 does not have the documented fields"),
        (b'{"text": 5, "intent": "book"}', "row 1 does not have the documented fields: 'text' is to be a text, not 5"),
        (b'{"text": null, "intent": "book"}', "'text' is to be a text, not null"),
        (b'{"text": "a", "intent": ["book"]}', "'intent' is to be a text, not [\"book\"]"),
        (b'{"intent": "book"}', "'text' is missing"),
        (b'{"text": null, "now": "2026-03-11T10:30:00+03:00", "tz": "Europe/Moscow", "expected": {}}', "not null"),
        (b'{"services": {}, "staff": {}, "queries": [{"text": null}]}', "not null"),
        (b'{"text": "a", "intent": "book"}\n' + b"[" * 100_000, "line 2"),
        (b'{"text": ' + b"1" * 5000 + b"}", "line 1"),
    ],
)  # fmt: skip
def test_a_bad_file_is_explained(capsys, tmp_path, content, message):
    file = tmp_path / "bad.jsonl"
    file.write_bytes(content)
    assert main(["--evaluate", str(file), "--json"]) == 2
    said = capsys.readouterr()
    assert message in said.err
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1
    assert said.out == ""


def test_an_intent_that_does_not_exist_is_counted_and_named(capsys, tmp_path):
    file = tmp_path / "intents.jsonl"
    file.write_text('{"text": "спасибо", "intent": "thanks"}\n' + '{"text": "спасибо", "intent": "gratitude"}\n' * 2)
    assert main(["--evaluate", str(file), "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == {"total": 3, "exact": 1}
    assert said.err == "warning: 'gratitude' is no intent of ours; rows that expect it: 2\n"


@pytest.mark.parametrize("setting", ["", "intent:999"])
def test_standard_output_is_the_answers_alone(tmp_path, setting):
    """Without its model the command logs that; whoever reads the answer must not have to pick it out."""
    file = tmp_path / "intents.jsonl"
    file.write_text('{"text": "спасибо", "intent": "thanks"}\n' * 3)
    for arguments, key in ((["--evaluate", str(file), "--json"], "exact"), (["спасибо", *NOW], "intent")):
        done = subprocess.run(
            [sys.executable, "-m", "salon.understanding", *arguments],
            env={**os.environ, "MODEL_VERSIONS": setting},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert json.loads(done.stdout)[key] in {3, "thanks"}
        assert done.stderr.count("model.failed") == (1 if setting else 0)  # once, not for each message


def test_a_missing_file_or_catalogue_is_explained(capsys, tmp_path):
    assert main(["--evaluate", str(tmp_path / "none.jsonl")]) == 2
    assert "none.jsonl" in capsys.readouterr().err
    file, salon = tmp_path / "i.jsonl", tmp_path / "salon.json"
    file.write_text('{"text": "a", "intent": "book"}')
    salon.write_text("{")
    assert main(["--evaluate", str(file), "--catalogue", str(salon)]) == 2
    assert "salon.json" in capsys.readouterr().err
