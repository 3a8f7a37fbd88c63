"""Every table of the code base in one place: for Alembic, the diagram and the tests, never for a function."""

from __future__ import annotations

import importlib
import pkgutil

from sqlalchemy import Boolean, Column, DateTime, Double, String, Table, Uuid, false

import salon
from salon.platform.db import Base

for _module in pkgutil.walk_packages(salon.__path__, "salon."):
    if _module.name.endswith(".models") or _module.name in {
        "salon.platform.idempotency",
        "salon.platform.keys",
        "salon.platform.inbox",
        "salon.platform.outbox",
        "salon.platform.single_flight",
        "salon.platform.subscribers",
    }:
        importlib.import_module(_module.name)

metadata = Base.metadata

# The one table without a model: only the webhook touches it, and that has no SQLAlchemy (infra/decisions/0001).
if "rate_limits" not in metadata.tables:
    Table(
        "rate_limits",
        metadata,
        Column("tenant_id", Uuid, primary_key=True),
        Column("key", String, primary_key=True),
        Column("tokens", Double, nullable=False),
        Column("refused", Boolean, nullable=False, server_default=false()),
        Column("refilled_at", DateTime(timezone=True), nullable=False),
    )
