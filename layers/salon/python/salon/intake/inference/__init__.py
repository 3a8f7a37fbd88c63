"""Lines of supplier documents to items, units and categories, by grammar and by a versioned model."""

from __future__ import annotations

from salon.intake.inference.domain import BaseUnit, Category, LinePrediction, LineText
from salon.intake.inference.use_cases import MODEL, RULES, SURE, predict_lines

__all__ = ["MODEL", "RULES", "SURE", "BaseUnit", "Category", "LinePrediction", "LineText", "predict_lines"]
