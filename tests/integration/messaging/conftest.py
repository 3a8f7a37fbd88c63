"""Salons that stand ready, for tests of messaging."""

from __future__ import annotations

from support.functions import furnished_then, then_salons

__all__ = ["furnished_then", "then_salons"]
