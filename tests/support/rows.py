"""Fills every table of a database with one row per tenant, from what the database says about itself.

A new table needs nothing here unless a CHECK of it goes beyond ranges and lists: then it needs a line in VALUES.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Inspector, MetaData, Table, insert, inspect
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import (
    JSON,
    Boolean,
    Date,
    DateTime,
    Float,
    Integer,
    Interval,
    LargeBinary,
    Numeric,
    String,
    Time,
    TypeEngine,
    Uuid,
)

from salon.platform.ids import new_id

AT = datetime(2026, 3, 11, 7, 30, tzinfo=UTC)
UNTENANTED = frozenset({"alembic_version"})
# (table, column) → a value, where the rules below find none that the table's checks accept.
VALUES: Mapping[tuple[str, str], Any] = {
    ("slot_instances", "held"): 0,  # one seat, and it is booked
    ("sessions", "expires_at"): AT + timedelta(hours=1),
}
_LIST = re.compile(r"\(?\(?(\w+)\)?::text = ANY .*?'([^']+)'")
_ARRAY = re.compile(r"\((\w+) <@ '\{([^,}]+)")

_BEGINNINGS: Mapping[type[TypeEngine[Any]], Any] = {
    Boolean: False,
    Integer: 1,
    Float: 1.0,
    Numeric: Decimal(1),
    DateTime: AT,
    Date: date(2026, 3, 11),
    Time: time(10),
    Interval: timedelta(minutes=1),
    JSON: {},
}
_ENDS = {**_BEGINNINGS, DateTime: AT + timedelta(hours=1), Time: time(11)}

Rows = dict[str, dict[str, Any]]


def reflect(connection: Connection) -> MetaData:
    """Every table of the database."""
    found = MetaData()
    found.reflect(connection, only=lambda name, _: name not in UNTENANTED)
    return found


def fill(connection: Connection, tenant_id: UUID) -> Rows:
    """Put one row of the tenant into every table, as a role that row-level security does not hold back.

    Tables without a tenant get a row only once. Returns the rows' values by table.
    """
    tables = reflect(connection)
    inspector = inspect(connection)
    rows: Rows = {}
    for table in tables.sorted_tables:
        if not _tenant_column(table) and connection.scalar(table.select().limit(1)) is not None:
            continue
        rows[table.name] = _row(table, tenant_id, rows, inspector)
        connection.execute(insert(table).values(rows[table.name]))
    return rows


def _tenant_column(table: Table) -> str | None:
    return "tenant_id" if "tenant_id" in table.columns else "id" if table.name == "tenants" else None


def _row(table: Table, tenant_id: UUID, rows: Rows, inspector: Inspector) -> dict[str, Any]:
    choices = _choices(table, inspector)
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.computed is not None or column.identity is not None:
            continue
        if (table.name, column.name) in VALUES:
            row[column.name] = VALUES[table.name, column.name]
        elif column.name in choices:
            row[column.name] = choices[column.name]
        else:
            row[column.name] = _value(column.type, column.name, tenant_id)
    for constraint in table.foreign_key_constraints:
        for element in constraint.elements:
            target = rows.get(element.column.table.name, row)  # a table that refers to itself: the row itself
            row[element.parent.name] = target[element.column.name]
    tenant_column = _tenant_column(table)
    if tenant_column:
        row[tenant_column] = tenant_id
    return row


def _choices(table: Table, inspector: Inspector) -> dict[str, Any]:
    """For columns with a list of allowed values, the first of them."""
    found: dict[str, Any] = {}
    for check in inspector.get_check_constraints(table.name):
        text = check["sqltext"]
        for column, value in _LIST.findall(text):
            found.setdefault(column, value)
        for column, value in _ARRAY.findall(text):
            found.setdefault(column, [int(value)])
    return found


def _value(kind: TypeEngine[Any], name: str, tenant_id: UUID) -> Any:
    if isinstance(kind, ARRAY):
        return [_value(kind.item_type, name, tenant_id)]
    if isinstance(kind, Uuid):
        return new_id()
    if isinstance(kind, String):
        return f"{name}-{tenant_id.hex}"[-(kind.length or 1_000) :]  # differs between tenants where it is unique
    if isinstance(kind, LargeBinary):
        return name.encode()
    is_end = name.startswith("end")
    for known, value in (_ENDS if is_end else _BEGINNINGS).items():
        if isinstance(kind, known):
            return value
    raise TypeError(f"No value for a column {name} of the type {kind!r}: add it to support/rows.py")
