"""Lints for our own habits: what no general linter knows (DESIGN §2 laws, §3 tree).

    python -m infra.tools.lints

Each lint gets one parsed file of the layer or of the functions and yields what it finds. The tests show for each one a
piece of code that it refuses and one that it accepts.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

PROJECT = Path(__file__).resolve().parents[2]
LAYER = PurePosixPath("layers/salon/python/salon")
PLATFORM = LAYER / "platform"
FREE_MODULES = frozenset({"platform", "integrations", "understanding"})
# What a module of the layer may consist of; a file that grew became a folder of the same name (DESIGN §3).
MODULE_FILES = frozenset(
    {"__init__", "domain", "models", "repository", "use_cases", "ports", "schemas", "errors", "events", "timers"}
)
# What a module has beside these, and why (infra/decisions/0005).
MORE_FILES = {
    "identity": frozenset({"access", "tokens", "edge"}),  # roles, tokens, and the HTTP edge that asks for both
    "availability": frozenset({"packing"}),  # the score, which production and simulation share
    # reading a supplier's document: words to lines, the order of sources, the wire format, and how well it is done
    "intake": frozenset({"parsing", "reading", "codec", "evaluation"}),
    "inventory": frozenset({"verifying"}),  # a command that looks at every tenant's ledger, and prints
}
COMMANDS = frozenset({("availability", "simulate")})  # a command's own folder is shaped like a program
# What one module alone has beside them, for a noun that none of those names fits.
OWN_FILES = {
    "inventory": frozenset({"__main__"}),  # the commands: read, evaluate, verify
    "availability": frozenset({"packing", "simulate"}),
    "identity": frozenset({"access", "edge", "tokens"}),
}
# Of the platform, what a pure calculation may use: values, and errors to raise.
VALUE_MODULES = frozenset(
    f"salon.platform.{name}" for name in ("dayparts", "errors", "ids", "money", "names", "timeranges")
)
STATEMENTS = frozenset({"select", "insert", "update", "delete", "text"})
MAX_APP_LINES = 60


@dataclass(frozen=True)
class Finding:
    """One broken habit.

    Attributes:
        path: relative to the project.
        line: from 1.
        message: what is wrong and what to do instead.
    """

    path: PurePosixPath
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True)
class Source:
    """One file, parsed."""

    path: PurePosixPath
    text: str
    tree: ast.Module

    @classmethod
    def parse(cls, path: str | PurePosixPath, text: str) -> Source:
        """Parse `text` as the file at `path`, which is relative to the project."""
        return cls(PurePosixPath(path), text, ast.parse(text))

    @property
    def parts_in_layer(self) -> tuple[str, ...]:
        """`("booking", "domain.py")`; empty when the file lies outside the layer."""
        return self.path.relative_to(LAYER).parts if self.path.is_relative_to(LAYER) else ()

    def is_part(self, *names: str) -> bool:
        """Whether this is one of the named files of a domain module, or lies in the folder that such a file became.

        A module may hold a smaller noun in a folder of its own (`booking/waitlist`), which consists of the same files.
        """
        return any(part.removesuffix(".py") in names for part in self.parts_in_layer[1:3])

    def find(self, node: ast.AST, message: str) -> Finding:
        """A finding at `node`."""
        return Finding(self.path, getattr(node, "lineno", 1), message)

    def calls(self) -> Iterator[tuple[ast.Call, str]]:
        """Every call with what is called, dotted: `self._session.execute`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node, ast.unparse(node.func)


Lint = Callable[[Source], Iterator[Finding]]


def only_the_edge_commits(source: Source) -> Iterator[Finding]:
    """An event is one transaction (law 1)."""
    if source.path in {PLATFORM / "db.py", PLATFORM / "pg.py"}:
        return
    for node, name in source.calls():
        if name.rpartition(".")[2] == "commit":
            yield source.find(node, "only platform/db.py and platform/pg.py commit")


def queries_live_in_repositories(source: Source) -> Iterator[Finding]:
    """A use case says what it wants; `repository.py` says how it is found."""
    if not source.is_part("use_cases", "domain", "timers", "events", "schemas", "ports", "errors"):
        return
    for node, name in source.calls():
        is_statement = name in STATEMENTS and _is_imported(source.tree, name, "sqlalchemy")
        if is_statement or name.rpartition(".")[2] in {"execute", "scalars", "scalar"}:
            yield source.find(node, f"{name}(…) belongs into repository.py")


def settings_read_the_environment(source: Source) -> Iterator[Finding]:
    """One place knows the names of variables."""
    if source.path == PLATFORM / "settings.py":
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv"}:
            yield source.find(node, "only platform/settings.py reads the environment")
        elif isinstance(node, ast.ImportFrom) and node.module == "os":
            for name in node.names:
                if name.name in {"environ", "getenv"}:
                    yield source.find(node, "only platform/settings.py reads the environment")


def the_clock_is_passed_in(source: Source) -> Iterator[Finding]:
    """Time comes in as an argument, so that a test can say what time it is."""
    if source.path == PLATFORM / "clock.py":
        return
    for node, name in source.calls():
        if name.endswith(("datetime.now", "datetime.utcnow", "datetime.today", "date.today")) or name == "time.time":
            yield source.find(node, f"{name}() stands in platform/clock.py only: take `now` as an argument")


def domains_are_pure(source: Source) -> Iterator[Finding]:
    """Standard library, platform values, errors beside it, and domains of modules it may import; no chance, no I/O."""
    if not source.is_part("domain"):
        return
    own = f"salon.{source.parts_in_layer[0]}"
    for node, module in _imports(source.tree):
        top = module.partition(".")[0]
        is_domain = module.startswith("salon.") and ".domain" in module
        is_own_errors = module.startswith(f"{own}.") and module.endswith(".errors")
        if top in {"os", "random", "secrets", "socket", "subprocess", "time", "io", "pathlib", "logging"}:
            yield source.find(node, f"a domain does not use {top}: pass in what it needs")
        elif top not in {*sys.stdlib_module_names, "salon"}:
            yield source.find(node, f"a domain uses no third-party package: {top}")
        elif top == "salon" and not is_domain and module not in VALUE_MODULES and not is_own_errors:
            yield source.find(node, f"a domain uses platform values, its errors and other domains, not {module}")
    for node, name in source.calls():
        if name.rpartition(".")[2] in {"new_id", "uuid4"}:
            yield source.find(node, "a domain makes no ids: take one as an argument")


def modules_look_alike(source: Source) -> Iterator[Finding]:
    """«Where is…» has one answer."""
    parts = source.parts_in_layer
    if len(parts) < 2 or parts[0] in FREE_MODULES:  # noqa: PLR2004 - a module, and a file of it
        return
    if parts[1].removesuffix(".py") in OWN_FILES.get(parts[0], ()):
        return
    name = parts[1] if parts[1].removesuffix(".py") in MODULE_FILES or len(parts) == 2 else parts[2]  # noqa: PLR2004 - as above
    if parts[:2] in COMMANDS or name.removesuffix(".py") in MORE_FILES.get(parts[0], frozenset()):
        return
    if name.removesuffix(".py") not in MODULE_FILES:
        yield Finding(source.path, 1, f"{name} is none of the files of a module: {', '.join(sorted(MODULE_FILES))}")


def apps_are_thin(source: Source) -> Iterator[Finding]:
    """A handler decodes, calls one use case, encodes."""
    if source.path.match("functions/*/app.py") and (lines := len(source.text.splitlines())) > MAX_APP_LINES:
        yield Finding(source.path, 1, f"{lines} lines; a handler has at most {MAX_APP_LINES}")


def platform_makes_clients(source: Source) -> Iterator[Finding]:
    """One place makes engines and cloud clients, with time-outs and endpoints."""
    if source.path.is_relative_to(PLATFORM):
        return
    for node, name in source.calls():
        if name in {"boto3.client", "boto3.resource", "boto3.Session", "boto3.session.Session", "create_engine"}:
            yield source.find(node, f"only platform calls {name}")


def relationships_never_load_lazily(source: Source) -> Iterator[Finding]:
    """The caller states what it needs; a hidden query is a surprise at run time."""
    for node, name in source.calls():
        if name.rpartition(".")[2] != "relationship":
            continue
        lazy = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}.get("lazy")
        if lazy != "'raise'":
            yield source.find(node, 'a relationship says lazy="raise"')


LINTS: tuple[Lint, ...] = (
    only_the_edge_commits,
    queries_live_in_repositories,
    settings_read_the_environment,
    the_clock_is_passed_in,
    domains_are_pure,
    modules_look_alike,
    apps_are_thin,
    platform_makes_clients,
    relationships_never_load_lazily,
)


def sources(project: Path = PROJECT) -> Iterator[Source]:
    """Every file that the lints are about."""
    for folder in ("layers", "functions"):
        for file in sorted((project / folder).rglob("*.py")):
            if "node_modules" not in file.parts:
                yield Source.parse(file.relative_to(project).as_posix(), file.read_text())


def findings(project: Path = PROJECT) -> list[Finding]:
    """All findings of all lints."""
    return [finding for source in sources(project) for lint in LINTS for finding in lint(source)]


def _imports(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Every import with the module it takes from; `from salon.booking import domain` is `salon.booking.domain`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node, name.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module.count(".") == 1 and node.module.startswith("salon."):
                for name in node.names:
                    yield node, f"{node.module}.{name.name}"
            else:
                yield node, node.module


def _is_imported(tree: ast.Module, name: str, package: str) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and (node.module or "").partition(".")[0] == package
        and any(alias.name == name for alias in node.names)
        for node in ast.walk(tree)
    )


def main() -> int:
    """The command."""
    found = findings()
    for finding in found:
        print(finding)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
