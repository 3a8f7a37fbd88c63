"""The database: engine, sessions, the only commit, and what a refusal of PostgreSQL means.

One event is one transaction (DESIGN law 1): the edge opens it, everything below only adds to it. READ COMMITTED;
settings are local to the transaction, so a transaction pooler may stand in between. Row-level security hangs on
`app.tenant_id`, set at the start of each transaction; without it no tenant's row can be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from pg8000.exceptions import InterfaceError
from sqlalchemy import DateTime, Engine, ForeignKeyConstraint, MetaData, TextClause, create_engine, event, text
from sqlalchemy import Uuid as SqlUuid
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from salon.platform.crypto import MasterKeys
from salon.platform.errors import ConstraintViolated, DatabaseUnavailable, SalonError
from salon.platform.ids import new_id
from salon.platform.pg import connection_arguments, fault_of
from salon.platform.pg_wire import DbApiConnection
from salon.platform.settings import DatabaseSettings

CONSTRAINT_CLASS = "23"


class Base(DeclarativeBase):
    """Base of every table; constraint names are predictable because errors are mapped by them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: DateTime(timezone=True), UUID: SqlUuid(as_uuid=True)}  # noqa: RUF012 - SQLAlchemy reads it off the class


class TenantOwned:
    """Columns of every tenant table; the migrations give each such table its row-level security policy."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    tenant_id: Mapped[UUID] = mapped_column(index=False)


def same_tenant(column: str, table: str, ondelete: str | None = None) -> ForeignKeyConstraint:
    """A foreign key that cannot lead into another tenant: row-level security does not guard foreign keys."""
    return ForeignKeyConstraint(["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"], ondelete=ondelete)


class ReadSession(Session):
    """A session whose transaction PostgreSQL itself keeps from writing."""


class WriteSession(ReadSession):
    """A session that may write. A use case that changes something asks for this type, so mypy guards the read paths."""


_SETTINGS = (
    "SELECT set_config('app.tenant_id', :tenant, true), set_config('lock_timeout', :lock, true),"
    " set_config('statement_timeout', :statement, true)"
)
_ENTER = text(_SETTINGS)
_ENTER_TO_READ = text(f"{_SETTINGS}, set_config('transaction_read_only', 'on', true)")
AfterCommit = Callable[[WriteSession], None]
_constraint_errors: dict[str, Callable[[], SalonError]] = {}


def on_constraint(name: str, error: Callable[[], SalonError]) -> None:
    """Say what it means when the constraint called `name` refuses a row; modules do so beside their tables."""
    _constraint_errors[name] = error


def translate(sqlstate: str, constraint: str, fallback: str) -> SalonError | None:
    """Our error for PostgreSQL's, None when it is a bug that should surface as it is.

    With pg8000 only 23505 arrives as IntegrityError, so nothing may be told by the exception's class
    (facts/style.md §8).
    """
    if sqlstate.startswith(CONSTRAINT_CLASS):
        known = _constraint_errors.get(constraint)
        return known() if known else ConstraintViolated(constraint or fallback, sqlstate)
    return fault_of(sqlstate)


def _translate_context(context: ExceptionContext) -> SalonError | None:
    fields = context.original_exception.args[0] if context.original_exception.args else None
    if isinstance(fields, dict) and "C" in fields:
        return translate(fields["C"], fields.get("n", ""), fields.get("c", ""))
    if isinstance(context.original_exception, InterfaceError | OSError):
        return DatabaseUnavailable("The connection to PostgreSQL broke.")
    return None


def _on_error(context: ExceptionContext) -> None:
    if context.is_pre_ping:
        return
    ours = _translate_context(context)
    if ours is not None:
        raise ours from context.original_exception


def make_engine(settings: DatabaseSettings, *, pool_size: int = 1) -> Engine:
    """An engine for one function instance: one connection, tested before use, because a frozen instance loses sockets.

    Args:
        settings: where PostgreSQL is.
        pool_size: connections kept; more than one only for tests and the local tools that use threads.
    """
    arguments = connection_arguments(settings)
    engine = create_engine(
        "postgresql+pg8000://",
        creator=lambda: DbApiConnection(**arguments),
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=True,
    )
    event.listen(engine, "handle_error", _on_error)
    return engine


class Database:
    """Opens transactions; nothing else in the code base commits."""

    def __init__(
        self,
        settings: DatabaseSettings,
        *,
        master: Callable[[], MasterKeys] | None = None,
        engine: Engine | None = None,
        after_commit: AfterCommit | None = None,
    ) -> None:
        self._settings = settings
        self.engine = engine or make_engine(settings)
        self._master = master
        self._after_commit = after_commit

    @contextmanager
    def transaction(self, tenant_id: UUID) -> Iterator[WriteSession]:
        """One transaction inside one tenant; commits at the end, rolls back when anything is raised.

        After the commit the outbox rows it wrote are relayed (`after_commit`); a failure there loses nothing, because
        `timer_sweep` finds the rows.
        """
        with WriteSession(self.engine, expire_on_commit=False) as session:
            try:
                self._enter(session, tenant_id)
                yield session
                session.commit()
            except BaseException:
                session.rollback()
                raise
        if self._after_commit is not None:
            self._after_commit(session)

    @contextmanager
    def read(self, tenant_id: UUID) -> Iterator[ReadSession]:
        """A read-only transaction inside one tenant."""
        with ReadSession(self.engine, expire_on_commit=False) as session:
            self._enter(session, tenant_id, _ENTER_TO_READ)
            yield session
            session.rollback()

    @contextmanager
    def without_tenant(self) -> Iterator[WriteSession]:
        """A transaction that sees no tenant's rows: only SECURITY DEFINER functions answer here (DESIGN law 4)."""
        with WriteSession(self.engine, expire_on_commit=False) as session:
            try:
                self._enter(session, None)
                yield session
                session.commit()
            except BaseException:
                session.rollback()
                raise

    def ping(self) -> None:
        """Ask PostgreSQL for a sign of life.

        Raises:
            DatabaseUnavailable: there is none.
        """
        with self.engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def _enter(self, session: Session, tenant_id: UUID | None, statement: TextClause = _ENTER) -> None:
        session.info["tenant_id"] = tenant_id
        if self._master is not None:
            session.info["master"] = self._master
        parameters = {
            "tenant": str(tenant_id) if tenant_id else "",
            "lock": f"{self._settings.database_lock_timeout_ms}ms",
            "statement": f"{self._settings.database_statement_timeout_ms}ms",
        }
        try:
            session.execute(statement, parameters)
        except (InterfaceError, OSError) as error:  # SQLAlchemy translates nothing while it is connecting
            raise DatabaseUnavailable("PostgreSQL cannot be reached.") from error


def tenant_of(session: Session) -> UUID:
    """The tenant this transaction works in."""
    tenant_id = session.info.get("tenant_id")
    if not isinstance(tenant_id, UUID):
        raise SalonError("This transaction works in no tenant.")
    return tenant_id
