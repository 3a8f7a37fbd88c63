"""Binds the pools to LocalStack: `LAMBDA_RUNTIME_EXECUTOR=process`.

An environment of LocalStack is only a ticket here: processes belong to the function's pool, so a burst of requests
queues for the capped number of processes instead of starting one each.
"""

import atexit
import contextlib
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from localstack import config
from localstack.aws.api.lambda_ import PackageType
from localstack.runtime import hooks
from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from .instance import InvocationFailed, Launch
from .pool import Pool
from .runtime_api import Invocation
from .settings import Settings

LOG = logging.getLogger(__name__)
LOOPBACK = "127.0.0.1"
DEFAULT_IMAGE_HANDLER = "app.handler"


class ProcessRuntimeExecutorPlugin(RuntimeExecutorPlugin):
    """What LocalStack looks for under the entry point `localstack.lambda.runtime_executor`."""

    name = "process"

    def load(self, *_arguments: object, **_keywords: object) -> type[RuntimeExecutor]:
        """The executor class; also turns off the emulator's own metrics, called at the first function.

        Nobody reads LocalStack's count of invocations, and the first one would load CloudWatch for a second and a half.
        """
        from localstack.services.lambda_.invocation import version_manager

        version_manager.record_cw_metric_invocation = _record_nothing
        version_manager.record_cw_metric_error = _record_nothing
        return ProcessRuntimeExecutor


def _record_nothing(**_metric: object) -> None:
    pass


@hooks.on_infra_start()
def move_storage_folder() -> None:
    """Put objects under our own folder: LocalStack's is a fixed one, which another user may own already."""
    from localstack.services.s3 import provider

    provider.DEFAULT_S3_TMP_DIR = str(Path(config.dirs.tmp) / "s3")


class _Pools:
    """The pools of all function versions, with the number of LocalStack's environments that use each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pools: dict[str, Pool] = {}
        self._users: dict[str, int] = {}
        self._prewarming = ThreadPoolExecutor(max_workers=1, thread_name_prefix="prewarm")

    def acquire(self, version: FunctionVersion, environment: dict[str, str]) -> Pool:
        with self._lock:
            key = _key(version)
            if key not in self._pools:
                settings = Settings.current()
                launch = launch_of(version, environment, settings)
                self._pools[key] = Pool(launch, settings.cap_of(launch.function))
            self._users[key] = self._users.get(key, 0) + 1
            return self._pools[key]

    def release(self, version: FunctionVersion) -> None:
        with self._lock:
            key = _key(version)
            self._users[key] = users = max(0, self._users.get(key, 0) - 1)
            pool = self._pools.get(key)
        if pool is not None:
            pool.shrink(users)

    def close(self, version: FunctionVersion) -> None:
        with self._lock:
            pool = self._pools.pop(_key(version), None)
            self._users.pop(_key(version), None)
        if pool is not None:
            pool.close()

    def close_all(self) -> None:
        with self._lock:
            pools, self._pools = list(self._pools.values()), {}
        for pool in pools:
            pool.close()

    def prewarm_soon(self, version: FunctionVersion) -> None:
        with contextlib.suppress(RuntimeError):  # LocalStack is stopping
            self._prewarming.submit(self._prewarm, version)

    def _prewarm(self, version: FunctionVersion) -> None:
        from localstack.services.lambda_.invocation.execution_environment import ExecutionEnvironment
        from localstack.services.lambda_.invocation.lambda_models import InitializationType

        try:
            ticket = ExecutionEnvironment(version, InitializationType.on_demand, lambda *_: None, "prewarm")
            self.acquire(version, ticket.get_environment_variables()).warm()
        except Exception:  # a function that cannot start says so again when it is invoked
            LOG.warning("cannot prewarm %s", version.id.function_name, exc_info=True)


POOLS = _Pools()
atexit.register(POOLS.close_all)


class ProcessRuntimeExecutor(RuntimeExecutor):
    """LocalStack's view of a function's processes."""

    _pool: Pool | None = None

    def start(self, env_vars: dict[str, str]) -> None:
        """Take a ticket; a process starts with the first invocation."""
        self._pool = POOLS.acquire(self.function_version, env_vars)

    def stop(self) -> None:
        """Give the ticket back."""
        if self._pool is not None:
            self._pool = None
            POOLS.release(self.function_version)

    def get_address(self) -> str:
        """Where the functions run."""
        return LOOPBACK

    def get_endpoint_from_executor(self) -> str:
        """Where functions reach LocalStack: becomes `AWS_ENDPOINT_URL`."""
        return LOOPBACK

    def get_runtime_endpoint(self) -> str:
        """LocalStack's own callback, which our processes do not use."""
        return f"http://{LOOPBACK}:{config.GATEWAY_LISTEN[0].port}/_localstack_lambda/{self.id}"

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        """Run one event.

        Raises:
            StatusErrorException: There was no answer; LocalStack turns it into a function error.
        """
        if self._pool is None:
            raise StatusErrorException("stopped", payload=b'{"errorMessage": "the function is being stopped"}')
        invocation = Invocation(
            request_id=payload["invoke-id"],
            payload=payload["payload"].encode(),
            function_arn=payload["invoked-function-arn"],
            trace_id=payload.get("trace-id", ""),
        )
        try:
            outcome = self._pool.invoke(invocation)
        except InvocationFailed as failure:
            raise StatusErrorException(str(failure), payload=failure.payload) from failure
        return InvocationResult(
            request_id=invocation.request_id,
            payload=outcome.body,
            is_error=outcome.is_error,
            logs=outcome.logs if Settings.current().return_logs else "",
        )

    def get_logs(self) -> str:
        """Empty: every process writes to its function's log file."""
        return ""

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Check that the code is there; start a process when the settings ask for it."""
        settings = Settings.current()
        launch = launch_of(function_version, {}, settings)
        if not launch.folder.is_dir():
            raise FileNotFoundError(f"{function_version.id.function_name}: no folder {launch.folder}")
        if launch.function in settings.prewarm:
            POOLS.prewarm_soon(function_version)

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Stop the processes of a version that goes."""
        POOLS.close(function_version)


def launch_of(version: FunctionVersion, environment: dict[str, str], settings: Settings) -> Launch:
    """How to start a process of a function version.

    Raises:
        KeyError: An image has no folder in the settings.
    """
    function = version.config
    if function.package_type == PackageType.Image:
        folder = Path(settings.images[function.image.image_uri])
        command = function.image_config.command if function.image_config else None
        handler = command[0] if command else DEFAULT_IMAGE_HANDLER
        layers = [Path(path) for path in settings.image_paths]
    else:
        function.code.prepare_for_execution()
        folder = function.code.get_unzipped_code_location()
        handler = function.handler
        layers = []
        for layer in function.layers:
            layer.code.prepare_for_execution()
            layers.append(layer.code.get_unzipped_code_location() / "python")
    name = folder.name if function.package_type == PackageType.Image or function.code.is_hot_reloading() else ""
    name = name or version.id.function_name
    return Launch(
        function=name,
        folder=folder,
        handler=handler,
        import_paths=layers,
        environment={key: str(value) for key, value in environment.items()},
        timeout_seconds=float(function.timeout),
        init_seconds=settings.init_seconds,
        interpreter=settings.interpreter_of(name),
        guard=settings.guard,
        state=Path(settings.state),
    )


def _key(version: FunctionVersion) -> str:
    return f"{version.qualified_arn}:{version.config.internal_revision}"
