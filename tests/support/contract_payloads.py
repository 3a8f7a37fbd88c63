"""Providers' own payloads, where the folder with them lies beside the project; tests that need them skip otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "contracts" / "payloads"


def payloads_of(channel: str) -> list[object]:
    """A parameter per payload of the channel, or one that skips."""
    files = sorted((FOLDER / channel).glob("*.json"))
    if not files:
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"no payloads of {channel} beside the project"))]
    return [pytest.param(path.read_bytes(), id=path.stem) for path in files]
