"""PgBouncer between the application and PostgreSQL, in transaction mode: a run of its own for each test process.

A transaction pooler gives a client a server connection for one transaction and takes it back at its end. What lives
longer than a transaction (a SET without LOCAL, a session's advisory lock, a named statement, a temporary table, LISTEN)
is lost or, worse, found by somebody else. Managed PostgreSQL stands behind one, and so may the application in tests:

    pytest --pooler      every database test goes through it (`make test-pooler`)
    @pytest.mark.pooled  such a test runs twice in any run: directly and through it; `pooled(only=True)` once
    @pytest.mark.direct  such a test never goes through it: it is about a session
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import pg8000.native
from sqlalchemy import make_url

from infra.local import processes
from infra.local.postgres import EmbeddedPostgres
from infra.local.processes import LocalCloudError
from infra.migrations.support import APP_ROLE
from support.postgres import open_folder

PREFIX = "salon-test-pooler-"
ADMIN = "pooler_admin"
START_SECONDS = 10.0
POLL_SECONDS = 0.01
# Fewer than the threads of a race, so that connections are really shared.
SERVERS = 8
CLIENTS = 1_000
MISSING = "PgBouncer is not installed. On Debian or Ubuntu: apt-get install pgbouncer"
_FORBIDS_STATEMENTS_SINCE = (1, 21)  # older ones know no named statements in transaction mode at all


def find_program() -> Path | None:
    """The installed PgBouncer. Debian keeps it where only root's PATH looks."""
    folders = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    found = shutil.which("pgbouncer", path=folders)
    return Path(found) if found else None


class Pooler:
    """A PgBouncer in front of a cluster, for the application's role and whatever databases there are."""

    def __init__(self, cluster: EmbeddedPostgres, app_password: str, *, servers: int = SERVERS) -> None:
        """Describe it; nothing starts yet.

        Args:
            cluster: what it leads to; running.
            app_password: of the application's role.
            servers: how many connections to PostgreSQL all clients of one database share.
        """
        self.servers = servers
        self.port = 0
        self._cluster = cluster
        self._password = app_password
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and wait until it lets somebody in.

        Raises:
            LocalCloudError: it is not installed, or did not start.
        """
        program = find_program()
        if program is None:
            raise LocalCloudError(MISSING)
        self._folder = open_folder(PREFIX)
        self.port = processes.free_port()
        settings = self._write_settings(program)
        log = self._folder / "pgbouncer.log"
        # PgBouncer refuses root, as PostgreSQL does, and becomes the same unprivileged user.
        owner = self._cluster._owner
        command = [program, settings]
        self._process = processes.spawn(command, env={"PATH": "/usr/bin:/bin"}, cwd=self._folder, log=log, owner=owner)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise LocalCloudError(f"PgBouncer did not start; {log} ends:\n{processes.log_tail(log)}")
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """Stop it; whoever is connected is cut off."""
        if self._process is not None:
            processes.stop(self._process, polite=signal.SIGTERM)
            self._process = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, direct: str) -> str:
        """The same database by way of the pooler."""
        return make_url(direct).set(port=self.port).render_as_string(hide_password=False)

    def show(self, what: str) -> list[dict[str, object]]:
        """What its console says: `SHOW POOLS`, `SHOW STATS` …, a dictionary for each row."""
        console = self._console()
        try:
            rows = console.run(f"SHOW {what}") or []
            return [dict(zip([column["name"] for column in console.columns or []], row, strict=True)) for row in rows]
        finally:
            console.close()

    def _console(self) -> pg8000.native.Connection:
        return pg8000.native.Connection(
            ADMIN, host="127.0.0.1", port=self.port, database="pgbouncer", password=self._password, ssl_context=False
        )

    def _answers(self) -> bool:
        try:
            self._console().close()
        except (pg8000.native.InterfaceError, pg8000.native.DatabaseError, OSError):
            return False
        return True

    def _write_settings(self, program: Path) -> Path:
        assert self._folder is not None
        people = self._folder / "people.txt"
        people.write_text("".join(f'"{name}" "{self._password}"\n' for name in (APP_ROLE, ADMIN)))
        settings = {
            "listen_addr": "127.0.0.1",
            "listen_port": self.port,
            "unix_socket_dir": "",
            "auth_type": "md5",  # towards us: pg8000 takes 20 ms for SCRAM; PostgreSQL still asks PgBouncer for that
            "auth_file": people,
            "admin_users": ADMIN,
            "pool_mode": "transaction",
            "default_pool_size": self.servers,
            "max_client_conn": CLIENTS,
            # The next transaction goes to the server that waited longest, not to the one that is still warm.
            "server_round_robin": 1,
            "query_wait_timeout": 60,
            "log_connections": 0,
            "log_disconnections": 0,
        }
        if _version(program) >= _FORBIDS_STATEMENTS_SINCE:
            settings["max_prepared_statements"] = 0
        for file in (people, self._folder / "pgbouncer.ini"):
            file.touch()
            file.chmod(0o644)  # for that other user, whatever our umask
        lines = [f"{name} = {value}" for name, value in settings.items()]
        databases = f"[databases]\n* = host=127.0.0.1 port={self._cluster.port}\n"
        file.write_text(f"{databases}[pgbouncer]\n" + "\n".join(lines) + "\n")
        return file


def _version(program: Path) -> tuple[int, int]:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"(\d+)\.(\d+)", told)
    if found is None:
        raise LocalCloudError(f"{program} does not tell its version: {told!r}")
    return int(found[1]), int(found[2])
