"""A folder with an exported GigaAM: what lies in it, and that it is what it was when somebody described it.

An export holds `v3_rnnt_encoder.onnx`, `…_decoder.onnx` and `…_joint.onnx` (or `v3_ctc.onnx`), and two files that the
decoding library wants: the vocabulary, and `config.json`, whose `version` chooses how features are made. Without it the
library would make version 2's, and the words would be wrong without any error: it is therefore checked here.

`model.json` beside them pins the SHA-256 of each file; `python -m salon.integrations.gigaam` writes it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from salon.understanding.speech.errors import RecogniserRefused

DESCRIPTION, CONFIG = "model.json", "config.json"
KIND = "gigaam-onnx"
FEATURES = {"name": "gigaam-log-mel", "version": 3}
"""64 mel bins, windows of 20 ms every 10 ms, natural logarithm; not padded at the ends."""

LIBRARY_CONFIG = {"version": "v3", "features_size": 64, "subsampling_factor": 4}
BLANK = "<blk>"
_LETTERS = ("\u2581", *(chr(ord("а") + at) for at in range(32)), BLANK)
_MAX_VERSION = 40


class Flavour(StrEnum):
    """What was exported; `e2e` ones write punctuation and figures, and err more on single words (facts §3.2)."""

    CTC = "v3_ctc"
    RNNT = "v3_rnnt"
    E2E_CTC = "v3_e2e_ctc"
    E2E_RNNT = "v3_e2e_rnnt"

    @property
    def library_name(self) -> str:
        """What the decoding library calls it."""
        return f"gigaam-{self.value.replace('_', '-')}"

    @property
    def vocabulary(self) -> str:
        """The file with the tokens; the plain flavours share one, of letters."""
        return f"{self.value}_vocab.txt" if self.is_e2e else "v3_vocab.txt"

    @property
    def is_e2e(self) -> bool:
        """Whether its tokens are parts of words."""
        return self in {Flavour.E2E_CTC, Flavour.E2E_RNNT}

    def networks(self, quantization: str | None) -> tuple[str, ...]:
        """The network files."""
        end = f".{quantization}.onnx" if quantization else ".onnx"
        if self in {Flavour.CTC, Flavour.E2E_CTC}:
            return (self.value + end,)
        return tuple(f"{self.value}_{part}{end}" for part in ("encoder", "decoder", "joint"))


CHECKPOINTS_MD5 = {
    Flavour.CTC: "73413e7be9c6a5935827bfab5c0dd678",
    Flavour.RNNT: "0fd2c9a1ff66abd8d32a3a07f7592815",
    Flavour.E2E_CTC: "367074d6498f426d960b25f49531cf68",
    Flavour.E2E_RNNT: "2730de7545ac43ad256485a462b0a27a",
}
"""Of the checkpoints that an export is made from, as `gigaam/__init__.py` of salute-developers/GigaAM lists them. MD5
is what they publish: it finds a damaged download, not a forged one."""


@dataclass(frozen=True, slots=True)
class Weights:
    """An exported model.

    Attributes:
        folder: where its files are.
        version: `gigaam_v3_rnnt:1`, for transcripts and metrics.
        files: SHA-256 of each.
        quantization: `int8` and the like; None for full precision.
    """

    folder: Path
    flavour: Flavour
    version: str
    files: Mapping[str, str]
    quantization: str | None = None

    def check(self) -> None:
        """Compare every file with its description; a second or so for a gigabyte, once per process.

        Raises:
            RecogniserRefused: one is missing or another, or features would be made in another way.
        """
        for name, digest in self.files.items():
            if _digest(self.folder / name) != digest:
                raise RecogniserRefused("model_damaged")
        if any(_json(self.folder / CONFIG).get(name) != value for name, value in LIBRARY_CONFIG.items()):
            raise RecogniserRefused("model_features")


def find_weights(folder: Path) -> Weights:
    """The model that a folder's `model.json` describes.

    Raises:
        RecogniserRefused: there is none, it cannot be read, or it is no GigaAM of version 3.
    """
    said = _json(folder / DESCRIPTION)
    if said.get("kind") != KIND or said.get("feature_schema") != FEATURES:
        raise RecogniserRefused("model_features")
    try:
        parameters = said["parameters"]
        flavour, quantization = Flavour(parameters["flavour"]), parameters["quantization"]
        weights = Weights(folder, flavour, f"{said['name']}:{said['version']}", dict(said["files"]), quantization)
    except (KeyError, TypeError, ValueError) as error:
        raise RecogniserRefused("model_description") from error
    wanted = {*flavour.networks(quantization), flavour.vocabulary, CONFIG}
    if not wanted <= set(weights.files):
        raise RecogniserRefused("model_description")
    return weights


def describe(
    folder: Path, flavour: Flavour, *, version: str, quantization: str | None = None, checkpoint: Path | None = None
) -> dict[str, Any]:
    """Pin an export: write what the library wants beside it, and `model.json`; it is returned.

    Args:
        folder: with the networks that `gigaam`'s `to_onnx` wrote.
        flavour: what they are.
        version: of ours, a number: every export has another.
        quantization: the suffix of the networks' names, `int8`.
        checkpoint: what they were made from; compared with the published MD5.

    Raises:
        ValueError: a file is missing, or the checkpoint is another one.
    """
    if not re.fullmatch(rf"[A-Za-z0-9.-]{{1,{_MAX_VERSION}}}", version):
        raise ValueError(f"{version!r} is no version: letters, digits, dots and hyphens")
    source: dict[str, str] = {"repository": "salute-developers/GigaAM", "licence": "MIT"}
    if checkpoint is not None:
        found = _md5(checkpoint)
        if found != CHECKPOINTS_MD5[flavour]:
            raise ValueError(f"{checkpoint.name} has the MD5 {found}, not {CHECKPOINTS_MD5[flavour]}")
        source["checkpoint_md5"] = found
    vocabulary = folder / flavour.vocabulary
    if not flavour.is_e2e:
        tokens = "".join(f"{token} {at}\n" for at, token in enumerate(_LETTERS))
        vocabulary.write_text(tokens, encoding="utf-8")
    (folder / CONFIG).write_text(json.dumps(LIBRARY_CONFIG) + "\n", encoding="utf-8")
    networks = flavour.networks(quantization)
    # A network's weights may lie beside it, in a file that it names.
    beside = [path.name for network in networks for path in sorted(folder.glob(f"{network}?data"))]
    names = [*networks, *beside, vocabulary.name, CONFIG]
    if missing := [name for name in names if not (folder / name).is_file()]:
        raise ValueError(f"{folder} lacks {', '.join(missing)}")
    said = {
        "name": f"gigaam_{flavour.value}",
        "version": version,
        "kind": KIND,
        "feature_schema": FEATURES,
        "labels": [],
        "files": {name: _digest(folder / name) for name in names},
        "parameters": {"flavour": flavour.value, "quantization": quantization, "prompt": False},
        "metrics": {},
        "training": source,
    }
    (folder / DESCRIPTION).write_text(json.dumps(said, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return said


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise RecogniserRefused("no_model") from error


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise RecogniserRefused("no_model") from error
    except ValueError as error:
        raise RecogniserRefused("model_description") from error
    if not isinstance(value, dict):
        raise RecogniserRefused("model_description")
    return value
