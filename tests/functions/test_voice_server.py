"""The function behind HTTP: what counts as a success, what is too much, how it ends."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading

import httpx
import pytest

from salon.platform import event_server as server
from salon.platform.triggers import BatchFailed, UnknownTriggerShape
from support.functions import ROOT


class Function:
    """Fails as it is told to."""

    def __init__(self):
        self.events = []
        self.failure = None
        self.go_on = threading.Event()
        self.begun = threading.Event()
        self.go_on.set()

    def __call__(self, event, context):
        self.begun.set()
        assert self.go_on.wait(10)
        self.events.append((event, context))
        if self.failure is not None:
            raise self.failure


@pytest.fixture
def function():
    return Function()


@pytest.fixture
def url(function):
    with server.EventServer("127.0.0.1", 0, function) as serving:
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{serving.server_address[1]}"
        function.go_on.set()
        serving.shutdown()
        thread.join()


def test_an_event_on_any_path_is_worked_off(url, function):
    for path in ("/", "/voice"):
        assert httpx.post(url + path, json={"messages": [1]}).status_code == 200
    assert function.events == [({"messages": [1]}, None)] * 2


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (BatchFailed(["storage[0]"]), (500, "BATCH_FAILED")),
        (RuntimeError("маникюр +79000000101"), (500, "INTERNAL")),
        (UnknownTriggerShape("?"), (400, UnknownTriggerShape.code)),
    ],
)
def test_a_failure_is_told_and_nothing_of_it_shown(url, function, capsys, failure, told):
    function.failure = failure
    answer = httpx.post(url, json={})
    assert (answer.status_code, answer.json()["code"]) == told
    assert "79000000101" not in capsys.readouterr().out


def test_health_is_told_while_it_works(url, function):
    function.go_on.clear()
    posting = threading.Thread(target=httpx.post, args=(url,), kwargs={"json": {}})
    posting.start()
    assert function.begun.wait(5)
    assert httpx.get(f"{url}/healthz").json() == {"status": "ok"}
    assert httpx.get(f"{url}/other").status_code == 404
    function.go_on.set()
    posting.join()
    assert len(function.events) == 1


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Length": "4000000"}, b"", 413),
        ({"Transfer-Encoding": "chunked"}, b"0\r\n\r\n", 411),
        ({"Content-Length": "-1"}, b"", 411),
        ({"Content-Length": "1"}, b"{", 400),
    ],
)
def test_what_is_no_event_is_refused(url, function, headers, body, status):
    host, port = url.removeprefix("http://").split(":")
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(f"POST / HTTP/1.1\r\nHost: x\r\n{lines}\r\n".encode() + body)
        assert connection.recv(100).startswith(f"HTTP/1.1 {status} ".encode())
    assert function.events == []


def test_what_has_begun_is_finished_before_it_ends(function):
    function.go_on.clear()
    serving = server.EventServer("127.0.0.1", 0, function)
    threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01}).start()
    answers = []
    port = serving.server_address[1]
    posting = threading.Thread(target=lambda: answers.append(httpx.post(f"http://127.0.0.1:{port}", json={})))
    posting.start()
    assert function.begun.wait(5)
    serving.shutdown()
    ending = threading.Thread(target=serving.server_close)
    ending.start()
    assert answers == []
    function.go_on.set()
    posting.join(10)
    ending.join(10)
    assert [answer.status_code for answer in answers] == [200]


@pytest.mark.parametrize("name", ["storage_voice", "storage_documents"])
def test_without_a_port_it_serves_lambdas_runtime(tmp_path, name):
    """The runtime client takes the process over: a stand-in for it tells what it was given."""
    (tmp_path / "awslambdaric.py").write_text("import sys; print('serving', *sys.argv[1:])")
    layer = ROOT / "layers" / "salon" / "python"
    done = subprocess.run(
        [sys.executable, str(ROOT / "functions" / name / "entry.py")],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{tmp_path}:{layer}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "serving app.handler\n"
