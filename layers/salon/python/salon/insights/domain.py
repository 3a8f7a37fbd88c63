"""What figures say. Values only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantFunnel:
    """How far those came who were shown offers by one rule set (`X-Exposure-Variant`).

    Attributes:
        variant: the rule set.
        exposures: sets that were shown; the same set within its seven minutes counts once.
        subjects: different clients, users or sessions that were shown one.
        holds: bookings that began with a slot of such a set.
        confirmed: those of them that were ever confirmed, whatever became of them.
    """

    variant: str
    exposures: int
    subjects: int
    holds: int
    confirmed: int

    @property
    def conversion(self) -> float:
        """Confirmed bookings for each subject; 0 when nobody looked."""
        return self.confirmed / self.subjects if self.subjects else 0.0
