"""pg8000 with one round trip a statement instead of three, BEGIN included, and each statement's text converted once.

pg8000 1.31 sends Parse, Bind and Execute one by one and waits for an answer each time, and it scans the statement's
text character by character at every execution. Both together are a third of what a hold costs (`make bench`), and both
can be changed from outside in a few lines: the protocol allows all messages before one Sync (PostgreSQL documentation,
«Extended Query»). Results and errors are pg8000's own; `tests/integration/platform/test_pg_wire.py` compares the two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from pg8000 import converters, core, dbapi, native

STATEMENTS_KEPT = 2048
IDS_KEPT = 4096


class OneTrip(core.CoreConnection):  # type: ignore[misc]  # pg8000 ships no types
    """Sends a statement's messages together and reads the answers together."""

    _is_begin_due = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.register_in_adapter(converters.TIMESTAMPTZ, _instant)
        self.register_in_adapter(converters.UUID_TYPE, _uuid)

    def execute_unnamed(
        self, statement: str, vals: Sequence[Any] = (), oids: Sequence[int] = (), stream: Any = None
    ) -> Any:
        """Run one statement with parameters; as in pg8000, errors are raised after the answers were read."""
        if stream is not None or self._sock is None:  # COPY, and pg8000's own complaint about a closed connection
            return super().execute_unnamed(statement, vals=vals, oids=oids, stream=stream)
        context = core.Context(statement)
        params = core.make_params(self.py_types, vals)  # before anything is sent: it may refuse a value
        self.send_PARSE(core.NULL_BYTE, statement, oids)
        self.send_DESCRIBE_STATEMENT(core.NULL_BYTE)
        self.send_BIND(core.NULL_BYTE, params)
        self.send_EXECUTE()
        core._write(self._sock, core.SYNC_MSG)  # noqa: SLF001 - the one call that pg8000 offers no public name for
        core._flush(self._sock)  # noqa: SLF001 - as above
        self.handle_messages(context)
        return context

    def close(self) -> None:
        """Close the connection, its socket in any case.

        What pg8000 could not send to a server that has gone keeps the socket open until the error is forgotten.

        Raises:
            InterfaceError: it is closed already, or the server has gone.
        """
        stream = self._sock
        try:
            super().close()
        finally:
            if stream is not None:
                with suppress(OSError):  # the same that could not be sent
                    stream.close()

    def begin_with_next(self) -> None:
        """Begin a transaction in the round trip of the next statement."""
        if not self._is_begin_due:
            self.send_QUERY("begin transaction")
            self._is_begin_due = True

    def handle_messages(self, context: Any) -> None:
        """Read the answers to what was sent, first the one to BEGIN."""
        if self._is_begin_due:
            self._is_begin_due = False
            try:
                super().handle_messages(core.Context("begin transaction"))
            except core.DatabaseError:
                super().handle_messages(context)  # the statement's own answer must not be taken for a later one's
                raise
        super().handle_messages(context)


def _instant(text: str) -> Any:
    """A timestamptz; pg8000's own reader takes five times as long and is needed for the infinities only."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return converters.timestamptz_in(text)


@lru_cache(maxsize=IDS_KEPT)
def _uuid(text: str) -> UUID:
    """An id; the rows of a list name the same few people, services and places again and again."""
    return UUID(text)


@lru_cache(maxsize=STATEMENTS_KEPT)
def _numbered(statement: str) -> str:
    """`%s` as `$1`, `$2` …; SQLAlchemy hands over the same texts again and again."""
    converted, _ = dbapi.convert_paramstyle("format", statement, ())
    return str(converted)


@lru_cache(maxsize=STATEMENTS_KEPT)
def _named(statement: str) -> tuple[str, Callable[[dict[str, Any]], Sequence[Any]]]:
    """`:name` as `$1` …, and what puts the values in that order."""
    converted: tuple[str, Callable[[dict[str, Any]], Sequence[Any]]] = native.to_statement(statement)
    return converted


class Cursor(dbapi.Cursor):  # type: ignore[misc]  # pg8000 ships no types
    """A cursor whose statements are converted once."""

    _input_oids: Sequence[int]

    def execute(self, operation: str, args: Sequence[Any] = (), stream: Any = None) -> None:
        """Run a statement with `%s` parameters given in a sequence, as SQLAlchemy's dialect does."""
        if stream is not None or not isinstance(args, list | tuple) or self._c is None or self._c._sock is None:  # noqa: SLF001 - as in pg8000's own cursor
            super().execute(operation, args, stream)
            return
        if not self._c._in_transaction and not self._c.autocommit:  # noqa: SLF001 - as above
            self._c.begin_with_next()
        if args:
            self._context = self._c.execute_unnamed(_numbered(operation), vals=args, oids=self._input_oids)
        else:
            self._context = self._c.execute_simple(operation)
        self._row_iter = None if self._context.rows is None else iter(self._context.rows)
        self._input_oids = ()
        self.input_types: list[Any] = []


class DbApiConnection(OneTrip, dbapi.Connection):  # type: ignore[misc]  # pg8000 ships no types
    """What SQLAlchemy works on."""

    def cursor(self) -> Cursor:
        """A cursor on this connection."""
        return Cursor(self)


class NativeConnection(OneTrip, native.Connection):  # type: ignore[misc]  # pg8000 ships no types
    """What the webhook works on."""

    def run(self, sql: str, stream: Any = None, types: Any = None, **params: Any) -> Any:
        """Run a statement with `:name` parameters; the rows, or None."""
        if not params or stream is not None or types is not None:
            return super().run(sql, stream=stream, types=types, **params)
        statement, in_order = _named(sql)
        self._context = self.execute_unnamed(statement, in_order(params))
        return self._context.rows
