"""Writes the OpenAPI documents of the APIs, from the routes themselves.

    python -m infra.tools.openapi            # writes shared/openapi
    python -m infra.tools.openapi --check    # says what is out of date, changes nothing

Powertools describes what a route takes and gives. The edge's part (`identity.edge`) is added here, because it is the
same everywhere: the bearer token, the `Idempotency-Key` of what changes something, what any body may be refused for.
Routes say where they differ: `x-public` needs no token, `x-repeatable` no key, because a repeat changes nothing; one
that takes files reads its body itself and says of which types (`x-request-body`, `x-headers`).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from infra.tools import triggers
from infra.tools.triggers import LAYER, PROJECT
from salon.platform.http_request import IDEMPOTENCY_HEADER, MAX_KEY_CHARS
from salon.platform.service_tokens import HEADER as SERVICE_HEADER

FOLDER = PROJECT / "shared" / "openapi"
APIS = {
    "booking": ("http_booking", "Salon: the users' API"),
    "admin": ("http_admin", "Salon: the staff API"),
    "account": ("http_account", "Salon: accounts and documents"),
    "internal": ("http_inference", "Salon: models, for its own services only"),
}
METHODS = ("get", "post", "put", "patch", "delete")
CHANGING = frozenset(METHODS) - {"get"}
SECURITY = "bearer"
SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "service": {"type": "apiKey", "in": "header", "name": SERVICE_HEADER},
}
INSIDE = "http_inference"  # asks for a service token instead of a person's
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
WITH_A_BODY = {400: "BODY_UNREADABLE", 413: "BODY_TOO_LARGE", 415: "UNSUPPORTED_MEDIA_TYPE"}
KEPT = frozenset({"200", "201", "400", "404", "409"})  # what a repeat may get again
REPORT = "--- document ---"
PROBE = f"""
import sys
from app import resolver
document = resolver.get_openapi_schema(title=sys.argv[1], version=sys.argv[2])
print({REPORT!r})
print(document.model_dump_json(by_alias=True, exclude_none=True))
"""
KEY_PARAMETER = {
    "name": IDEMPOTENCY_HEADER,
    "in": "header",
    "required": True,
    "description": "New for every request that changes something; the same one to repeat it within 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY_CHARS, "pattern": "^[!-~]+$"},
}
HEADERS = {
    "Retry-After": {"description": "Seconds until a request may succeed.", "schema": {"type": "integer", "minimum": 1}},
    "Idempotent-Replayed": {
        "description": "The request was carried out before; this is the answer of then.",
        "schema": {"const": "true"},
    },
}

Document = dict[str, Any]


class DocumentUnavailable(RuntimeError):
    """A function cannot be imported, or has no resolver."""


def documents() -> dict[str, str]:
    """File name → the document as text, of every API whose function is there."""
    return {
        f"{name}.json": json.dumps(describe(function, title), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        for name, (function, title) in APIS.items()
        if (PROJECT / "functions" / function / "app.py").exists()
    }


def describe(function: str, title: str) -> Document:
    """The whole document of one function.

    Raises:
        DocumentUnavailable: its routes cannot be loaded.
    """
    document = complete(_of_routes(function, title), "service" if function == INSIDE else SECURITY)
    _check(document)
    return document


def complete(document: Document, security: str = SECURITY) -> Document:
    """Add the edge's part to what Powertools has described."""
    document["components"].setdefault("securitySchemes", {})[security] = SCHEMES[security]
    document["components"]["headers"] = HEADERS
    document["security"] = [{security: []}]
    _shorten_names(document)
    _mend_types(document)
    for method, operation in operations(document):
        is_public = operation.pop("x-public", False)
        is_repeatable = operation.pop("x-repeatable", False)
        _add_own_body(operation)
        responses = operation["responses"]
        if is_public:
            operation["security"] = []
        for parameter in operation.get("parameters", []):
            parameter["schema"] = _without_null(parameter["schema"])
        if method in CHANGING and not is_public and not is_repeatable:
            operation.setdefault("parameters", []).append(KEY_PARAMETER)
            for status in KEPT & responses.keys():
                _add_header(responses[status], "Idempotent-Replayed")
        if "requestBody" in operation:
            operation["requestBody"]["required"] = True
            for status, code in WITH_A_BODY.items():
                _add_code(responses, status, code)
        for status in ("429", "503"):
            if status in responses:
                _add_header(responses[status], "Retry-After")
    return document


def _add_own_body(operation: Document) -> None:
    """What a route says that reads its body and headers itself: `x-request-body`, `x-headers`."""
    body = operation.pop("x-request-body", None)
    if body is not None:
        operation["requestBody"] = body
    for name, description in operation.pop("x-headers", {}).items():
        parameter = {"name": name, "in": "header", "description": description, "schema": {"type": "string"}}
        operation.setdefault("parameters", []).append(parameter)


def operations(document: Document) -> Iterator[tuple[str, Document]]:
    """Every operation with its method."""
    for path in document["paths"].values():
        for method in METHODS:
            if method in path:
                yield method, path[method]


def differences(wanted: Mapping[str, str], folder: Path = FOLDER) -> list[str]:
    """What is out of date in the folder, a line for each file."""
    found = {path.name: path.read_text() for path in folder.glob("*.json")}
    return [
        f"{name}: {'missing' if name not in found else 'no function' if name not in wanted else 'out of date'}"
        for name in sorted({*wanted, *found})
        if wanted.get(name) != found.get(name)
    ]


def write(wanted: Mapping[str, str], folder: Path = FOLDER) -> None:
    """Make the folder hold exactly these documents."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.json"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text)


def _of_routes(function: str, title: str) -> Document:
    """What Powertools says, from a process of its own: two functions' modules are called alike."""
    known = {one.name: one for one in triggers.functions(triggers.template())}[function]
    environment = {
        **known.environment,
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": os.pathsep.join([str(known.folder), str(LAYER)]),
        "AWS_REGION": "ru-central1",
        "AWS_DEFAULT_REGION": "ru-central1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
    }
    done = subprocess.run(
        [sys.executable, "-c", PROBE, title, _version()],
        cwd=known.folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode != 0:
        raise DocumentUnavailable(f"{function}: {done.stderr[-2000:]}")
    document: Document = json.loads(done.stdout.partition(REPORT)[2])
    return document


def _version() -> str:
    import tomllib

    return str(tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"])


def _shorten_names(document: Document) -> None:
    """`post_booking_v1_bookings_post` becomes `post_booking`, the route's own name, where no other route has it."""
    short: dict[str, list[Document]] = {}
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                ending = re.sub(r"\W", "_", path) + f"_{method}"
                name = methods[method]["operationId"].removesuffix(ending)
                short.setdefault(name, []).append(methods[method])
    for name, found in short.items():
        if len(found) == 1:
            found[0]["operationId"] = name


def _mend_types(node: Any) -> None:
    """Say what pydantic does not: pairs as lists of two, which all tools know, and times of day without an offset.

    JSON Schema's `time` has an offset; a clock on the wall has none.
    """
    if isinstance(node, list):
        for item in node:
            _mend_types(item)
    elif isinstance(node, dict):
        pair = node.get("prefixItems")
        if pair is not None and all(item == pair[0] for item in pair):
            del node["prefixItems"]
            node["items"] = pair[0]
        if node.get("format") == "time" and node.get("type") == "string":
            node["format"] = "wall-time"
        for item in node.values():
            _mend_types(item)


def _without_null(schema: Document) -> Document:
    """A parameter is left out or has a value: no header and no query says null."""
    kinds = [one for one in schema.get("anyOf", []) if one != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    return {**{name: value for name, value in schema.items() if name != "anyOf"}, **kinds[0]}


def _add_header(response: Document, name: str) -> None:
    response.setdefault("headers", {})[name] = {"$ref": f"#/components/headers/{name}"}


def _add_code(responses: Document, status: int, code: str) -> None:
    present = responses.setdefault(str(status), {"description": code, "content": PROBLEM})
    if code not in present["description"].split(" | "):
        present["description"] += f" | {code}"


def _check(document: Document) -> None:
    """Every operation says what it is called, and no two are called alike: generated clients take the names."""
    names = [operation.get("operationId") for _, operation in operations(document)]
    if None in names or len(set(names)) != len(names):
        raise DocumentUnavailable("Two operations have one name.")


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m infra.tools.openapi", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail when something is out of date")
    chosen = parser.parse_args(arguments)
    wanted = documents()
    stale = differences(wanted)
    if chosen.check:
        for line in stale:
            print(f"shared/openapi/{line}: run `make openapi`")
        return int(bool(stale))
    write(wanted)
    print(f"shared/openapi: {len(wanted)} documents, {len(stale)} changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
