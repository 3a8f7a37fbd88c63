"""Prepares the features that the model of stock lines reads.

The model was trained on exactly these names and numbers. Whoever changes them, or what they are made of (`names`,
`packs`, `words`), raises the version of ``SCHEMA`` and trains anew (`python -m infra.training.stock_item.train`); an
older model is then refused instead of answering nonsense.
"""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise

from salon.intake.inference.domain.names import twinless
from salon.intake.inference.domain.packs import Pack, without
from salon.intake.inference.domain.units import InvoiceUnit
from salon.intake.inference.domain.words import families_of
from salon.platform.inference.domain import FeatureSchema

SCHEMA = FeatureSchema("stock_line", 1)
"""Letters, words, their families and neighbours, of the repaired name in one alphabet; its size, the unit."""

_MOST_WORDS = 20
_MOST_LETTERS = 18
_STEM = 5
_GRAMS = (3, 4, 5)
_SIZES = (5, 12, 20, 35, 75, 130, 260, 520, 1100)
_HEADS = 2
_WORD = re.compile(r"[a-zа-я]+(?:-[a-zа-я]+)*")


def make_features(name: str, pack: Pack, unit: InvoiceUnit) -> dict[str, float]:
    """Features by name.

    Args:
        name: the line's name, repaired (`names.repaired`), pack and all.
        pack: what was read out of it.
        unit: what the document counts in.
    """
    found = _WORD.findall(twinless(without(name, pack.spans)))
    words = [word[:_MOST_LETTERS] for word in found][:_MOST_WORDS]
    words = [word for word in words if len(word) > 1]
    weights: dict[str, float] = {}
    for place, word in enumerate(words):
        weights["w " + word] = 1.0
        weights["s " + word[:_STEM]] = 1.0
        if place < _HEADS:
            weights[f"h{place} {word[:_STEM]}"] = 1.0
        marked = f"^{word}$"
        for size in _GRAMS:
            for start in range(len(marked) - size + 1):
                weights["c " + marked[start : start + size]] = 0.4
        for family in families_of(word):
            weights[f"f {family}"] = weights.get(f"f {family}", 0.0) + (1.5 if place < _HEADS else 1.0)
    stems = ["^", *(word[:_STEM] for word in words)]
    for first, second in pairwise(stems):
        weights[f"b {first} {second}"] = 0.8
    norm = sum(weight * weight for weight in weights.values()) ** 0.5 or 1.0
    values = {feature: round(2.0 * weight / norm, 4) for feature, weight in weights.items()}
    return values | _measured(name, pack, unit, len(words))


def _measured(name: str, pack: Pack, unit: InvoiceUnit, count: int) -> dict[str, float]:
    signs = {f"unit {unit.value}": 0.3, f"words {min(count, 8)}": 0.2}
    if pack.unit is not None and pack.quantity is not None:
        signs[f"in {pack.unit.value}"] = 0.5
        signs[f"size {pack.unit.value} {_size(pack.quantity)}"] = 0.5
    if pack.packs > 1:
        signs["many"] = 0.4
    if re.search(r"\d\s?%", name):
        signs["per cent"] = 0.5
    if re.search(r"(?<![\d.,])\d{1,2}[/.,-]\d{1,3}(?![\d%])", name):
        signs["shade"] = 0.5
    if re.search(r"\d\s?(?:см|мм|м)(?!\w)", name, re.IGNORECASE):
        signs["length"] = 0.4
    if pack.numbered:
        signs["numbered"] = 0.4
    return signs


def _size(quantity: Decimal) -> str:
    return next((str(most) for most in _SIZES if quantity <= most), "more")
