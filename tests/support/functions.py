"""The functions as the runtime loads them: what template.yaml says of each, and its import.

`load_function` imports a function's folder as the runtime does: the folder first on the path, the environment that
template.yaml gives it and nothing else.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import FunctionType, MethodType, ModuleType
from typing import Any

from infra.local.template import read_template
from salon.integrations.channels import Lazily
from salon.platform.http import ApiResolver
from salon.platform.queues import sqs_client
from salon.platform.storage import s3_client

ROOT = Path(__file__).resolve().parents[2]
REGION = "eu-central-1"  # moto knows AWS's own regions only
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
NOWHERE = "http://127.0.0.1:9"  # the discard port: nothing listens there
KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL")
PACKAGES = {"staff_api"}
_FUNCTION, _QUEUE, _BUCKET = "AWS::Serverless::Function", "AWS::SQS::Queue", "AWS::S3::Bucket"


def folder_of(function: Mapping[str, Any]) -> str:
    """The name of a function's folder; an image function's is that of its Dockerfile."""
    code = function["Properties"].get("CodeUri")
    return Path(code).name if code else Path(function["Metadata"]["Dockerfile"]).parent.name


@cache
def _template() -> dict[str, Any]:
    return read_template(ROOT / "template.yaml")


class Blueprint:
    """What template.yaml says, as far as a function in this process needs it."""

    def __init__(self) -> None:
        template = _template()
        resources: dict[str, Any] = template["Resources"]
        self._defaults = {name: str(value.get("Default", "")) for name, value in template["Parameters"].items()}
        self._globals = template["Globals"]["Function"]["Environment"]["Variables"]
        self._properties = {
            folder_of(item): item["Properties"] for item in resources.values() if item["Type"] == _FUNCTION
        }
        self._names = {
            json.dumps(item["Properties"]["BucketName"]): name
            for name, item in resources.items()
            if item["Type"] == _BUCKET
        }
        self.queues = [name for name, item in resources.items() if item["Type"] == _QUEUE]
        self.buckets = [name for name, item in resources.items() if item["Type"] == _BUCKET]

    @property
    def functions(self) -> list[str]:
        """Every function, by the name of its folder."""
        return sorted(self._properties)

    def consumers(self) -> list[tuple[str, str]]:
        """(queue, function) of each queue that sets a function off."""
        return [
            (event["Properties"]["Queue"]["Fn::GetAtt"][0], name)
            for name, properties in self._properties.items()
            for event in properties["Events"].values()
            if event["Type"] == "SQS"
        ]

    def timers(self) -> list[str]:
        """Every function that a timer sets off."""
        return sorted(
            name
            for name, properties in self._properties.items()
            if any(event["Type"] == "Schedule" for event in properties["Events"].values())
        )

    def environment(self, function: str, values: Mapping[str, str]) -> dict[str, str]:
        """The variables of a function; `values` are parameters and resources by their logical ids."""
        own = self._properties[function].get("Environment", {}).get("Variables", {})
        return {
            name: self._resolve(self._named(value), values) if isinstance(value, dict) else str(value)
            for name, value in {**self._globals, **own}.items()
        }

    def _named(self, value: Mapping[str, str]) -> str:
        """The parameter or the resource that is meant; a bucket may be meant by its name."""
        return value["Ref"] if "Ref" in value else self._names[json.dumps(value)]

    def _resolve(self, name: str, values: Mapping[str, str]) -> str:
        return self._defaults[name] if name in self._defaults and name not in values else values[name]


@contextlib.contextmanager
def environment(variables: Mapping[str, str], *, only: bool = False) -> Iterator[None]:
    """The process's environment with `variables`, for the block; with `only` nothing but them and the machine's own."""
    before = dict(os.environ)
    if only:
        os.environ.clear()
        os.environ.update({name: before[name] for name in KEPT if name in before})
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def load_function(name: str, variables: Mapping[str, str]) -> ModuleType:
    """Import functions/<name>/app.py, which wires it, and leave no trace in the interpreter.

    Raises:
        SettingsInvalid: the variables lack what it needs.
    """
    folder = str(ROOT / "functions" / name)
    others = {module: sys.modules.pop(module) for module in _own_modules()}
    sqs_client.cache_clear()  # a process of its own would have a client of its own
    s3_client.cache_clear()
    sys.path.insert(0, folder)
    try:
        with environment({**KEYS, **variables}, only=True):
            return _settled(importlib.import_module("app"))
    finally:
        sys.path.remove(folder)
        for module in _own_modules():
            del sys.modules[module]
        sys.modules.update(others)


def load_routes(name: str, api: Any, *others: Any) -> Any:
    """The resolver of an HTTP function on an edge that the test gives, with what else its routes need."""
    with modules_of(name):
        module = "routes" if (ROOT / "functions" / name / "routes.py").exists() else "staff_api.routes"
        resolver = importlib.import_module(module).build_routes(api, *others)
        resolver.open_sections()
        return resolver


@contextlib.contextmanager
def modules_of(name: str) -> Iterator[None]:
    """A function's own modules can be imported, and are forgotten afterwards."""
    folder = str(ROOT / "functions" / name)
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)
        for loaded in _own_modules():
            del sys.modules[loaded]


def _settled(app: ModuleType) -> ModuleType:
    """The function with its routes' types read, for which its modules have to be importable still."""
    resolver = getattr(app, "resolver", None)
    if isinstance(resolver, ApiResolver):
        resolver.open_sections()
    for route in [*resolver._static_routes, *resolver._dynamic_routes] if resolver is not None else ():
        if _is_alike(route.func.__module__):
            _ = route.dependant
    return app


def _own_modules() -> list[str]:
    """The modules of functions that are imported now and are called alike in different functions."""
    home = f"{ROOT / 'functions'}{os.sep}"
    return [
        name
        for name, module in sys.modules.items()
        if _is_alike(name) and str(getattr(module, "__file__", "")).startswith(home)
    ]


def _is_alike(module: str) -> bool:
    """Whether other functions may have a module of that name: a package of one function keeps what is imported.

    The staff's two hundred routes and their models would take half a second for each test.
    """
    return module.partition(".")[0] not in PACKAGES


def parts_of(app: ModuleType, *kinds: type) -> list[Any]:
    """The adapters of these kinds that a loaded function holds."""
    found, seen, todo = [], set(), list(vars(app).values())
    while todo:
        thing = todo.pop()
        if id(thing) in seen or isinstance(thing, (type, ModuleType)):
            continue
        seen.add(id(thing))
        if isinstance(thing, kinds):
            found.append(thing)
        else:
            todo.extend(_inside(thing))
    return found


def _inside(thing: object) -> Iterable[object]:
    if isinstance(thing, Lazily):
        return list(thing._made.values())  # only what was used: nothing else holds anything open
    if isinstance(thing, Mapping):
        return list(thing.values())
    if isinstance(thing, (list, tuple)):
        return list(thing)
    if isinstance(thing, MethodType):
        return [thing.__self__]
    if isinstance(thing, FunctionType):
        return [cell.cell_contents for cell in thing.__closure__ or ()]
    module = type(thing).__module__
    if type(thing).__name__ == "Route":
        return [vars(thing)["func"]]
    return list(getattr(thing, "__dict__", {}).values()) if module.startswith("salon.") else []
