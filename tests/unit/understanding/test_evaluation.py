"""The measured sets: own phrases, intents and names, in the documented formats.

The targets are for phrases that nobody here has seen: dates and intents 95 %, names 97 %. These sets have been seen, so
their floors are the targets or above them.
"""

import json
from pathlib import Path

import pytest

from infra.training.corpus import build
from salon.understanding.errors import EvaluationFileUnreadable
from salon.understanding.evaluation import Result, evaluate
from salon.understanding.schemas import read_rows

HERE = Path(__file__).parent


def report(result: Result) -> str:
    return "\n".join(f"{miss['verdict']}: {miss['text']} -> {miss['got']}" for miss in result.misses)


def test_date_phrases_are_right_and_never_wrong_in_silence():
    rows = read_rows(HERE / "phrases.jsonl")
    result = evaluate(rows)
    print(report(result))  # noqa: T201 - pytest shows the misses of a failing set with -rP
    assert result.total >= 400
    assert result.wrong_silently == 0, report(result)
    assert result.exact / result.total >= 0.98, report(result)
    weak = {tag: counts for tag, counts in result.by_tag.items() if counts[1] >= 5 and counts[0] / counts[1] < 0.85}
    assert not weak, report(result)


def test_intents_are_right():
    result = evaluate(read_rows(HERE / "intents.jsonl"))
    print(report(result))  # noqa: T201 - pytest shows the misses of a failing set with -rP
    assert result.exact / result.total >= 0.97, report(result)


def test_intents_by_another_hand_are_right():
    """Phrases that somebody else wrote and no model was trained on."""
    rows = read_rows(HERE / "intents_independent.jsonl")
    trained = {build.skeleton(json.loads(line)["text"]) for line in build.UTTERANCES.read_text("utf-8").splitlines()}
    assert [row["text"] for row in rows if build.skeleton(row["text"]) in trained] == []
    result = evaluate(rows)
    print(report(result))  # noqa: T201 - pytest shows the misses of a failing set with -rP
    assert result.total >= 700
    assert result.exact / result.total >= 0.97, report(result)


@pytest.mark.parametrize(
    "name", ["names_full_catalogue.json", "names_second_catalogue.json", "names_moscow.json", "names_urals.json"]
)
def test_names_are_right_and_never_wrong_in_silence(name):
    result = evaluate(read_rows(HERE / name))
    print(report(result))  # noqa: T201 - pytest shows the misses of a failing set with -rP
    assert result.wrong_silently == 0, report(result)
    assert result.exact / result.total >= 0.97, report(result)


def phrase(text: str, expected: dict, **more) -> dict:
    return {"text": text, "now": "2026-03-11T10:30:00+03:00", "tz": "Europe/Moscow", "expected": expected, **more}


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        (phrase("завтра в 3", {"date": "2026-03-12", "time": "15:00"}), "exact"),
        (phrase("завтра в 3", {"date": "2026-03-12", "time": "03:00"}, alt=[{"time": "15:00"}]), "exact"),
        (phrase("завтра в 3", {"date": "2026-03-13", "time": "15:00"}), "wrong_silently"),
        (phrase("завтра в 3", {"date": "2026-03-12", "time": "15:00", "approx": True}), "wrong_silently"),
        (phrase("завтра", {"date": "2026-03-12", "time": "15:00"}), "asked"),
        (phrase("маникюр", {"date": "2026-03-12"}), "asked"),
        (phrase("завтра", {"date": "2026-03-12", "excluded_dates": ["2026-03-13"]}), "wrong_silently"),
        (phrase("в 8", {"time": "08:00"}, hours=["08:00", "21:00"]), "asked"),
        (phrase("в 8", {"time": "08:00"}, hours=["08:00", "21:00"], alt=[{"time": "20:00"}]), "exact"),
    ],
)
def test_a_verdict_tells_silence_from_doubt(row, verdict):
    result = evaluate([row])
    assert result.counts() == {"total": 1, "exact": 0, "wrong_silently": 0, "asked": 0} | {verdict: 1}


def test_a_broken_file_is_named(tmp_path):
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"text": "завтра"}\nnot json\n', encoding="utf-8")
    with pytest.raises(EvaluationFileUnreadable, match="line 2"):
        read_rows(broken)
    with pytest.raises(EvaluationFileUnreadable, match="documented fields"):
        evaluate([{"text": "завтра"}])
