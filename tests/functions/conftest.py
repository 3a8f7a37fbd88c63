"""Fixtures of the tests that call functions as a cloud does."""

from __future__ import annotations

from support.cloud import moto
from support.furnished import furnished, furnished_url, owner_of, salons, world

__all__ = ["furnished", "furnished_url", "moto", "owner_of", "salons", "world"]
