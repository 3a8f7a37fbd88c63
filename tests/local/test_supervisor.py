"""One owner of every child: nothing is left running, whatever happens to it."""

import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from infra.local.processes import LocalCloudError, is_alive
from infra.local.supervisor import Supervisor

PROJECT = Path(__file__).resolve().parents[2]
OWNER = textwrap.dedent(
    """
    import os, sys, time
    from pathlib import Path
    from infra.local.supervisor import Supervisor, stop_signals
    supervisor = Supervisor(Path(sys.argv[1]), grace_seconds=0.5)
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    stubborn += "print('up', flush=True); time.sleep(60)"
    with stop_signals():
        try:
            meek = supervisor.program("meek", ["sleep", "60"], env={}, cwd=Path("/"))
            deaf = supervisor.program("deaf", [sys.executable, "-c", stubborn], env={}, cwd=Path("/"))
            while "up" not in (Path(sys.argv[1]) / "logs" / "deaf.log").read_text():
                time.sleep(0.01)
            print(meek, deaf, flush=True)
            while True:
                time.sleep(0.05)  # a signal that comes just before a long sleep would wait for its end
        except KeyboardInterrupt:
            supervisor.stop()
            print("clean", flush=True)
    """
)


@pytest.fixture
def owner(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", OWNER, tmp_path], cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    process.children = [int(part) for part in process.stdout.readline().split()]
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_owner_is_refused(owner, tmp_path):
    with pytest.raises(LocalCloudError, match=f"process {owner.pid}"):
        Supervisor(tmp_path)
    owner.kill()
    owner.wait()
    Supervisor(tmp_path).stop()  # a dead one holds nothing


def test_a_stop_signal_ends_every_child_even_a_deaf_one(owner):
    owner.send_signal(signal.SIGTERM)
    owner.send_signal(signal.SIGINT)  # the impatient second one changes nothing
    assert owner.stdout.readline() == "clean\n"
    assert owner.wait(30) == 0
    assert not any(is_alive(child) for child in owner.children)


def test_children_die_with_an_owner_that_is_killed_outright(owner):
    owner.kill()
    owner.wait()
    deadline = time.monotonic() + 20
    while any(is_alive(child) for child in owner.children):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_services_stop_in_reverse_and_one_failure_does_not_stop_the_others(tmp_path):
    supervisor = Supervisor(tmp_path)
    told = []

    def fail():
        told.append("second")
        raise OSError("stuck")

    supervisor.add("first", lambda: told.append("start"), lambda: told.append("first"))
    supervisor.add("second", lambda: None, fail)
    supervisor.add("third", lambda: None, lambda: told.append("third"))
    with pytest.raises(ExceptionGroup) as failure:
        supervisor.stop()
    assert told == ["start", "third", "second", "first"]
    assert failure.value.exceptions[0].__notes__ == ["while stopping second"]
