"""Suppliers. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from salon.catalog.domain.names import require_name
from salon.inventory.items.domain import name_key
from salon.platform.errors import Invalid

# Weights of the control digits: order of the Federal Tax Service, annex on the structure of the INN.
_FIRM = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_PERSON_FIRST = (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_PERSON_SECOND = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
FIRM_DIGITS, PERSON_DIGITS = 10, 12
_LEGAL_FORMS = frozenset({"ооо", "ао", "пао", "оао", "зао", "ип", "нао"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierDetails:
    """What is known about a supplier.

    Attributes:
        inn: 10 or 12 digits as they were read, right or wrong; None when none was.
    """

    name: str
    inn: str | None = None

    def __post_init__(self) -> None:
        """Refuse a nameless supplier, and a number that is none."""
        require_name(self.name)
        if self.inn is not None and not (self.inn.isascii() and self.inn.isdigit() and len(self.inn) <= PERSON_DIGITS):
            raise Invalid("An INN has 10 or 12 digits.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplier(SupplierDetails):
    """A stored supplier.

    Attributes:
        inn_valid: whether the number's control digits are right; a wrong number says nothing about who it is.
    """

    id: UUID
    inn_valid: bool


def is_valid_inn(inn: str | None) -> bool:
    """Whether a number is an INN: 10 digits for a firm, 12 for a person, the last ones right; noughts are none."""
    if inn is None or not (inn.isascii() and inn.isdigit()) or not inn.strip("0"):
        return False
    digits = [int(digit) for digit in inn]
    if len(digits) == FIRM_DIGITS:
        return digits[9] == _control(digits, _FIRM)
    return len(digits) == PERSON_DIGITS and (digits[10], digits[11]) == (
        _control(digits, _PERSON_FIRST),
        _control(digits, _PERSON_SECOND),
    )


def supplier_key(name: str) -> str:
    """A supplier's name as such names are compared: without quotation marks and legal form.

    «ООО "Ромашка"», «Ромашка, ООО» and «ромашка» are one.
    """
    plain = "".join(letter if letter.isalnum() else " " for letter in name_key(name))
    words = plain.split()
    without = [word for word in words if word not in _LEGAL_FORMS]
    return " ".join(without or words) or name_key(name)


def _control(digits: list[int], weights: tuple[int, ...]) -> int:
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=False)) % 11 % 10
