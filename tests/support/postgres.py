"""PostgreSQL for tests: one embedded server for each test process, one database for each who asks."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pg8000.native

from infra.local.postgres import SUPERUSER, EmbeddedPostgres
from infra.local.processes import is_alive

PREFIX = "salon-test-postgres-"


def session_cluster(tmp: Path | None = None) -> EmbeddedPostgres:
    """Start a server of its own for this test process (each xdist worker has one): about a second.

    The data lie in a folder of their own below the system's temporary folder, not in `tmp`: pytest's folders are
    closed (0700), and root's server runs as another user. They go when the process ends; what a killed run left
    behind goes at the next start. Stop it with `.stop()` or use it as a context manager; both leave the data.
    """
    base = Path(tempfile.gettempdir())
    for leftover in base.glob(f"{PREFIX}*"):
        owner = leftover.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdecimal() and not is_alive(int(owner)):
            shutil.rmtree(leftover, ignore_errors=True)
    state = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=base))
    state.chmod(0o711)
    cluster = EmbeddedPostgres(state, durable=False)

    def remove() -> None:
        cluster.stop()
        shutil.rmtree(state, ignore_errors=True)

    atexit.register(remove)
    cluster.start()
    return cluster


def create_database(cluster: EmbeddedPostgres, name: str, template: str | None = None) -> str:
    """Create a database, a copy of `template` if given (nobody may be connected to it), and return its URL."""
    source = f' TEMPLATE "{template}" STRATEGY FILE_COPY' if template else ""
    _execute(cluster, f'CREATE DATABASE "{name}"{source}')
    return cluster.url(name)


def drop_database(cluster: EmbeddedPostgres, name: str) -> None:
    """Drop a database if it is there, with whoever is still connected to it."""
    _execute(cluster, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _execute(cluster: EmbeddedPostgres, statement: str) -> None:
    connection = pg8000.native.Connection(
        SUPERUSER, host="127.0.0.1", port=cluster.port, database="postgres", password=cluster.password()
    )
    try:
        connection.run(statement)
    finally:
        connection.close()
