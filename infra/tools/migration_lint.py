"""Finds in migrations what would block or break a salon that is open (expand/contract, DESIGN §8).

A statement on a table that the same migration creates is always fine: nobody uses it yet. Where a dangerous statement
is needed after all, it carries the reason as an SQL comment: `/* safe: the table has ten rows */`.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory

from infra.migrations.database import INI

GUARD = "guard_timeouts"
_REASON = re.compile(r"/\*\s*safe: \S[^*]{9,}\*/", re.IGNORECASE)
_CREATED = re.compile(r"\bcreate\s+table\s+(?:if\s+not\s+exists\s+)?(\w+)", re.IGNORECASE)
_TABLE = re.compile(
    r"\b(?:alter\s+table|(?:drop|truncate)\s+table)\s+(?:if\s+exists\s+)?(?:only\s+)?(\w+)"
    r"|\bcreate\s+(?:unique\s+)?index\b.*?\bon\s+(?:only\s+)?(\w+)",
    re.IGNORECASE | re.DOTALL,
)
# Pattern → what it does to the code that is running, and what to do instead.
_DANGERS = {
    r"\bcreate\s+(?:unique\s+)?index\s+(?!concurrently)": (
        "blocks writers: CREATE INDEX CONCURRENTLY, in a migration of its own"
    ),
    r"\badd\s+column\b(?=.*\bnot\s+null\b)(?!.*\bdefault\b)": (
        "fails on a table with rows: add it empty, fill it, then forbid NULL"
    ),
    r"\badd\s+column\b(?=.*\bdefault\s+\w+\()": (
        "rewrites the table when the default is volatile: add it without one, then fill it"
    ),
    r"\balter\s+column\s+\w+\s+(?:set\s+data\s+)?type\b": ("rewrites the table under a lock: add a new column instead"),
    r"\bset\s+not\s+null\b": (
        "scans the table under a lock: ADD CONSTRAINT … CHECK (… IS NOT NULL) NOT VALID, VALIDATE it later"
    ),
    r"\badd\s+constraint\b(?=.*\b(?:foreign\s+key|check)\b)(?!.*\bnot\s+valid\b)": (
        "scans the table under a lock: NOT VALID, and VALIDATE CONSTRAINT in another migration"
    ),
    r"\badd\s+constraint\b(?=.*\b(?:unique|primary\s+key)\b)(?!.*\busing\s+index\b)": (
        "blocks writers: make the index CONCURRENTLY, then ADD CONSTRAINT … USING INDEX"
    ),
    r"\bdrop\s+column\b": "breaks the code that still reads it: only in the release after, with the reason",
    r"\bdrop\s+table\b": "breaks the code that still reads it: only in the release after, with the reason",
    r"\brename\s+(?:to|column)\b": "breaks the code that still uses the old name: add, copy, drop later",
    r"\btruncate\b": "loses rows",
}


def scripts() -> list[Script]:
    """Every migration, oldest first."""
    return list(ScriptDirectory.from_config(Config(INI)).walk_revisions())[::-1]


def statements(script: Script, direction: str = "upgrade") -> list[str]:
    """The SQL of a migration, run against nothing."""
    out = io.StringIO()
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": out})
    with Operations.context(context):
        getattr(script.module, direction)()
    return [statement.strip() for statement in out.getvalue().split(";\n\n") if statement.strip()]


def dangers(sql: Sequence[str]) -> list[str]:
    """What in these statements endangers a database in use."""
    created = {name.lower() for statement in sql for name in _CREATED.findall(statement)}
    return [
        f"{' '.join(statement.split())[:90]}: {danger}"
        for statement in sql
        if not _REASON.search(statement)
        for table in _tables(statement)
        if table not in created
        for pattern, danger in _DANGERS.items()
        if re.search(pattern, statement, re.IGNORECASE | re.DOTALL)
    ]


def lacks_timeouts(source: str) -> list[str]:
    """The directions of a migration that do anything before they limit how long they wait for a lock."""
    found = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    return [name for name in ("upgrade", "downgrade") if name not in found or _first_call(found[name]) != GUARD]


def unguarded() -> list[str]:
    """Migrations without time-outs."""
    return [
        f"{Path(script.path).name}: {direction}"
        for script in scripts()
        for direction in lacks_timeouts(Path(script.path).read_text())
    ]


def _first_call(function: ast.FunctionDef) -> str:
    body = [node for node in function.body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))]
    first = body[0] if body else None
    return ast.unparse(first.value.func) if isinstance(first, ast.Expr) and isinstance(first.value, ast.Call) else ""


def _tables(statement: str) -> Iterator[str]:
    for pair in _TABLE.findall(statement):
        yield next(name for name in pair if name).lower()
