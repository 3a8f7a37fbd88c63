"""A LocalStack without functions, for the contracts of queues and storage."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from infra.local.deploy import client
from infra.local.localstack.server import LocalStackServer
from support.postgres import open_folder


@pytest.fixture(scope="session")
def localstack_url() -> Iterator[str]:
    """Where it answers; `make setup` installs it."""
    state = open_folder("salon-contract-")
    server = LocalStackServer(state)
    server.start()
    # LocalStack loads a service at its first call, which can take longer than our clients wait.
    client("sqs", server.endpoint_url).list_queues()
    client("s3", server.endpoint_url).list_buckets()
    try:
        yield server.endpoint_url
    finally:
        server.stop()
        shutil.rmtree(state, ignore_errors=True)
