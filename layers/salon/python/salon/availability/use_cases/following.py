"""What availability does when other modules tell that something has happened."""

from __future__ import annotations

from datetime import datetime

from salon.availability.use_cases.slots import refresh_locations
from salon.catalog.events import CatalogChanged
from salon.platform.db import WriteSession
from salon.platform.facts import Fact


def on_catalog_changed(session: WriteSession, fact: Fact, now: datetime) -> None:
    """Make the slots of locations anew whose services, people or skills are other ones now."""
    if isinstance(fact, CatalogChanged):
        refresh_locations(session, fact.location_ids, now=now)
