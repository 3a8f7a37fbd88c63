"""Draws the tables: a Mermaid diagram for each module, folded, between two markers in README.md.

    python -m infra.tools.diagram            # writes README.md
    python -m infra.tools.diagram --check    # fails when README.md is out of date, changes nothing

The markers are `<!-- erd:begin -->` and `<!-- erd:end -->`. The picture comes from the models, which `alembic check`
compares with the migrations, so it cannot lie.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Column, ForeignKeyConstraint, Table, UniqueConstraint

from infra.migrations import models
from salon.platform.db import Base

README = Path(__file__).resolve().parents[2] / "README.md"
BEGIN, END = "<!-- erd:begin -->", "<!-- erd:end -->"
ORDER = (
    "platform",
    "identity",
    "catalog",
    "clients",
    "availability",
    "booking",
    "payments",
    "intake",
    "inventory",
    "insights",
    "messaging",
    "understanding",
)


class MarkersMissing(RuntimeError):
    """The document has no place for the diagram."""


def render() -> str:
    """The diagrams as Markdown, in the order of imports."""
    by_module = _tables_by_module()
    known = sorted(by_module, key=lambda module: (ORDER.index(module) if module in ORDER else len(ORDER), module))
    return "\n\n".join(
        f"<details><summary>{module}: {', '.join(table.name for table in by_module[module])}</summary>\n\n"
        f"{_diagram(by_module[module])}\n\n</details>"
        for module in known
    )


def insert(document: str, diagrams: str) -> str:
    """The document with the diagrams between its markers.

    Raises:
        MarkersMissing: it has none.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise MarkersMissing(f"README.md lacks {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{diagrams}\n\n{END}{after}"


def _tables_by_module() -> dict[str, list[Table]]:
    found: dict[str, list[Table]] = defaultdict(list)
    for mapper in Base.registry.mappers:
        table = mapper.local_table
        if isinstance(table, Table) and table.metadata is models.metadata:
            found[mapper.class_.__module__.split(".")[1]].append(table)
    return {module: sorted(tables, key=lambda table: table.name) for module, tables in found.items()}


def _diagram(tables: list[Table]) -> str:
    lines = ["```mermaid", "erDiagram"]
    for table in tables:
        lines.append(f"  {table.name} {{")
        columns = sorted(table.columns, key=lambda column: (not column.primary_key, column.name != "tenant_id"))
        lines += [f"    {_type(column)} {column.name}{_marks(column)}" for column in columns]
        lines.append("  }")
    lines += sorted({line for table in tables for line in _references(table)})
    return "\n".join([*lines, "```"])


def _type(column: Column[object]) -> str:
    return {"datetime": "instant"}.get(kind := column.type.__visit_name__.lower(), kind)


def _marks(column: Column[object]) -> str:
    unique = any(
        isinstance(constraint, UniqueConstraint) and list(constraint.columns) == [column]
        for constraint in column.table.constraints
    )
    marks = [mark for mark, holds in (("PK", column.primary_key), ("FK", column.foreign_keys), ("UK", unique)) if holds]
    note = ' "may be empty"' if column.nullable else ""
    return (f" {','.join(marks)}" if marks else "") + note


def _references(table: Table) -> Iterator[str]:
    """A line for each foreign key; the tenant, which most of them carry, is not worth a label."""
    for constraint in table.constraints:
        if isinstance(constraint, ForeignKeyConstraint):
            columns = [name for name in constraint.column_keys if name != "tenant_id"] or ["tenant_id"]
            optional = any(table.columns[name].nullable for name in columns)
            yield f"  {constraint.referred_table.name} {'|o' if optional else '||'}--o{{ {table.name} : {columns[0]}"


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m infra.tools.diagram", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail when README.md is out of date")
    chosen = parser.parse_args(arguments)
    try:
        document = README.read_text()
        wanted = insert(document, render())
    except (OSError, MarkersMissing) as error:
        print(error, file=sys.stderr)
        return 1
    if chosen.check:
        if wanted != document:
            print("README.md: the diagram of the tables is out of date: run `make diagram`")
        return int(wanted != document)
    README.write_text(wanted)
    print("README.md: the diagram of the tables is written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
