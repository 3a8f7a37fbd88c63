"""Trains the intent model: `python -m infra.training.intent.train --version 1 [--report FILE]`.

Multinomial logistic regression over the features of `understanding.intent_features`, on the corpus of
`infra/training/corpus`. Features are taken where the product takes them, so that what is trained is what is asked.
Learned from the part `train`, calibrated on `dev` and measured on `test`, which share no template; what is shipped is
then learned once more, from all three parts, with the same settings and the temperature found.
Deterministic: the same corpus, code and numpy give the same bytes. About a minute on one core.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from infra.training.corpus.build import UTTERANCES
from salon.platform.inference.domain import FeatureSchema, Inputs, ModelInfo, Prediction
from salon.platform.inference.linear import KIND, WEIGHTS
from salon.platform.inference.registry import DESCRIPTION
from salon.platform.shared_data import shared_path
from salon.understanding.domain import Catalogue, Context, Intent
from salon.understanding.intent_features import SCHEMA
from salon.understanding.intent_model import MODEL, Judge
from salon.understanding.repository import load_demo_catalogue
from salon.understanding.schemas import catalogue_of
from salon.understanding.use_cases import understand

ROWS = 1 << 15
HASHED = ("w ", "s ", "c ", "b ", "g ", "f ", "fb ", "fg ")
"""Families of features that share the table; the others have weights of their own."""

L2_HASHED = 2e-5
L2_DENSE = 6e-4
STEPS = 140
RATE = 0.08
NOW = datetime.fromisoformat("2026-03-11T10:30:00+03:00")
HOURS = (time(9), time(21))
SCRIPT = "infra/training/intent/train.py"
Matrix = Any


class Taken(Exception):
    """The features of a message, on their way out of the reading that made them."""


class Recorder:
    """An inference port that answers nothing and keeps what it is asked."""

    def __init__(self) -> None:
        self.inputs: Inputs = {}

    def predict(
        self, model: str, inputs: Sequence[Inputs], *, version: str | None = None, schema: FeatureSchema | None = None
    ) -> tuple[Prediction, ...]:
        """Keep the features; the answer does not matter."""
        del schema
        self.inputs = inputs[0]
        return (Prediction(Intent.OTHER.value, 1.0, model, version or "0"),)

    def models(self) -> tuple[ModelInfo, ...]:
        """None."""
        return ()


def features_of(rows: Sequence[dict[str, Any]]) -> list[Inputs]:
    """What the model is asked for each row; some are read without a catalogue, for a salon with other services."""
    recorder = Recorder()
    judge = Judge(recorder)
    demo = catalogue_of(load_demo_catalogue())
    found = []
    for row in rows:
        bare = row["part"] == "train" and crc32(row["text"].encode()) % 5 == 0
        context = Context(NOW, "Europe/Moscow", HOURS, Catalogue() if bare else demo, row.get("expecting"))
        understand(row["text"], context, judge=judge)
        found.append(recorder.inputs)
    return found


class Problem:
    """Rows of features as arrays, made for sums over rows and over columns."""

    def __init__(self, inputs: Sequence[Inputs], named: dict[str, int]) -> None:
        columns, values, starts = [], [], [0]
        for one in inputs:
            for name, value in one.items():
                column = named.get(name)
                columns.append(ROWS + column if column is not None else crc32(name.encode()) % ROWS)
                values.append(value)
            starts.append(len(columns))
        self.columns = np.array(columns)
        self.values = np.array(values, dtype=np.float32)
        self.starts = np.array(starts[:-1])
        self.owner = np.repeat(np.arange(len(inputs)), np.diff(starts))
        self.order = np.argsort(self.columns, kind="stable")
        ordered = self.columns[self.order]
        self.heads = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        self.used = ordered[self.heads]

    def scores(self, weights: Matrix, bias: Matrix) -> Matrix:
        """Score of each label for each row."""
        return np.add.reduceat(weights[self.columns] * self.values[:, None], self.starts, axis=0) + bias

    def gradient(self, errors: Matrix) -> Matrix:
        """What each used weight did to the errors."""
        spread = errors[self.owner[self.order]] * self.values[self.order, None]
        return np.add.reduceat(spread, self.heads, axis=0)


def softmax(scores: Matrix) -> Matrix:
    """Rows of probabilities."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def train(
    problem: Problem, wanted: Matrix, importance: Matrix, count: int, l2: tuple[float, float] = (L2_HASHED, L2_DENSE)
) -> tuple[Matrix, Matrix]:
    """Adam over the whole set: weights and bias; `l2` holds hashed weights small, then the others."""
    labels = wanted.shape[1]
    weights, bias = np.zeros((count, labels), np.float32), np.zeros(labels, np.float32)
    used = problem.used
    penalty = np.where(used >= ROWS, l2[1], l2[0]).astype(np.float32)[:, None]
    first, second = np.zeros((2, len(used), labels), np.float32)
    first_bias, second_bias = np.zeros((2, labels), np.float32)
    total = importance.sum()
    for step in range(1, STEPS + 1):
        errors = (softmax(problem.scores(weights, bias)) - wanted) * importance[:, None] / total
        slope = problem.gradient(errors) + penalty * weights[used]
        slope_bias = errors.sum(axis=0)
        rate = RATE * min(1.0, step / 10) * (1 - 0.9 * step / STEPS) * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        first = 0.9 * first + 0.1 * slope
        second = 0.999 * second + 0.001 * slope**2
        weights[used] -= rate * first / (np.sqrt(second) + 1e-10)
        first_bias = 0.9 * first_bias + 0.1 * slope_bias
        second_bias = 0.999 * second_bias + 0.001 * slope_bias**2
        bias -= rate * first_bias / (np.sqrt(second_bias) + 1e-10)
    return weights, bias


def calibrated(scores: Matrix, wanted: Matrix) -> float:
    """The temperature at which the development set is the likeliest."""
    choices = np.arange(0.4, 3.01, 0.05)
    losses = [-np.log(np.maximum((softmax(scores / t) * wanted).sum(axis=1), 1e-12)).mean() for t in choices]
    return round(float(choices[int(np.argmin(losses))]), 2)


def measured(
    scores: Matrix, rows: Sequence[dict[str, Any]], labels: Sequence[str], temperature: float
) -> dict[str, Any]:
    """Accuracy and calibration on rows that were not trained on; an ambiguous row has two right answers."""
    chances = softmax(scores / temperature)
    best = chances.argmax(axis=1)
    right = np.array([labels[at] in {row["intent"], row.get("or")} for at, row in zip(best, rows, strict=True)])
    sure = chances.max(axis=1)
    edges = np.clip((sure * 10).astype(int), 0, 9)
    gap = sum(abs(right[edges == b].mean() - sure[edges == b].mean()) * (edges == b).mean() for b in set(edges))
    return {
        "utterances": len(rows),
        "templates": len({row["template"] for row in rows}),
        "accuracy": round(float(right.mean()), 4),
        "expected_calibration_error": round(float(gap), 4),
        "wrong": sorted(
            {
                f"{row['text']} | {row['intent']} | {labels[at]}"
                for at, row, ok in zip(best, rows, right, strict=True)
                if not ok
            }
        ),
    }


def quantised(weights: Matrix) -> tuple[bytes, list[float], Matrix]:
    """Hashed weights as signed bytes with a scale for each label, and what they are worth then."""
    scale = np.maximum(np.abs(weights[:ROWS]).max(axis=0), 1e-9) / 127
    table = np.rint(weights[:ROWS] / scale).astype(np.int8)
    restored = np.vstack([table * scale, np.round(weights[ROWS:], 4)])
    return table.tobytes(), [float(value) for value in scale], restored


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m infra.training.intent.train", description=__doc__)
    parser.add_argument("--version", required=True, help="of the model to write")
    parser.add_argument("--to", type=Path, help="folder of models; shared/models when left out")
    parser.add_argument("--report", type=Path, help="a file for what was wrong, a line each")
    chosen = parser.parse_args(arguments)
    rows = [json.loads(line) for line in UTTERANCES.read_text(encoding="utf-8").splitlines()]
    labels = tuple(intent.value for intent in Intent)
    inputs = features_of(rows)
    named = sorted({name for one in inputs for name in one if not name.startswith(HASHED)})
    columns = {name: place for place, name in enumerate(named)}
    wanted = np.zeros((len(rows), len(labels)), np.float32)
    for at, row in enumerate(rows):
        for intent in filter(None, (row["intent"], row.get("or"))):
            wanted[at, labels.index(intent)] = 0.5 if "or" in row else 1.0

    def learn(places: list[int]) -> tuple[bytes, list[float], Matrix, Matrix]:
        problem = Problem([inputs[at] for at in places], columns)
        importance = _importance([rows[at] for at in places])
        weights, bias = train(problem, wanted[places], importance, ROWS + len(named))
        return (*quantised(weights), np.round(bias, 4))

    parts = {part: [at for at, row in enumerate(rows) if row["part"] == part] for part in ("train", "dev", "test")}
    _, _, restored, bias = learn(parts["train"])
    held = {
        part: Problem([inputs[at] for at in parts[part]], columns).scores(restored, bias) for part in ("dev", "test")
    }
    temperature = calibrated(held["dev"], wanted[parts["dev"]])
    metrics = {part: measured(held[part], [rows[at] for at in parts[part]], labels, temperature) for part in held}
    wrong = {part: found.pop("wrong") for part, found in metrics.items()}
    of_train = {rows[at]["template"] for at in parts["train"]}
    metrics["train"] = {"utterances": len(parts["train"]), "templates": len(of_train)}
    if chosen.report:
        lines = [f"{part}: {line}" for part in wrong for line in wrong[part]]
        chosen.report.write_text("\n".join(lines), encoding="utf-8")
    table, scale, restored, bias = learn(list(range(len(rows))))  # what is shipped has seen everything
    folder = (chosen.to or shared_path("models")) / MODEL / chosen.version
    folder.mkdir(parents=True, exist_ok=True)
    (folder / WEIGHTS).write_bytes(table)
    description = {
        "name": MODEL,
        "version": chosen.version,
        "kind": KIND,
        "description": "What the writer of a message to a salon wants; Russian. Confidence is calibrated on part dev.",
        "feature_schema": {"name": SCHEMA.name, "version": SCHEMA.version},
        "labels": labels,
        "files": {WEIGHTS: hashlib.sha256(table).hexdigest()},
        "metrics": metrics,
        "training": {
            "script": SCRIPT,
            "data": "infra/training/corpus/utterances.jsonl",
            "data_sha256": hashlib.sha256(UTTERANCES.read_bytes()).hexdigest(),
            "fitted_on": "all parts; the metrics are of the same fit without parts dev and test",
            "numpy": np.__version__,
        },
        "parameters": {
            "rows": ROWS,
            "temperature": temperature,
            "scale": [float(f"{value:.8g}") for value in scale],
            "bias": [float(value) for value in bias],
            "named": {name: [float(value) for value in restored[ROWS + at]] for name, at in columns.items()},
        },
    }
    (folder / DESCRIPTION).write_text(json.dumps(description, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({"temperature": temperature, **metrics}, indent=1))
    return 0


def _importance(rows: Sequence[dict[str, Any]]) -> Matrix:
    """A template counts by the root of its utterances, an intent by the root of what its templates come to."""
    by_template = Counter(row["template"] for row in rows)
    each = np.array([by_template[row["template"]] ** -0.5 for row in rows], np.float32)
    totals: Counter[str] = Counter()
    for row, weight in zip(rows, each, strict=True):
        totals[row["intent"]] += weight
    return each * np.array([totals[row["intent"]] ** -0.35 for row in rows], np.float32)


if __name__ == "__main__":
    sys.exit(main())
