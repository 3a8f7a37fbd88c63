"""The whole cloud on one machine: PostgreSQL, LocalStack with the functions of template.yaml, the front proxy.

Used by the demo and by the end-to-end tests alike.
"""

import contextlib
import json
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from infra.local import buckets, processes
from infra.local.deploy import Deployment, Progress, client, deploy
from infra.local.localstack.server import PROJECT, LocalStackServer
from infra.local.postgres import EmbeddedPostgres
from infra.local.processes import LocalCloudError
from infra.local.proxy import FrontProxy
from infra.local.supervisor import Supervisor, stop_signals
from infra.local.template import INSTALLED_LAYERS

STATE = PROJECT / ".local"
TEMPLATE = PROJECT / "template.yaml"
WATCH_SECONDS = 0.5


class FunctionFailed(LocalCloudError):
    """A function raised, timed out or died; `payload` is its error document."""

    def __init__(self, function: str, payload: Any) -> None:
        """Describe the failure.

        Args:
            function: The function's name.
            payload: `errorType`, `errorMessage` and, where the function raised, `stackTrace`.
        """
        super().__init__(f"{function}: {payload}")
        self.payload = payload


class LocalCloud:
    """One local cloud on one state folder.

    Attributes:
        postgres: The embedded server, or None when `database_url` names another one.
        localstack: The LocalStack server.
        deployment: What the last deployment made; names and ids change with every start of LocalStack.
        supervisor: Owner of every child; add further programs with `supervisor.program`.
    """

    def __init__(
        self,
        state_dir: Path = STATE,
        *,
        template: Path = TEMPLATE,
        http_port: int = 0,
        localstack_port: int = 0,
        postgres_port: int = 0,
        database_url: str | None = None,
        durable: bool = True,
        interpreters: Mapping[str, Path] | None = None,
        max_instances: int = 4,
        instances: Mapping[str, int] | None = None,
        prewarm: Sequence[str] = (),
        installed_layers: Sequence[str] = INSTALLED_LAYERS,
        before_deploy: "Callable[[LocalCloud], Mapping[str, str] | None] | None" = None,
        after_deploy: "Callable[[LocalCloud], object] | None" = None,
        progress: Progress = lambda _line: None,
    ) -> None:
        """Describe a cloud; nothing starts before `start`.

        Args:
            state_dir: Folder for everything that it keeps: database, buckets, logs.
            template: The SAM template.
            http_port: Port of the front proxy; 0 picks a free one.
            localstack_port: Port of LocalStack; 0 picks a free one and keeps it.
            postgres_port: Port of PostgreSQL; 0 picks a free one.
            database_url: A PostgreSQL to use instead of the embedded one.
            durable: False trades safety against power cuts for speed: for tests.
            interpreters: Function → its own Python; the others run under ours.
            max_instances: Most processes of one function.
            instances: Function → its own cap.
            prewarm: Functions that get a process as soon as they are deployed.
            installed_layers: Layers that this machine has installed.
            before_deploy: Called once with this cloud when the database accepts connections, while LocalStack loads:
                migrations, demo data. What it returns is added to the template's parameters.
            after_deploy: Called with this cloud after every deployment: the sweep.
            progress: Gets a line for each step.
        """
        self.state_dir = state_dir.resolve()
        self.localstack = LocalStackServer(
            self.state_dir,
            port=localstack_port,
            interpreters=interpreters,
            max_instances=max_instances,
            instances=instances,
            prewarm=prewarm,
        )
        self.postgres = None if database_url else EmbeddedPostgres(self.state_dir, port=postgres_port, durable=durable)
        self.deployment: Deployment | None = None
        self._template = template
        self._http_port = http_port
        self._database_url = database_url
        self._installed_layers = installed_layers
        self._before_deploy = before_deploy
        self._after_deploy = after_deploy
        self._progress = progress
        self._parameters: dict[str, str] = {}
        self._proxy: FrontProxy | None = None
        self._mirror: buckets.Mirror | None = None
        self._supervisor: Supervisor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def supervisor(self) -> Supervisor:
        """The owner of every child.

        Raises:
            LocalCloudError: The cloud was not started.
        """
        if self._supervisor is None:
            raise LocalCloudError("the local cloud is not running")
        return self._supervisor

    @property
    def http_url(self) -> str:
        """Where the API answers, whatever its id; without a slash at the end.

        Raises:
            LocalCloudError: The cloud was not started.
        """
        if self._proxy is None:
            raise LocalCloudError("the local cloud is not running")
        return self._proxy.url

    @property
    def endpoint_url(self) -> str:
        """LocalStack's endpoint, for boto3 and for uploads by presigned forms."""
        return self.localstack.endpoint_url

    def database_url(self, database: str = "postgres") -> str:
        """The superuser's URL of a database of the embedded server, or the URL that was given."""
        if self._database_url is not None:
            return self._database_url
        assert self.postgres is not None  # noqa: S101 - one of the two always is there
        return self.postgres.url(database)

    def start(self, parameters: Mapping[str, str] | None = None) -> Self:
        """Start everything, deploy, and return when the API answers.

        Args:
            parameters: The template's parameters.

        Raises:
            LocalCloudError: Something did not start; whatever had started is stopped again.
        """
        self._supervisor = Supervisor(self.state_dir)
        try:
            self._start(dict(parameters or {}))
        except BaseException:
            self.stop()
            raise
        return self

    def _start(self, parameters: dict[str, str]) -> None:
        started = time.monotonic()
        self.supervisor.add("front proxy", self._open_proxy, self._close_proxy)
        if self.postgres is not None:
            self.supervisor.add("PostgreSQL", self.postgres.start, self.postgres.stop)
        with ThreadPoolExecutor(max_workers=1) as background:
            # LocalStack loads for seconds: meanwhile the database is migrated and filled.
            loading = background.submit(self.supervisor.add, "LocalStack", self._load_localstack, self.localstack.stop)
            if self._before_deploy is not None:
                parameters |= dict(self._before_deploy(self) or {})
            loading.result()
        self._parameters = parameters
        self._deploy()
        self._progress(f"the local cloud is up after {time.monotonic() - started:.1f} s: {self.http_url}")

    def stop(self) -> None:
        """Stop everything; buckets are mirrored to the state folder first. Does nothing when it is stopped."""
        if self._supervisor is None:
            return
        self._point_at_nothing()
        self._stop_mirror(last_pass=self.localstack.running)
        (self.state_dir / "cloud.json").unlink(missing_ok=True)
        supervisor, self._supervisor = self._supervisor, None
        supervisor.stop()

    def restart_localstack(self) -> None:
        """Stop LocalStack if it runs, start an empty one and deploy again: buckets come back, queues are empty."""
        self._point_at_nothing()
        self._stop_mirror(last_pass=self.localstack.running)
        self.localstack.stop()
        self._load_localstack()
        self._deploy()

    def kill_localstack(self) -> None:
        """SIGKILL LocalStack and with it every function process; `restart_localstack` brings it back."""
        self._stop_mirror(last_pass=False)
        self.localstack.kill()
        self._point_at_nothing()

    def kill_postgres(self) -> None:
        """Crash the embedded PostgreSQL; `start_postgres` recovers it on the same port.

        Raises:
            LocalCloudError: The database is not ours.
        """
        if self.postgres is None:
            raise LocalCloudError("the database is not embedded: it cannot be crashed from here")
        self.postgres.kill()

    def start_postgres(self) -> None:
        """Start the embedded PostgreSQL again after `kill_postgres`."""
        if self.postgres is not None:
            self.postgres.start()

    def function_processes(self, function: str) -> list[int]:
        """Ids of the processes of a function that run now; `function` is its folder's name or logical id."""
        if self.deployment is not None:
            function = self.deployment.logical_functions.get(function, function)
        folder = self.state_dir / "functions" / function
        found = [int(file.name) for file in folder.glob("*")] if folder.is_dir() else []
        return [process_id for process_id in found if processes.is_alive(process_id)]

    def kill_function(self, name: str) -> int:
        """SIGKILL every process of a function, working or idle; returns how many there were."""
        found = self.function_processes(name)
        for process_id in found:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process_id, signal.SIGKILL)
        return len(found)

    def invoke(self, function: str, event: Any) -> Any:
        """Invoke a function and return what it returned.

        Args:
            function: Its folder's name, logical id or name in the cloud.
            event: Anything JSON can carry.

        Raises:
            FunctionFailed: It raised, timed out or died.
            LocalCloudError: There is no such function.
        """
        answer = self._client("lambda").invoke(
            FunctionName=self._deployed().function_name(function), Payload=json.dumps(event).encode()
        )
        payload = json.loads(answer["Payload"].read() or b"null")
        if "FunctionError" in answer:
            raise FunctionFailed(function, payload)
        return payload

    def sqs(self) -> Any:
        """A boto3 client for the queues."""
        return self._client("sqs")

    def s3(self) -> Any:
        """A boto3 client for the buckets."""
        return self._client("s3")

    def queue_url(self, logical_id: str) -> str:
        """URL of a queue of the template."""
        return self._deployed().queues[logical_id]

    def mirror_buckets(self) -> None:
        """Copy the buckets to the state folder now, instead of within two seconds."""
        if self._mirror is not None:
            self._mirror.now()

    def run(self, parameters: Mapping[str, str] | None = None) -> None:
        """Start, watch over everything until SIGINT or SIGTERM, then stop: what a command does. Main thread only.

        Args:
            parameters: The template's parameters.

        Raises:
            LocalCloudError: Something did not start.
        """
        with stop_signals():
            try:
                self.start(parameters)
                self.run_until_stopped()
            except KeyboardInterrupt:
                pass  # while it was starting
            finally:
                self._progress("stopping")
                self.stop()

    def run_until_stopped(self) -> None:
        """Watch over a started cloud until SIGINT or SIGTERM; start again what dies meanwhile. Main thread only."""
        with contextlib.suppress(KeyboardInterrupt), stop_signals():
            while True:
                self._revive()
                time.sleep(WATCH_SECONDS)

    def _revive(self) -> None:
        """Start again what died."""
        if self.postgres is not None and not self.postgres.running:
            self._progress("PostgreSQL is gone: starting it again")
            self.postgres.start()
        if not self.localstack.running:
            self._progress("LocalStack is gone: starting it again")
            self.restart_localstack()

    def _client(self, service: str) -> Any:
        return client(service, self.endpoint_url)

    def _deployed(self) -> Deployment:
        if self.deployment is None:
            raise LocalCloudError("nothing is deployed: start the local cloud first")
        return self.deployment

    def _load_localstack(self) -> None:
        self.localstack.start()
        self.localstack.preload()

    def _deploy(self) -> None:
        folder = self.state_dir / "buckets"
        restored = buckets.restore(self.s3(), folder)
        if restored:
            self._progress(f"{restored} objects restored")
        self.deployment = deploy(
            self.endpoint_url,
            self._template,
            self._parameters,
            settings_file=self.localstack.settings_file,
            installed_layers=self._installed_layers,
            progress=self._progress,
        )
        self._mirror = buckets.Mirror(self.s3(), folder)
        if self._proxy is not None:
            self._proxy.point_at(self.localstack.port, self.deployment.api_prefix)
        self._announce(self.deployment)
        if self._after_deploy is not None:
            self._after_deploy(self)

    def _announce(self, deployment: Deployment) -> None:
        """Leave word for `infra.local.invoke` and other tools; no secrets."""
        described = {
            "pid": os.getpid(),
            "localstack_pid": self.localstack.pid,
            "postgres_pid": self.postgres.pid if self.postgres is not None else None,
            "http_url": self.http_url,
            "endpoint_url": self.endpoint_url,
            "functions": dict(deployment.functions),
            "logical_functions": dict(deployment.logical_functions),
            "queues": dict(deployment.queues),
            "buckets": dict(deployment.buckets),
        }
        fresh = self.state_dir / "cloud.new"
        fresh.write_text(json.dumps(described, indent=1))
        fresh.replace(self.state_dir / "cloud.json")

    def _open_proxy(self) -> None:
        try:
            self._proxy = FrontProxy(self._http_port)
        except OSError as error:
            raise LocalCloudError(f"port {self._http_port} is taken: choose another one ({error})") from error

    def _close_proxy(self) -> None:
        if self._proxy is not None:
            self._proxy.stop()
            self._proxy = None

    def _point_at_nothing(self) -> None:
        if self._proxy is not None:
            self._proxy.point_at_nothing()

    def _stop_mirror(self, *, last_pass: bool) -> None:
        if self._mirror is not None:
            self._mirror.stop(last_pass=last_pass)
            self._mirror = None
