"""The document's total tells which line was misread."""

from decimal import Decimal

from salon.intake.documents.domain import Flag, LineRead, Read
from salon.intake.documents.parsing.figures import readings
from salon.intake.documents.parsing.judge import Evidence, judge
from salon.intake.documents.parsing.reconcile import Target, is_witnessed, reconciled
from salon.platform.money import to_minor


def _line(qty: str, price: str, total: str) -> tuple[LineRead, Evidence]:
    facts = Evidence(
        readings(qty, is_quantity=True), readings(price, is_quantity=False), readings(total, is_quantity=False)
    )
    verdict = judge(facts)
    made = None if verdict.total is None else to_minor(verdict.total)
    line = LineRead(
        1, Read("Маска"), Read("шт"), Read(verdict.qty), Read(verdict.price), Read(made), flags=verdict.flags
    )
    return line, facts


def _solved(total: str, *given: tuple[str, str, str]):
    lines, facts = zip(*(_line(*each) for each in given), strict=True)
    found, by = reconciled(lines, facts, [Target(to_minor(Decimal(total)))])
    return [(line.qty.value, line.price.value, line.sum_minor.value, line.flags) for line in found], by


def test_lost_thousands_are_found_by_the_total_and_stay_flagged():
    found, by = _solved("24354.69", ("2", "451,99", "903,98"), ("3", "1 150,20", "3 450,60"), ("1", "0,11", "0,11"))

    assert by is not None
    assert found[0] == (2, Decimal("10451.99"), 2_090_398, (Flag.ALTERNATIVE_READING,))
    assert found[1][3] == ()


def test_two_lines_that_explain_the_difference_explain_nothing():
    found, by = _solved("1800.00", ("1", "300,00", "300,00"), ("1", "500,00", "500,00"))

    assert by is None
    assert [total for _, _, total, _ in found] == [30_000, 50_000]


def test_the_sum_of_a_line_that_does_not_multiply_out_is_what_the_others_leave():
    found, _ = _solved("33421.50", ("1", "900,00", "900,00"), ("50", "1084,05", "52521,50"))

    assert found[1][:3] == (30, Decimal("1084.05"), 3_252_150)
    assert Flag.ALTERNATIVE_READING in found[1][3]


def test_a_price_is_guessed_only_when_it_is_like_what_was_read():
    like, _ = _solved("73534.08", ("1", "900,00", "900,00"), ("48", "1515,22", "72634,08"))
    assert like[1][:2] == (48, Decimal("1513.21"))
    assert {Flag.ALTERNATIVE_READING, Flag.DERIVED_PRICE} <= set(like[1][3])

    unlike, _ = _solved("12316.14", ("1", "900,00", "900,00"), ("2", "210,74", "117,13"))
    assert unlike[1][1] == Decimal("210.74")


def test_two_equations_of_a_line_witness_it():
    def line(vat: int, gross: int) -> LineRead:
        return LineRead(
            1, Read("Маска"), Read("шт"), Read(Decimal(2)), Read(Decimal(50)), Read(10_000),
            Read(20), Read(vat), Read(gross),
        )  # fmt: skip

    assert is_witnessed(line(2_000, 12_000))
    assert not is_witnessed(line(2_500, 12_500))
    assert not is_witnessed(line(2_000, 12_500))
