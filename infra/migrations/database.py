"""Prepare and migrate a database: extension, application role, tables.

A managed PostgreSQL has no CREATE EXTENSION and no CREATE ROLE in SQL: there the deployment makes both, and this only
checks that they are there and says what is missing (DESIGN §5).
"""

from __future__ import annotations

import os
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, make_url, text

from infra.migrations.support import APP_ROLE

EXTENSIONS = ("btree_gist", "pg_trgm")
INI = Path(__file__).with_name("alembic.ini")


class DatabaseNotReady(RuntimeError):
    """The database lacks what the deployment must enable."""


def admin_url() -> str:
    """The owner's URL: DATABASE_ADMIN_URL, else DATABASE_URL.

    Raises:
        DatabaseNotReady: neither is set.
    """
    url = os.environ.get("DATABASE_ADMIN_URL") or os.environ.get("DATABASE_URL")
    if not url:
        raise DatabaseNotReady("Set DATABASE_ADMIN_URL (or DATABASE_URL) to the database's owner.")
    return with_driver(url)


def with_driver(url: str) -> str:
    """The URL as SQLAlchemy wants it for pg8000."""
    return make_url(url).set(drivername="postgresql+pg8000").render_as_string(hide_password=False)


def app_url(url: str, password: str) -> str:
    """The same database, for the application role."""
    return (
        make_url(url)
        .set(drivername="postgresql+pg8000", username=APP_ROLE, password=password)
        .render_as_string(hide_password=False)
    )


def prepare(url: str, app_password: str) -> None:
    """Have the extensions and the application role there, making them where SQL may.

    Raises:
        DatabaseNotReady: naming what the deployment must make.
    """
    engine = create_engine(with_driver(url), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            is_superuser = connection.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"))
            for extension in EXTENSIONS:
                _have_extension(connection, extension, may_create=bool(is_superuser))
            _have_role(connection, app_password)
    finally:
        engine.dispose()


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database up to `revision`."""
    command.upgrade(_config(url), revision)


def migrate_down(url: str, revision: str = "base") -> None:
    """Bring the database down to `revision`."""
    command.downgrade(_config(url), revision)


def check(url: str) -> None:
    """Raise when the models and the migrations disagree."""
    command.check(_config(url))


def _config(url: str) -> Config:
    config = Config(str(INI))
    config.set_main_option("sqlalchemy.url", with_driver(url).replace("%", "%%"))
    return config


def _have_extension(connection: Connection, name: str, *, may_create: bool) -> None:
    if connection.scalar(text("SELECT 1 FROM pg_extension WHERE extname = :name"), {"name": name}):
        return
    if not may_create:
        raise DatabaseNotReady(f"Enable the extension {name} for this database (a managed PostgreSQL: by its API).")
    connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {name}"))


def _have_role(connection: Connection, password: str) -> None:
    role = connection.execute(
        text("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = :role"), {"role": APP_ROLE}
    ).one_or_none()
    if role is not None and (role.rolsuper or role.rolbypassrls):
        raise DatabaseNotReady(f"The role {APP_ROLE} can bypass row-level security; take that away.")
    can_make = connection.scalar(text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"))
    if role is None and not can_make:
        raise DatabaseNotReady(f"Create the role {APP_ROLE} (a managed PostgreSQL: by its API).")
    if can_make:
        literal = password.replace("'", "''")
        verb = "ALTER" if role is not None else "CREATE"
        connection.execute(text(f"{verb} ROLE {APP_ROLE} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD '{literal}'"))
