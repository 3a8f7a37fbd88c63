"""Scores what the model heard: word error rate, and the slots that the salon's own understanding reads from it.

Runs in the project's environment, without PyTorch: ``PYTHONPATH=layers/salon/python python -m
infra.training.speech.score``. With ``--into model.json`` the figures are published beside the weights.
"""

import argparse
import datetime as dt
import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from salon.understanding.domain import Context, Understood
from salon.understanding.repository import load_demo_catalogue
from salon.understanding.schemas import catalogue_of
from salon.understanding.use_cases import understand

SLOTS = ("intent", "service", "staff", "date", "time")
_NOW = dt.datetime(2026, 11, 24, 11, 0, tzinfo=dt.UTC)
_HOURS = (dt.time(9), dt.time(21))
_SILENT = 0.6
_TARGET = 0.8  # slot accuracy on held-out synthetic speech that was aimed at
_APART = {
    "no_words",
    "trained_on",
    "only_voices_new",
    "only_templates_new",
    "other_synthesiser",
}  # not part of the held-out figure: reports beside it


def edits(said: Sequence[str], heard: Sequence[str]) -> int:
    """Return how many words must be put in, left out or changed to make one of the other."""
    row = list(range(len(heard) + 1))
    for number, word in enumerate(said, start=1):
        corner, row[0] = row[0], number
        for place, other in enumerate(heard, start=1):
            corner, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, corner + (word != other))
    return row[-1]


def slots(found: Understood) -> dict[str, Any]:
    """Return what of a reading makes a booking; a slot that nothing was said about is None."""
    when = found.when
    date = when and (when.date, when.date_from, when.date_to, when.dates, when.excluded_dates, when.shift_days)
    time = when and (when.time, when.time_from, when.time_to, when.daypart, when.finish_by, when.shift_minutes)
    return {
        "intent": found.intent,
        "service": tuple(match.id for match in found.services) or None,
        "staff": found.staff.id if found.staff else found.unknown_staff,
        "date": date if date and any(date) else None,
        "time": time if time and any(part is not None for part in time) else None,
    }


def score(rows: list[dict[str, Any]], context: Context) -> dict[str, Any]:
    """Score one condition's rows."""
    wrong = words = whole = exact = 0
    filled: dict[str, int] = defaultdict(int)
    right: dict[str, int] = defaultdict(int)
    for row in rows:
        said, heard = row["said"].split(), row["heard"].split()
        wrong += edits(said, heard)
        words += len(said)
        exact += said == heard
        expected, got = slots(understand(row["said"], context)), slots(understand(row["heard"], context))
        whole += expected == got
        for slot in SLOTS:
            if expected[slot] is not None or got[slot] is not None:
                filled[slot] += 1
                right[slot] += expected[slot] == got[slot]
    total, agreed = sum(filled.values()), sum(right.values())
    return {
        "utterances": len(rows),
        "word_error_rate": round(wrong / max(words, 1), 4),
        "word_for_word": round(exact / len(rows), 4),
        "slot_accuracy": round(agreed / max(total, 1), 4),
        "all_slots_right": round(whole / len(rows), 4),
        "by_slot": {slot: {"accuracy": round(right[slot] / filled[slot], 4), "said": filled[slot]} for slot in filled},
    }


def silence(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Score sounds without words: is nothing written, and does the model say that nobody speaks?"""
    return {
        "utterances": len(rows),
        "nothing_written": round(sum(not row["heard"] for row in rows) / len(rows), 4),
        "no_speech_probability_above_0.6": round(sum(row["no_speech"] > _SILENT for row in rows) / len(rows), 4),
    }


def main() -> None:
    """Print the figures, and put them into the model's description when asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--heard", type=Path, default=Path(".local/speech/heard.jsonl"))
    parser.add_argument("--into", type=Path, help="a model.json to publish the figures in")
    given = parser.parse_args()
    rows = [json.loads(line) for line in given.heard.read_text(encoding="utf-8").splitlines()]
    context = Context(_NOW, "Europe/Moscow", _HOURS, catalogue_of(load_demo_catalogue()))
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["condition"]].append(row)
    figures = {
        name: silence(part) if name == "no_words" else score(part, context) for name, part in groups.items()
    }  # fmt: skip
    examined = [row for name, part in groups.items() if name not in _APART for row in part]
    figures = {"held_out": score(examined, context), **figures}
    for name, figure in figures.items():
        print(f"{name:22}", {key: value for key, value in figure.items() if key != "by_slot"})
    if given.into:
        described = json.loads(given.into.read_text(encoding="utf-8"))
        reached = figures["held_out"]["slot_accuracy"] >= _TARGET
        described["metrics"] = {"target": {"slot_accuracy": _TARGET, "reached": reached}, **figures}
        given.into.write_text(json.dumps(described, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
