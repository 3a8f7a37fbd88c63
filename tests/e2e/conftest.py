"""One whole local cloud for the end-to-end tests, with time-outs short enough to wait for."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.salon_cloud import SalonCloud

SHORT = {
    "SweepAfterSeconds": "0",
    "SendLeaseSeconds": "4",
    "SweepLeaseSeconds": "4",
    "QueueFunctionTimeout": "20",
    "QueueVisibilitySeconds": "25",
    "DocumentFunctionTimeout": "20",  # also the lease of a job; the sample takes five seconds
    "DocumentVisibilitySeconds": "25",
}
"""A killed worker's row is free again after its lease; the sweep is called directly, not once a minute."""


@pytest.fixture(scope="module")
def salon() -> Iterator[SalonCloud]:
    """The demo salon on a cloud of its own."""
    state = Path(tempfile.mkdtemp(prefix="salon-e2e-"))
    state.chmod(0o755)
    cloud = SalonCloud(state, durable=True, parameters=SHORT)
    try:
        with cloud:
            yield cloud
    finally:
        shutil.rmtree(state, ignore_errors=True)
