"""Alembic's entry: one connection, one transaction per migration, the models for `alembic check`."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine, pool

from infra.migrations import models
from infra.migrations.database import admin_url

config = context.config


def run() -> None:
    """Migrate the database named by the option `sqlalchemy.url`, else by DATABASE_ADMIN_URL or DATABASE_URL."""
    url = config.get_main_option("sqlalchemy.url") or admin_url()
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=models.metadata,
            transaction_per_migration=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
