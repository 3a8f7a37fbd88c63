"""What starts each function: as template.yaml declares it, and as the function's own app.py does.

The two are compared by a test, so that neither is changed without the other.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local.template import FUNCTION, Template, read_template

PROJECT = Path(__file__).resolve().parents[2]
TEMPLATE = PROJECT / "template.yaml"
LAYER = PROJECT / "layers" / "salon" / "python"
DUMMIES = {
    "DatabaseUrl": "postgresql+pg8000://salon_app:none@127.0.0.1:1/none",
    "MasterKeys": "none:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "JwtSecrets": "none:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
}
REPORT = "--- event sources ---"
# Runs in the function's folder, in a process and an environment of its own, as in the cloud.
PROBE = f"""
import inspect, json
from app import app, handler

def describe(source):
    kind = type(source).__name__
    if kind == "SQSEventConfig":
        return {{"kind": "queue", "of": source.queue, "batch_size": source.batch_size}}
    if kind in ("ScheduledEventConfig", "CloudWatchEventConfig"):
        expression = source.schedule_expression
        return {{"kind": "schedule", "of": expression if isinstance(expression, str) else expression.to_string()}}
    if kind == "S3EventConfig":
        return {{"kind": "bucket", "of": source.bucket, "prefix": source.prefix or "", "events": source.events}}
    return {{"kind": kind, "of": ""}}

print({REPORT!r})
print(json.dumps({{
    "sources": [describe(source) for source in app.event_sources],
    "pure": [function.name for function in app.pure_lambda_functions],
    "handler": inspect.isfunction(handler),
}}))
"""


@dataclass(frozen=True, order=True)
class Trigger:
    """One thing that starts a function.

    Attributes:
        kind: `http`, `queue`, `schedule` or `bucket`.
        of: the queue's short name, the schedule's expression, the bucket's prefix; empty for HTTP.
        batch_size: of a queue; 0 for the others.
    """

    kind: str
    of: str = ""
    batch_size: int = 0


class ImportFailed(RuntimeError):
    """A function's app.py cannot be imported with the environment that template.yaml gives it."""


@dataclass(frozen=True)
class Function:
    """A function of the template.

    Attributes:
        name: its folder's.
        logical_id: its name in the template.
        properties: as written there, with the globals' where it has none of its own.
        environment: its variables, with parameters' defaults and invented names for what is made at deployment.
    """

    name: str
    logical_id: str
    properties: Mapping[str, Any]
    environment: Mapping[str, str]

    @property
    def folder(self) -> Path:
        """Where its code is."""
        return PROJECT / "functions" / self.name


def functions(template: Template) -> list[Function]:
    """Every function of the template."""
    shared = template.get("Globals", {}).get("Function", {})
    found = []
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] != FUNCTION:
            continue
        own = resource["Properties"]
        folder = own.get("CodeUri") or Path(resource["Metadata"]["Dockerfile"]).parent.as_posix()
        variables = {
            **shared.get("Environment", {}).get("Variables", {}),
            **own.get("Environment", {}).get("Variables", {}),
        }
        environment = {name: resolve(template, value) for name, value in variables.items()}
        found.append(Function(Path(folder).name, logical_id, {**shared, **own}, environment))
    return found


def resolve(template: Template, value: Any) -> str:
    """A value of the template as text: parameters by their default, resources by what stands for them."""
    if not isinstance(value, dict):
        return str(value)
    (intrinsic, argument), *_ = value.items()
    if intrinsic == "Ref" and argument in template.get("Parameters", {}):
        return str(template["Parameters"][argument].get("Default", DUMMIES.get(argument, "")))
    if intrinsic == "Ref" and template["Resources"].get(argument, {}).get("Type") == "AWS::SQS::Queue":
        return f"https://queues.invalid/{argument}"
    if intrinsic == "Fn::Sub":
        text = argument if isinstance(argument, str) else argument[0]
        return re.sub(r"\$\{([^}]+)\}", lambda found: resolve(template, {"Ref": found[1]}), text)
    return str(argument)


def declared(template: Template, function: Function) -> list[Trigger]:
    """What template.yaml says starts the function."""
    return sorted(set(_declared(template, function)))


def _declared(template: Template, function: Function) -> Iterator[Trigger]:
    for event in function.properties.get("Events", {}).values():
        properties = event["Properties"]
        match event["Type"]:
            case "Api":
                yield Trigger("http")
            case "SQS":
                logical_id = properties["Queue"]["Fn::GetAtt"][0]
                yield Trigger("queue", queue_name(template, logical_id), properties["BatchSize"])
            case "Schedule":
                yield Trigger("schedule", properties["Schedule"])
            case "S3":
                rules = properties.get("Filter", {}).get("S3Key", {}).get("Rules", [])
                yield Trigger("bucket", next((rule["Value"] for rule in rules if rule["Name"] == "prefix"), ""))
            case other:
                yield Trigger(other)


def queue_name(template: Template, logical_id: str) -> str:
    """A queue's short name: `inbound` for `salon-${Stage}-inbound`."""
    full = template["Resources"][logical_id]["Properties"]["QueueName"]
    return str(full["Fn::Sub"]).removeprefix("salon-${Stage}-")


def coded(function: Function) -> list[Trigger]:
    """What app.py says starts the function.

    Raises:
        ImportFailed: it cannot be imported with the environment that template.yaml gives it.
    """
    environment = {
        **function.environment,
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": os.pathsep.join([str(function.folder), str(LAYER)]),
        "AWS_REGION": "ru-central1",
        "AWS_DEFAULT_REGION": "ru-central1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
    }
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        cwd=function.folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode != 0:
        raise ImportFailed(f"{function.name}: {done.stderr[-2000:]}")
    report = json.loads(done.stdout.partition(REPORT)[2])
    if not report["handler"]:
        raise ImportFailed(f"{function.name}: app.handler must be a plain function, Chalice's own are objects")
    sources = [
        Trigger(source["kind"], source.get("prefix", source["of"]), source.get("batch_size", 0))
        for source in report["sources"]
    ]
    return sorted({*sources, *(Trigger("http") for _ in report["pure"])})


def template() -> Template:
    """The project's template."""
    return read_template(TEMPLATE)
