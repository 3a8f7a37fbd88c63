"""Unit tests talk to nobody: not even to this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    """Block the sockets of every test below this folder (the hook sees those of the other folders too)."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.disable_socket)
