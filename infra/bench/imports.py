"""Import times of the functions.

Inside the measured time: `import app` in a fresh process, which is what a cold start waits for besides the runtime:
every module it loads, the wiring of its adapters, its queue and bucket clients, its resolver. Outside: the start of the
interpreter, and the first connection to the database, which is opened by the first event.

Compared with a bare import: a fresh process that imports exactly those third-party modules that the function has loaded
(found by importing it once and looking), and makes the same kinds of clients and a resolver with one route, all of
which is the libraries' own time. What is above a ratio of 1 is ours: our modules, models and tables, and those modules
of the standard library that only we use. The two alternate, and the ratio is the median of neighbouring pairs, so that
a load which comes and goes meets both.

`memory` is the most that such a process has had when the import is done; with work to do it is a little more
(`infra.bench.edge`).

Without `.pyc` means what a deployment that ships sources only would have: the interpreter's own library stays compiled.
"""

from __future__ import annotations

import compileall
import json
import os
import py_compile
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.bench.blueprint import PROJECT, Function, functions, process_environment
from infra.bench.figures import Figure, Measured, median

FRESH = Path(__file__).with_name("fresh.py")
CEILING_MS = 650.0
CEILINGS_MS = {"http_webhooks": 420.0}
RATIO = 1.15
MEMORY_MB = 512.0
SECONDS = 120


@dataclass(frozen=True, slots=True)
class Libraries:
    """What a function has loaded that is not ours.

    Attributes:
        modules: third-party modules in the order in which their imports ended.
        clients: services that it has made boto clients for.
        resolver: whether it has made a Powertools resolver: `none`, `plain`, `validating`.
    """

    modules: Sequence[str]
    clients: Sequence[str]
    resolver: str

    @property
    def packages(self) -> list[str]:
        """Their top-level names."""
        return sorted({name.partition(".")[0] for name in self.modules})


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the copy of the code lies and how its processes are started."""

    tree: Path
    home: Path
    cache: Path
    sites: Sequence[str]

    def paths(self, name: str) -> str:
        """Import folders of a function: its own, the layer's, the third-party packages'."""
        own = [self.tree / "functions" / name, self.tree / "layers/salon/python"]
        return os.pathsep.join([*map(str, own), *self.sites])

    def run(self, function: Function, what: str, *arguments: str, options: Sequence[str] = ()) -> str:
        """Start a fresh process and return the last line it prints.

        Raises:
            RuntimeError: the function cannot be imported; with the end of what it said.
        """
        command = [sys.executable, "-I", "-S", *options, str(FRESH), what, self.paths(function.name), *arguments]
        done = subprocess.run(
            command,
            env=process_environment(function, self.home),
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{function.name} cannot be imported ({what}):\n{done.stderr[-2000:]}")
        return done.stdout.splitlines()[-1]

    def time_ms(self, function: Function, what: str, *arguments: str, options: Sequence[str] = ()) -> float:
        """A timing in milliseconds."""
        return float(self.run(function, what, *arguments, options=options)) * 1000

    def probe(self, function: Function) -> Libraries:
        """Import a function once to see what it loads; compiles what was not compiled into the cache folder."""
        options = ["-X", f"pycache_prefix={self.cache}"]
        found: dict[str, Any] = json.loads(self.run(function, "probe", os.pathsep.join(self.sites), options=options))
        return Libraries(**found)

    def forget_compiled(self) -> None:
        """Leave nothing in the cache folder but the interpreter's own library."""
        for folder in (str(self.tree), *self.sites):
            for place in {folder, os.path.realpath(folder)}:
                shutil.rmtree(self.cache / place.lstrip(os.sep), ignore_errors=True)


def sites() -> list[str]:
    """Folders of third-party packages of this interpreter."""
    paths = sysconfig.get_paths()
    return sorted({paths["purelib"], paths["platlib"]})


def measure(
    work: Path, *, rounds: int, source_rounds: int, only: Collection[str] = (), project: Path = PROJECT
) -> Measured:
    """Time the functions that template.yaml names.

    Args:
        work: an empty folder.
        rounds: fresh processes of each kind for each function.
        source_rounds: and of those that find no `.pyc` of ours or of third parties.
        only: names of functions; none means all.
        project: where template.yaml is.
    """
    bench = set_up(work, project)
    known = [function for function in functions(project) if not only or function.name in only]
    libraries = {function.name: bench.probe(function) for function in known}
    bench.forget_compiled()
    compiled: dict[str, list[tuple[float, float]]] = {function.name: [] for function in known}
    for _ in range(rounds):
        for function in known:
            compiled[function.name].append(_pair(bench, function, libraries[function.name]))
    uncached = ["-B", "-X", f"pycache_prefix={bench.cache}"]
    plain = {
        function.name: [bench.time_ms(function, "function", options=uncached) for _ in range(source_rounds)]
        for function in known
    }
    figures = [figure for function in known for figure in _figures(function.name, compiled, plain)]
    memory = {function.name: float(bench.run(function, "memory")) for function in known}
    figures += [
        Figure(name=f"memory.{name}", measured=most, unit="MB", target=MEMORY_MB)
        for name, most in memory.items()
        if most
    ]
    notes = [f"import.{name} loads {_told(loaded)}" for name, loaded in libraries.items()]
    return Measured(figures, [f"median of {rounds} fresh processes of each kind, {source_rounds} without .pyc", *notes])


def set_up(work: Path, project: Path) -> Bench:
    """Copy the code to `work` and compile it the way the build does, checked against nothing at import."""
    tree, home, cache = work / "tree", work / "home", work / "cache"
    for folder in (home, cache):
        folder.mkdir(parents=True)
    ignored = shutil.ignore_patterns("__pycache__")
    for part in ("functions", "layers/salon/python", "shared"):
        shutil.copytree(project / part, tree / part, ignore=ignored)
    compileall.compile_dir(tree, quiet=2, force=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    return Bench(tree, home, cache, sites())


def _pair(bench: Bench, function: Function, libraries: Libraries) -> tuple[float, float]:
    arguments = [",".join(libraries.modules), ",".join(libraries.clients), libraries.resolver]
    return (bench.time_ms(function, "function"), bench.time_ms(function, "bare", *arguments))


def _figures(
    name: str, compiled: Mapping[str, Sequence[tuple[float, float]]], plain: Mapping[str, Sequence[float]]
) -> list[Figure]:
    pairs = compiled[name]
    whole, bare = median([pair[0] for pair in pairs]), median([pair[1] for pair in pairs])
    figures = [
        Figure(
            name=f"import.{name}",
            measured=whole,
            unit="ms",
            target=CEILINGS_MS.get(name, CEILING_MS),
            peer=f"{bare:.0f} ms bare",
        ),
        Figure(
            name=f"import.{name}.ratio",
            measured=median([ours / theirs for ours, theirs in pairs]),
            unit="x",
            target=RATIO,
            peer="bare import",
        ),
    ]
    if plain[name]:
        slow = median(plain[name])
        figures.append(
            Figure(name=f"import.{name}.no_pyc", measured=slow, unit="ms", peer=f"{slow / whole:.1f} x with .pyc")
        )
    return figures


def _told(libraries: Libraries) -> str:
    parts = [f"{len(libraries.modules)} third-party modules of {', '.join(libraries.packages)}"]
    if libraries.clients:
        parts.append(f"clients: {', '.join(libraries.clients)}")
    if libraries.resolver != "none":
        parts.append(f"a {libraries.resolver} resolver")
    return "; ".join(parts)
