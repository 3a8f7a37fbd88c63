"""Our pg8000 connections answer and fail exactly as pg8000's own do."""

from __future__ import annotations

from contextlib import closing, suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from pg8000 import dbapi, native
from sqlalchemy import text

from salon.platform import pg_wire
from salon.platform.pg import connection_arguments

pytestmark = pytest.mark.database

VALUES = [
    1,
    "Анна's \\ % :x",
    None,
    True,
    Decimal("1.50"),
    b"\x00\xff",
    datetime(2026, 3, 11, 7, 30, tzinfo=UTC),
    date(2026, 3, 11),
    UUID(int=7),
    [1, 2],
]
BAD = [
    ("SELECT %s::int / 0", [1], "22012"),
    ("SELECT nonsense(%s)", [1], "42883"),
    ("INSERT INTO probe VALUES (%s)", [1], "23505"),
    ("SELECT %s FROM no_such_table", [1], "42P01"),
    ("SELECT %s::int", ["not a number"], "22P02"),
]


@pytest.fixture(params=[dbapi.Connection, pg_wire.DbApiConnection], ids=["pg8000", "ours"])
def connection(request, database_settings):
    opened = request.param(**connection_arguments(database_settings))
    cursor = opened.cursor()
    cursor.execute("CREATE TEMP TABLE probe (id int PRIMARY KEY)")
    cursor.execute("INSERT INTO probe VALUES (%s)", [1])
    opened.commit()
    yield opened
    with suppress(dbapi.InterfaceError):  # a test may have closed it
        opened.close()


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_values_come_back(connection, value):
    cursor = connection.cursor()
    cast = {
        bool: "::boolean",
        bytes: "::bytea",
        list: "::int[]",
        UUID: "::uuid",
        datetime: "::timestamptz",
        date: "::date",
    }
    cursor.execute(f"SELECT %s{cast.get(type(value), '')}, '50%', ':y'", (value,))

    [row] = cursor.fetchall()

    assert row[0] == (str(value) if isinstance(row[0], str) and value is not None else value)
    assert row[1:] in (["50%", ":y"], ("50%", ":y"))


@pytest.mark.parametrize(("statement", "values", "sqlstate"), BAD)
def test_errors_are_the_same_and_leave_the_connection_usable(connection, statement, values, sqlstate):
    cursor = connection.cursor()

    with pytest.raises((dbapi.DatabaseError, dbapi.ProgrammingError)) as raised:
        cursor.execute(statement, values)
    assert raised.value.args[0]["C"] == sqlstate

    with pytest.raises(dbapi.DatabaseError, match=r"25P02|aborted|failed transaction"):
        cursor.execute("SELECT %s", [1])
    connection.rollback()
    cursor.execute("SELECT count(*) FROM probe WHERE id = %s", [1])
    assert cursor.fetchone()[0] == 1


def test_row_counts_and_statements_without_rows(connection):
    cursor = connection.cursor()

    cursor.execute("UPDATE probe SET id = id WHERE id = %s", [1])

    assert cursor.rowcount == 1
    assert cursor.description is None


@pytest.mark.parametrize("kind", [native.Connection, pg_wire.NativeConnection], ids=["pg8000", "ours"])
def test_named_parameters(kind, database_settings):
    with closing(kind(**connection_arguments(database_settings))) as connection:
        for number in (1, 2):  # the second time the statement's text is known
            [[first, again, literal]] = connection.run("SELECT CAST(:x AS int), CAST(:x AS int), ':x'", x=number)
            assert (first, again, literal) == (number, number, ":x")
        with pytest.raises(native.DatabaseError):
            connection.run("SELECT CAST(:x AS int)", x="no number")
        assert connection.run("SELECT 1") == [[1]]


def test_a_closed_connection_complains_as_before(connection):
    cursor = connection.cursor()
    connection.close()

    with pytest.raises(dbapi.InterfaceError):
        cursor.execute("SELECT %s", [1])


@pytest.mark.parametrize(("kind", "trips"), [(dbapi.Connection, 4), (pg_wire.DbApiConnection, 1)])
def test_a_transaction_begins_in_the_round_trip_of_its_first_statement(kind, trips, database_settings):
    with closing(kind(**connection_arguments(database_settings))) as connection:
        socket = connection._sock = Counting(connection._sock)
        cursor = connection.cursor()

        cursor.execute("SELECT %s::int", [7])

        assert socket.flushes == trips
        assert list(cursor.fetchone()) == [7]
        cursor.execute("SELECT now() = statement_timestamp(), 1")
        assert list(cursor.fetchone()) == [False, 1]  # still the same transaction


def test_a_value_that_cannot_be_sent_leaves_nothing_half_sent(database_settings):
    with closing(pg_wire.DbApiConnection(**connection_arguments(database_settings))) as ours:  # pg8000's own gets lost
        cursor = ours.cursor()
        with pytest.raises(TypeError):
            cursor.execute("SELECT %s", [Unsendable()])
        ours.rollback()

        cursor.execute("SELECT %s::int", [1])
        assert list(cursor.fetchone()) == [1]


class Unsendable:
    def __str__(self):
        raise TypeError("no words for it")


class Counting:
    """A connection's socket that counts how often something is sent."""

    def __init__(self, socket):
        self._socket = socket
        self.flushes = 0

    def flush(self):
        self.flushes += 1
        self._socket.flush()

    def __getattr__(self, name):
        return getattr(self._socket, name)


def test_a_connection_whose_server_has_gone_leaves_no_socket_behind(database_settings, owner_engine):
    opened = pg_wire.NativeConnection(**connection_arguments(database_settings))
    [[pid]] = opened.run("SELECT pg_backend_pid()")
    wire = opened._usock  # what is asked about has no public name
    with owner_engine.connect() as owner:
        owner.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    refused = []
    for _ in range(3):  # the first thing that is sent still finds its way into the buffers
        with suppress(dbapi.InterfaceError, native.DatabaseError, OSError):
            opened.run("SELECT 1")
    try:
        opened.close()
    except (dbapi.InterfaceError, OSError) as error:
        refused.append(error)  # as long as it is remembered, so are its frames

    assert refused
    assert wire.fileno() == -1
