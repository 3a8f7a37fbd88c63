"""Clouds for the contracts of queues and storage: moto, and a LocalStack without functions."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from moto.server import ThreadedMotoServer

from infra.local.deploy import client
from infra.local.localstack.server import LocalStackServer
from support.furnished import furnished
from support.postgres import open_folder

__all__ = ["furnished"]


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


@pytest.fixture(scope="module")
def keys():
    """Any keys will do for a cloud of our own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        yield


@pytest.fixture(scope="module")
def moto(keys):
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
