"""A linear classifier over hashed features: small, quick, and nothing but the standard library.

A feature is a name and a number. The names listed in the artefact have weights of their own; all others share a table
of rows, the row being CRC-32 of the name's UTF-8 modulo the number of rows. The table is one signed byte for each label
in each row, with a scale for each label; confidences are a softmax over scores divided by the temperature that the
development set was calibrated with.
"""

from __future__ import annotations

import math
from array import array
from pathlib import Path
from typing import Any
from zlib import crc32

from salon.platform.inference.domain import Artefact, Candidate, Inputs, Prediction
from salon.platform.inference.errors import InputInvalid, ModelFailed

KIND = "hashed_linear"
WEIGHTS = "weights.bin"
_ALTERNATIVES = 3
_CONTRIBUTIONS = 16
MAX_FEATURES = 20_000
MAX_VALUE = 1_000_000
"""Larger features mean nothing, and their sums could leave the numbers: JSON has no word for what comes then."""


class HashedLinear:
    """The classifier."""

    def __init__(self, artefact: Artefact, folder: Path) -> None:
        """Read the weights.

        Raises:
            ModelFailed: the file is not of the size that the artefact promises.
        """
        self._artefact = artefact
        self._labels = artefact.labels
        known: dict[str, Any] = dict(artefact.parameters)
        self._rows = int(known["rows"])
        self._scale = [float(value) for value in known["scale"]]
        self._bias = [float(value) for value in known["bias"]]
        self._named = {name: [float(value) for value in row] for name, row in known["named"].items()}
        self._temperature = float(known["temperature"])
        self._table = array("b", (folder / WEIGHTS).read_bytes())
        width = len(self._labels)
        if len(self._table) != self._rows * width or {len(self._scale), len(self._bias)} != {width}:
            raise ModelFailed(
                f"The weights of {artefact.name} {artefact.version} do not fit its description.",
                version=artefact.version,
            )

    def predict(self, inputs: Inputs) -> Prediction:
        """Weigh the features.

        Raises:
            InputInvalid: a value is no number within `MAX_VALUE`, or there are too many.
            ModelFailed: the weights are no numbers that can be added up.
        """
        rows = self._rows_of(inputs)
        named = self._named
        hashed = [0.0] * len(self._labels)
        known = list(self._bias)
        for name, value, row in rows:
            if name in named:
                known = [total + value * weight for total, weight in zip(known, row, strict=True)]
            else:
                hashed = [total + value * weight for total, weight in zip(hashed, row, strict=True)]
        scores = [
            own + total * scale for own, total, scale in zip(known, hashed, self._scale, strict=True)
        ]  # a byte counts as many scales
        if not all(map(math.isfinite, scores)):
            name, version = self._artefact.name, self._artefact.version
            raise ModelFailed(f"{name} {version} reaches beyond all numbers.", version=version)
        confidences = _softmax([score / self._temperature for score in scores])
        ranked = sorted(range(len(scores)), key=lambda place: (-confidences[place], place))
        best, rival = ranked[0], ranked[1] if len(ranked) > 1 else ranked[0]
        return Prediction(
            label=self._labels[best],
            confidence=round(confidences[best], 4),
            model=self._artefact.name,
            version=self._artefact.version,
            alternatives=tuple(
                Candidate(self._labels[place], round(confidences[place], 4)) for place in ranked[1 : 1 + _ALTERNATIVES]
            ),
            diagnostics={
                "features": len(rows),
                "margin": round(scores[best] - scores[rival], 4),
                "contributions": self._contributions(rows, best, rival),
            },
        )

    def _rows_of(self, inputs: Inputs) -> list[tuple[str, float, Any]]:
        if len(inputs) > MAX_FEATURES:
            raise InputInvalid(f"An input has at most {MAX_FEATURES} features.")
        width, table, count = len(self._labels), self._table, self._rows
        rows: list[tuple[str, float, Any]] = []
        for name, value in inputs.items():
            if not isinstance(value, int | float) or not -MAX_VALUE <= value <= MAX_VALUE:  # NaN is within no bounds
                raise InputInvalid(f"Every feature is a number from -{MAX_VALUE} to {MAX_VALUE}.")
            own = self._named.get(name)
            if own is None:
                start = crc32(name.encode("utf-8", "surrogatepass")) % count * width
                rows.append((name, value, table[start : start + width]))
            else:
                rows.append((name, value, own))
        return rows

    def _contributions(self, rows: list[tuple[str, float, Any]], best: int, rival: int) -> list[tuple[str, float]]:
        """The features that spoke most for the best label and against the next."""
        weighed = []
        for name, value, row in rows:
            if name in self._named:
                speaks = value * (row[best] - row[rival])
            else:
                speaks = value * (row[best] * self._scale[best] - row[rival] * self._scale[rival])
            if speaks > 0:
                weighed.append((name, round(speaks, 4)))
        return sorted(weighed, key=lambda item: (-item[1], item[0]))[:_CONTRIBUTIONS]


def _softmax(scores: list[float]) -> list[float]:
    highest = max(scores)
    powers = [math.exp(score - highest) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]
