"""A bare pg8000 connection, for the function that cannot afford SQLAlchemy's import time: the webhook (DESIGN §6)."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

from pg8000.exceptions import DatabaseError, InterfaceError

from salon.platform.errors import DatabaseBusy, DatabaseUnavailable, Fault
from salon.platform.pg_wire import NativeConnection
from salon.platform.settings import DatabaseSettings

BUSY_SQLSTATES = frozenset({"40001", "40P01", "55P03", "57014"})  # serialisation, deadlock, lock and statement time-out
LOOPBACK = "127.0.0.1"
_DRIVER = re.compile(r"^postgres(ql)?(\+\w+)?://")
_THIS_MACHINE = frozenset({LOOPBACK, "::1", "localhost"})


def tls_context(settings: DatabaseSettings, host: str = LOOPBACK) -> ssl.SSLContext | bool | None:
    """TLS towards a managed PostgreSQL, checked against its CA.

    Without a CA file: False for a server or pooler on this machine, which pg8000 then asks for no TLS. Asking takes it
    20 ms a connection, because it reads all the machine's certificates first. None elsewhere: TLS if the server has it.
    """
    if settings.database_ca_file is not None:
        return ssl.create_default_context(cafile=settings.database_ca_file)
    return False if host in _THIS_MACHINE else None


def connection_arguments(settings: DatabaseSettings) -> dict[str, Any]:
    """`database_url` as pg8000's own arguments."""
    parts = urlsplit(_DRIVER.sub("postgresql://", settings.database_url.get_secret_value()))
    host = parts.hostname or LOOPBACK
    return {
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "host": host,
        "port": parts.port or 5432,
        "database": parts.path.lstrip("/"),
        "ssl_context": tls_context(settings, host),
        "timeout": 30,
    }


class PgTransaction:
    """Statements inside one transaction; parameters are named, as in `:name`."""

    def __init__(self, connection: NativeConnection) -> None:
        self._connection = connection

    def rows(self, sql: str, **parameters: object) -> list[list[Any]]:
        """Run one statement and return its rows."""
        return self._connection.run(sql, **parameters) or []


class PgDatabase:
    """One connection of one function instance; opened on first use, opened anew when it turns out to be dead."""

    def __init__(self, settings: DatabaseSettings) -> None:
        self._settings = settings
        self._connection: NativeConnection | None = None

    @contextmanager
    def transaction(self) -> Iterator[PgTransaction]:
        """One transaction; commits at the end, rolls back when anything is raised.

        Raises:
            DatabaseUnavailable: PostgreSQL cannot be reached.
            DatabaseBusy: it gave up waiting; the same may succeed later.
        """
        connection = self._begin()
        try:
            yield PgTransaction(connection)
            connection.run("COMMIT")
        except (InterfaceError, OSError) as error:
            self.close()
            raise DatabaseUnavailable("The connection to PostgreSQL broke.") from error
        except BaseException as error:
            with suppress(InterfaceError, OSError, DatabaseError):
                connection.run("ROLLBACK")
            fault = _fault_of(error)
            if fault is None:
                raise
            raise fault from error

    def enter(self, transaction: PgTransaction, tenant_id: UUID) -> None:
        """Put the transaction inside a tenant, as `db.Database.transaction` does."""
        transaction.rows(
            "SELECT set_config('app.tenant_id', :tenant, true), set_config('lock_timeout', :lock, true),"
            " set_config('statement_timeout', :statement, true)",
            tenant=str(tenant_id),
            lock=f"{self._settings.database_lock_timeout_ms}ms",
            statement=f"{self._settings.database_statement_timeout_ms}ms",
        )

    def close(self) -> None:
        """Drop the connection; the next transaction opens a new one."""
        if self._connection is not None:
            with suppress(InterfaceError, OSError, DatabaseError):
                self._connection.close()
            self._connection = None

    def _begin(self) -> NativeConnection:
        """BEGIN doubles as the sign of life that a frozen instance's socket needs."""
        for fresh in (False, True):
            try:
                if self._connection is None:
                    self._connection = NativeConnection(**connection_arguments(self._settings))
                self._connection.run("BEGIN")
            except (InterfaceError, DatabaseError, OSError) as error:
                self.close()
                if fresh:
                    raise DatabaseUnavailable("PostgreSQL cannot be reached.") from error
            else:
                return self._connection
        raise DatabaseUnavailable("PostgreSQL cannot be reached.")


def _fault_of(error: BaseException) -> Fault | None:
    fields = error.args[0] if isinstance(error, DatabaseError) and error.args else None
    return fault_of(str(fields.get("C", "")) if isinstance(fields, dict) else "")


def fault_of(sqlstate: str) -> Fault | None:
    """What PostgreSQL says may succeed later; None when it is a bug that should surface as it is."""
    if sqlstate in BUSY_SQLSTATES:
        return DatabaseBusy(f"PostgreSQL gave up waiting ({sqlstate}).")
    if sqlstate.startswith(("08", "57P")):
        return DatabaseUnavailable(f"PostgreSQL went away ({sqlstate}).")
    return None
