"""Trains the model of stock lines: `python -m infra.training.stock_item.train --version 1 [--report FILE]`.

The same multinomial logistic regression as the intent model's, over the features of `salon.intake.inference`, on the
lines of `corpus.py`: each training line as it is printed, and twice more as a bad photograph is read. Learned from the
part `train`, calibrated on `dev` and measured on `test`, which share no template and no brand; what is shipped is then
learned once more, from all three parts, with the same settings and the temperature found.
Deterministic: the same corpus, code and numpy give the same bytes. A few minutes on one core.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from infra.training.intent.train import ROWS, Problem, calibrated, quantised, softmax, train
from infra.training.stock_item.corpus import LINES, noised
from salon.intake.inference.domain import (
    SCHEMA,
    Category,
    contents_of,
    find_brand,
    invoice_unit,
    make_features,
    read_pack,
    repaired,
    without,
)
from salon.intake.inference.use_cases import MODEL, SURE
from salon.platform.inference.linear import KIND, WEIGHTS
from salon.platform.inference.registry import DESCRIPTION
from salon.platform.shared_data import shared_path

HASHED = ("w ", "s ", "c ", "b ", "h0 ", "h1 ")
RATES = (0.06, 0.14)
"""Shares of letters that suffer in the copies that are trained on."""

FORGOTTEN = 0.2
"""Share of words that a spoiled copy lacks, so that no single word decides."""

L2 = (3e-4, 1e-4)
"""Chosen on part dev."""

MEASURED_RATE = 0.1
LABELS = tuple(category.value for category in Category)
SCRIPT = "infra/training/stock_item/train.py"
Matrix = Any
Row = dict[str, Any]


def features_of(row: Row) -> dict[str, float]:
    """What the model is asked for a line."""
    text = repaired(row["name"])
    return make_features(text, read_pack(text), invoice_unit(row["unit"]))


def spoiled(rows: Sequence[Row], rate: float) -> list[Row]:
    """The lines as a bad photograph is read."""
    return [
        row | {"name": noised(row["name"], random.Random(f"{rate} {row['name']}"), rate)}  # noqa: S311 - made data
        for row in rows
    ]


def wanted_of(rows: Sequence[Row]) -> Matrix:
    """A row of ones and noughts for each line."""
    wanted = np.zeros((len(rows), len(LABELS)), np.float32)
    for at, row in enumerate(rows):
        wanted[at, LABELS.index(row["category"])] = 1.0
    return wanted


def forgetful(rows: Sequence[Row]) -> list[Row]:
    """The lines without some of their words."""
    found = []
    for row in rows:
        draw = random.Random(row["name"])  # noqa: S311 - made data
        words = row["name"].split(" ")
        found.append(row | {"name": " ".join([word for word in words if draw.random() > FORGOTTEN] or words)})
    return found


class Fit:
    """Weights learned from some lines."""

    def __init__(self, rows: Sequence[Row]) -> None:
        """Learn from the lines and from their spoiled copies."""
        seen = [*rows, *(row for rate in RATES for row in forgetful(spoiled(rows, rate)))]
        inputs = [features_of(row) for row in seen]
        named = sorted({name for one in inputs for name in one if not name.startswith(HASHED)})
        self.columns = {name: place for place, name in enumerate(named)}
        problem, alike = Problem(inputs, self.columns), np.ones(len(seen), np.float32)
        weights, bias = train(problem, wanted_of(seen), alike, ROWS + len(named), L2)
        self.table, self.scale, self.restored = quantised(weights)
        self.bias: Matrix = np.round(bias, 4)

    def scores(self, rows: Sequence[Row]) -> Matrix:
        """Score of each label for each line."""
        return Problem([features_of(row) for row in rows], self.columns).scores(self.restored, self.bias)


def measured(fit: Fit, rows: Sequence[Row], temperature: float, report: list[str]) -> dict[str, Any]:
    """How good the whole answer is on lines that were not trained on."""
    chances = softmax(fit.scores(rows) / temperature)
    best, sure = chances.argmax(axis=1), chances.max(axis=1)
    right = np.array([LABELS[at] == row["category"] for at, row in zip(best, rows, strict=True)])
    edges = np.clip((sure * 10).astype(int), 0, 9)
    gap = sum(abs(right[edges == b].mean() - sure[edges == b].mean()) * (edges == b).mean() for b in set(edges))
    packs, units, brands = [], [], []
    for row, at, chance in zip(rows, best, sure, strict=True):
        text = repaired(row["name"])
        category = Category(LABELS[at]) if chance >= SURE else Category.OTHER
        contents = contents_of(read_pack(text), invoice_unit(row["unit"]), category)
        if category != row["category"]:
            report.append(f"category | {row['name']} | {row['category']} | {LABELS[at]} {chance:.2f}")
        if row.get("is_pack_judged", True):
            said = (contents.pack_quantity, contents.packs_per_unit)
            units.append(contents.base_unit == row["base_unit"])
            packs.append(units[-1] and said == (row["pack_quantity"], row["packs_per_unit"]))
            if not packs[-1]:
                report.append(f"pack | {row['name']} | {row['unit']} | {contents} | {row}")
        brands.append(find_brand(without(text, contents.spans)) == row.get("brand"))
    answered = sure >= SURE
    return {
        "lines": len(rows),
        "templates": len({row["template"] for row in rows}),
        "category_accuracy": _share(right),
        "answered": _share(answered),
        "category_accuracy_answered": _share(right[answered]),
        "wrong_at_0.9_and_surer": _share(~right & (sure >= 0.9)),  # noqa: PLR2004 - as the name says
        "expected_calibration_error": round(float(gap), 4),
        "base_unit_right": _share(units),
        "pack_exact": _share(packs),
        "brand_exact": _share(brands),
    }


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m infra.training.stock_item.train", description=__doc__)
    parser.add_argument("--version", required=True, help="of the model to write")
    parser.add_argument("--to", type=Path, help="folder of models; shared/models when left out")
    parser.add_argument("--report", type=Path, help="a file for what was wrong, a line each")
    chosen = parser.parse_args(arguments)
    rows = [json.loads(line) for line in LINES.read_text(encoding="utf-8").splitlines()]
    parts = {part: [row for row in rows if row["part"] == part] for part in ("train", "dev", "test")}
    held_out = Fit(parts["train"])
    calibration = [*parts["dev"], *spoiled(parts["dev"], MEASURED_RATE)]
    temperature = calibrated(held_out.scores(calibration), wanted_of(calibration))
    wrong: list[str] = []
    metrics: dict[str, Any] = {}
    for part in ("dev", "test"):
        metrics[part] = measured(held_out, parts[part], temperature, wrong)
        metrics[f"{part}_noised"] = measured(held_out, spoiled(parts[part], MEASURED_RATE), temperature, wrong)
    metrics["train"] = {"lines": len(parts["train"]), "templates": len({row["template"] for row in parts["train"]})}
    if chosen.report:
        chosen.report.write_text("\n".join(wrong), encoding="utf-8")
    print(json.dumps({"temperature": temperature, **metrics}, indent=1))
    _write(Fit(rows), temperature, metrics, (chosen.to or shared_path("models")) / MODEL / chosen.version)
    return 0


def _write(fit: Fit, temperature: float, metrics: dict[str, Any], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / WEIGHTS).write_bytes(fit.table)
    description = {
        "name": MODEL,
        "version": folder.name,
        "kind": KIND,
        "description": "What kind of thing a line of a supplier's document is; Russian beauty trade. Confidence is "
        "calibrated on part dev, clean and spoiled.",
        "feature_schema": {"name": SCHEMA.name, "version": SCHEMA.version},
        "labels": LABELS,
        "files": {WEIGHTS: hashlib.sha256(fit.table).hexdigest()},
        "metrics": metrics | {"noised": f"{MEASURED_RATE:.0%} of the letters lost or mistaken", "sure": SURE},
        "training": {
            "script": SCRIPT,
            "data": "infra/training/stock_item/lines.jsonl",
            "data_sha256": hashlib.sha256(LINES.read_bytes()).hexdigest(),
            "fitted_on": "all parts; the metrics are of the same fit without parts dev and test",
            "numpy": np.__version__,
        },
        "parameters": {
            "rows": ROWS,
            "temperature": temperature,
            "scale": [float(f"{value:.8g}") for value in fit.scale],
            "bias": [round(float(value), 4) for value in fit.bias],
            "named": {
                name: [round(float(value), 4) for value in fit.restored[ROWS + at]] for name, at in fit.columns.items()
            },
        },
    }
    (folder / DESCRIPTION).write_text(json.dumps(description, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _share(flags: Any) -> float:
    return round(float(np.mean(flags)), 4) if len(flags) else 0.0


if __name__ == "__main__":
    sys.exit(main())
