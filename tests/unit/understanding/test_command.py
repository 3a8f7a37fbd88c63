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
        (b'{"text": 5, "intent": "book"}', "row 1 does not have the documented fields"),
    ],
)  # fmt: skip
def test_a_bad_file_is_explained(capsys, tmp_path, content, message):
    file = tmp_path / "bad.jsonl"
    file.write_bytes(content)
    assert main(["--evaluate", str(file), "--json"]) == 2
    said = capsys.readouterr()
    assert message in said.err
    assert said.out == ""


def test_a_missing_file_or_catalogue_is_explained(capsys, tmp_path):
    assert main(["--evaluate", str(tmp_path / "none.jsonl")]) == 2
    assert "none.jsonl" in capsys.readouterr().err
    file, salon = tmp_path / "i.jsonl", tmp_path / "salon.json"
    file.write_text('{"text": "a", "intent": "book"}')
    salon.write_text("{")
    assert main(["--evaluate", str(file), "--catalogue", str(salon)]) == 2
    assert "salon.json" in capsys.readouterr().err
