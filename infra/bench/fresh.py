"""What a fresh process runs to time an import; started by path with `-I`, so nothing of ours is loaded before.

    fresh.py function <paths>                       seconds that `import app` takes
    fresh.py memory <paths>                         megabytes that the process has had at most after `import app`
    fresh.py probe <paths> <sites>                  what `import app` has loaded from <sites>, as JSON
    fresh.py bare <paths> <modules> <clients> <resolver>   seconds that the same libraries take without the function

<paths>, <sites> are joined as in PATH; <modules>, <clients> by commas; <resolver> is `none`, `plain` or `validating`.
The answer is the last line of standard output. Only what every interpreter has loaded by itself is imported before
the clock starts: the start of the interpreter (about 11 ms) is in neither figure.
"""

from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False  # `typing` itself would be loaded before the clock starts
if TYPE_CHECKING:
    from typing import Any


def function() -> float:
    """Import the function in the first of the paths, as the cloud does: its adapters are wired at import."""
    started = time.perf_counter()
    __import__("app")
    return time.perf_counter() - started


def bare(modules: list[str], clients: list[str], resolver: str) -> float:
    """Import libraries only, and make what the function has the library make.

    Making a client or a resolver is the library's own work: it reads the service's description, builds models.
    """
    started = time.perf_counter()
    for name in modules:
        __import__(name)
    session: Any = sys.modules["botocore.session"].Session() if clients else None  # one, as platform/aws.py has it
    for service in clients:
        session.create_client(service, region_name=os.environ["AWS_REGION"])
    if resolver != "none":
        handlers = sys.modules["aws_lambda_powertools.event_handler"]
        made = handlers.APIGatewayRestResolver(enable_validation=resolver == "validating")
        made.get("/healthz")(_answer)
    return time.perf_counter() - started


def memory() -> float:
    """Import the function and tell the most memory that the process has had; 0 where the system does not tell."""
    function()
    try:
        with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123 - `pathlib` would be loaded for it
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))
    except FileNotFoundError:
        return 0.0


def probe(sites: list[str]) -> dict[str, object]:
    """Import the function and tell what it has loaded from the folders of third-party packages."""
    function()
    return {"modules": third_party(sites), "clients": _clients(), "resolver": _resolver()}


def third_party(sites: list[str]) -> list[str]:
    """Modules whose file lies in one of the folders, in the order in which their imports ended.

    Names without a file of their own (`six.moves`, parts of a compiled module) come with the module that makes them.
    """
    roots = tuple(os.path.realpath(site) + os.sep for site in sites)
    found = []
    for name, module in list(sys.modules.items()):
        spec = getattr(module, "__spec__", None)
        origin = getattr(spec, "origin", None)
        if spec is None or not origin or spec.name != name:
            continue
        if os.path.realpath(origin).startswith(roots):
            found.append(name)
    return found


def _clients() -> list[str]:
    """Services that boto clients exist for."""
    client = getattr(sys.modules.get("botocore.client"), "BaseClient", None)
    if client is None:
        return []
    return sorted({one.meta.service_model.service_name for one in _living(client)})


def _resolver() -> str:
    module = sys.modules.get("aws_lambda_powertools.event_handler.api_gateway")
    made = _living(module.ApiGatewayResolver) if module else []
    if not made:
        return "none"
    return "validating" if any(one._enable_validation for one in made) else "plain"  # noqa: SLF001 - the flag is read nowhere else


def _living(kind: type) -> list[Any]:
    import gc

    return [one for one in gc.get_objects() if isinstance(one, kind)]


def _answer() -> dict[str, str]:
    return {}


def main() -> None:
    """Do what the command line says."""
    what, paths, *rest = sys.argv[1:]
    sys.path[:0] = paths.split(os.pathsep)
    if what in {"function", "memory"}:
        print(function() if what == "function" else memory())
    elif what == "bare":
        modules, clients, resolver = rest
        print(bare([name for name in modules.split(",") if name], [c for c in clients.split(",") if c], resolver))
    else:
        import json

        print(json.dumps(probe(rest[0].split(os.pathsep))))


if __name__ == "__main__":
    main()
