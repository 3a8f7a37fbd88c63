"""A model small enough to be reckoned by hand: two labels, a few hashed rows, one named feature."""

from __future__ import annotations

import hashlib
import json
from array import array
from pathlib import Path
from zlib import crc32

ROWS = 64
LABELS = ("yes", "no")


def write_model(
    folder: Path,
    name: str = "answer",
    version: str = "1",
    *,
    favours: str = "yes",
    weights: bytes | None = None,
    said=None,
    **changes,
) -> Path:
    """`w good` speaks for what is favoured with 1.27; the named `loud` speaks for the other with 2."""
    place = folder / name / version
    place.mkdir(parents=True, exist_ok=True)
    table = array("b", [0] * (ROWS * 2))
    good = LABELS.index(favours)
    table[crc32(b"w good") % ROWS * 2 + good] = 127
    weights = table.tobytes() if weights is None else weights
    (place / "weights.bin").write_bytes(weights)
    loud = [0.0, 0.0]
    loud[1 - good] = 2.0
    description = {
        "name": name,
        "version": version,
        "kind": "hashed_linear",
        "feature_schema": {"name": "words", "version": 1},
        "labels": LABELS,
        "files": {"weights.bin": hashlib.sha256(weights).hexdigest()},
        "metrics": {},
        "training": {},
        "parameters": {
            "rows": ROWS,
            "temperature": 1.0,
            "scale": [0.01, 0.01],
            "bias": [0.0, 0.0],
            "named": {"loud": loud},
        },
        **changes,
        **(said or {}),
    }
    (place / "model.json").write_text(json.dumps(description))
    return place
