"""Finds a checkpoint by the name in a setting: `<folder>/<name>/<version>/model.pt`, described by `model.json`."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from salon.understanding.speech.errors import RecogniserRefused

CHECKPOINT = "model.pt"
DESCRIPTION = "model.json"
LABEL_LENGTH = 64
_CHOICE = re.compile(r"(?P<name>[A-Za-z][\w.-]*)(?::(?P<version>[\w.-]+))?")


@dataclass(frozen=True, slots=True)
class Weights:
    """A checkpoint in whisper's format.

    Attributes:
        path: the file, `{"dims", "model_state_dict"}`.
        version: `name:version`, for transcripts and metrics.
        sha256: what the file must hash to; None when nobody has said.
        prompted: whether it was trained to be given names; one that was not is confused by them.
    """

    path: Path
    version: str
    sha256: str | None = None
    prompted: bool = True

    def check(self) -> None:
        """Compare the file with its description.

        Raises:
            RecogniserRefused: it is another one, or cannot be read.
        """
        try:
            with self.path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest() if self.sha256 else None
        except OSError as error:
            raise RecogniserRefused("no_model") from error
        if found != self.sha256:
            raise RecogniserRefused("model_damaged")


def find_weights(choice: str, folders: Sequence[Path], *, pinned: Mapping[str, str] | None = None) -> Weights:
    """The checkpoint that a setting means.

    Args:
        choice: `NAME`, its newest version; `NAME:VERSION`; or the path of a checkpoint.
        folders: where models are looked for, in this order.
        pinned: the version of a model that is not to be its newest (`MODEL_VERSIONS`).

    Raises:
        RecogniserRefused: there is no such model, or its description cannot be read.
    """
    if "/" in choice:
        path = Path(choice)
        return _described(path, path.stem)
    named = _CHOICE.fullmatch(choice)
    if named is None:
        raise RecogniserRefused("no_model")
    name = named["name"]
    version = named["version"] or (pinned or {}).get(name)
    found = {
        path.parent.name: path
        for folder in reversed(folders)
        for path in folder.glob(f"{name}/*/{CHECKPOINT}")
        if version in {None, path.parent.name}
    }
    if not found:
        raise RecogniserRefused("no_model")
    newest = max(found, key=_order)
    return _described(found[newest], f"{name}:{newest}")


def _described(path: Path, name: str) -> Weights:
    """A checkpoint with what is said of it beside it, if anything is."""
    label = _label(name)
    description = path.with_name(DESCRIPTION)
    if not description.exists():
        return Weights(path, label)
    try:
        said = json.loads(description.read_bytes())
        digest = said.get("files", {}).get(CHECKPOINT)
        if isinstance(digest, dict):  # with its size beside it
            digest = digest["sha256"]
        is_prompted = bool(said.get("parameters", {}).get("prompt", True))
    except (OSError, ValueError, AttributeError, KeyError) as error:
        raise RecogniserRefused("model_description") from error
    return Weights(path, label, str(digest) if digest else None, is_prompted)


def _order(version: str) -> tuple[int, str]:
    return (int(version), "") if version.isdecimal() else (-1, version)


def _label(text: str) -> str:
    """As it may stand in a metric's label and in a transcript."""
    return re.sub(r"[^A-Za-z0-9_.:-]", "-", text)[:LABEL_LENGTH] or "unnamed"
