"""Arithmetic is the judge: of all ways to read a line's figures, the nearest that multiplies out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import chain

from salon.intake.documents.domain import Flag
from salon.intake.documents.parsing.figures import KOPECK, Figure, are_alike, changed, fits, product, rounds

_CHANGED = 4
_DERIVED = 3
_PRINTED = 2
_SURE = 1
_COUNTED = 100
_FEW = 3
_MOST = Decimal(100_000_000)


@dataclass(frozen=True, slots=True)
class Evidence:
    """All readings of one line's figures, the likeliest first; empty where nothing was read.

    Attributes:
        rate: VAT, percent; None when unknown, 0 for «без НДС».
        exact: the letters are certain: nothing is corrected.
    """

    qty: tuple[Figure, ...] = ()
    price: tuple[Figure, ...] = ()
    total: tuple[Figure, ...] = ()
    vat: tuple[Figure, ...] = ()
    gross: tuple[Figure, ...] = ()
    rate: int | None = None
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a line says.

    Attributes:
        cost: how far from what was read; 0 and 1 need no other witness than the arithmetic.
        confirmed: whether VAT and the sum with VAT say the same.
        flags: why a person should look.
    """

    qty: Decimal | None
    price: Decimal | None
    total: Decimal | None
    vat: Decimal | None = None
    gross: Decimal | None = None
    cost: int = 0
    confirmed: bool = False
    flags: tuple[Flag, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether quantity × price is the sum."""
        return (
            self.qty is not None and self.price is not None and self.total is not None
            and (fits if not self.confirmed else _fits_or_rounds)(self.qty, self.price, self.total)
        )  # fmt: skip


def _fits_or_rounds(qty: Decimal, price: Decimal, total: Decimal) -> bool:
    return fits(qty, price, total) or rounds(qty, price, total)


def judge(evidence: Evidence) -> Verdict:
    """The nearest consistent reading, or the nearest at all with the reason why it is not.

    Ties between readings that are equally near, or a correction that is not the only one, are flagged; and where VAT
    and the sum with it name another sum, a reading that they confirm is preferred to one that only multiplies out:
    price and sum are printed alike, and the same digit is misread in both.
    """
    guesses = () if evidence.exact else (_corrected(evidence), _several(evidence))
    fills = _derived(evidence) if evidence.exact else chain(_derived(evidence), _completed(evidence))
    doubted: Verdict | None = None
    for candidates in (_read(evidence), _split(evidence), _rounded(evidence), fills, *guesses):
        verdict = _best(evidence, list(candidates))
        if verdict is None or (doubted is not None and not verdict.confirmed):
            continue
        if verdict.confirmed or not (_is_told_by_taxes(evidence) or _is_outgrown(verdict, evidence)):
            return verdict
        doubted = verdict
    return _contradicted(doubted) if doubted else _as_read(evidence)


def _is_told_by_taxes(evidence: Evidence) -> bool:
    """Whether VAT and the sum with it were read so that they fit the rate; without VAT that sum tells by itself."""
    rate = evidence.rate or 0
    if evidence.rate == 0:
        return bool(evidence.gross) and evidence.gross[0].cost == 0
    return rate > 0 and any(
        abs((gross.value * rate / (100 + rate)).quantize(KOPECK, ROUND_HALF_UP) - vat.value) <= KOPECK
        for gross in evidence.gross[:2] for vat in evidence.vat[:2]
    )  # fmt: skip


def _is_outgrown(verdict: Verdict, evidence: Evidence) -> bool:
    """Whether VAT as printed is more than the sum that it is of: the three columns are others («2 × 4 = 8»)."""
    return verdict.total is not None and bool(evidence.vat) and evidence.vat[0].value > verdict.total


def _contradicted(verdict: Verdict) -> Verdict:
    return replace(verdict, flags=tuple(dict.fromkeys((*verdict.flags, Flag.ARITHMETIC_MISMATCH))))


def _read(evidence: Evidence) -> Iterator[Verdict]:
    """Combinations of what was read."""
    for total in (*evidence.total, *_implied_totals(evidence)):
        for price in evidence.price:
            for qty in evidence.qty:
                if _sane(qty.value, price.value) and fits(qty.value, price.value, total.value):
                    yield Verdict(qty.value, price.value, total.value, cost=qty.cost + price.cost + total.cost)


def _rounded(evidence: Evidence) -> Iterator[Verdict]:
    """A price that was rounded after VAT was taken out of the sum; the rate, VAT and the sum with it must agree."""
    for total in evidence.total if evidence.rate else ():
        tax = (total.value * (evidence.rate or 0) / 100).quantize(KOPECK, ROUND_HALF_UP)
        agrees = any(abs(vat.value - tax) <= KOPECK and total.value + vat.value == gross.value
                     for vat in evidence.vat for gross in evidence.gross)  # fmt: skip
        for price in evidence.price if agrees else ():
            for qty in evidence.qty:
                if _sane(qty.value, price.value) and rounds(qty.value, price.value, total.value):
                    yield Verdict(qty.value, price.value, total.value, cost=qty.cost + price.cost + total.cost)


def _split(evidence: Evidence) -> Iterator[Verdict]:
    """The quantity was taken for thousands of the price beside it: «5 | 320,48»."""
    for price in evidence.price[:2] if not evidence.qty else ():
        for total in evidence.total:
            for digits in (3, 4, 5):
                qty, rest = divmod(price.value, 10**digits)
                if 0 < qty < 1000 and rest >= 10 ** (digits - 1) and fits(qty, rest, total.value):  # noqa: PLR2004 - three digits
                    yield Verdict(qty, rest, total.value, cost=2 + price.cost + total.cost)


def _implied_totals(evidence: Evidence) -> Iterator[Figure]:
    """What VAT and the sum with VAT leave for the sum."""
    for gross in evidence.gross[:2]:
        for vat in evidence.vat[:2]:
            if 0 <= vat.value < gross.value:
                yield Figure(gross.value - vat.value, gross.cost + vat.cost + 1)
        if evidence.rate == 0:
            yield Figure(gross.value, gross.cost + 1)


def _derived(evidence: Evidence) -> Iterator[Verdict]:
    """One of the three from the other two."""
    totals = [*evidence.total, *_implied_totals(evidence)]
    yield from _derived_quantities(evidence, totals)
    if not evidence.price:
        yield from _derived_prices(evidence, totals)
    if not totals:
        yield from _derived_sums(evidence)


def _derived_quantities(evidence: Evidence, totals: Sequence[Figure]) -> Iterator[Verdict]:
    for total in totals:
        for price in evidence.price:
            qty = _quotient(total.value, price.value)
            if qty is not None and _sane(qty, price.value):
                cost = _DERIVED + price.cost + total.cost + _PRINTED * _is_printed(evidence.qty)
                yield Verdict(qty, price.value, total.value, cost=cost, flags=(Flag.DERIVED_QUANTITY,))


def _is_printed(read: Sequence[Figure]) -> bool:
    """Whether a figure was read just as figures of its column are printed: then it is less likely to be wrong."""
    return bool(read) and read[0].cost == 0


def _derived_prices(evidence: Evidence, totals: Sequence[Figure]) -> Iterator[Verdict]:
    for total in totals:
        for qty in evidence.qty:
            made = (total.value / qty.value).quantize(KOPECK, ROUND_HALF_UP) if qty.value > 0 else Decimal(0)
            if made > 0 and fits(qty.value, made, total.value):
                cost = _DERIVED + 1 + qty.cost + total.cost
                yield Verdict(qty.value, made, total.value, cost=cost, flags=(Flag.DERIVED_PRICE,))


def _derived_sums(evidence: Evidence) -> Iterator[Verdict]:
    for qty in evidence.qty:
        for price in evidence.price:
            if _sane(qty.value, price.value):
                made = product(qty.value, price.value)
                cost = _DERIVED + 1 + qty.cost + price.cost
                yield Verdict(qty.value, price.value, made, cost=cost, flags=(Flag.DERIVED_SUM,))


def _quotient(total: Decimal, price: Decimal) -> Decimal | None:
    """A whole or half quantity that explains the sum."""
    if price <= 0 or total <= 0:
        return None
    qty = total / price
    rounded = (qty * 2).quantize(Decimal(1), ROUND_HALF_UP) / 2
    if rounded > 0 and rounded <= 2000 and product(rounded, price) == total:  # noqa: PLR2004 - nobody's delivery is larger
        return rounded.quantize(Decimal(1)) if rounded == rounded.to_integral_value() else rounded
    return None


def _corrected(evidence: Evidence) -> Iterator[Verdict]:
    """One digit of one figure changed."""
    qtys, prices, totals = evidence.qty[:2], evidence.price[:2], evidence.total[:2]
    for qty in qtys:
        for price in prices:
            wanted = product(qty.value, price.value)
            for total in totals:
                cost = _CHANGED + qty.cost + price.cost + total.cost
                flags = (Flag.CORRECTED,)
                if wanted in changed(total.value):
                    yield Verdict(qty.value, price.value, wanted, cost=cost, flags=flags)
                for other in changed(price.value):
                    if _sane(qty.value, other) and product(qty.value, other) == total.value:
                        yield Verdict(qty.value, other, total.value, cost=cost, flags=flags)
                for other in changed(qty.value):
                    if _sane(other, price.value) and product(other, price.value) == total.value:
                        yield Verdict(other, price.value, total.value, cost=cost, flags=flags)


def _several(evidence: Evidence) -> Iterator[Verdict]:
    """The price with up to three digits taken for others, and the quantity that it leaves; only where there is one."""
    found: dict[tuple[Decimal, Decimal], Verdict] = {}
    for total in evidence.total[:1]:
        for price in evidence.price[:1]:
            for count in range(1, _COUNTED):
                made = (total.value / count).quantize(KOPECK, ROUND_HALF_UP)
                if product(Decimal(count), made) == total.value and confused(price.value, made):
                    flags = (Flag.DERIVED_QUANTITY, Flag.DERIVED_PRICE)
                    cost = 2 * _CHANGED + price.cost + total.cost
                    found[Decimal(count), made] = Verdict(Decimal(count), made, total.value, cost=cost, flags=flags)
    if len(found) == 1:
        yield from found.values()


def confused(read: Decimal, value: Decimal) -> bool:
    """Whether few digits differ, and each was taken for one that it is like."""
    a, b = f"{read:.2f}", f"{value:.2f}"
    if len(a) != len(b):
        return False
    odd = [(x, y) for x, y in zip(a, b, strict=True) if x != y]
    return len(odd) <= _FEW and all(are_alike(x, y) for x, y in odd)


def _completed(evidence: Evidence) -> Iterator[Verdict]:
    """One of the three from the other two, where what was read of it is a part of it, or it of what was read."""
    implied = {figure.value for figure in _implied_totals(evidence)}
    for qty in evidence.qty[:2]:
        for total in (*evidence.total[:2], *_implied_totals(evidence)):
            if qty.value <= 0:
                continue
            price = (total.value / qty.value).quantize(KOPECK, ROUND_HALF_UP)
            is_like = any(confused(figure.value, price) for figure in evidence.price[:2])
            is_told = is_like or _partly(evidence.price, price) or _ends(evidence.price, price)
            if product(qty.value, price) == total.value and is_told:
                yield Verdict(
                    qty.value, price, total.value,
                    cost=_CHANGED + 1 + qty.cost + total.cost, flags=(Flag.DERIVED_PRICE,),
                )  # fmt: skip
        for price_read in evidence.price[:2]:
            made = product(qty.value, price_read.value)
            if _sane(qty.value, price_read.value) and _partly(evidence.total, made):
                against = bool(implied) and made not in implied
                yield Verdict(
                    qty.value, price_read.value, made,
                    cost=_CHANGED + 2 + _CHANGED * against + qty.cost + price_read.cost, flags=(Flag.DERIVED_SUM,),
                )  # fmt: skip


def _ends(read: Sequence[Figure], value: Decimal) -> bool:
    """Whether a figure ends as the value does: a rule or a tick before it was read as its first digits."""
    return any(f"{figure.value:.2f}".endswith(f"{value:.2f}") for figure in read)


def _partly(read: Sequence[Figure], value: Decimal) -> bool:
    """Whether digits that were read stand in the value in their order."""
    if not read:
        return False
    digits, whole = f"{read[0].value:f}".replace(".", ""), f"{value:f}".replace(".", "")
    rest = iter(whole)
    is_short = len(digits) <= len(whole) - 2 and read[0].cost > 0  # what was read as printed is no piece
    return is_short or all(digit in rest for digit in digits)


def _best(evidence: Evidence, candidates: list[Verdict]) -> Verdict | None:
    """The cheapest after VAT has had its say; flagged when another is as cheap."""
    if not candidates:
        return None
    told = [_with_taxes(verdict, evidence) for verdict in candidates]
    told.sort(key=lambda verdict: (not verdict.confirmed, verdict.cost))
    best = told[0]
    rivals = [
        other for other in told[1:]
        if (other.qty, other.price, other.total) != (best.qty, best.price, best.total)
        and other.confirmed == best.confirmed and other.cost <= best.cost
    ]  # fmt: skip
    flags = best.flags
    if rivals:
        flags = (*flags, Flag.ALTERNATIVE_READING)
    elif best.cost > _SURE and not best.confirmed and not flags:
        flags = (Flag.UNVERIFIED,)
    if best.confirmed and best.cost < _CHANGED and Flag.DERIVED_QUANTITY not in flags:
        flags = tuple(flag for flag in flags if flag is not Flag.UNVERIFIED)
    return replace(best, flags=flags)


def _with_taxes(verdict: Verdict, evidence: Evidence) -> Verdict:
    """Whether VAT and the sum with VAT say the same; what they are then."""
    total = verdict.total or Decimal(0)
    for gross in evidence.gross:
        for vat in evidence.vat:
            if vat.value > 0 and total + vat.value == gross.value:
                return replace(verdict, vat=vat.value, gross=gross.value, confirmed=True)
        if evidence.rate == 0 and gross.value == total:
            return replace(verdict, vat=Decimal(0), gross=gross.value, confirmed=True)
    by_rate = _by_rate(verdict, evidence, total) if evidence.rate else None
    if by_rate is not None:
        return by_rate
    return replace(verdict, vat=_first(evidence.vat), gross=_first(evidence.gross))


def _by_rate(verdict: Verdict, evidence: Evidence, total: Decimal) -> Verdict | None:
    """One of VAT and the sum with VAT was misread; the rate and the other confirm the sum."""
    rate = evidence.rate or 0
    on_top = (total * rate / 100).quantize(KOPECK, ROUND_HALF_UP)
    within = (total * rate / (100 + rate)).quantize(KOPECK, ROUND_HALF_UP)
    for gross in evidence.gross:
        if abs(gross.value - total - on_top) <= KOPECK:
            return replace(verdict, vat=gross.value - total, gross=gross.value, confirmed=True)
    for vat in evidence.vat:
        if abs(vat.value - on_top) <= KOPECK:
            made = total + vat.value if evidence.gross else None
            return replace(verdict, vat=vat.value, gross=made, confirmed=True)
        if abs(vat.value - within) <= KOPECK and not evidence.gross:
            return replace(verdict, vat=vat.value, confirmed=True)
    return None


def _as_read(evidence: Evidence) -> Verdict:
    qty, price, total = (_first(figures) for figures in (evidence.qty, evidence.price, evidence.total))
    whole = None not in {qty, price, total}
    flag = Flag.ARITHMETIC_MISMATCH if whole else Flag.INCOMPLETE
    if total is None:
        total = next((figure.value for figure in _implied_totals(evidence)), None)
    verdict = Verdict(qty, price, total, cost=9, flags=(flag,))
    return replace(_with_taxes(verdict, evidence), confirmed=False)


def _first(figures: Sequence[Figure]) -> Decimal | None:
    return figures[0].value if figures else None


def _sane(qty: Decimal, price: Decimal) -> bool:
    return 0 < qty < 1_000_000 and 0 < price < _MOST  # noqa: PLR2004 - a typo, not a delivery
