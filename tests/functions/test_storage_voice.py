"""storage_voice as its container runs: a process of `.venv-speech` behind HTTP, real recordings, a real engine.

What the engine says is fixed (support/parrot.py): how well it hears is another matter (tests/speech).
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from infra.local.salon_cloud import SPEECH_PYTHON
from salon.platform import keys
from salon.platform.clock import FrozenClock
from support.cloud import Cloud, open_cloud
from support.cloud_events import s3_event, to_yandex
from support.functions import KEYS, NOWHERE, ROOT
from support.recordings import sent
from support.salon_world import Chat

pytestmark = [pytest.mark.database, pytest.mark.timeout(180)]
WISH = "запишите меня на маникюр"
MAKE_PARROT = (
    "import sys; from pathlib import Path; from support.parrot import parrot; parrot(Path(sys.argv[1]), sys.argv[2])"
)
FOLDER = ROOT / "functions" / "storage_voice"
LAYER = ROOT / "layers" / "salon" / "python"


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory) -> Path:
    """A model that hears WISH."""
    path = tmp_path_factory.mktemp("parrot") / "parrot.pt"
    command = [str(SPEECH_PYTHON), "-c", MAKE_PARROT, str(path), WISH]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": f"{LAYER}:{ROOT / 'tests'}"})
    return path


@dataclass
class Container:
    """The function at work, and what it works on."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path
    cloud: Cloud
    chat: Chat

    def post(self, event: object, path: str = "/") -> httpx.Response:
        return httpx.post(self.url + path, json=event, timeout=120)

    def stored(self, recording: bytes) -> tuple[Any, dict[str, Any]]:
        """A recording whose message waits in the inbox; the message, and the event of its arrival."""
        inbox_id = self.chat.keep(self.chat.message(text="это было голосом"))
        key = f"voice/{self.chat.world.tenant_id}/{inbox_id}"
        self.cloud.s3.put_object(Bucket=self.cloud.values["MediaBucket"], Key=key, Body=recording)
        return inbox_id, s3_event(key, bucket=self.cloud.values["MediaBucket"])

    def transcript(self, inbox_id: Any) -> dict[str, Any]:
        with self.chat.database.read(self.chat.world.tenant_id) as session:
            row = (
                session.execute(text("SELECT * FROM transcripts WHERE inbox_id = :id"), {"id": inbox_id})
                .one()
                ._asdict()
            )
            row["words"] = keys.open_for_tenant(session, row["body"], purpose="transcripts") if row["body"] else ""
        return row


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@pytest.fixture
def cloud(moto, furnished_url) -> Iterator[Cloud]:
    with open_cloud("yandex", furnished_url, moto) as found:
        yield found


@pytest.fixture
def container(cloud, furnished, salons, checkpoint, tmp_path) -> Iterator[Container]:
    port = free_port()
    # Under `make test` what runs here counts as well: parallel data files beside the one that is named.
    measured = ["-m", "coverage", "run", f"--rcfile={ROOT / 'pyproject.toml'}"] if "COVERAGE_FILE" in os.environ else []
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(SPEECH_PYTHON), *measured, str(FOLDER / "entry.py")],
            cwd=FOLDER if not measured else ROOT,
            env={
                **{name: os.environ[name] for name in ("PATH", "HOME", "COVERAGE_FILE") if name in os.environ},
                **KEYS,
                **cloud.variables("storage_voice"),
                "SPEECH_MODEL": str(checkpoint),
                "SPEECH_THREADS": "1",
                "PORT": str(port),
                "PYTHONPATH": f"{FOLDER}:{LAYER}",
            },
            stdout=output,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(url, process)
        yield Container(process, url, log, cloud, Chat(salons, furnished.first, FrozenClock(furnished.now), NOWHERE))
    finally:
        process.kill()
        process.wait()


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, "the container has ended"
        try:
            if httpx.get(f"{url}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    pytest.fail("the container does not answer")


def test_recordings_become_words_once_and_nothing_else_does(container):
    inbox_id, arrived = container.stored(sent("book_manicure.ogg"))
    for event in (arrived, to_yandex(arrived)):  # the same arrival, told twice
        assert container.post(event, "/voice").status_code == 200
    heard = container.transcript(inbox_id)
    assert (heard["status"], heard["words"], heard["attempts"]) == ("done", WISH, 1)
    assert (heard["engine"], heard["engine_version"], heard["confidence"]) == ("whisper", "parrot", pytest.approx(1.0))
    assert heard["duration_s"] == pytest.approx(3.43, abs=0.05)
    assert WISH.encode() not in heard["body"]
    assert container.cloud.waiting("InboundQueue") >= 1

    silent, arrived = container.stored(sent("silence.ogg"))
    broken, also_arrived = container.stored(b"this is no recording" * 50)
    assert container.post(to_yandex(arrived)).status_code == 200
    assert container.post(to_yandex(also_arrived)).status_code == 200
    assert [(row["status"], row["reason"]) for row in map(container.transcript, (silent, broken))] == [
        ("unclear", "silent"),
        ("failed", "undecodable"),
    ]

    assert container.post(to_yandex(s3_event("voice/not-ours"))).status_code == 200  # repeating it would change nothing
    for event in ({}, {"messages": []}, "?"):
        assert container.post(event).status_code == 400

    container.process.send_signal(signal.SIGTERM)
    assert container.process.wait(20) == 0
    output = container.log.read_text()
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    settled = [line for line in lines if line.get("message") == "voice.settled"]
    assert [line["status"] for line in settled] == ["done", "done", "unclear", "failed"]
    latency = [line for line in lines if line.get("metric") == "speech_latency_ms"]
    assert [line["model"] for line in latency] == ["whisper:parrot"]
    assert "маникюр" not in output.lower()
