"""What a model is given and gives. Values only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
"""What a model may be called: it is a folder's name and a part of a path."""

VERSION = re.compile(r"[0-9]{1,6}")

Inputs = Mapping[str, Any]
"""One input: features by name, prepared by the caller; which, and of what type, the model's schema says."""


@dataclass(frozen=True, slots=True)
class FeatureSchema:
    """How features are prepared; a model and whoever asks it must mean the same."""

    name: str
    version: int

    def __str__(self) -> str:
        return f"{self.name}/{self.version}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One answer that a model considered; confidence is 0 to 1."""

    label: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model says about one input.

    Attributes:
        label: the best answer.
        confidence: how sure the model is, 0 to 1, calibrated on its development set.
        alternatives: the next best, the best first.
        diagnostics: what the answer rests on, in the model's own terms.
        model, version: who says so.
    """

    label: str
    confidence: float
    model: str
    version: str
    alternatives: tuple[Candidate, ...] = ()
    diagnostics: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Artefact:
    """What `model.json` says of one version of a model.

    Attributes:
        kind: which code reads the weights.
        schema: what its features must be.
        files: SHA-256 of each file beside `model.json`.
        parameters: what the kind needs beside the weights.
        metrics: how good it was when it was made, as its script measured.
        training: where it comes from: the script, the SHA-256 of the data, the counts.
    """

    name: str
    version: str
    kind: str
    schema: FeatureSchema
    labels: tuple[str, ...]
    files: Mapping[str, str]
    parameters: Mapping[str, Any]
    metrics: Mapping[str, Any]
    training: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model as a list of models shows it: its versions, the oldest first, and the one that answers unasked."""

    name: str
    versions: tuple[str, ...]
    default: str
