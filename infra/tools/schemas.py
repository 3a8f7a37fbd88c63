"""Writes the JSON Schemas of what stands on the queues and in files, for whoever reads them without our code.

    python -m infra.tools.schemas            # writes shared/schemas
    python -m infra.tools.schemas --check    # says what is out of date, changes nothing

`shared/schemas/queue` holds the messages of the queues, `shared/schemas/facts` the facts that outbox rows of the events
queue refer to, each under its name, `shared/schemas/files` what people hand in and take away.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel

import salon
from salon.availability.salon_file.schemas import SalonFile
from salon.platform import queue_messages
from salon.platform.facts import FACTS

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = PROJECT / "shared" / "schemas"
FILES: Mapping[str, type[BaseModel]] = {"salon": SalonFile}


def schemas() -> dict[str, str]:
    """Path below `shared/schemas` → the schema as text."""
    for module in pkgutil.walk_packages(salon.__path__, "salon."):
        if module.name.endswith(".events"):
            importlib.import_module(module.name)
    messages = [
        message
        for message in vars(queue_messages).values()
        if isinstance(message, type)
        and issubclass(message, queue_messages.QueueMessage)
        and message is not queue_messages.QueueMessage
    ]
    described = {f"queue/{_snake(message.__name__)}.json": _schema(message) for message in messages}
    ours = {name: fact for name, fact in FACTS.items() if fact.__module__.startswith("salon.")}  # tests make some too
    described |= {f"facts/{name}.json": _schema(fact) for name, fact in ours.items()}
    described |= {f"files/{name}.json": _schema(model) for name, model in FILES.items()}
    return dict(sorted(described.items()))


def differences(wanted: Mapping[str, str], folder: Path = FOLDER) -> list[str]:
    """What is out of date in the folder, a line for each file."""
    found = {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.json")}
    return [
        f"{name}: {'missing' if name not in found else 'nobody sends it' if name not in wanted else 'out of date'}"
        for name in sorted({*wanted, *found})
        if wanted.get(name) != found.get(name)
    ]


def write(wanted: Mapping[str, str], folder: Path = FOLDER) -> None:
    """Make the folder hold exactly these schemas."""
    for path in folder.rglob("*.json"):
        if path.relative_to(folder).as_posix() not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def _schema(model: type[BaseModel]) -> str:
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m infra.tools.schemas", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail when something is out of date")
    chosen = parser.parse_args(arguments)
    wanted = schemas()
    stale = differences(wanted)
    if chosen.check:
        for line in stale:
            print(f"shared/schemas/{line}: run `make schemas`")
        return int(bool(stale))
    write(wanted)
    print(f"shared/schemas: {len(wanted)} schemas, {len(stale)} changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
