"""Money: integer minor units (kopecks) and an ISO 4217 currency; never a float."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from salon.platform.errors import Invalid

MINOR_DIGITS = {"RUB": 2, "USD": 2, "EUR": 2, "AED": 2, "KZT": 2, "JPY": 0}


def to_minor(roubles: Decimal) -> int:
    """Roubles as whole kopecks, half a kopeck up: how a paper rounds."""
    return int((roubles * 100).to_integral_value(ROUND_HALF_UP))


class CurrencyMismatch(Invalid):
    """Two sums in different currencies cannot be added or compared."""

    code = "CURRENCY_MISMATCH"


@dataclass(frozen=True, slots=True)
class Money:
    """A sum of money.

    Attributes:
        minor: minor units of the currency, kopecks for RUB; negative for a debt or a refund.
        currency: ISO 4217 code.
    """

    minor: int
    currency: str = "RUB"

    def __post_init__(self) -> None:
        """Refuse what is not money: a fraction of a kopeck or an unknown currency."""
        if not isinstance(self.minor, int) or isinstance(self.minor, bool):
            raise Invalid(f"Money counts whole minor units, not {self.minor!r}.")
        if self.currency not in MINOR_DIGITS:
            raise Invalid(f"Unknown currency {self.currency!r}.")

    def __add__(self, other: Money) -> Money:
        self._check(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._check(other)
        return Money(self.minor - other.minor, self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.minor * times, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._check(other)
        return self.minor < other.minor

    def format(self, language: str) -> str:
        """For reading: «2 500 ₽» in Russian, «₽2,500» in English; kopecks only when there are some."""
        return self._format_en() if language == "en" else self.format_ru()

    def _format_en(self) -> str:
        digits = MINOR_DIGITS[self.currency]
        whole, rest = divmod(abs(self.minor), 10**digits)
        text = f"{whole:,}" + (f".{rest:0{digits}d}" if rest else "")
        sign = "−" if self.minor < 0 else ""
        return f"{sign}₽{text}" if self.currency == "RUB" else f"{sign}{self.currency}\N{NO-BREAK SPACE}{text}"

    def format_ru(self) -> str:
        """As a person in Russia writes it: «2 500 ₽», kopecks only when there are some."""
        digits = MINOR_DIGITS[self.currency]
        whole, rest = divmod(abs(self.minor), 10**digits)
        text = f"{whole:,}".replace(",", "\N{NO-BREAK SPACE}")
        if rest:
            text += f",{rest:0{digits}d}"
        sign = "−" if self.minor < 0 else ""
        symbol = "₽" if self.currency == "RUB" else self.currency
        return f"{sign}{text}\N{NO-BREAK SPACE}{symbol}"

    def _check(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} do not mix.")
