"""LocalStack as our own child process: loopback only, always empty at start, functions as processes."""

import contextlib
import http.client
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.local import processes
from infra.local.localstack.executor.salon_process_executor.settings import SETTINGS_VARIABLE, Settings
from infra.local.processes import LocalCloudError

PROJECT = Path(__file__).resolve().parents[3]
VENV = PROJECT / ".venv-localstack"
REGION = "us-east-1"
START_SECONDS = 60.0
# It holds nothing that is worth waiting for, and now and then hangs after its last word.
STOP_SECONDS = 1.0
POLL_SECONDS = 0.1
# LocalStack imports a service at its first request, two to four seconds for all of these together.
SERVICES = ("cloudformation", "lambda", "apigateway", "sqs", "s3", "iam", "sts", "events")
# Queue triggers poll once a second and back off to ten: here a message reaches its function in a fraction of that.
QUICK_QUEUES = {
    "LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC": "0.02",
    "LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_EMPTY_POLL_SEC": "0.2",
    "LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_ERROR_SEC": "2",
}
LOCALSTACK = QUICK_QUEUES | {
    "LAMBDA_RUNTIME_EXECUTOR": "process",
    "LAMBDA_RETRY_BASE_DELAY": "1",  # seconds before a failed storage event is tried again; else 60 and 120
    "LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT": "120",
    "GATEWAY_SERVER": "hypercorn",  # the default server ignores the host and listens everywhere
    "DNS_ADDRESS": "0",  # else a name server on 0.0.0.0:53
    "OVERRIDE_IN_DOCKER": "0",  # else it guesses, and writes to system folders
    "EAGER_SERVICE_LOADING": "0",
    "DISABLE_EVENTS": "1",
    "SKIP_SSL_CERT_DOWNLOAD": "1",
    "S3_SKIP_SIGNATURE_VALIDATION": "0",
    "SQS_ENDPOINT_STRATEGY": "path",  # queue URLs with our host instead of one that does not resolve offline
    "SQS_DISABLE_CLOUDWATCH_METRICS": "1",
}


class LocalStackServer:
    """One LocalStack, started empty and killed without regret: the database and the bucket folder are the state."""

    def __init__(
        self,
        state_dir: Path,
        *,
        port: int = 0,
        venv: Path = VENV,
        interpreter: Path | None = None,
        interpreters: Mapping[str, Path] | None = None,
        max_instances: int = 4,
        instances: Mapping[str, int] | None = None,
        prewarm: Sequence[str] = (),
        return_logs: bool = False,
    ) -> None:
        """Describe the server.

        Args:
            state_dir: Folder for its files and for the functions' logs and process ids.
            port: Loopback port; 0 picks a free one at the first start and keeps it for later ones if it can.
            venv: LocalStack's virtual environment.
            interpreter: Python of the functions; default: the one that runs us.
            interpreters: Function → its own Python.
            max_instances: Most processes of one function.
            instances: Function → its own cap.
            prewarm: Functions that get a process as soon as they exist.
            return_logs: Whether functions' output also goes to CloudWatch Logs; costs time on every invocation.
        """
        self.state_dir = state_dir.resolve()
        self.settings_file = self.state_dir / "localstack" / "executor.json"
        self._venv = venv
        self._wanted_port = port
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None
        self._settings = Settings(
            state=str(self.state_dir),
            guard=str(processes.GUARD),
            interpreter=str(interpreter or sys.executable),
            interpreters={name: str(path) for name, path in (interpreters or {}).items()},
            max_instances=max_instances,
            instances=dict(instances or {}),
            prewarm=list(prewarm),
            return_logs=return_logs,
        )

    @property
    def port(self) -> int:
        """The loopback port; 0 before the first start when none was given."""
        return self._port

    @property
    def endpoint_url(self) -> str:
        """The URL for boto3."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def running(self) -> bool:
        """Whether our server is alive."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Process id of the running server.

        Raises:
            LocalCloudError: It is not running.
        """
        if self._process is None or self._process.poll() is not None:
            raise LocalCloudError("LocalStack is not running")
        return self._process.pid

    @property
    def log(self) -> Path:
        """LocalStack's log."""
        return self.state_dir / "logs" / "localstack.log"

    def start(self) -> None:
        """Start an empty LocalStack and wait until it answers. Does nothing when it runs already.

        Raises:
            LocalCloudError: Its environment is missing, or it did not become ready.
        """
        if self.running:
            return
        python = self._python()
        home = self.state_dir / "localstack"
        for folder in (home / "files", home / "tmp", self.state_dir / "functions"):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        if self.log.exists():
            self.log.replace(self.log.with_name("localstack.previous.log"))
        self._settings.write(self.settings_file)
        self._port = self._wanted_port or processes.free_port(self._port)
        self._process = processes.spawn(
            [python, "-m", "localstack.runtime.main"], env=self._environment(home), cwd=home, log=self.log
        )
        deadline = time.monotonic() + START_SECONDS
        while not self._healthy():
            if self._process.poll() is not None or time.monotonic() > deadline:
                processes.kill_group(self._process)
                raise LocalCloudError(f"LocalStack did not start; {self.log} ends:\n{processes.log_tail(self.log)}")
            time.sleep(POLL_SECONDS)

    def preload(self) -> None:
        """Make LocalStack import the services that every deployment needs, while we do something else."""
        threading.Thread(target=self._touch_services, name="localstack-preload", daemon=True).start()

    def stop(self) -> None:
        """Stop LocalStack and its functions; what it held is gone."""
        if self._process is not None:
            processes.stop(self._process, grace_seconds=STOP_SECONDS)
            self._process = None

    def kill(self) -> None:
        """SIGKILL it, as a crash would; its function processes die with it (Linux)."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _python(self) -> Path:
        python = self._venv / "bin" / "python"
        if not python.exists():
            raise LocalCloudError(f"LocalStack's environment {self._venv} is missing: run `make setup`")
        return python

    def _environment(self, home: Path) -> dict[str, str]:
        return LOCALSTACK | {
            "PATH": f"{self._venv / 'bin'}:{os.environ.get('PATH', os.defpath)}",
            "HOME": str(home),
            "TMPDIR": str(home / "tmp"),
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "FILESYSTEM_ROOT": str(home / "files"),
            "GATEWAY_LISTEN": f"127.0.0.1:{self._port}",
            "LOCALSTACK_HOST": f"127.0.0.1:{self._port}",
            SETTINGS_VARIABLE: str(self.settings_file),
        }

    def _touch_services(self) -> None:
        for service in SERVICES:
            scope = f"Credential=test/20260101/{REGION}/{service}/aws4_request"
            headers = {"Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"}
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=START_SECONDS)
            # Any answer will do, an error too: the service is imported before the request is understood.
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection.request("GET", "/", headers=headers)
                connection.getresponse().read()
            connection.close()

    def _healthy(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        try:
            connection.request("GET", "/_localstack/health")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            connection.close()
