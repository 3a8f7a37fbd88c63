"""The embedded PostgreSQL: crashes, stale pid files, closed folders, Cyrillic."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pg8000.native
import pytest

from infra.local.postgres import EmbeddedPostgres
from infra.local.processes import LocalCloudError, is_alive
from support.postgres import open_folder

pytestmark = pytest.mark.database
PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def state():
    return open_folder("salon-test-state-")


def run(cluster, statement):
    connection = pg8000.native.Connection("postgres", host="127.0.0.1", port=cluster.port, password=cluster.password())
    try:
        return connection.run(statement)
    finally:
        connection.close()


def test_committed_rows_survive_a_crash_and_a_restart(state):
    with EmbeddedPostgres(state, durable=False) as cluster:
        run(cluster, "CREATE TABLE kept (n int)")
        run(cluster, "INSERT INTO kept SELECT generate_series(1, 100)")
        port = cluster.port
        cluster.kill()
        with pytest.raises(LocalCloudError, match="not running"):
            _ = cluster.pid
        cluster.start()
        assert cluster.port == port  # connection pools find it again
        assert run(cluster, "SELECT count(*) FROM kept") == [[100]]
    with EmbeddedPostgres(state, durable=False) as again:
        assert run(again, "SELECT count(*) FROM kept") == [[100]]


def test_a_stale_pid_file_is_not_believed_even_when_the_id_was_reused(state):
    with EmbeddedPostgres(state, durable=False) as cluster:
        cluster.kill()
        pid_file = cluster.data / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        pid_file.write_text("\n".join([str(os.getppid()), *lines[1:]]) + "\n")
        cluster.start()
        assert run(cluster, "SELECT 1") == [[1]]


def test_cyrillic_is_text_and_time_is_utc(state):
    with EmbeddedPostgres(state, durable=False) as cluster:
        run(cluster, "CREATE EXTENSION pg_trgm")
        [[lowered, similar, zone, connections]] = run(
            cluster,
            "SELECT lower('АННА'), similarity('стрижка', 'стришка') > 0.3, current_setting('TimeZone'),"
            " current_setting('max_connections')",
        )
    assert (lowered, similar, zone, connections) == ("анна", True, "UTC", "200")


def test_passwords_are_kept_private_and_asked_for(state):
    with EmbeddedPostgres(state, durable=False) as cluster:
        file = state / "postgres" / "passwords.json"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert cluster.password("salon_app") == EmbeddedPostgres(state).password("salon_app")
        assert cluster.password("salon_app") != cluster.password()
        assert cluster.url("salon").startswith("postgresql+pg8000://postgres:")
        with pytest.raises(pg8000.native.DatabaseError, match="28P01"):
            pg8000.native.Connection("postgres", host="127.0.0.1", port=cluster.port, password="wrong")
        assert cluster.bin("pgbench").exists()
        with pytest.raises(LocalCloudError, match="no program"):
            cluster.bin("oracle")


def test_the_server_dies_with_the_process_that_owns_it(state):
    script = (
        "import sys, time; from pathlib import Path; from infra.local.postgres import EmbeddedPostgres;"
        "c = EmbeddedPostgres(Path(sys.argv[1]), durable=False); c.start(); print(c.pid, flush=True); time.sleep(60)"
    )
    owner = subprocess.Popen([sys.executable, "-c", script, state], cwd=PROJECT, stdout=subprocess.PIPE)
    server = int(owner.stdout.readline())
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    wait_until(lambda: not is_alive(server))
    with EmbeddedPostgres(state, durable=False) as successor:  # waits for the predecessor's shutdown by itself
        assert run(successor, "SELECT 1") == [[1]]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another user")
def test_roots_closed_folder_is_no_obstacle(tmp_path, state):
    tmp_path.chmod(0o700)
    with EmbeddedPostgres(tmp_path, durable=False, root_home=state) as cluster:
        assert cluster.data.is_relative_to(state)
        assert run(cluster, "SELECT 1") == [[1]]
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


def wait_until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)
