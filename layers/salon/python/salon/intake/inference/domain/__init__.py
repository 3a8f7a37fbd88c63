"""What is asked and answered about lines of supplier documents, and the deterministic part of the answer."""

from __future__ import annotations

from salon.intake.inference.domain.features import SCHEMA, make_features
from salon.intake.inference.domain.names import clean_name, find_brand, repaired
from salon.intake.inference.domain.packs import Pack, read_pack, without
from salon.intake.inference.domain.units import Contents, InvoiceUnit, contents_of, invoice_unit
from salon.intake.inference.domain.values import BaseUnit, Category, LinePrediction, LineText

__all__ = [
    "SCHEMA",
    "BaseUnit",
    "Category",
    "Contents",
    "InvoiceUnit",
    "LinePrediction",
    "LineText",
    "Pack",
    "clean_name",
    "contents_of",
    "find_brand",
    "invoice_unit",
    "make_features",
    "read_pack",
    "repaired",
    "without",
]
