"""What is asked about a line of a document, and what is answered. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from salon.catalog.domain.norms import NormUnit

BaseUnit = NormUnit
"""What stock is counted in: the same three as consumption norms."""


class Category(StrEnum):
    """What kind of thing a salon buys; the labels of the model, in its order."""

    HAIR_DYE = "hair_dye"
    OXIDANT = "oxidant"
    BLEACH = "bleach"
    SHAMPOO = "shampoo"
    CONDITIONER = "conditioner"
    HAIR_MASK = "hair_mask"
    HAIR_CARE = "hair_care"  # what stays in: serums, oils, sprays, ampoules
    HAIR_TREATMENT = "hair_treatment"  # keratin, botox, perm
    STYLING = "styling"
    GEL_POLISH = "gel_polish"
    NAIL_BASE_TOP = "nail_base_top"
    NAIL_MODELLING = "nail_modelling"
    NAIL_POLISH = "nail_polish"
    NAIL_CARE = "nail_care"  # oils and removers for nails and cuticles
    LASHES = "lashes"
    BROWS = "brows"
    DEPILATION = "depilation"
    SKIN_CARE = "skin_care"  # face, hands and body
    MAKEUP = "makeup"
    DISPOSABLES = "disposables"
    GLOVES = "gloves"
    DISINFECTANT = "disinfectant"
    TOOLS = "tools"
    EQUIPMENT = "equipment"
    RETAIL = "retail"  # gifts, accessories, scent
    HOUSEHOLD = "household"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class LineText:
    """A line as it was read: the name, and the unit that the document counts in («шт», «уп»), perhaps empty."""

    name: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class LinePrediction:
    """What a line is about.

    One invoiced unit holds `pack_quantity` × `packs_per_unit` base units: «12×60 мл» is 60 and 12.

    Attributes:
        item_name: cleaned, without volume and pack; shade and percentage belong to it.
        brand: as it is written, when something in the name looks like one.
        category: `other` whenever the model is less sure than `use_cases.SURE`.
        base_unit: what the stock would count it in.
        pack_quantity: base units in one pack; None where the line does not say and it cannot be a single piece.
        packs_per_unit: packs in one invoiced unit.
        is_pack_sure: false where the name can be read in two ways, or a person has to say how much is in it.
        confidence: of the category, 0 to 1, calibrated; low whenever `category` is a fallback.
        model, version: who says so; the version is `rules` when the model could not answer.
    """

    item_name: str
    brand: str | None
    category: Category
    base_unit: BaseUnit
    pack_quantity: Decimal | None
    packs_per_unit: int
    is_pack_sure: bool
    confidence: float
    model: str
    version: str

    @property
    def quantity_per_unit(self) -> Decimal | None:
        """Base units in one invoiced unit, where they are known."""
        return None if self.pack_quantity is None else self.pack_quantity * self.packs_per_unit
