"""The functions that template.yaml names, and an environment in which each of them can be imported."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local.template import FUNCTION, read_template
from salon.platform.crypto import MasterKeys

PROJECT = Path(__file__).resolve().parents[2]
REGION = "ru-central1"
# Read by boto when a client is made; nobody is asked anything.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_REGION": REGION}
UNREACHABLE_DATABASE = "postgresql+pg8000://bench:bench@127.0.0.1:1/bench"


@dataclass(frozen=True, slots=True)
class Function:
    """One function whose code is a folder.

    Attributes:
        name: of the folder.
        environment: every variable that the template gives it, with values that will do for `wire()`.
    """

    name: str
    environment: Mapping[str, str]


def functions(project: Path = PROJECT) -> list[Function]:
    """The functions by name; those that are images have no folder to import from and are left out."""
    template = read_template(project / "template.yaml")
    parameters: dict[str, Any] = template.get("Parameters", {})
    common = template.get("Globals", {}).get("Function", {})
    found = []
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        if resource["Type"] != FUNCTION or not isinstance(properties.get("CodeUri"), str):
            continue
        folder = project / properties["CodeUri"]
        variables = {**_variables(common), **_variables(properties)}
        environment = {name: _value(name, value, parameters) for name, value in variables.items()}
        if (folder / "app.py").is_file():
            found.append(Function(folder.name, environment))
    return sorted(found, key=lambda function: function.name)


def process_environment(function: Function, home: Path, **more: str) -> dict[str, str]:
    """What the function's process gets: the template's variables and nothing of ours but PATH.

    Args:
        function: whose variables.
        home: an empty folder, so that nobody's `~/.aws` is read.
        more: variables that differ from the template's.
    """
    plain = {"PATH": os.environ.get("PATH", ""), "HOME": str(home), "LANG": "C.UTF-8"}
    return {**plain, **CREDENTIALS, **function.environment, **more}


def _variables(properties: Mapping[str, Any]) -> dict[str, Any]:
    variables: dict[str, Any] = properties.get("Environment", {}).get("Variables", {})
    return variables


def _value(name: str, stated: object, parameters: Mapping[str, Any]) -> str:
    """The template's own value or its parameter's default; else something of the right shape."""
    if not isinstance(stated, dict):
        return str(stated)
    default = parameters.get(stated.get("Ref", ""), {}).get("Default")
    if default is not None:
        return str(default)
    if name in {"MASTER_KEYS", "JWT_SECRETS"}:  # both are id:base64 of 32 bytes
        return MasterKeys.generate()
    if name == "DATABASE_URL":
        return UNREACHABLE_DATABASE
    return f"http://127.0.0.1:1/{name.lower()}" if name.endswith("_URL") else name.lower().replace("_", "-")
