"""Runs one function in a fresh process, the way the cloud does, beside a local cloud that is running.

    python -m infra.local.invoke queue_inbound events/queue_inbound/aws_inbound.json
    python -m infra.local.invoke timer_sweep -         # the event comes from standard input

The result goes to standard output, the function's own output to standard error. The exit status is 1 when it fails.
"""

import argparse
import json
import os
import sys
import uuid
from pathlib import Path
from typing import Any

from infra.local import processes
from infra.local.cloud import STATE
from infra.local.deploy import client
from infra.local.localstack.executor.salon_process_executor.instance import Instance, InvocationFailed, Launch
from infra.local.localstack.executor.salon_process_executor.runtime_api import Invocation
from infra.local.localstack.executor.salon_process_executor.settings import Settings
from infra.local.localstack.server import REGION
from infra.local.processes import LocalCloudError

DEFAULT_HANDLER = "app.handler"


def running_cloud(state_dir: Path) -> dict[str, Any]:
    """What the local cloud that runs on a state folder tells about itself.

    Raises:
        LocalCloudError: None runs.
    """
    file = state_dir / "cloud.json"
    described: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    if not described or not processes.is_alive(described["pid"]):
        raise LocalCloudError(f"no local cloud runs on {state_dir}: start one in another terminal with `make demo`")
    return described


def launch_like_the_cloud(cloud: dict[str, Any], function: str, state_dir: Path) -> Launch:
    """How the running cloud would start a process of a function.

    Raises:
        LocalCloudError: It has no such function.
    """
    function = cloud["logical_functions"].get(function, function)
    if function not in cloud["functions"]:
        known = ", ".join(sorted(cloud["functions"]))
        raise LocalCloudError(f"there is no function {function!r}; there are: {known}")
    settings = Settings.read(state_dir / "localstack" / "executor.json")
    functions = client("lambda", cloud["endpoint_url"])
    found = functions.get_function(FunctionName=cloud["functions"][function])
    configuration, code = found["Configuration"], found["Code"]
    if configuration["PackageType"] == "Image":
        folder = settings.images[code["ImageUri"]]
        layers = [Path(path) for path in settings.image_paths]
    else:
        folder = code["Location"].removeprefix("file://")
        layers = []
        for layer in configuration.get("Layers", []):
            content = functions.get_layer_version_by_arn(Arn=layer["Arn"])["Content"]
            layers.append(Path(content["Location"].removeprefix("file://")) / "python")
    given = configuration.get("Environment", {}).get("Variables", {})
    return Launch(
        function=function,
        folder=Path(folder),
        handler=configuration.get("Handler") or DEFAULT_HANDLER,
        import_paths=layers,
        environment=_lambda_environment(cloud["endpoint_url"], configuration) | given,
        timeout_seconds=float(configuration["Timeout"]),
        init_seconds=settings.init_seconds,
        interpreter=settings.interpreter_of(function),
        guard=settings.guard,
        state=state_dir,
    )


def _lambda_environment(endpoint_url: str, configuration: dict[str, Any]) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_LAMBDA_FUNCTION_NAME": configuration["FunctionName"],
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(configuration["MemorySize"]),
        "AWS_LAMBDA_FUNCTION_VERSION": configuration["Version"],
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{configuration['FunctionName']}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "invoke",
    }


def invoke(function: str, event: bytes, state_dir: Path) -> tuple[bytes, bool, str]:
    """Run one event in a fresh process; returns the result, whether it is an error, and the function's output.

    Raises:
        LocalCloudError: No local cloud runs, or it has no such function.
        InvocationFailed: The function could not be imported, timed out or died.
    """
    cloud = running_cloud(state_dir)
    launch = launch_like_the_cloud(cloud, function, state_dir)
    instance = Instance(launch)
    try:
        outcome = instance.invoke(Invocation(str(uuid.uuid4()), event, f"arn:local:{function}"))
    finally:
        instance.stop()
    return outcome.body, outcome.is_error, outcome.logs


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.invoke", description=__doc__)
    parser.add_argument("function", help="folder below functions/, or logical id in template.yaml")
    parser.add_argument("event", help="file with the event as JSON, or - for standard input")
    parser.add_argument("--state", type=Path, default=STATE, help="state folder of the running local cloud")
    chosen = parser.parse_args(arguments)
    try:
        event = sys.stdin.read() if chosen.event == "-" else Path(chosen.event).read_text()
        body, is_error, logs = invoke(chosen.function, json.dumps(json.loads(event)).encode(), chosen.state.resolve())
    except InvocationFailed as failure:
        body, is_error, logs = failure.payload, True, ""
    except (LocalCloudError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return os.EX_USAGE
    sys.stderr.write(logs)
    print(json.dumps(json.loads(body or b"null"), ensure_ascii=False, indent=2))
    return int(is_error)


if __name__ == "__main__":
    sys.exit(main())
