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
MEMORY = Path("/dev/shm")  # noqa: S108 - each folder in it is made by mkdtemp
ROOM_IN_MEMORY = 2 * 1024**3
"""Bytes that must be free there: a server of the tests takes up to a quarter of a gigabyte, and four run at once."""


def open_folder(prefix: str) -> Path:
    """A temporary folder that PostgreSQL's own user may enter, unlike pytest's (0700): root's server runs as another.

    It goes when the process ends; what a killed run left behind goes at the next call. It lies in memory where there
    is room: a copy of the template is 600 files, 0.3 s on a disk and a tenth of that in memory, for each test.
    """
    base = _base()
    for leftover in base.glob(f"{prefix}*"):
        maker = leftover.name.removeprefix(prefix).partition("-")[0]
        if maker.isdecimal() and not is_alive(int(maker)):
            shutil.rmtree(leftover, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-", dir=base))
    folder.chmod(0o711)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _base() -> Path:
    try:
        has_room = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM_IN_MEMORY
    except OSError:
        has_room = False
    return MEMORY if has_room else Path(tempfile.gettempdir())


def session_cluster() -> EmbeddedPostgres:
    """Start a server of its own for this test process (each xdist worker has one): about a second.

    Stop it with `.stop()` or use it as a context manager; both leave the data until the process ends.
    """
    cluster = EmbeddedPostgres(open_folder(PREFIX), durable=False)
    atexit.register(cluster.stop)  # before its folder goes: the last one registered runs first
    cluster.start()
    return cluster


def create_database(cluster: EmbeddedPostgres, name: str, template: str | None = None) -> str:
    """Create a database, a copy of `template` if given (nobody may be at work in it), and return its URL."""
    if template:  # a pooler keeps connections for longer than whoever asked for them
        _execute(
            cluster,
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = :name AND state = 'idle'",
            name=template,
        )
    source = f' TEMPLATE "{template}" STRATEGY FILE_COPY' if template else ""
    _execute(cluster, f'CREATE DATABASE "{name}"{source}')
    return cluster.url(name)


def drop_database(cluster: EmbeddedPostgres, name: str) -> None:
    """Drop a database if it is there, with whoever is still connected to it."""
    _execute(cluster, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _execute(cluster: EmbeddedPostgres, statement: str, **parameters: str) -> None:
    connection = pg8000.native.Connection(
        SUPERUSER,
        host="127.0.0.1",
        port=cluster.port,
        database="postgres",
        password=cluster.password(),
        ssl_context=False,  # asking for TLS takes pg8000 longer than all the rest: salon.platform.pg
    )
    try:
        connection.run(statement, **parameters)
    finally:
        connection.close()
