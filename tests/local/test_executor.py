"""The process executor, without LocalStack: real function processes under the real runtime client."""

import http.client
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.local.localstack.executor.salon_process_executor.instance import Instance, InvocationFailed, Launch
from infra.local.localstack.executor.salon_process_executor.pool import Pool
from infra.local.localstack.executor.salon_process_executor.runtime_api import Answered, Invocation, RuntimeApi
from infra.local.localstack.executor.salon_process_executor.settings import Settings
from infra.local.processes import GUARD, is_alive

PROJECT = Path(__file__).resolve().parents[2]
APP = textwrap.dedent(
    """
    import os, subprocess, sys, time

    def handler(event, context):
        print("got", event["do"])
        match event["do"]:
            case "crash":
                os._exit(7)
            case "raise":
                raise ValueError("no")
            case "sleep":
                time.sleep(event["seconds"])
            case "child":
                return subprocess.Popen(["sleep", "60"]).pid
            case "big":
                return "x" * event["size"]
        return {"pid": os.getpid(), "environment": dict(os.environ), "path": sys.path, "event": event}
    """
)


@pytest.fixture
def launch(tmp_path):
    folder = tmp_path / "functions" / "probe"
    folder.mkdir(parents=True)
    (folder / "app.py").write_text(APP)
    return make_launch(folder, tmp_path)


def make_launch(folder, state, **changes):
    known = {
        "function": folder.name,
        "folder": folder,
        "handler": "app.handler",
        "import_paths": [],
        "environment": {"GREETING": "привет"},
        "timeout_seconds": 5.0,
        "init_seconds": 20.0,
        "interpreter": sys.executable,
        "guard": str(GUARD),
        "state": state / "state",
    }
    return Launch(**(known | changes))


@pytest.fixture
def pool_of():
    pools = []

    def make(launch, cap=2):
        pools.append(Pool(launch, cap))
        return pools[-1]

    yield make
    for pool in pools:
        pool.close()


def event(**fields):
    return Invocation("request-1", json.dumps(fields).encode(), "arn:probe")


def test_a_function_gets_its_event_and_only_its_own_environment(launch, pool_of, tmp_path):
    pool = pool_of(make_launch(launch.folder, tmp_path, import_paths=[tmp_path / "layer" / "python"]))
    outcome = pool.invoke(event(do="look", name="Анна"))
    seen = json.loads(outcome.body)
    assert not outcome.is_error
    assert seen["event"]["name"] == "Анна"
    assert seen["environment"]["GREETING"] == "привет"
    assert seen["environment"].keys() <= {
        *("GREETING", "PATH", "LANG", "TZ", "OMP_THREAD_LIMIT", "HOME", "PYTHONPATH", "LAMBDA_TASK_ROOT", "_HANDLER"),
        *("AWS_LAMBDA_RUNTIME_API", "_X_AMZN_TRACE_ID", "LC_CTYPE"),
    }
    assert str(tmp_path / "layer" / "python") in seen["path"]
    assert outcome.logs == "got look\n"
    assert pool.launch.log.read_text() == "got look\n"
    assert [file.name for file in pool.launch.process_ids.iterdir()] == [str(seen["pid"])]
    again = json.loads(pool.invoke(event(do="look")).body)
    assert again["pid"] == seen["pid"]


def test_a_raised_error_is_an_answer_and_the_process_stays(launch, pool_of):
    pool = pool_of(launch)
    outcome = pool.invoke(event(do="raise"))
    assert outcome.is_error
    assert json.loads(outcome.body)["errorType"] == "ValueError"
    assert pool.size == 1


def test_a_timeout_kills_the_process_with_its_children(launch, pool_of, tmp_path):
    pool = pool_of(make_launch(launch.folder, tmp_path, timeout_seconds=0.5))
    grandchild = int(pool.invoke(event(do="child")).body)
    first = json.loads(pool.invoke(event(do="look")).body)["pid"]
    with pytest.raises(InvocationFailed) as failure:
        pool.invoke(event(do="sleep", seconds=30))
    assert json.loads(failure.value.payload)["errorType"] == "Sandbox.Timedout"
    assert "Task timed out after 0.50 seconds" in str(failure.value)
    assert not is_alive(first)
    assert not is_alive(grandchild)
    assert json.loads(pool.invoke(event(do="look")).body)["pid"] != first


def test_a_crash_is_answered_at_once_and_the_next_event_gets_a_new_process(launch, pool_of, tmp_path):
    pool = pool_of(make_launch(launch.folder, tmp_path, timeout_seconds=120.0))  # far beyond the test's own limit
    with pytest.raises(InvocationFailed, match="exited with status 7") as failure:
        pool.invoke(event(do="crash"))
    assert json.loads(failure.value.payload)["errorType"] == "Runtime.ExitError"
    assert list(pool.launch.process_ids.iterdir()) == []
    idle = json.loads(pool.invoke(event(do="look")).body)["pid"]
    os.kill(idle, signal.SIGKILL)
    while is_alive(idle):
        time.sleep(0.01)
    assert json.loads(pool.invoke(event(do="look")).body)["pid"] != idle  # nothing was lost with the idle one


def test_a_module_that_cannot_be_imported_says_why(launch, pool_of):
    (launch.folder / "app.py").write_text("import nothing_of_that_name")
    with pytest.raises(InvocationFailed) as failure:
        pool_of(launch).invoke(event(do="look"))
    assert "nothing_of_that_name" in json.loads(failure.value.payload)["errorMessage"]
    (launch.folder / "app.py").write_text(APP)


def test_a_burst_queues_for_the_capped_number_of_processes(launch, pool_of):
    pool = pool_of(launch, cap=2)
    with ThreadPoolExecutor(12) as burst:
        bodies = list(burst.map(lambda _: json.loads(pool.invoke(event(do="look")).body), range(12)))
    assert 1 <= len({body["pid"] for body in bodies}) <= 2
    assert pool.size <= 2
    pool.shrink(1)
    assert pool.size == 1


def test_each_function_may_have_its_own_interpreter(launch, pool_of, tmp_path):
    other = tmp_path / "python-of-its-own"
    other.write_text(f'#!/bin/sh\nexport GREETING=other\nexec {sys.executable} "$@"\n')
    other.chmod(0o755)
    file = tmp_path / "settings.json"
    Settings(
        state="s", guard="g", interpreter=sys.executable, interpreters={"probe": str(other)}, instances={"probe": 9}
    ).write(file)
    settings = Settings.read(file)
    assert settings.interpreter_of("another") == sys.executable
    assert (settings.cap_of("probe"), settings.cap_of("another")) == (9, 4)
    pool = pool_of(make_launch(launch.folder, tmp_path, interpreter=settings.interpreter_of("probe")))
    assert json.loads(pool.invoke(event(do="look")).body)["environment"]["GREETING"] == "other"
    missing = pool_of(make_launch(launch.folder, tmp_path, interpreter=str(tmp_path / "nowhere")))
    with pytest.raises(InvocationFailed, match="nowhere"):
        missing.invoke(event(do="look"))


def test_an_answer_beyond_lambdas_limit_is_refused(launch, pool_of):
    pool = pool_of(launch)
    assert len(pool.invoke(event(do="big", size=5_000_000)).body) == 5_000_002
    with pytest.raises(InvocationFailed, match="exceeded"):
        pool.invoke(event(do="big", size=6_400_000))


def test_an_answer_may_arrive_in_chunks():
    api = RuntimeApi(timeout_seconds=3)
    connection = http.client.HTTPConnection(api.address, timeout=10)
    try:
        api.hand_over(Invocation("r1", '{"имя": 1}'.encode(), "arn"))
        connection.request("GET", "/2018-06-01/runtime/invocation/next")
        handed = connection.getresponse()
        assert handed.headers["Lambda-Runtime-Aws-Request-Id"] == "r1"
        assert json.loads(handed.read()) == {"имя": 1}
        api.signals.get(timeout=5)
        pieces = iter([b'{"a":', b"1" * 5000, b"}"])
        connection.request(
            "POST", "/2018-06-01/runtime/invocation/r1/response", body=pieces, encode_chunked=True,
            headers={"Transfer-Encoding": "chunked"},
        )  # fmt: skip
        assert connection.getresponse().read() == b'{"status": "OK"}'
        assert api.signals.get(timeout=5) == Answered("r1", b'{"a":' + b"1" * 5000 + b"}", is_error=False)
        connection.request("GET", "/2018-06-01/elsewhere")
        assert connection.getresponse().status == http.HTTPStatus.NOT_FOUND
    finally:
        connection.close()
        api.close()


def test_stopping_frees_whoever_waits(launch, pool_of):
    pool = pool_of(launch, cap=1)
    pool.warm()
    failures = []

    def invoke():
        try:
            pool.invoke(event(do="sleep", seconds=30))
        except InvocationFailed as failure:
            failures.append(failure)

    waiting = [threading.Thread(target=invoke) for _ in range(3)]
    for thread in waiting:
        thread.start()
    while pool.launch.log.read_text() != "got sleep\n":
        time.sleep(0.01)
    pool.close()
    for thread in waiting:
        thread.join(20)
    assert len(failures) == 3


def test_functions_die_with_the_process_that_started_them(launch):
    script = textwrap.dedent(
        """
        import sys, time, threading
        from pathlib import Path
        from infra.local.localstack.executor.salon_process_executor.instance import Instance, Launch
        folder, guard, state = (Path(part) for part in sys.argv[1:])
        launch = Launch("probe", folder, "app.handler", [], {}, 5, 20, sys.executable, str(guard), state)
        def start():
            global instance
            instance = Instance(launch)
            instance.wait_until_ready()
        thread = threading.Thread(target=start)  # ends at once: the function must not end with it
        thread.start()
        thread.join()
        time.sleep(0.2)
        print(instance.pid, instance.alive, flush=True)
        time.sleep(60)
        """
    )
    command = [sys.executable, "-c", script, launch.folder, GUARD, launch.state]
    owner = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    process_id, alive = owner.stdout.readline().split()
    owner.kill()
    owner.wait()
    owner.stdout.close()
    assert alive == "True"
    deadline = time.monotonic() + 20
    while is_alive(int(process_id)):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_an_instance_is_gone_after_stop(launch):
    instance = Instance(launch)
    instance.wait_until_ready()
    instance.stop()
    assert not instance.alive
    assert list(launch.process_ids.iterdir()) == []
