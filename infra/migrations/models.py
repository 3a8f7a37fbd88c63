"""Every table of the code base in one place: for Alembic, the diagram and the tests, never for a function."""

from __future__ import annotations

import importlib
import pkgutil

import salon
from salon.platform.db import Base

for _module in pkgutil.walk_packages(salon.__path__, "salon."):
    if _module.name.endswith(".models") or _module.name in {
        "salon.platform.keys",
        "salon.platform.inbox",
        "salon.platform.outbox",
        "salon.platform.single_flight",
        "salon.platform.subscribers",
    }:
        importlib.import_module(_module.name)

metadata = Base.metadata
