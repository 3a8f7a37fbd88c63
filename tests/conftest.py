"""Fixtures that every kind of test may use, and which tests are measured for coverage."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["support.fixtures"]

HERE = Path(__file__).parent
# Python's tracer makes everything twice as slow, libraries too. Races, random sequences and whole clouds repeat what
# smaller tests measure; single tests that do the same thing thousands of times are marked `no_cover` where they stand.
UNMEASURED = [HERE / name for name in ("concurrency", "e2e", "local", "property")]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the tracer off for those folders (pytest-cov reads the mark)."""
    for item in items:
        if any(folder in item.path.parents for folder in UNMEASURED):
            item.add_marker(pytest.mark.no_cover)
