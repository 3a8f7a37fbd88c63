"""The document's total as a witness: which line must be wrong, and what it must have said.

A total that was read in two places, or is in the fiscal code, is surer than any one figure. Where all lines but one are
sound, what is missing is that line's sum; if the line's own figures explain it, it is put right, and flagged for ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

from rapidfuzz.distance import Levenshtein

from salon.intake.documents.domain import Flag, LineRead, Read
from salon.intake.documents.parsing.figures import KOPECK, Figure, fits, product, rounds
from salon.intake.documents.parsing.judge import Evidence, Verdict, confused, judge
from salon.platform.money import to_minor

_T = TypeVar("_T")
_BROKEN = frozenset({Flag.ARITHMETIC_MISMATCH, Flag.INCOMPLETE})
_DOUBTED = _BROKEN | {
    Flag.DERIVED_QUANTITY, Flag.DERIVED_PRICE, Flag.DERIVED_SUM, Flag.CORRECTED, Flag.ALTERNATIVE_READING,
    Flag.UNVERIFIED,
}  # fmt: skip
_UNDOUBTED = 5  # more that it takes to explain the total by a line that multiplied out
_GROUP = 1000
_LEAST_GROUP = 100  # what follows a group of thousands has three digits
_LOST = 4
_GUESSED = 9
_KEPT = 0.5
_MISREAD = 2  # digits


@dataclass(frozen=True, slots=True)
class Target:
    """A total that lines should make.

    Attributes:
        kopecks: of all lines.
        is_net: whether it is the sum of the column without VAT.
    """

    kopecks: int
    is_net: bool = False


def amounts_of(lines: Sequence[LineRead], target: Target) -> list[int | None]:
    """What each line adds to the total, kopecks."""
    return [line.sum_minor.value if target.is_net else line.amount_minor for line in lines]


def reconciled(
    lines: Sequence[LineRead], evidence: Sequence[Evidence], targets: Sequence[Target]
) -> tuple[list[LineRead], Target | None]:
    """The lines with the one that was wrong put right, and the total that told; None when no total tells.

    Args:
        lines: of the whole document.
        evidence: what each was made of; fewer than lines when that is not known.
        targets: the most trusted first.
    """
    if len(evidence) != len(lines):
        return list(lines), None
    for target in targets:
        amounts = amounts_of(lines, target)
        if None not in amounts and sum(value or 0 for value in amounts) == target.kopecks:
            return _mended(lines, evidence, amounts), target
        found = sorted(_explanations(lines, evidence, target, amounts), key=lambda item: item[0])
        if found and (len(found) == 1 or found[0][0] < found[1][0]):
            _, place, verdict = found[0]
            changed = list(lines)
            changed[place] = _put_right(lines[place], verdict)
            return changed, target
    return list(lines), None


def _mended(lines: Sequence[LineRead], evidence: Sequence[Evidence], amounts: Sequence[int | None]) -> list[LineRead]:
    """All sums are right, so a line that does not multiply out has a wrong quantity or price."""
    changed = []
    for line, facts, amount in zip(lines, evidence, amounts, strict=True):
        is_broken = _BROKEN & set(line.flags) and amount
        found = _explained(line, facts, amount) or _derived(facts, amount) if is_broken and amount else None
        changed.append(_put_right(line, found) if found else line)
    return changed


def _explanations(
    lines: Sequence[LineRead], evidence: Sequence[Evidence], target: Target, amounts: Sequence[int | None]
) -> Iterator[tuple[int, int, Verdict]]:
    """Every line that can have been the wrong one: cost, place, what it said."""
    for place, (line, facts) in enumerate(zip(lines, evidence, strict=True)):
        others = [value for i, value in enumerate(amounts) if i != place]
        if None in others:
            continue
        missing = target.kopecks - sum(value or 0 for value in others)
        verdict = _explained(line, facts, missing) if missing > 0 else None
        if verdict is not None:
            yield verdict.cost, place, verdict


def _explained(line: LineRead, facts: Evidence, amount: int) -> Verdict | None:
    """What the line said if this was its amount; None when its figures do not explain that."""
    wanted = Decimal(amount) / 100
    if line.sum_with_vat_minor.value is not None and facts.rate != 0 and (facts.vat or facts.gross):
        found = judge(replace(facts, gross=(Figure(wanted, 0),)))
        return found if found.holds and found.confirmed and found.gross == wanted else None
    options = list(_lost_thousands(line, wanted))
    is_doubted = bool(_DOUBTED & set(line.flags))
    if is_doubted or any(confused(figure.value, wanted) for figure in facts.total[:2]):
        found = judge(replace(facts, total=(Figure(wanted, 0),), gross=(), vat=()))
        if found.holds and found.total == wanted:
            options.append(found if is_doubted else replace(found, cost=found.cost + _UNDOUBTED))
    if is_doubted:
        options += _guessed_prices(facts, wanted)
    return min(options, key=lambda verdict: verdict.cost, default=None)


def _lost_thousands(line: LineRead, wanted: Decimal) -> Iterator[Verdict]:
    """«10 451,99» read as 451.99: price and sum end as they were read, and differ by whole thousands."""
    qty, price, total = line.qty.value, line.price.value, line.sum_minor.value
    if qty is None or price is None or total is None or qty <= 0:
        return
    more = wanted - Decimal(total) / 100
    made = (wanted / qty).quantize(KOPECK)
    lost = made - price
    if min(price, Decimal(total) / 100) < _LEAST_GROUP:
        return
    by_groups = more > 0 and more % _GROUP == 0 and lost >= 0 and lost % _GROUP == 0
    if by_groups and product(qty, made) == wanted:
        yield Verdict(qty, made, wanted, cost=_LOST)


def _guessed_prices(facts: Evidence, wanted: Decimal) -> Iterator[Verdict]:
    """The price that sum and quantity make, where what was read of it is like that."""
    for qty in facts.qty[:1]:
        made = (wanted / qty.value).quantize(KOPECK) if qty.value > 0 else Decimal(0)
        if made > 0 and product(qty.value, made) == wanted and _alike(facts, made):
            yield Verdict(qty.value, made, wanted, cost=_GUESSED + qty.cost, flags=(Flag.DERIVED_PRICE,))


def _derived(facts: Evidence, amount: int) -> Verdict | None:
    """The price from a sum that is proven and a quantity that was read as printed."""
    wanted, qty = Decimal(amount) / 100, next((figure.value for figure in facts.qty if not figure.cost), None)
    made = (wanted / qty).quantize(KOPECK) if qty else Decimal(0)
    if qty is None or made <= 0 or product(qty, made) != wanted or facts.vat or facts.gross:
        return None
    return Verdict(qty, made, wanted, cost=_GUESSED, flags=(Flag.DERIVED_PRICE,))


def _alike(facts: Evidence, price: Decimal) -> bool:
    digits = f"{price:.2f}".replace(".", "")
    read = {f"{figure.value:.2f}".replace(".", "") for figure in facts.price}
    return not read or any(Levenshtein.distance(digits, other) <= _MISREAD for other in read)


def _put_right(line: LineRead, verdict: Verdict) -> LineRead:
    kept = tuple(flag for flag in line.flags if flag not in _DOUBTED)
    flags = tuple(dict.fromkeys((*kept, Flag.ALTERNATIVE_READING, *verdict.flags)))
    with_vat = line.sum_with_vat_minor
    return replace(
        line,
        qty=_changed(line.qty, verdict.qty),
        price=_changed(line.price, verdict.price),
        sum_minor=_changed(line.sum_minor, _minor(verdict.total)),
        vat_minor=_changed(line.vat_minor, _minor(verdict.vat)) if verdict.vat is not None else line.vat_minor,
        sum_with_vat_minor=_changed(with_vat, _minor(verdict.gross)) if verdict.gross is not None else with_vat,
        flags=flags,
    )


def _changed(read: Read[_T], value: _T) -> Read[_T]:
    return read if read.value == value else replace(read, value=value, confidence=min(read.confidence, _KEPT))


def _minor(value: Decimal | None) -> int | None:
    return None if value is None else to_minor(value)


def is_witnessed(line: LineRead) -> bool:
    """Whether two equations of the line itself hold: quantity × price is the sum, and VAT and the sum with it agree."""
    qty, price, net = line.qty.value, line.price.value, line.sum_minor.value
    vat, gross, rate = line.vat_minor.value, line.sum_with_vat_minor.value, line.vat_rate.value
    if qty is None or price is None or net is None or vat is None or gross is None or rate is None:
        return False
    holds = fits(qty, price, Decimal(net) / 100) or rounds(qty, price, Decimal(net) / 100)
    return holds and net + vat == gross and abs(Decimal(net) * rate / 100 - vat) <= 1


def has_its_taxes(line: LineRead) -> bool:
    """Whether the sum with VAT, which the document's total is made of, follows from the sum without it.

    Else a total that adds up says nothing about price and sum.
    """
    net, gross = line.sum_minor.value, line.sum_with_vat_minor.value
    vat, rate = line.vat_minor.value, line.vat_rate.value or 0
    if net is None or gross is None:
        return True
    return gross in {net, net + (vat or 0)} or abs(gross - net - Decimal(net) * rate / 100) <= 1


def says_one_thing(line: LineRead) -> bool:
    """Whether price and sum are the same figure, which is misread in the same way.

    A total that another line was put right by is no witness of such a line: both may be wrong by as much.
    """
    return line.qty.value == 1 and line.price.value is not None
